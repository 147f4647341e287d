// Return paths that leave a lock held, or a section open, while other paths of the same outcome do not.

import { CONFIDENCES, type Step } from "../api.js";
import { Ac, type Ctx, forbidsSleep, Irq, type Item, Level } from "../flow/context.js";
import { contradicts } from "../flow/guards.js";
import { isGuarded, isHandedOver, releasesAfter, releasesOf } from "../flow/lockHanding.js";
import { Root } from "../flow/paths.js";
import { returnPlan } from "../flow/replayPlan.js";
import type { Solved } from "../flow/solved.js";
import type { Exit, Guard, Summary } from "../flow/summary.js";
import { calleeText, itemText, namePlace, opEnd, opPlace } from "../flow/witness.js";
import { staticCallee, summaryOf } from "../flow/world.js";
import type { FnId } from "../ir/program.js";
import { FnField, FnFlag, TYPE_SIZE, TypeField, TypeKind } from "../ir/unit.js";
import type { Draft, Rule } from "./rule.js";

const SIGN = 1 << 31;

export const lockImbalance: Rule = {
	id: "lock-imbalance",
	severity: "warning",
	title: "a return path that leaks a lock, or lacks one",
	eachFunction(solved, report) {
		const { program } = solved.world;
		let handlers: ReadonlySet<FnId> | null = null;
		const isHandler = (fn: FnId) => {
			handlers ??= interruptHandlers(solved);
			return handlers.has(fn);
		};
		return (fn) => {
			const summary = summaryOf(solved.world, fn);
			if (summary.returns.length < 2 || summary.imprecise) return;
			const flags = program.flagsOf(fn);
			if ((flags & (FnFlag.Macro | FnFlag.Partial | FnFlag.GuardEnter | FnFlag.GuardExit)) !== 0) return;
			if (program.fnField(fn, FnField.AnnotationCount) > 0) return;
			checkFunction(solved, fn, summary, isHandler, report);
		};
	},
};

/** The functions that are called back in interrupts, softirqs and timers: who calls them takes over no lock, whatever they return. */
function interruptHandlers({ contexts }: Solved): ReadonlySet<FnId> {
	const isInterrupt = ({ ac }: { readonly ac: number }) => (ac & Ac.LevelMask) >= Level.Softirq;
	return new Set(contexts.origins.filter((origin) => origin.doubt === 0 && isInterrupt(origin)).map(({ fn }) => fn));
}

function checkFunction(
	solved: Solved,
	fn: FnId,
	summary: Summary,
	isHandler: (fn: FnId) => boolean,
	report: (draft: Draft) => void,
): void {
	const reported = new Set<number>();
	for (const exit of summary.returns) {
		for (const item of exit.ctx.items) {
			if (reported.has(item.op) || !isCounted(solved, fn, item)) continue;
			// The same acquisition is released on another return: the function is no lock wrapper.
			const free = summary.returns.filter((other) => isBalanced(other.ctx) && (other.op === -1 || other.op > item.op));
			const held = summary.returns.filter((other) => holds(other.ctx, item));
			const leak = held.find((h) => free.length > 0 && (isHandler(fn) || free.every((f) => !isTold(solved, fn, h, f))));
			if (leak === undefined) continue;
			reported.add(item.op);
			report(draftOf(solved, fn, leak, item, free[0]!, isByMistake(solved, fn, leak, item, free)));
		}
	}
}

/**
 * Is the lock forgotten, not kept for the caller? The function itself releases it elsewhere, whatever condition it
 * was taken on; what it returns does not tell of success; and nobody else releases it.
 */
function isByMistake(solved: Solved, fn: FnId, leak: Exit, item: Item, free: readonly Exit[]): boolean {
	const { world } = solved;
	const isOwned = world.kinds.isLock[item.kind] && item.kind !== world.kinds.lock("semaphore");
	if (!isOwned || leak.ctx.irq === Irq.Restored || isSuccess(solved, fn, leak, free)) return false;
	const releases = releasesAfter(world.program, fn, releasesOf(solved, fn, item), item.op);
	if (releases.all.length === 0 || isGuarded(world.program, fn, item.op)) return false;
	// from one place, with the lock and without it: as the condition of the release says
	if (releases.certain.length === 0 && free.some((other) => other.op === leak.op)) return false;
	return !isHandedOver(solved, fn, item);
}

