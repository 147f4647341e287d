// The state of the language server: the root, the analysis threads, the open documents' texts. Until the
// index of the whole tree is up, a second thread answers from the open files and the headers they name.

import type { Connection, TextDocuments } from "vscode-languageserver";
import type { TextDocument } from "vscode-languageserver-textdocument";
import { DEFAULT_SETTINGS } from "../config.js";
import { AnalysisClient } from "../host/analysisClient.js";
import type { FileChange, IndexSummary, Queries } from "../host/analysisMessages.js";
import { ColumnMap } from "../host/columns.js";
import { isKernelTree, kernelTreeAbove, readBytes, realPath } from "../host/roots.js";
import type { TreeSettings } from "../host/treeIndex.js";
import { pathOfUri, uriOfPath } from "../paths.js";
import { ChangePump } from "./changePump.js";
import { IndexProgress } from "./indexProgress.js";
import type { Settings, StatusParams } from "./protocol.js";
import { STATUS_METHOD } from "./protocol.js";

/** The analysis thread is started again at most this often. */
const MAX_DEATHS = 3;
/** More files than this that change on disk at once (a checkout) are a new tree: the index is made anew, from the cache. */
const MAX_CHANGED_FILES = 4;
/** Changes on disk that come within this time of each other belong together. */
const TOGETHER_MS = 300;
/** Skipped files named in the log. */
const MAX_PROBLEMS_LOGGED = 50;

interface Source {
	readonly client: AnalysisClient;
	readonly pump: ChangePump;
}

export interface Answer<Name extends keyof Queries> {
	readonly value: Queries[Name]["result"];
	/** it rests on a part of the tree */
	readonly partial: boolean;
}

export class Workspace {
	settings: Settings = DEFAULT_SETTINGS;
	/** the root with links resolved, or null: no folder is open */
	root: string | null = null;
	/** what the last complete reading of the tree found */
	summary: IndexSummary | null = null;
	/** what the client opened */
	private folder: string | null = null;
	private index: Source | null = null;
	private preview: Source | null = null;
	private isReady = false;
	private deaths = 0;
	/** paths that changed on disk and wait for the others */
	private readonly changedOnDisk = new Set<string>();
	private diskTimer: NodeJS.Timeout | undefined;
	private readonly listeners: (() => void)[] = [];
	private readonly connection: Connection;
	private readonly documents: TextDocuments<TextDocument>;

	constructor(connection: Connection, documents: TextDocuments<TextDocument>) {
		this.connection = connection;
		this.documents = documents;
	}

	/** Called whenever answers may have changed. */
	onChanged(listener: () => void): void {
		this.listeners.push(listener);
	}

	/** Chooses the root for an opened folder and begins to read it. */
	start(folder: string | null): void {
		this.stop();
		this.folder = folder;
		this.root = chooseRoot(folder, this.settings);
		this.startPreview();
		if (this.root !== null) this.startIndex(this.root);
		else this.sendStatus({ phase: "partial", message: "no folder is open: answers come from the open files" });
	}

	/** Reads the tree anew; answers come from the open files until then. */
	reindex(): void {
		this.start(this.folder);
	}

	stop(): void {
		clearTimeout(this.diskTimer);
		this.changedOnDisk.clear();
		for (const source of [this.index, this.preview]) source?.client.end();
		this.index = null;
		this.preview = null;
		this.isReady = false;
	}

	/** The answer of the newest state; `fallback` when nothing is there to ask. */
	async ask<Name extends keyof Queries>(
		name: Name,
		params: Queries[Name]["params"],
		fallback: Queries[Name]["result"],
	): Promise<Answer<Name>> {
		for (;;) {
			const source = this.newest();
			if (source === null) return { value: fallback, partial: true };
			try {
				await source.pump.settled();
				const value = (await source.client.query(name, params)) ?? fallback;
				return { value, partial: source !== this.index };
			} catch (error) {
				// the complete index took over meanwhile and ended the preview: then it has the answer
				if (source === this.newest()) throw error;
			}
		}
	}

	documentChanged(document: TextDocument): void {
		const path = this.pathOf(document.uri);
		if (path === null || !this.isAnalysed(path)) return;
		this.change({ path, text: Buffer.from(document.getText()) });
	}

	/** What was edited and not saved is gone: the file is what the disk says. */
	documentClosed(document: TextDocument): void {
		const path = this.pathOf(document.uri);
		if (path !== null && this.isAnalysed(path)) this.index?.pump.add({ path, text: null });
	}

	/** A file changed on disk; what is open in the editor is what the editor says. */
	fileChanged(uri: string): void {
		const path = this.pathOf(uri);
		if (path === null || !this.isAnalysed(path) || this.documents.get(uri)) return;
		this.changedOnDisk.add(path);
		clearTimeout(this.diskTimer);
		this.diskTimer = setTimeout(() => this.takeDiskChanges(), TOGETHER_MS);
	}

	/** A few files are redone by themselves; where many changed, the open files are answered for while the tree is read anew. */
	private takeDiskChanges(): void {
		const paths = [...this.changedOnDisk];
		this.changedOnDisk.clear();
		if (paths.length > MAX_CHANGED_FILES && this.isReady) {
			this.log(`${paths.length} files changed on disk: the index is made anew`);
			this.reindex();
			return;
		}
		for (const path of paths) this.index?.pump.add({ path, text: null });
	}

	pathOf(uri: string): string | null {
		return pathOfUri(uri, this.root);
	}

