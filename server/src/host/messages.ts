// What crosses between the host and the threads that read and store: plain data and shared buffers.

import type { ConfigView, ExportedMacro } from "@might-sleep/analyzer";

/** What a worker is started with. */
export interface LowerWorkerData {
	readonly root: string;
	readonly config: ConfigView;
	/** folder of the packs, or null: no cache */
	readonly cacheFolder: string | null;
	/** an editor is waiting meanwhile: other threads go first */
	readonly isBackground: boolean;
	/** changes whenever units would: version of the front end, configuration */
	readonly cacheSalt: string;
	readonly macros: readonly ExportedMacro[];
	/** the worker keeps here the index in its batch of the file it reads, for when it dies */
	readonly progress: Int32Array;
}

export type ToLowerWorker =
	| { readonly kind: "batch"; readonly batch: number; readonly paths: readonly string[] }
	| { readonly kind: "finish" };

export type LoweredFile =
	/** `flat` is the unit's flat form (ir/flat.ts); `key` is its entry in the cache, `hit` whether it came from there */
	| { readonly path: string; readonly flat: Int32Array; readonly hit: boolean; readonly key: string | null }
	| { readonly path: string; readonly problem: string };

export interface FromLowerWorker {
	readonly batch: number;
	readonly files: readonly LoweredFile[];
}

/** A unit that is not in the cache yet. */
export interface FreshUnit {
	readonly key: string;
	readonly flat: Int32Array;
}

export interface StorerData {
	readonly cacheFolder: string;
}

export type ToStorer = { readonly kind: "units"; readonly units: readonly FreshUnit[] } | { readonly kind: "end" };

export interface FromStorer {
	/** why nothing is stored, or null */
	readonly problem: string | null;
}
