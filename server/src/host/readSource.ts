// Reads one file after another into the same memory: fresh memory for each costs more than reading them.

import { closeSync, openSync, readSync } from "node:fs";
import { isAbsolute, join } from "node:path";

/** Byte offsets are 31 bits wide in a unit; nothing of this size is source. */
export const MAX_FILE_BYTES = 512 * 1024 * 1024;

const SOURCE_BYTES = 1 << 20;
let source = new Uint8Array(SOURCE_BYTES);

/** Where a file of a tree is: one from outside of it has an absolute path. */
export function sourcePath(root: string, path: string): string {
	return isAbsolute(path) ? path : join(root, path);
}

/** The bytes of a file, valid until the next call. Throws what the file system says. */
export function readSource(path: string): Uint8Array {
	// What an unusually large file has made grow is let go.
	if (source.length > 8 * SOURCE_BYTES) source = new Uint8Array(SOURCE_BYTES);
	const file = openSync(path, "r");
	try {
		let length = 0;
		for (;;) {
			const count = readSync(file, source, length, source.length - length, null);
			if (count === 0 || length > MAX_FILE_BYTES) return source.subarray(0, length);
			length += count;
			if (length < source.length) continue;
			const grown = new Uint8Array(source.length * 2);
			grown.set(source);
			source = grown;
		}
	} finally {
		closeSync(file);
	}
}
