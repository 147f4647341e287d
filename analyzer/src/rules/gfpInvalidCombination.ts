// Masks that contradict themselves, flags that an allocator does not take, and allocations where no mask is right.

import { dropFlag } from "../fixes/mask.js";
import { argumentSpan, opSpan, type Span } from "../fixes/span.js";
import { argumentOf } from "../flow/callGraph.js";
import { forbidsSleep } from "../flow/context.js";
import { eachJoinedName, literalBits } from "../flow/masks.js";
import { testsBits } from "../flow/maskTests.js";
import { isInNmi } from "../flow/nmi.js";
import type { Solved } from "../flow/solved.js";
import { Touch } from "../flow/touches.js";
import { isLiteralMask } from "../flow/violations.js";
import { calleeText } from "../flow/witness.js";
import { isDescribed, isPrimitive, primitiveAt, staticCallee, type World } from "../flow/world.js";
import { BinaryOp, EXPR_SIZE, ExprKind, NONE, OP_SIZE, Op, OpField } from "../ir/ops.js";
import { exprText } from "../ir/print.js";
import type { FileId, FnId } from "../ir/program.js";
import { FnField } from "../ir/unit.js";
import type { AllocRow, MaskFaultRow } from "../model/schema.js";
import { certainPlace } from "./certainPlace.js";
import { MaskFaults } from "./maskFaults.js";
import type { Draft, Rule } from "./rule.js";

export const gfpInvalidCombination: Rule = {
	id: "gfp-invalid-combination",
	severity: "warning",
	title: "a gfp mask that contradicts itself, or that its allocator does not take",
	fixesAll: true,
	eachFunction(solved, report) {
		const { program } = solved.world;
		const faults = new MaskFaults(solved.world);
		let file = NONE;
		let isJoining = false;
		return (fn) => {
			if (program.fnFile(fn) !== file) {
				file = program.fnFile(fn);
				isJoining = joinsFlags(solved.world, file);
			}
			if (solved.touches.has(fn, Touch.Allocates)) checkAllocations(solved, faults, fn, report);
			if (isJoining) checkOthers(solved, faults, fn, report);
		};
	},
};

/** Does a file put masks together from flags? */
function joinsFlags({ program, flags }: World, file: FileId): boolean {
	const { exprs } = program.unit(file);
	const isFlag = (expr: number) =>
		exprs[expr * EXPR_SIZE] === ExprKind.Name && flags.has(program.globalName(file, exprs[expr * EXPR_SIZE + 1]!));
	for (let at = 0; at < exprs.length; at += EXPR_SIZE) {
		if (exprs[at] !== ExprKind.Binary || exprs[at + 1] !== BinaryOp.Or) continue;
		if (isFlag(exprs[at + 2]!) || isFlag(exprs[at + 3]!)) return true;
	}
	return false;
}

/** The allocations of a function: the masks that are written out there, and where no mask would be right. */
function checkAllocations(solved: Solved, faults: MaskFaults, fn: FnId, report: (draft: Draft) => void): void {
	const { world, graph, contexts } = solved;
	graph.eachSite(fn, (op, callee) => {
		const alloc = isPrimitive(callee) ? primitiveAt(world, callee).alloc : undefined;
		if (alloc === undefined) return;
		const mask = argumentOf(world.program, fn, op, alloc.gfp);
		if (mask === NONE || !isLiteralMask(world, fn, mask)) return;
		const bits = literalBits(world, fn, mask);
		if (bits === undefined) return;
		const span = argumentSpan(world, fn, op, alloc.gfp);
		checkMask(solved, faults, { fn, op, mask, bits, span, alloc, reader: undefined }, report);
		const isBlocking = (bits & world.gfp.directReclaim) !== 0;
		if (!isBlocking && contexts.first(fn) !== NONE && !isDescribed(world, fn)) checkContexts(solved, fn, op, report);
	});
}

