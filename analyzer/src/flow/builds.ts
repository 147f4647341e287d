// Which functions of a chain no kernel has both: code of different architectures.

import { NONE } from "../ir/ops.js";
import type { Program } from "../ir/program.js";
import type { Link } from "./link.js";

/** User-mode Linux is built from x86's files, too. */
const HOSTED = "um";

/** The first call of a chain in code of another architecture than that which the chain ends in; NONE for a chain that one kernel may have. */
export function mixesArchitectures(program: Program, links: readonly Link[]): number {
	let last = "";
	for (let i = links.length - 1; i >= 0; i--) {
		const { arch } = program.pathInfo(program.fnFile(links[i]!.fn));
		if (arch === "" || arch === HOSTED || arch === last) continue;
		if (last !== "") return i;
		last = arch;
	}
	return NONE;
}