/** Do all returns without the lock fail, and this one does not? */
function isSuccess(solved: Solved, fn: FnId, leak: Exit, free: readonly Exit[]): boolean {
	const { values } = solved.world;
	const isPointer = returnsPointer(solved, fn);
	const fails = ({ value }: Exit) =>
		values.anyBit(value, SIGN) === 1 || (values.truth(value) === 0 && (isPointer || returnsBool(solved, fn)));
	return isPointer ? !fails(leak) : !fails(leak) && free.every(fails);
}

/** Locks and atomic sections; what a callee took on some condition of its own does not count. */
function isCounted(solved: Solved, fn: FnId, item: Item): boolean {
	const { world } = solved;
	if (!world.kinds.isLock[item.kind] && !forbidsSleep(world.kinds.bits[item.kind]!)) return false;
	const callee = staticCallee(world, fn, item.op);
	if (callee < 0) return true;
	const { exits } = summaryOf(world, callee);
	return exits.length > 0 && exits.every((exit) => exit.ctx.items.length > 0);
}

function holds(ctx: Ctx, item: Item): boolean {
	return ctx.items.some((held) => held.kind === item.kind && held.op === item.op);
}

function isBalanced(ctx: Ctx): boolean {
	return ctx.items.length === 0 && ctx.gone.length === 0;
}

/**
 * Does a caller know which of two returns it got, so that it can release what is held? By an argument of its own, or
 * by the value: a flag, a pointer, a state. Not when the lock is kept on failure and let go on success, nor when
 * both are errors, nor when the saved interrupt flags are lost with the function.
 */
function isTold(solved: Solved, fn: FnId, held: Exit, free: Exit): boolean {
	const { values, paths } = solved.world;
	const contradicting = (g: Guard) =>
		free.guards.some((f) => f.param === g.param && contradicts(values, g.value, f.value));
	if (held.guards.some(contradicting)) return true;
	if (held.ctx.saved.some((saved) => paths.kind(paths.root(saved.flags)) === Root.Local)) return false;
	if (!contradicts(values, held.value, free.value)) return false;
	const isInteger = returnsInteger(solved, fn);
	// Nobody keeps a lock on one error that he lets go on another.
	const fails = ({ value }: Exit) => values.anyBit(value, SIGN) === 1;
	if (isInteger && held.op !== free.op && fails(held) && fails(free)) return false;
	const isSuccess = isInteger && values.truth(free.value) === 0;
	const isFailure = values.anyBit(held.value, SIGN) === 1 || (isInteger && !values.isInt(held.value));
	return !(isSuccess && isFailure);
}

function returnsInteger(solved: Solved, fn: FnId): boolean {
	return returnKind(solved, fn) === TypeKind.Int;
}

function returnsBool(solved: Solved, fn: FnId): boolean {
	return returnKind(solved, fn) === TypeKind.Bool;
}

function returnsPointer(solved: Solved, fn: FnId): boolean {
	const { program } = solved.world;
	const type = program.fnField(fn, FnField.ReturnType);
	return type >= 0 && program.unit(program.fnFile(fn)).types[type * TYPE_SIZE + TypeField.Pointers]! > 0;
}

function returnKind(solved: Solved, fn: FnId): TypeKind | undefined {
	const { program } = solved.world;
	const type = program.fnField(fn, FnField.ReturnType);
	if (type < 0 || returnsPointer(solved, fn)) return undefined;
	return program.unit(program.fnFile(fn)).types[type * TYPE_SIZE];
}

function draftOf(solved: Solved, fn: FnId, exit: Exit, item: Item, balanced: Exit, isSure: boolean): Draft {
	const { world } = solved;
	const name = world.program.fnName(fn);
	const by = calleeText(world, fn, item.op);
	const lock = itemText(world, fn, item);
	const taken = opPlace(world, fn, item.op);
	const start = exit.op < 0 ? namePlace(world, fn) : opPlace(world, fn, exit.op);
	const end = exit.op < 0 ? start : opEnd(world, fn, exit.op);
	const enter: Step[] = [{ ...taken, function: name, note: `${by}() takes ${lock}` }];
	const other = balanced.op < 0 ? namePlace(world, fn) : opPlace(world, fn, balanced.op);
	return {
		start,
		end,
		function: name,
		confidence: CONFIDENCES[isSure ? 1 : 2]!,
		message: `${name}() returns with ${lock} held (${by}, line ${taken.line}); the return at line ${other.line} does not`,
		context: null,
		enter,
		sleep: [],
		related: [{ ...other, function: name, note: "returns without the lock" }],
		fixes: [],
		key: `${by}|${lock}`,
		replay: returnPlan(world.program, fn, { takes: [item.op], last: exit.op }, "as usual"),
	};
}