	/** The text of a file as it is in the editor; null when it is not open. */
	openText(path: string): Uint8Array | null {
		const open = this.documents.all().find((document) => this.pathOf(document.uri) === path);
		return open ? Buffer.from(open.getText()) : null;
	}

	/** The URI that the client uses for the file when it is open, else the one of its path. */
	uriOf(path: string): string {
		const open = this.documents.all().find((document) => this.pathOf(document.uri) === path);
		return open?.uri ?? uriOfPath(path, this.root);
	}

	/** Columns of answers, which count bytes, for the texts as they are now. */
	columns(): ColumnMap {
		const open = new Map(this.documents.all().map((document) => [this.pathOf(document.uri), document]));
		return new ColumnMap((path) => {
			const document = open.get(path);
			return document ? Buffer.from(document.getText()) : readBytes(path, this.root);
		});
	}

	/** Settings changed that decide what is shown only. */
	settingsChanged(): void {
		this.changed();
	}

	sendStatus(status: StatusParams): void {
		void this.connection.sendNotification(STATUS_METHOD, status);
	}

	private newest(): Source | null {
		return this.isReady ? this.index : this.preview;
	}

	private change(change: FileChange): void {
		this.index?.pump.add(change);
		this.preview?.pump.add(change);
	}

	/** Userland code of a kernel tree would only bring wrong definitions of the kernel's names. */
	private isAnalysed(path: string): boolean {
		if (!/\.([ch]|rs)$/.test(path)) return false;
		if (path.startsWith("/")) return this.settings.trusted || this.root === null;
		return !(this.root !== null && isKernelTree(this.root) && /^(Documentation|scripts|tools)\//.test(path));
	}

	private changed(): void {
		for (const listener of this.listeners) listener();
	}

	private startPreview(): void {
		const client = new AnalysisClient({
			onProgress: () => {},
			onGrown: () => this.changed(),
			onDeath: (message) => this.log(message),
		});
		client.preview(this.treeSettings(this.root ?? "/"));
		this.preview = { client, pump: new ChangePump(client, false, () => this.changed()) };
		for (const document of this.documents.all()) this.documentChanged(document);
	}

	private startIndex(root: string): void {
		const progress = new IndexProgress(this.connection, (status) => this.sendStatus(status));
		const client = new AnalysisClient({
			onProgress: (phase, done, total) => progress.report(phase, done, total),
			onGrown: () => this.changed(),
			onDeath: (message) => this.indexDied(message),
		});
		const source = { client, pump: new ChangePump(client, true, () => this.changed()) };
		this.index = source;
		progress.begin(() => client.cancel());
		client
			.open(this.treeSettings(root), this.openTexts())
			.then((summary) => {
				if (this.index !== source) return;
				if (summary === null) this.indexCancelled(source);
				else this.indexReady(source, summary);
			})
			.catch((error: Error) => {
				if (this.index !== source) return;
				this.log(`the tree could not be read: ${error.message}`);
				this.sendStatus({ phase: "error", message: error.message.split("\n")[0] ?? "" });
			})
			.finally(() => progress.end());
	}

	private indexCancelled(source: Source): void {
		source.client.end();
		this.index = null;
		this.sendStatus({ phase: "partial", message: "indexing was stopped: answers come from the open files" });
	}

	private indexReady(source: Source, summary: IndexSummary): void {
		this.summary = summary;
		this.isReady = true;
		this.preview?.client.end();
		this.preview = null;
		source.pump.release();
		const { files, functions, findings, ms } = summary;
		const count = (value: number) => value.toLocaleString("en");
		const what = `${count(files)} files, ${count(functions)} functions, ${count(findings)} findings`;
		const message = `${what}; read in ${(ms / 1000).toFixed(1)} s`;
		this.sendStatus({ phase: "ready", message });
		this.log(`${summary.root}: ${message}, Linux ${summary.version}, ${count(summary.cacheHits)} files from the cache`);
		for (const { path, text } of summary.problems.slice(0, MAX_PROBLEMS_LOGGED)) this.log(`skipped ${path}: ${text}`);
		if (summary.cacheProblem !== null) this.log(`what was read is not cached: ${summary.cacheProblem}`);
		this.changed();
	}

	private indexDied(message: string): void {
		this.index = null;
		this.isReady = false;
		this.log(`the analysis ended: ${message}`);
		if (++this.deaths <= MAX_DEATHS) this.reindex();
		else this.sendStatus({ phase: "error", message: `the analysis ended repeatedly: ${message}` });
	}

	private treeSettings(root: string): TreeSettings {
		const { profile, jobs, cache, trusted, kernelTree } = this.settings;
		return { root, profile, jobs, cache, trusted, kernelTree: kernelTree === "" ? null : kernelTree };
	}

	private openTexts(): FileChange[] {
		const changes: FileChange[] = [];
		for (const document of this.documents.all()) {
			const path = this.pathOf(document.uri);
			if (path !== null && this.isAnalysed(path)) changes.push({ path, text: Buffer.from(document.getText()) });
		}
		return changes;
	}

	private log(text: string): void {
		this.connection.console.info(text);
	}
}

function chooseRoot(folder: string | null, settings: Settings): string | null {
	if (settings.root !== "" && settings.trusted) return realPath(settings.root);
	if (folder === null) return null;
	const real = realPath(folder);
	return (settings.trusted ? kernelTreeAbove(real) : null) ?? real;
}
