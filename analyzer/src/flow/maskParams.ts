// Parameters that are gfp masks, by their type, and what they are passed.

import { EXPR_SIZE, ExprKind, NONE } from "../ir/ops.js";
import type { FileId, FnId, Program } from "../ir/program.js";
import { FnField, FnFlag, TYPE_SIZE, TypeField, TypeKind, type Unit, VAR_SIZE, VarField } from "../ir/unit.js";
import { GFP_TYPE } from "../model/gfp.js";
import { argumentOf } from "./callGraph.js";
import { literalBits } from "./masks.js";
import type { Solved } from "./solved.js";
import { isLiteralMask } from "./violations.js";

/** Callers that are looked through for what they pass. */
const MAX_DEPTH = 4;

/** What masks a parameter is passed. */
interface Passed {
	/** one that does not let it sleep, or one that nobody knows */
	forbids: boolean;
	/** flags without a word on reclaim: no mask, but something to add to one */
	adds: boolean;
}

/**
 * May a function be given a mask that does not let it sleep? One that others can call may, unless all its callers are
 * known; a static one where some caller passes such a mask, or one that nobody knows.
 */
export function mayForbidSleep(solved: Solved, fn: FnId, param: number): boolean {
	const passed: Passed = { forbids: false, adds: false };
	look(solved, fn, param, passed, 0);
	if (passed.adds) return false;
	const isOpen = (solved.world.program.flagsOf(fn) & FnFlag.Static) === 0;
	return passed.forbids || (isOpen && !solved.contexts.entered.isKnown(fn));
}

function look(solved: Solved, fn: FnId, param: number, passed: Passed, depth: number): void {
	const { contexts } = solved;
	if (depth > MAX_DEPTH) passed.forbids = true;
	if (depth > MAX_DEPTH || passed.forbids) return;
	for (let record = contexts.first(fn); record !== NONE; record = contexts.next(record)) {
		if (contexts.isSeed(record)) continue;
		// What an entry point is passed, nobody knows.
		if (contexts.records.parent(record) === NONE) passed.forbids = true;
		contexts.eachCaller(record, (parent, op) => {
			if (!passed.forbids) lookAtCall(solved, contexts.records.fn(parent), op, param, passed, depth);
		});
	}
}

function lookAtCall(solved: Solved, fn: FnId, op: number, param: number, passed: Passed, depth: number): void {
	const { world, contexts } = solved;
	const { directReclaim, kswapd, high } = world.gfp;
	const mask = argumentOf(world.program, fn, op, param);
	if (mask === NONE) return;
	if (isLiteralMask(world, fn, mask)) {
		const bits = literalBits(world, fn, mask) ?? 0;
		if ((bits & directReclaim) === 0) passed[(bits & (kswapd | high)) === 0 ? "adds" : "forbids"] = true;
		return;
	}
	const { exprs } = world.program.unit(world.program.fnFile(fn));
	const own = exprs[mask * EXPR_SIZE] === ExprKind.Local ? exprs[mask * EXPR_SIZE + 1]! : NONE;
	const isKnown = contexts.statesOf(fn, op).every((state) => {
		if (world.values.anyBit(state.args?.[param] ?? 0, directReclaim) === 1) return true;
		return state.guards.some((guard) => guard.param === own && (world.values.set(guard.value) & directReclaim) !== 0);
	});
	if (isKnown) return;
	if (own >= 0 && own < world.program.fnField(fn, FnField.ParamCount)) look(solved, fn, own, passed, depth + 1);
	else passed.forbids = true;
}

export class MaskParams {
	/** program-wide name of the type */
	private readonly name: number;
	/** by file: its type indices that are masks; empty for most */
	private readonly types = new Map<FileId, readonly number[]>();

	constructor(private readonly program: Program) {
		this.name = program.names.lookupText(GFP_TYPE);
	}

	/** The first parameter of a function that is a mask, or NONE. */
	of(fn: FnId): number {
		if (this.typesIn(this.program.fnFile(fn)).length === 0) return NONE;
		for (let param = 0; param < this.program.fnField(fn, FnField.ParamCount); param++) {
			if (this.isMask(fn, param)) return param;
		}
		return NONE;
	}

	isMask(fn: FnId, param: number): boolean {
		const { program } = this;
		const file = program.fnFile(fn);
		const types = this.typesIn(file);
		if (types.length === 0 || param >= program.fnField(fn, FnField.ParamCount)) return false;
		const at = (program.fnField(fn, FnField.VarStart) + param) * VAR_SIZE;
		return types.includes(program.unit(file).vars[at + VarField.Type]!);
	}

	private typesIn(file: FileId): readonly number[] {
		let known = this.types.get(file);
		if (known === undefined) {
			known = this.findTypes(file, this.program.unit(file));
			this.types.set(file, known);
		}
		return known;
	}

	private findTypes(file: FileId, { types }: Unit): number[] {
		const found: number[] = [];
		for (let type = 0; type < types.length / TYPE_SIZE; type++) {
			const at = type * TYPE_SIZE;
			const isPlain = types[at + TypeField.Kind] === TypeKind.Typedef && types[at + TypeField.Pointers] === 0;
			if (isPlain && this.program.globalName(file, types[at + TypeField.Name]!) === this.name) found.push(type);
		}
		return found;
	}
}
