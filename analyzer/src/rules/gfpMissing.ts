// An allocation in Rust that names no flags where the tree's allocations take them: the spelling of before, or a call
// that leaves them out. In C, a mask of 0 (zeroMasks.ts).

import type { ContextInfo, Fix, Step } from "../api.js";
import { type NamedCall, type Renaming, renameCall, rewriteCall } from "../fixes/rustCall.js";
import { forbidsSleep } from "../flow/context.js";
import type { Solved } from "../flow/solved.js";
import { Touch } from "../flow/touches.js";
import { isWellKnown } from "../flow/wellKnown.js";
import { contextInfo, opEnd, opPlace } from "../flow/witness.js";
import { isPrimitive, primitiveAt, type World } from "../flow/world.js";
import { EXPR_SIZE, ExprKind, NONE, OP_SIZE, Op, OpField } from "../ir/ops.js";
import type { FileId, FnId } from "../ir/program.js";
import { KERNEL_USE } from "../ir/rustTypes.js";
import { FnField, unitName } from "../ir/unit.js";
import { commonNamesThat } from "../model/gfp.js";
import { FLAGS_SINCE, KERNEL_CRATE } from "../model/rustAlloc.js";
import type { Primitive, SpellingRow } from "../model/schema.js";
import { hasFunction } from "./crate.js";
import type { Draft, Rule } from "./rule.js";
import { reportZeroMasks } from "./zeroMasks.js";

export const gfpMissing: Rule = {
	id: "gfp-missing",
	severity: "error",
	title: "an allocation without flags",
	eachFunction(solved, report) {
		const { world, graph } = solved;
		return (fn) => {
			if (solved.touches.has(fn, Touch.Allocates)) reportZeroMasks(solved, fn, report);
			if (!isKernelRust(world, world.program.fnFile(fn))) return;
			graph.eachSite(fn, (op, callee) => {
				if (!isPrimitive(callee)) return;
				const primitive = primitiveAt(world, callee);
				if (primitive.alloc !== undefined) checkSite(solved, fn, op, primitive, report);
			});
		};
	},
};

/** Rust of the kernel, the crate itself aside. */
function isKernelRust(world: World, file: FileId): boolean {
	const { program } = world;
	if (!program.isRust(file) || program.paths[file]!.startsWith(KERNEL_CRATE)) return false;
	const unit = program.unit(file);
	return unit.includes.some((name) => unitName(unit, name) === KERNEL_USE);
}

/** The call as it should be: its name and the flags that the old name says, or another text. */
interface Wanted {
	readonly name: string;
	readonly flags: string | undefined;
	readonly written: string | undefined;
	/** a flag that is joined to those of the context */
	readonly adds?: string | undefined;
	/** the function may fail, and what was written does not ask for that */
	readonly asks?: boolean;
}

function checkSite(solved: Solved, fn: FnId, op: number, primitive: Primitive, report: (draft: Draft) => void): void {
	const { world } = solved;
	const wanted = wantedFor(world, fn, op, primitive);
	if (wanted === null) return;
	const choice = flagsFor(solved, fn, op, wanted.flags);
	report({
		start: opPlace(world, fn, op),
		end: opEnd(world, fn, op),
		function: world.program.fnName(fn),
		confidence: "high",
		message: messageOf(primitive, wanted, choice, countOf(world, fn, op)),
		context: choice.context,
		enter: choice.context?.enter ?? [],
		sleep: choice.isAtomic ? sleepSteps(world, fn, op, primitive) : [],
		related: [],
		fixes: fixesFor(world, { fn, op, name: primitive.name }, wanted, choice),
		key: primitive.name,
	});
}

function wantedFor(world: World, fn: FnId, op: number, primitive: Primitive): Wanted | null {
	const old = world.model.spellings.get(primitive.name);
	return old === undefined || old.bare === true ? leftOut(world, fn, op, primitive, old) : currentName(world, fn, old);
}

/**
 * Is this call one of those that the rule reports? That it sleeps in an atomic context is part of its finding, and no
 * other's: the call does not compile in this tree, and what is to be written for it decides whether it sleeps.
 */
export function namesNoFlags({ world }: Solved, fn: FnId, op: number, primitive: Primitive): boolean {
	if (primitive.alloc === undefined || !isKernelRust(world, world.program.fnFile(fn))) return false;
	return world.program.isLive(fn) && wantedFor(world, fn, op, primitive) !== null;
}

/** What the old spelling would do where it stands; nothing where it names no flags by mistake, or ones that do not sleep. */
function sleepSteps(world: World, fn: FnId, op: number, { name, alloc }: Primitive): Step[] {
	const implicit = alloc?.implicit;
	if (implicit === undefined || !commonNamesThat("can-sleep").includes(implicit)) return [];
	const note = `${name}${name.endsWith("!") ? "" : "()"} allocates with ${implicit}, and may enter direct reclaim`;
	return [{ ...opPlace(world, fn, op), function: world.program.fnName(fn), note }];
}

