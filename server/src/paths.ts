// Between the client's URIs and the analyzer's paths: relative to the root, or absolute outside of it.

import { isAbsolute, join, relative, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { realPath } from "./host/roots.js";

/** Null when the URI is no file's. */
export function pathOfUri(uri: string, root: string | null): string | null {
	if (!uri.startsWith("file:")) return null;
	let full: string;
	try {
		full = realPath(fileURLToPath(uri));
	} catch {
		return null;
	}
	if (root === null) return full;
	const path = relative(root, full);
	return path.startsWith("..") || isAbsolute(path) || path === "" ? full : path.split(sep).join("/");
}

export function uriOfPath(path: string, root: string | null): string {
	return pathToFileURL(isAbsolute(path) || root === null ? path : join(root, path)).href;
}
