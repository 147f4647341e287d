// What happens at the end of scopes: destructors of guard(), scoped_guard(), CLASS() and __free() variables are
// emitted as calls wherever control leaves the scope. Also labels, whose scope decides what a goto leaves.
import { ExprKind, NONE, Op, OpField, OpFlag } from "../ir/ops.js";
import { emitCall } from "./parseExpr.js";
import {
	addJump,
	CLEANUP_SIZE,
	emit,
	emitJump,
	LABEL_SIZE,
	opCount,
	type Parser,
	setOpField,
	stop,
	targetHere,
} from "./parser.js";
import { symbolText } from "./symbols.js";
import { T } from "./tokens.js";

/** The name `prefix + spelling of sym + suffix` of the unit. */
export function composedName(p: Parser, prefix: string, sym: number, suffix: string): number {
	return p.builder.nameOf(prefix + symbolText(p.pp.lexer.symbols, p.bytes, sym) + suffix);
}

/** Opens a scope with a destructor `fn` for `guard`; its `count` arguments are on the scratch stack from `base`. */
export function addCleanup(
	p: Parser,
	fn: number,
	guard: number,
	base: number,
	count: number,
	start: number,
	end: number,
): void {
	const first = p.cleanupArgs.length;
	for (let i = 0; i < count * 3; i++) p.cleanupArgs.push(p.scratch.data[base + i]);
	p.cleanups.push3(fn, guard, first);
	p.cleanups.push3(count, start, end);
}

export function openCleanups(p: Parser): number {
	return p.cleanups.length / CLEANUP_SIZE;
}

/** Emits the destructors of all scopes opened after the first `keep`, last first; they stay open. */
export function emitCleanups(p: Parser, keep: number): void {
	if (p.dead) return;
	for (let i = openCleanups(p) - 1; i >= keep; i--) {
		const at = i * CLEANUP_SIZE;
		const data = p.cleanups.data;
		const start = data[at + 4];
		const end = data[at + 5];
		const count = data[at + 3];
		const base = p.scratch.length;
		p.scratch.push3(data[at + 1], start, end);
		for (let j = 0; j < count * 3; j++) p.scratch.push(p.cleanupArgs.data[data[at + 2] + j]);
		const callee = p.builder.expr(ExprKind.Name, data[at], 0, 0);
		emitCall(p, callee, start, end, base, count + 1, OpFlag.Cleanup);
	}
}

/** Closes the scopes opened after the first `keep`. */
export function dropCleanups(p: Parser, keep: number): void {
	if (p.cleanups.length <= keep * CLEANUP_SIZE) return;
	p.cleanupArgs.length = p.cleanups.data[keep * CLEANUP_SIZE + 2];
	p.cleanups.length = keep * CLEANUP_SIZE;
}

/** The label's entry, made when it is first named. */
export function labelOf(p: Parser, sym: number): number {
	const known = p.symLabel[sym];
	if (known !== 0) return known - 1;
	const label = p.labels.length / LABEL_SIZE;
	p.labels.push4(sym, NONE, NONE, 0);
	p.symLabel[sym] = label + 1;
	return label;
}

/** `name:` here. */
export function defineLabel(p: Parser, sym: number): void {
	const at = labelOf(p, sym) * LABEL_SIZE;
	p.effects++;
	p.dead = false;
	if (p.labels.data[at + 1] !== NONE) return;
	p.labels.data[at + 1] = targetHere(p);
	p.labels.data[at + 3] = openCleanups(p);
}

/** A jump to a label, with the cleanups of the scopes it leaves. */
export function gotoLabel(p: Parser, sym: number, start: number, end: number): void {
	p.effects++;
	if (p.dead) return;
	if (p.cleanups.length > 0) emitCleanups(p, cleanupsAtLabel(p, sym));
	const op = emitJump(p, 0, start, end);
	if (op !== NONE) useLabel(p, sym, (p.opBase + op) * 6 + OpField.A, 0);
}

