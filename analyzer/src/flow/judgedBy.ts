// Which functions' calls have to be judged anew when the bodies of some have changed, though nothing has in how functions
// are entered: those that atomic chains come to through them, and through what looks into them.

import { sharedBytes } from "../base/ints.js";
import type { Steps } from "../base/steps.js";
import { NONE } from "../ir/ops.js";
import type { FileId, FnId } from "../ir/program.js";
import type { CallGraph } from "./callGraph.js";
import { forbidsSleep } from "./context.js";
import type { Contexts } from "./topDown.js";
import type { World } from "./world.js";

/** Calls down which a chain looks into what its functions call: who writes to a field, who keeps a device awake. */
const LOOKED_INTO = 3;

/** What the search reads. */
interface Known {
	readonly world: World;
	readonly graph: CallGraph;
	readonly contexts: Contexts;
}

/** Some functions, and those that call them down to as far as chains look. */
export function lookersInto({ graph }: Known, fns: Iterable<FnId>): Set<FnId> {
	const found = new Set(fns);
	let level = [...found];
	for (let depth = 0; depth < LOOKED_INTO; depth++) {
		const next: FnId[] = [];
		for (const fn of level) {
			for (const { caller } of graph.callersOf(fn)) {
				if (found.has(caller)) continue;
				found.add(caller);
				next.push(caller);
			}
		}
		level = next;
	}
	return found;
}

/** The callbacks that are registered by functions of a file, or by what these call: under conditions that the file's code sets. */
export function registeredThrough({ world, graph, contexts }: Known, file: FileId): FnId[] {
	const { program } = world;
	const registrars = new Set<FnId>(program.fnsOf(file));
	for (const fn of program.fnsOf(file)) {
		graph.eachSite(fn, (_, callee) => {
			if (callee >= 0) registrars.add(callee);
		});
	}
	return contexts.origins
		.filter(({ registration }) => registration && registrars.has(registration.fn))
		.map(({ fn }) => fn);
}

/** The callbacks that are registered by the code of a file's folder: what starts them may stand in any file of it. */
export function registeredNear({ world, contexts }: Known, path: string): FnId[] {
	const { program } = world;
	const folder = path.slice(0, path.lastIndexOf("/") + 1);
	return contexts.origins
		.filter(({ registration }) => registration && folderOf(program.paths[registration.file]!) === folder)
		.map(({ fn }) => fn);
}

function folderOf(path: string): string {
	return path.slice(0, path.lastIndexOf("/") + 1);
}

/** The functions that atomic contexts come to through some, these among them. */
export function* fnsBelow({ contexts }: Known, roots: ReadonlySet<FnId>): Steps<Set<FnId>> {
	const { records } = contexts;
	const isBelow = sharedBytes(records.length);
	const found = new Set(roots);
	for (const fn of roots) for (let at = contexts.first(fn); at !== NONE; at = contexts.next(at)) isBelow[at] = 1;
	// callers come before what they call, but for some of the further ones
	for (let isNew = true; isNew; ) {
		isNew = false;
		for (let record = 0; record < records.length; record++) {
			if (record % (1 << 16) === 0) yield;
			if (isBelow[record] === 1 || !forbidsSleep(records.context(record))) continue;
			if (!contexts.hasCaller(record, isBelow)) continue;
			isBelow[record] = 1;
			isNew = true;
			found.add(records.fn(record));
		}
	}
	return found;
}