/** The masks that a function puts together for others: as arguments, and where it keeps or returns them. */
function checkOthers(solved: Solved, faults: MaskFaults, fn: FnId, report: (draft: Draft) => void): void {
	const { world } = solved;
	const { program } = world;
	const { ops, lists } = program.unit(program.fnFile(fn));
	const first = program.fnField(fn, FnField.OpStart);
	const check = (op: number, mask: number, span: () => Span, reader: Reader | undefined) => {
		const bits = mask >= 0 && isJoined(world, fn, mask) ? literalBits(world, fn, mask) : undefined;
		if (bits !== undefined) checkMask(solved, faults, { fn, op, mask, bits, span, alloc: undefined, reader }, report);
	};
	for (let op = 0; op < program.fnField(fn, FnField.OpCount); op++) {
		const at = (first + op) * OP_SIZE;
		const code = ops[at]! & 255;
		if (code === Op.Assign) check(op, ops[at + OpField.B]!, opSpan(world, fn, op), undefined);
		else if (code === Op.Return) check(op, ops[at + OpField.A]!, opSpan(world, fn, op), undefined);
		else if (code === Op.Call) {
			const callee = staticCallee(world, fn, op);
			const own = isPrimitive(callee) ? primitiveAt(world, callee).alloc?.gfp : undefined;
			for (let index = 0; index < ops[at + OpField.C]!; index++) {
				if (index === own) continue;
				const reader = callee >= 0 && !isPrimitive(callee) ? { fn: callee, param: index } : undefined;
				check(op, lists[ops[at + OpField.B]! + index]!, argumentSpan(world, fn, op, index), reader);
			}
		}
	}
}

/** A parameter that takes a mask. */
interface Reader {
	readonly fn: FnId;
	readonly param: number;
}

/** A mask where it is written. */
interface Written {
	readonly fn: FnId;
	readonly op: number;
	readonly mask: number;
	readonly bits: number;
	readonly span: () => Span;
	/** the allocator that takes it, undefined elsewhere */
	readonly alloc: AllocRow | undefined;
	/** the function of the tree that it is passed to, undefined elsewhere */
	readonly reader: Reader | undefined;
}

function checkMask(solved: Solved, faults: MaskFaults, written: Written, report: (draft: Draft) => void): void {
	const { world } = solved;
	const { fn, op, mask, bits, span, alloc } = written;
	const fault = faults.find(fn, mask, bits, alloc);
	if (fault === undefined || isReadThere(world, written, fault)) return;
	const text = exprText(world.program.unit(world.program.fnFile(fn)), world.program.fnLocal(fn), mask);
	const { start, end } = span();
	const where = alloc === undefined ? "" : `${calleeText(world, fn, op)}() with `;
	report({
		start,
		end,
		function: world.program.fnName(fn),
		confidence: "high",
		message: `${where}${text}: ${fault.says}`,
		context: null,
		enter: [],
		sleep: [],
		related: [],
		fixes: alloc === undefined ? [] : dropFlag(text, flagToDrop(world, written, fault), start, end),
		key: `${text}|${fault.says}`,
	});
}

/** Does the function that is passed a mask ask for the flag that allocators ignore? Then it is a message to that function. */
function isReadThere(world: World, { reader }: Written, { drop }: MaskFaultRow): boolean {
	return reader !== undefined && drop !== undefined && testsBits(world, reader.fn, reader.param, world.namedBits(drop));
}

/** The flag that may go, by the name it is written with; empty for none. */
function flagToDrop(world: World, { fn, mask }: Written, { drop, has }: MaskFaultRow): string {
	let flag = drop ?? "";
	if (drop === undefined || drop !== has) return flag;
	const bits = world.namedBits(drop);
	eachJoinedName(world, fn, mask, (name) => {
		if (world.flags.get(name) === bits) flag = world.program.names.text(name);
	});
	return flag;
}

/** Is an expression flags of masks joined by `|`, perhaps with some taken away again? */
function isJoined(world: World, fn: FnId, expr: number): boolean {
	const { exprs } = world.program.unit(world.program.fnFile(fn));
	const at = expr * EXPR_SIZE;
	if (exprs[at] !== ExprKind.Binary || (exprs[at + 1] !== BinaryOp.Or && exprs[at + 1] !== BinaryOp.And)) return false;
	let isOfMasks = false;
	eachJoinedName(world, fn, expr, (name) => {
		isOfMasks ||= world.flags.has(name);
	});
	return isOfMasks && isLiteralMask(world, fn, expr);
}

/** An allocation without direct reclaim in an NMI, where no allocator works. */
function checkContexts(solved: Solved, fn: FnId, op: number, report: (draft: Draft) => void): void {
	const { world, contexts } = solved;
	const place = certainPlace(solved, fn, op, forbidsSleep, (record, state) => isInNmi(world, contexts, record, state));
	if (place === null) return;
	const name = calleeText(world, fn, op);
	report({
		...place,
		function: world.program.fnName(fn),
		confidence: "high",
		message: `${name}() in an NMI: it takes locks that must not be taken there, whatever the mask says`,
		sleep: [],
		related: [],
		fixes: [],
		key: `${name}|nmi`,
	});
}
