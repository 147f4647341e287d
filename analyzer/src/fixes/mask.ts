// Fixes of a gfp mask: the same mask with its base flag replaced, where it is written out.

import type { Fix, Place } from "../api.js";
import { MaskParams, mayForbidSleep } from "../flow/maskParams.js";
import type { Solved } from "../flow/solved.js";
import { gfpArgument, isLiteralMask, type Violation } from "../flow/violations.js";
import { placeAt } from "../flow/witness.js";
import { isPrimitive, primitiveAt, staticCallee, type World } from "../flow/world.js";
import { NONE, OP_SIZE, OpField } from "../ir/ops.js";
import type { FnId } from "../ir/program.js";
import { sourceText } from "../ir/sourceText.js";
import { FnField } from "../ir/unit.js";
import { COMMON_NAMES, commonNamesThat } from "../model/gfp.js";
import type { AllocFamily } from "../model/schema.js";
import { isOwnAtomic, paramText } from "./callerMask.js";
import { isExpanded } from "./rustCall.js";

/** A call to an allocator, with what is known of its mask. */
export type MaskedCall = Pick<Violation, "fn" | "op" | "primitive" | "mask">;

/** The mask of a violation: as written where it is literal, else by the value that it has there. */
export function maskText(solved: Solved, violation: MaskedCall): string {
	const { program, values, flags } = solved.world;
	const expr = gfpArgument(solved.world, violation.fn, violation.op, violation.primitive);
	if (expr < 0) return leftOut(violation);
	const text = sourceText(program.unit(program.fnFile(violation.fn)), program.fnLocal(violation.fn), expr);
	if (isLiteralMask(solved.world, violation.fn, expr)) return text;
	const set = values.set(violation.mask);
	const name = COMMON_NAMES.find((common) => {
		const bits = flags.get(program.names.lookupText(common)) ?? 0;
		return bits !== 0 && (set & bits) === bits;
	});
	return name === undefined ? text : `${name} (${text})`;
}

/** What an allocator takes where it may be given a mask and is given none; empty for others. */
function leftOut({ primitive: { alloc } }: MaskedCall): string {
	return alloc?.implicit === undefined || alloc.gfp < 0 ? "" : `its default, ${alloc.implicit},`;
}

/** For a mask that may sleep, and an allocator that heeds it: the function's own mask where that decides, and the flags that do not, the usual one first. */
export function maskFixes(solved: Solved, violation: Violation): Fix[] {
	if (violation.primitive.alloc?.alwaysSleeps === true) return [];
	const expr = gfpArgument(solved.world, violation.fn, violation.op, violation.primitive);
	if (expr === NONE) return leftOut(violation) === "" ? [] : addedFlags(solved, violation);
	if (!isLiteralMask(solved.world, violation.fn, expr)) return [];
	const { fn, op } = violation;
	const argument = violation.primitive.alloc?.gfp ?? -1;
	const own = ownMask(solved, fn, op);
	const isTold = own !== NONE && mayForbidSleep(solved, fn, own);
	const told = own === NONE ? [] : replaceFlag(solved, fn, op, argument, paramText(solved, fn, own), isTold);
	const flags = commonNamesThat("cannot-sleep");
	return [...told, ...flags.flatMap((flag, i) => replaceFlag(solved, fn, op, argument, flag, i === 0 && !isTold))];
}

/** The parameter that decides how a call may allocate: the function's mask, unless the function itself is atomic there. NONE for none. */
export function ownMask(solved: Solved, fn: FnId, op: number): number {
	const own = new MaskParams(solved.world.program).of(fn);
	return own !== NONE && !isOwnAtomic(solved, fn, op) ? own : NONE;
}

/** The flags that do not sleep, where the call names none. */
function addedFlags(solved: Solved, violation: Violation): Fix[] {
	return commonNamesThat("cannot-sleep").flatMap((flag, i) => addFlag(solved, violation, flag, i === 0));
}