function messageOf(
	{ name, alloc }: Primitive,
	wanted: Wanted,
	{ flags, isAtomic }: Choice,
	nArguments: number,
): string {
	const call = name.endsWith("!") ? name : `${name}()`;
	const place = isAtomic ? "may not sleep" : "may sleep";
	if (wanted.written !== undefined) {
		const text = wanted.written.replace("$", "…");
		const flaw = alloc?.fails === "never" ? "names no flags and cannot fail" : "names no flags";
		return isAtomic
			? `${call} ${flaw}, and it ${place} here: what stands for it, ${text}, allocates with ${alloc?.implicit}, so it belongs where the call may sleep`
			: `${call} ${flaw}, as allocations do in this tree: ${text} where it ${place}`;
	}
	const end = wanted.asks === true ? "?" : "";
	const shown = `${wanted.name}(${nArguments === 0 ? "" : "…, "}${joined(wanted, flags[0]!)})${end}`;
	const isNamed = !isAtomic && !commonNamesThat("can-sleep").includes(flags[0]!);
	const where = isNamed ? "as its name says" : `where it ${place}`;
	return alloc!.gfp >= 0
		? `${call} is called without its flags: ${shown} ${where}`
		: `${call} names no flags, as allocations do in this tree: ${shown} ${where}`;
}

/** None where what stands for the call would sleep as well. */
function fixesFor(world: World, call: NamedCall, wanted: Wanted, { flags, isAtomic }: Choice): Fix[] {
	if (wanted.written === undefined)
		return flags.flatMap((flag, i) => renameCall(world, call, renaming(wanted, joined(wanted, flag)), i === 0));
	return isAtomic ? [] : rewriteCall(world, call, wanted.written, true);
}

function joined({ adds }: Wanted, flag: string): string {
	return adds === undefined ? flag : `${flag} | ${adds}`;
}

function renaming({ name, asks }: Wanted, flags: string): Renaming {
	return { name, flags, after: asks === true ? "?" : "" };
}

/** A call that ends where its flags should be. */
function leftOut(
	world: World,
	fn: FnId,
	op: number,
	{ name, alloc }: Primitive,
	bare: SpellingRow | undefined,
): Wanted | null {
	const index = alloc!.gfp;
	if (index < 0 || countOf(world, fn, op) !== index || !hasFunction(world, fn, name, index, FLAGS_SINCE)) return null;
	const now = bare === undefined ? null : currentName(world, fn, bare);
	const asks = alloc!.fails === "err" && !isExamined(world, fn, op);
	return { name: now?.name ?? name, flags: undefined, written: undefined, asks };
}

/** Is the result of a call asked for failure, or handed on as it is? */
function isExamined({ program }: World, fn: FnId, op: number): boolean {
	const { ops, exprs } = program.unit(program.fnFile(fn));
	const first = program.fnField(fn, FnField.OpStart);
	for (let at = op + 1; at < program.fnField(fn, FnField.OpCount); at++) {
		const record = (first + at) * OP_SIZE;
		const code = ops[record]! & 255;
		if (code !== Op.Branch && code !== Op.Return) continue;
		if (readsResult(exprs, ops[record + OpField.A]!, op)) return true;
	}
	return false;
}

function readsResult(exprs: Int32Array, expr: number, op: number): boolean {
	if (expr < 0) return false;
	const at = expr * EXPR_SIZE;
	switch (exprs[at]!) {
		case ExprKind.CallResult:
			return exprs[at + 1] === op;
		case ExprKind.Unary:
		case ExprKind.Cast:
			return readsResult(exprs, exprs[at + 2]!, op);
		case ExprKind.Binary:
			return readsResult(exprs, exprs[at + 2]!, op) || readsResult(exprs, exprs[at + 3]!, op);
		default:
			return false;
	}
}

/** What the tree calls an old spelling now; null where it has no other. */
function currentName(world: World, fn: FnId, { now, flags, adds }: SpellingRow): Wanted | null {
	for (const { name, since, written } of now) {
		const index = world.model.primitives.get(name)?.alloc?.gfp ?? NONE;
		if (written === undefined && index < 0) continue;
		if (hasFunction(world, fn, name, written === undefined ? index : 0, since)) return { name, flags, written, adds };
	}
	return null;
}

function countOf(world: World, fn: FnId, op: number): number {
	const { program } = world;
	const at = (program.fnField(fn, FnField.OpStart) + op) * OP_SIZE;
	return program.unit(program.fnFile(fn)).ops[at + OpField.C]!;
}

interface Choice {
	/** the best first */
	readonly flags: readonly string[];
	readonly isAtomic: boolean;
	readonly context: ContextInfo | null;
}

/** The flags that the context of a call asks for; what the name says counts where no context is known to say otherwise. */
function flagsFor(solved: Solved, fn: FnId, op: number, said: string | undefined): Choice {
	const { world, contexts } = solved;
	const states = contexts.statesOf(fn, op);
	for (let record = contexts.first(fn); record !== NONE; record = contexts.next(record)) {
		for (const state of states) {
			const ac = contexts.contextAt(record, state);
			if (ac === NONE || !forbidsSleep(ac)) continue;
			const context = contextInfo(world, contexts, record, { fn, op }, state);
			return { flags: withFirst(commonNamesThat("cannot-sleep"), said), isAtomic: true, context };
		}
	}
	const usual = commonNamesThat("can-sleep").slice(0, 1);
	if (said === undefined) return { flags: usual, isAtomic: false, context: null };
	const isKnown = contexts.first(fn) !== NONE && isWellKnown(solved, fn);
	return { flags: isKnown ? [...usual, said] : [said, ...usual], isAtomic: false, context: null };
}

function withFirst(flags: readonly string[], first: string | undefined): readonly string[] {
	return first === undefined ? flags : [first, ...flags.filter((flag) => flag !== first)];
}
