// One file from its bytes to a unit: what is refused, what the cache knows, what the front end makes of it.

import {
	type ConfigView,
	type ExportedMacro,
	flattenUnit,
	isRustLoaded,
	lowerC,
	lowerRust,
	type Unit,
} from "@might-sleep/analyzer";
import { cacheKey, type DiskStore } from "./diskStore.js";
import { type Macros, macrosFor } from "./macroLibrary.js";
import type { LoweredFile } from "./messages.js";
import { MAX_FILE_BYTES, readSource, sourcePath } from "./readSource.js";
import { decodeUnit } from "./unitCodec.js";
import { errorCode, isRustName } from "./walk.js";

/** Like git: a NUL byte in the first bytes makes a file binary. */
const BINARY_PROBE_BYTES = 8192;

/** What lowering needs of a cache. */
export type UnitStore = Pick<DiskStore, "get">;

export interface LowerSettings {
	readonly root: string;
	readonly config: ConfigView;
	readonly store: UnitStore | null;
	readonly cacheSalt: string;
	/** what other files of Rust export */
	readonly library: Macros;
}

export function lowerFile(path: string, settings: LowerSettings): LoweredFile {
	let bytes: Uint8Array;
	try {
		bytes = readSource(sourcePath(settings.root, path));
	} catch (error) {
		const code = errorCode(error);
		return { path, problem: code === "ENOENT" ? "vanished while the tree was read" : `cannot be read: ${code}` };
	}
	return lowerBytes(path, bytes, settings);
}

export function lowerBytes(path: string, bytes: Uint8Array, settings: LowerSettings): LoweredFile {
	if (bytes.length > MAX_FILE_BYTES) return { path, problem: "too large for source" };
	if (bytes.subarray(0, BINARY_PROBE_BYTES).indexOf(0) >= 0) return { path, problem: "binary, not source" };
	const macros = macrosOf(path, bytes, settings);
	const key = settings.store ? unitKey(path, bytes, settings, macros) : null;
	const cached = key !== null && settings.store ? settings.store.get(key) : null;
	const known = cached && decodeUnit(cached);
	if (known) return { path, flat: known, hit: true, key };
	try {
		const unit = lower(path, bytes, settings.config, macros);
		if (unit === null) return { path, problem: "Rust is not read: its grammar could not be loaded" };
		return { path, flat: flattenUnit(unit), hit: false, key };
	} catch (error) {
		return { path, problem: `internal error while it was read: ${error instanceof Error ? error.message : error}` };
	}
}

/** The key of a file's unit in the cache: its text, and the macros of other files that it uses. */
export function unitKey(
	path: string,
	bytes: Uint8Array,
	settings: Pick<LowerSettings, "cacheSalt" | "library">,
	macros = macrosOf(path, bytes, settings),
): string {
	return cacheKey([settings.cacheSalt, path, "\0", ...macros.map((macro) => `${macro.path}\0${macro.text}\0`), bytes]);
}

function macrosOf(path: string, bytes: Uint8Array, { library }: Pick<LowerSettings, "library">) {
	return isRustName(path) ? macrosFor(bytes, library) : [];
}

/** What the front end of the file's language makes of it; null when that is not there. */
function lower(path: string, bytes: Uint8Array, config: ConfigView, macros: readonly ExportedMacro[]): Unit | null {
	if (!isRustName(path)) return lowerC(path, bytes, config);
	return isRustLoaded() ? lowerRust(path, bytes, config, macros) : null;
}