/** Writes a mask where a call leaves it out: after its last argument. */
function addFlag({ world }: Solved, { fn, op, primitive }: MaskedCall, flag: string, preferred: boolean): Fix[] {
	const file = world.program.fnFile(fn);
	const { ops, lists } = world.program.unit(file);
	const at = (world.program.fnField(fn, FnField.OpStart) + op) * OP_SIZE;
	const count = ops[at + OpField.C]!;
	if (count === 0 || count !== primitive.alloc?.gfp) return [];
	const end = placeAt(world, file, lists[ops[at + OpField.B]! + 2 * count + count - 1]!);
	const edit = { ...end, endLine: end.line, endColumn: end.column, newText: `, ${flag}` };
	return [{ title: `give it ${flag}`, kind: "quickfix", preferred, edits: [edit] }];
}

/** Replaces the common flag in a call's mask argument. */
export function replaceFlag(
	solved: Solved,
	fn: FnId,
	op: number,
	argument: number,
	flag: string,
	preferred: boolean,
): Fix[] {
	const { world } = solved;
	if (isExpanded(world, fn)) return [];
	const file = world.program.fnFile(fn);
	const unit = world.program.unit(file);
	const at = (world.program.fnField(fn, FnField.OpStart) + op) * OP_SIZE;
	const list = unit.ops[at + OpField.B]!;
	const count = unit.ops[at + OpField.C]!;
	if (argument < 0 || argument >= count) return [];
	const text = sourceText(unit, world.program.fnLocal(fn), unit.lists[list + argument]!);
	const old = COMMON_NAMES.find((name) => new RegExp(`\\b${name}\\b`).test(text));
	if (old === undefined || old === flag) return [];
	const start = placeAt(world, file, unit.lists[list + count + argument]!);
	const end = placeAt(world, file, unit.lists[list + 2 * count + argument]!);
	const newText = text.replace(new RegExp(`\\b${old}\\b`), flag);
	const callee = staticCallee(world, fn, op);
	const family = isPrimitive(callee) ? primitiveAt(world, callee).alloc?.family : undefined;
	if (isFaulty(world, newText, family) && !isFaulty(world, text, family)) return [];
	return [
		{
			title: `use ${flag} instead of ${old}`,
			kind: "quickfix",
			preferred,
			edits: [{ ...start, endLine: end.line, endColumn: end.column, newText }],
		},
	];
}

/** Would a mask as text be wrong by itself (a flag that must not fail beside one that does not reclaim), or for the allocator? */
function isFaulty(world: World, text: string, allocator: AllocFamily | undefined): boolean {
	const names = text.match(/\w+/g) ?? [];
	const bits = names.reduce((all, name) => all | world.namedBits(name), 0);
	return world.model.maskFaults.some(({ family, written, has, lacks }) => {
		if ((family !== undefined && family !== allocator) || written !== undefined) return false;
		const [wanted, missing] = [has, lacks].map((bitsOf) => (bitsOf === undefined ? 0 : world.namedBits(bitsOf)));
		const isKnown = (has === undefined || wanted !== 0) && (lacks === undefined || missing !== 0);
		return isKnown && (bits & wanted!) === wanted && (bits & missing!) === 0;
	});
}

/** Takes a flag out of a mask that is written between two places of the file. */
export function dropFlag(text: string, flag: string, start: Place, end: Place): Fix[] {
	if (flag === "") return [];
	const newText = text
		.replace(new RegExp(`\\s*\\|\\s*${flag}\\b`), "")
		.replace(new RegExp(`\\b${flag}\\s*\\|\\s*`), "");
	if (newText === text || new RegExp(`\\b${flag}\\b`).test(newText)) return [];
	const edit = { ...start, endLine: end.line, endColumn: end.column, newText };
	return [{ title: `leave out ${flag}`, kind: "quickfix", preferred: true, edits: [edit] }];
}
