// Paths as the protocol has them (absolute) and as units are named (relative to the root, with `/`).

import { isAbsolute, relative, resolve, sep } from "node:path";
import { realPath } from "../host/roots.js";

/** Relative to the root; absolute when it lies outside. */
export function relativeTo(root: string, file: string): string {
	const full = realPath(resolve(root, file));
	const inside = relative(root, full);
	return inside.startsWith("..") || isAbsolute(inside) ? full : inside.split(sep).join("/");
}
