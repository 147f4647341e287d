// The solved state that rules and queries read: all of it is computed, none of it changes any more.

import type { FileId, FnId } from "../ir/program.js";
import type { CallGraph } from "./callGraph.js";
import type { Pointers } from "./pointers.js";
import type { ReclaimPaths } from "./reclaimPaths.js";
import type { Contexts } from "./topDown.js";
import type { Touches } from "./touches.js";
import type { Violation } from "./violations.js";
import type { World } from "./world.js";

/** Who is to blame for violations, where it has been decided for most of them and not all are at hand. */
export interface Blame {
	/** is it what the violation says? */
	readonly isKnown: (violation: Violation) => boolean;
	/** the violations that decide it for the others */
	readonly deciding: readonly Violation[];
	/** what has been decided, by index of the link */
	readonly decided: Map<Violation, number>;
}

export interface Solved {
	readonly world: World;
	readonly graph: CallGraph;
	readonly pointers: Pointers;
	readonly contexts: Contexts;
	readonly touches: Touches;
	/** where reclaim may come back to the code that allocates */
	readonly reclaim: ReclaimPaths;
	/** calls that sleep where they may not, one per call, best witness first found */
	readonly violations: readonly Violation[];
	/** null: all violations are at hand, and are told who is to blame */
	readonly blame: Blame | null;
	/** the functions to report on: all live ones, or those of edited files */
	readonly fns: Iterable<FnId>;
	/** the files whose findings are asked for; null: those of all */
	readonly files: ReadonlySet<FileId> | null;
	/** functions of other files that reclaim's paths come to through those; none where all are reported on */
	readonly below: readonly FnId[];
}
