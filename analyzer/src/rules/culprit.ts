// Which call of a chain is to blame: what the rules on allocations share.

import type { Link } from "../flow/link.js";
import type { Solved } from "../flow/solved.js";
import type { FnId } from "../ir/program.js";

/** The last call that is still made in the folder of the chain's first one. */
export function lastInFolder(solved: Solved, links: readonly Link[]): number {
	const folder = folderOf(solved, links[0]!.fn);
	let last = 0;
	while (last < links.length - 1 && folderOf(solved, links[last + 1]!.fn) === folder) last++;
	return last;
}

export function folderOf(solved: Solved, fn: FnId): string {
	return solved.world.program.pathInfo(solved.world.program.fnFile(fn)).folder;
}
