// What the ways of moving an allocation before a lock have in common: the call as an assignment, another variable for it,
// what releases the lock.

import { argumentOf } from "../flow/callGraph.js";
import { firstTaken } from "../flow/movable.js";
import type { Solved } from "../flow/solved.js";
import { calleeText } from "../flow/witness.js";
import { isPrimitive, primitiveAt, primitiveCalled, staticCallee } from "../flow/world.js";
import { NONE } from "../ir/ops.js";
import type { FnId } from "../ir/program.js";
import { commonNamesThat } from "../model/gfp.js";
import type { AllocRow } from "../model/schema.js";
import { type Body, bodyOf, insertDeclarations } from "./body.js";
import type { EditList } from "./edits.js";
import { argumentOffsets, flagIn } from "./ownMasks.js";
import type { Request } from "./plan.js";
import { freeName } from "./signature.js";
import type { SourceText } from "./source.js";
import { opOffset } from "./span.js";
import { type Statement, simpleAround } from "./statements.js";

/** An allocation under a lock of its own function. */
export interface Site {
	readonly solved: Solved;
	readonly source: SourceText;
	readonly body: Body;
	readonly fn: FnId;
	/** the call that allocates, and the one that takes the lock */
	readonly op: number;
	readonly taken: number;
	readonly alloc: AllocRow;
	/** the flag that it is to have */
	readonly flag: string;
	/** what is said of each edit */
	readonly why: string;
}

/** The allocation of a request; null where it is none, or under no lock of the function. */
export function siteOf({ solved, texts, fn, op }: Request): Site | null {
	const callee = op === NONE ? NONE : staticCallee(solved.world, fn, op);
	const alloc = isPrimitive(callee) ? primitiveAt(solved.world, callee).alloc : undefined;
	const [state] = solved.contexts.statesOf(fn, op);
	const taken = state === undefined ? NONE : firstTaken(solved.world, state);
	const source = texts.of(solved.world.program.fnFile(fn));
	const body = source === null ? null : bodyOf(solved.world, fn, source);
	if (alloc === undefined || taken === NONE || source === null || body === null) return null;
	const why = `allocates before ${calleeText(solved.world, fn, taken)}()`;
	return { solved, source, body, fn, op, taken, alloc, flag: commonNamesThat("can-sleep")[0]!, why };
}

/** Where the op that takes the lock stands, and the one that allocates. */
export function offsetsOf({ solved, fn, taken, op }: Site): [number, number] {
	return [opOffset(solved.world, fn, taken), opOffset(solved.world, fn, op)];
}

/** Is a statement around an offset one without others in it, on lines of its own? */
export function isPlain({ source, body }: Site, one: Statement, at: number): boolean {
	return (
		simpleAround(source, body.open, at)?.start === one.start &&
		source.text.slice(source.lineStart(one.start), one.start).trim() === "" &&
		source.text.slice(one.end, source.lineEnd(one.end)).trim() === ""
	);
}

/** `variable = alloc(…);` of a local variable, with the mask that it is to have; null where the statement is another. */
export function assignmentOf(site: Site, one: Statement): { variable: string; value: string } | null {
	const { source, solved, fn, op, alloc, flag: wanted } = site;
	const match = /^(\w+)\s*=\s*/.exec(source.code.slice(one.start, one.end));
	const start = one.start + (match?.[0].length ?? 0);
	if (match === null || start !== opOffset(solved.world, fn, op)) return null;
	if (freeName(solved, [fn], [match[1]!]) !== null) return null;
	if (argumentOf(solved.world.program, fn, op, alloc.gfp) === NONE) return null;
	const [from, to] = argumentOffsets(solved, fn, op, alloc.gfp);
	const flag = flagIn(source.text.slice(from, to));
	if (flag === null) return null;
	const mask = source.text.slice(from, to).replace(new RegExp(`\\b${flag}\\b`), wanted);
	const end = source.code.lastIndexOf(";", one.end - 1);
	return { variable: match[1]!, value: source.text.slice(start, from) + mask + source.text.slice(to, end) };
}

/** Declares another variable of the same type for what is allocated; its name, or null. */
export function declareBeside(
	{ source, body, solved, fn, why }: Site,
	edits: EditList,
	variable: string,
): string | null {
	const name = freeName(solved, [fn], ["new", `new_${variable}`]);
	const declared = source.code.slice(body.open + 1, body.declared);
	const match = new RegExp(
		`(?:^|[;\\n])\\s*((?:const\\s+)?(?:struct\\s+|union\\s+)?\\w+)\\s+(?:[^;]*,\\s*)?(\\**)${variable}\\b`,
	).exec(declared);
	if (name === null || match === null) return null;
	insertDeclarations(edits, source, body, [`${match[1]} ${match[2]}${name};`], why);
	return name;
}

/** Does a function of this name release a lock? */
export function isRelease({ solved }: Site, name: string): boolean {
	return primitiveCalled(solved.world, name)?.lock?.does === "release";
}

/** The text of the allocation's first argument. */
export function firstArgument({ solved, source, fn, op }: Site): string {
	const [from, to] = argumentOffsets(solved, fn, op, 0);
	return source.text.slice(from, to);
}