/** Lets `place` (in ops, or in lists) hold the label's op once it is known. */
export function useLabel(p: Parser, sym: number, place: number, inLists: number): void {
	const at = labelOf(p, sym) * LABEL_SIZE;
	const use = p.labelUses.length / 3;
	p.labelUses.push3(p.labels.data[at + 2], place, inLists);
	p.labels.data[at + 2] = use;
}

const MAX_LOOKAHEADS = 32;

/** How many cleanups stay open at the label: known for one behind us, else looked for in what follows. */
function cleanupsAtLabel(p: Parser, sym: number): number {
	const known = p.symLabel[sym] - 1;
	if (known >= 0 && p.labels.data[known * LABEL_SIZE + 1] !== NONE)
		return Math.min(p.labels.data[known * LABEL_SIZE + 3], openCleanups(p));
	if (p.lookaheads++ >= MAX_LOOKAHEADS) return 0;
	let nested = 0;
	let left = 0;
	const blocks = p.blockCleanups;
	for (let at = p.pos; at < p.eof && left <= blocks.length; at++) {
		const kind = p.kind[at];
		if (kind === T.LBrace) nested++;
		else if (kind === T.RBrace) {
			if (nested > 0) nested--;
			else left++;
		} else if (kind === T.Ident && p.val[at] === sym && p.kind[at + 1] === T.Colon) {
			const before = p.kind[at - 1];
			if (before !== T.Semi && before !== T.RBrace && before !== T.LBrace && before !== T.Colon) continue;
			if (left === 0) return openCleanups(p);
			return blocks.data[blocks.length - left];
		}
	}
	return 0;
}

/** Resolves every label of the function; one that is not defined leads to the end. */
export function resolveLabels(p: Parser): void {
	const { labels, labelUses } = p;
	let undefinedUsed = false;
	for (let at = 0; at < labels.length; at += LABEL_SIZE) {
		if (labels.data[at + 1] === NONE && labels.data[at + 2] !== NONE) undefinedUsed = true;
	}
	resolveComputedGotos(p);
	const end = opCount(p);
	if (undefinedUsed) {
		p.lastTarget = end;
		p.dead = false;
	}
	for (let at = 0; at < labels.length; at += LABEL_SIZE) {
		const target = labels.data[at + 1] === NONE ? end : labels.data[at + 1];
		if (target >= end && labels.data[at + 2] !== NONE) p.dead = false;
		for (let use = labels.data[at + 2]; use !== NONE; use = labelUses.data[use * 3]) {
			const place = labelUses.data[use * 3 + 1];
			if (labelUses.data[use * 3 + 2] === 0) p.builder.ops.data[place] = target;
			else p.builder.lists.data[place] = target;
		}
		p.symLabel[labels.data[at]] = 0;
	}
	labels.length = 0;
	labelUses.length = 0;
	p.addressedLabels.length = 0;
	p.computedGotos.length = 0;
}

/** A computed goto may reach every label whose address is taken. */
function resolveComputedGotos(p: Parser): void {
	if (p.computedGotos.length === 0) return;
	const first = p.builder.lists.length;
	let count = 0;
	for (let i = 0; i < p.addressedLabels.length; i++) {
		const label = p.symLabel[p.addressedLabels.data[i]] - 1;
		if (label < 0 || p.labels.data[label * LABEL_SIZE + 1] === NONE) continue;
		p.builder.lists.push(p.labels.data[label * LABEL_SIZE + 1]);
		count++;
	}
	for (let i = 0; i < p.computedGotos.length; i++) {
		setOpField(p, p.computedGotos.data[i], OpField.A, first);
		setOpField(p, p.computedGotos.data[i], OpField.B, count);
	}
}

/** break and continue: a jump added to `list`, after the cleanups of the scopes it leaves. */
export function leaveTo(p: Parser, list: number, keep: number, start: number, end: number): number {
	p.effects++;
	emitCleanups(p, keep);
	return addJump(p, list, emitJump(p, 0, start, end));
}

/** Leaves the function with `value`; the statement began at token `at`. */
export function emitReturn(p: Parser, value: number, at: number): void {
	p.effects++;
	emitCleanups(p, 0);
	emit(p, Op.Return, p.start[at], p.end[p.pos - 1], value, 0, 0);
	stop(p);
}
