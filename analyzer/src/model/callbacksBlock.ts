// Callbacks of the block layer and of storage.
import { ops } from "./callbackRow.js";
import type { CallbackRow } from "./schema.js";

export const blockCallbacks: readonly CallbackRow[] = [
	...ops("bio", "softirq", "Documentation/filesystems/locking.rst", "bi_end_io"),
	...ops("buffer_head", "softirq", "Documentation/filesystems/locking.rst", "b_end_io"),
];
