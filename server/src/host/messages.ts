// What crosses between the host and its lowering workers: plain data and shared buffers.

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
	| { readonly path: string; readonly flat: SharedArrayBuffer; readonly hit: boolean; readonly key: string | null }
	| { readonly path: string; readonly problem: string };

export type FromLowerWorker =
	| { readonly kind: "batch"; readonly batch: number; readonly files: readonly LoweredFile[] }
	/** what was read is stored; why nothing new is in the cache, or null */
	| { readonly kind: "finished"; readonly cacheProblem: string | null };
