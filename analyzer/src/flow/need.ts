// What reclaim must not do on behalf of an allocation, as numbers: a higher one includes the lower ones. Scopes
// (memalloc_*_save) are told on the same scale: a scope that is as high as the need makes every mask right.

import type { ReclaimLevel } from "../model/schema.js";

export const enum Need {
	None = 0,
	/** not enter a file system */
	NoFs = 1,
	/** nor start I/O */
	NoIo = 2,
	/** not run at all */
	NoReclaim = 3,
}

/** By Need. */
export const RECLAIM_LEVELS: readonly (ReclaimLevel | null)[] = [null, "fs", "io", "any"];

export function needOf(level: ReclaimLevel | undefined): Need {
	return level === undefined ? Need.None : RECLAIM_LEVELS.indexOf(level);
}
