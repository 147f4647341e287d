// What goes over the connection besides the standard protocol. The client imports these types only.

import type { Confidence, Profile, Severity } from "@might-sleep/analyzer";

/** Notification to the client: what its status bar item shows. */
export const STATUS_METHOD = "might-sleep/status";

export interface StatusParams {
	/** partial: answers rest on the open files and the headers they name */
	readonly phase: "indexing" | "ready" | "partial" | "error";
	/** 0 to 100 while indexing */
	readonly percent?: number;
	readonly message?: string;
}

/** Request without parameters: the named pipe on which the server speaks the debug protocol. */
export const DEBUG_PIPE_METHOD = "might-sleep/debugPipe";

export interface DebugPipeResult {
	readonly pipe: string;
}

/** Request: the ways into a function that a run of the simulated kernel may take. */
export const ENTRIES_METHOD = "might-sleep/entries";

export interface EntriesParams {
	readonly uri: string;
	readonly name: string;
}

export interface EntryWay {
	readonly label: string;
	readonly detail: string;
	/** id of the context to enter the function in */
	readonly entry?: string;
	/** another function to begin with, and the one to run to */
	readonly launch?: { readonly function: string; readonly uri: string; readonly until: string };
}

/** Commands the server runs (workspace/executeCommand). */
export const CHECK_WORKSPACE_COMMAND = "might-sleep.checkWorkspace";
export const REINDEX_COMMAND = "might-sleep.reindex";

/** Command of a code lens, to be registered by the client: [uri, line, character], which start at 0. */
export const SHOW_CALLERS_COMMAND = "might-sleep.showCallers";

/** Command of a code action and of a link in a hover, to be registered by the client: [id of a finding, title]. */
export const STEP_FINDING_COMMAND = "might-sleep.stepFinding";

/** Settings of the section `might-sleep`, as initialization options and as a changed configuration. */
export interface Settings {
	/** an untrusted workspace gets no project rows and nothing outside its folders */
	readonly trusted: boolean;
	/** folders that an untrusted workspace may have read besides its root: its own, and those of the client */
	readonly readable: readonly string[];
	/** root of the tree; empty: the kernel tree that the opened folder is in, else the opened folder */
	readonly root: string;
	/** kernel tree that a module's headers come from; empty: what its Makefile says */
	readonly kernelTree: string;
	readonly profile: Profile;
	/** the least sure findings that are shown */
	readonly confidence: Confidence;
	readonly rules: Readonly<Record<string, Severity | "off">>;
	/** worker threads; 0: one per processor */
	readonly jobs: number;
	readonly cache: boolean;
}

/** Data of a diagnostic: the finding's fingerprint and the titles of its fixes. */
export interface DiagnosticData {
	readonly id: string;
	readonly fixes: readonly string[];
}
