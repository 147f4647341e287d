// Functions by name, as a person asks for them, and as code names them.

import { EXPR_SIZE, ExprKind, NONE } from "../ir/ops.js";
import type { FileId, FnId } from "../ir/program.js";
import { FnField, FnFlag } from "../ir/unit.js";
import type { World } from "./world.js";

export interface Wanted {
	readonly function: string;
	/** where it is defined, when several files define one of its name */
	readonly path?: string;
	/** a line of it, from 1, when several functions of its name are in the file */
	readonly line?: number;
}

/** The function asked for: in its file, around its line; else the first real definition of the name. */
export function functionNamed(world: World, wanted: Wanted): FnId {
	const { program } = world;
	const name = program.names.lookupText(wanted.function);
	let best = NONE;
	let bestRank = -1;
	for (const fn of program.definitionsOf(name)) {
		if (wanted.path !== undefined && program.fnPath(fn) !== wanted.path) continue;
		if (program.fnField(fn, FnField.OpCount) === 0) continue;
		let rank = 1;
		if ((program.flagsOf(fn) & (FnFlag.Macro | FnFlag.Alternative)) === 0) rank += 2;
		if (wanted.line !== undefined && holdsLine(world, fn, wanted.line)) rank += 4;
		if (rank <= bestRank) continue;
		best = fn;
		bestRank = rank;
	}
	return best;
}

function holdsLine(world: World, fn: FnId, line: number): boolean {
	const file = world.program.fnFile(fn);
	const first = world.lineOf(file, world.program.fnField(fn, FnField.Start));
	return line >= first && line <= world.lineOf(file, world.program.fnField(fn, FnField.End));
}

/** The function with a body that an expression of a file names, or NONE. */
export function functionOf({ program }: World, file: FileId, expr: number): FnId {
	const { exprs } = program.unit(file);
	const named = withoutCasts(exprs, expr);
	if (named < 0 || exprs[named * EXPR_SIZE] !== ExprKind.Name) return NONE;
	const fn = program.bindLocal(file, exprs[named * EXPR_SIZE + 1]!);
	return fn !== NONE && program.fnField(fn, FnField.OpCount) > 0 ? fn : NONE;
}

/** What an expression is a cast of, or the address. */
export function withoutCasts(exprs: Int32Array, expr: number): number {
	let at = expr;
	for (;;) {
		const kind = at < 0 ? NONE : exprs[at * EXPR_SIZE]!;
		if (kind === ExprKind.AddrOf) at = exprs[at * EXPR_SIZE + 1]!;
		else if (kind === ExprKind.Cast) at = exprs[at * EXPR_SIZE + 2]!;
		else return at;
	}
}
