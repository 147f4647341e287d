// Parts of a structure that point back to it: what compares itself with the member of what it points to
// (`link == &link->port->link`) is that member where a caller of a chain hands over the address of one.

import { EXPR_SIZE, ExprKind, NONE } from "../ir/ops.js";
import type { FnId, Program } from "../ir/program.js";
import { FnField } from "../ir/unit.js";
import { argumentHanded } from "./callGraph.js";
import type { Link } from "./link.js";
import type { World } from "./world.js";
import { ownerOf, type Writes } from "./writes.js";

/** A member of a structure, and the parameter that may be its address. */
export interface Member {
	readonly param: number;
	/** program-wide names of the member and of the structure, NONE where that is not known */
	readonly name: number;
	readonly owner: number;
}

/** The member whose address `whole` is, reached from the parameter `part` by a pointer; null for other expressions. */
export function memberBehind(program: Program, fn: FnId, part: number, whole: number): Member | null {
	const { exprs } = program.unit(program.fnFile(fn));
	const kindOf = (expr: number) => (expr < 0 ? NONE : exprs[expr * EXPR_SIZE]!);
	if (kindOf(part) !== ExprKind.Local || kindOf(whole) !== ExprKind.AddrOf) return null;
	const member = exprs[whole * EXPR_SIZE + 1]!;
	const back = kindOf(member) === ExprKind.Field ? exprs[member * EXPR_SIZE + 1]! : NONE;
	if (kindOf(back) !== ExprKind.Field || exprs[back * EXPR_SIZE + 1] !== part) return null;
	const isByPointers = exprs[member * EXPR_SIZE + 3] === 1 && exprs[back * EXPR_SIZE + 3] === 1;
	return isByPointers ? { param: exprs[part * EXPR_SIZE + 1]!, ...named(program, fn, member) } : null;
}

/** The link of a chain whose call hands over the address of such a member to the chain's last function; NONE for none. */
export function handedOverBy(world: World, writes: Writes, chain: readonly Link[], member: Member): number {
	const { program } = world;
	let local = member.param;
	for (let i = chain.length - 1; i > 0; i--) {
		const { fn, op } = chain[i]!;
		const isGiven = local < program.fnField(fn, FnField.ParamCount);
		const pointer = { local, isPointed: false, path: [], field: null };
		if (!isGiven || !writes.isKept(fn, pointer, NONE, op)) return NONE;
		const caller = chain[i - 1]!;
		const expr = argumentHanded(world, caller, fn, local);
		const { exprs } = program.unit(program.fnFile(caller.fn));
		if (expr < 0) return NONE;
		if (exprs[expr * EXPR_SIZE] === ExprKind.AddrOf) {
			const given = exprs[expr * EXPR_SIZE + 1]!;
			if (exprs[given * EXPR_SIZE] !== ExprKind.Field) return NONE;
			const { name, owner } = named(program, caller.fn, given);
			return owner !== NONE && owner === member.owner && name === member.name ? i - 1 : NONE;
		}
		if (exprs[expr * EXPR_SIZE] !== ExprKind.Local) return NONE;
		local = exprs[expr * EXPR_SIZE + 1]!;
	}
	return NONE;
}

/** The names of the member that a Field expression is. */
function named(program: Program, fn: FnId, expr: number): Pick<Member, "name" | "owner"> {
	const file = program.fnFile(fn);
	const name = program.globalName(file, program.unit(file).exprs[expr * EXPR_SIZE + 2]!);
	return { name, owner: ownerOf(program, { fn, expr }) };
}
