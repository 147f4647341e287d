// What crosses between the host and the threads that read and store: plain data and shared buffers.

import type { ConfigView, ExportedMacro, SharedViews } from "@might-sleep/analyzer";

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

export interface LoweredUnit {
	readonly path: string;
	/** the unit's flat form (ir/flat.ts) */
	readonly flat: Int32Array;
	/** did it come from the cache? */
	readonly hit: boolean;
	/** its entry there */
	readonly key: string | null;
}

export type LoweredFile = LoweredUnit | { readonly path: string; readonly problem: string };

/** A file as it crosses: where it has a unit, that is beside it. */
export type SentFile = LoweredFile | Omit<LoweredUnit, "flat">;

export interface FromLowerWorker {
	readonly batch: number;
	readonly files: readonly SentFile[];
	/** their units, by index */
	readonly flats: SharedViews;
}

/** A unit that is not in the cache yet. */
export interface FreshUnit {
	readonly key: string;
	readonly flat: Int32Array;
}

export interface PrefetcherData {
	readonly root: string;
	/** of files, in the order in which they will be wanted, with NUL between them: one text crosses sooner than many */
	readonly paths: string;
}

export interface StorerData {
	readonly cacheFolder: string;
}

/** The keys of units, and the units. */
export interface ToStorer {
	readonly keys: readonly string[];
	readonly flats: SharedViews;
}

export interface FromStorer {
	/** why nothing is stored, or null */
	readonly problem: string | null;
}
