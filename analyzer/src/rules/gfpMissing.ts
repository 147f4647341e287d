// An allocation in Rust that names no flags where the tree's allocations take them: the spelling of before, or a call
// that leaves them out. In C, a mask of 0 (zeroMasks.ts).

import type { Fix } from "../api.js";
import { forbidsSleep } from "../flow/context.js";
import type { Solved } from "../flow/solved.js";
import { contextInfo, opEnd, opPlace, placeAt } from "../flow/witness.js";
import { isPrimitive, primitiveAt, type World } from "../flow/world.js";
import { NONE, OP_SIZE, OpField } from "../ir/ops.js";
import type { FileId, FnId } from "../ir/program.js";
import { KERNEL_USE } from "../ir/rustTypes.js";
import { FnField, unitName } from "../ir/unit.js";
import { commonNamesThat } from "../model/gfp.js";
import { FLAGS_SINCE, KERNEL_CRATE } from "../model/rustAlloc.js";
import type { Primitive, SpellingRow } from "../model/schema.js";
import { type Draft, type Rule, STEP } from "./rule.js";
import { reportZeroMasks } from "./zeroMasks.js";

export const gfpMissing: Rule = {
	id: "gfp-missing",
	severity: "error",
	title: "an allocation without flags",
	*check(solved, report) {
		yield* reportZeroMasks(solved, report);
		const { world, graph } = solved;
		let seen = 0;
		for (const fn of solved.fns) {
			if (++seen % STEP === 0) yield;
			if (!world.program.isLive(fn) || !isKernelRust(world, world.program.fnFile(fn))) continue;
			graph.eachSite(fn, (op, callee) => {
				if (!isPrimitive(callee)) return;
				const primitive = primitiveAt(world, callee);
				if (primitive.alloc !== undefined) checkSite(solved, fn, op, primitive, report);
			});
		}
	},
};

/** Rust of the kernel, the crate itself aside. */
function isKernelRust(world: World, file: FileId): boolean {
	const { program } = world;
	if (!program.isRust(file) || program.paths[file]!.startsWith(KERNEL_CRATE)) return false;
	const unit = program.unit(file);
	return unit.includes.some((name) => unitName(unit, name) === KERNEL_USE);
}

/** The call as it should be: its name, and the flags that its name says already. */
interface Wanted {
	readonly name: string;
	readonly flags: string | undefined;
}

function checkSite(solved: Solved, fn: FnId, op: number, primitive: Primitive, report: (draft: Draft) => void): void {
	const { world } = solved;
	const old = world.model.spellings.get(primitive.name);
	const wanted = old === undefined ? leftOut(world, fn, op, primitive) : currentName(world, fn, old);
	if (wanted === null) return;
	const choice = flagsFor(solved, fn, op);
	const flags = wanted.flags === undefined ? choice.names : [wanted.flags];
	const place = choice.isAtomic ? "may not sleep" : "may sleep";
	const shown = `${wanted.name}(${countOf(world, fn, op) === 0 ? "" : "…, "}${flags[0]})`;
	const message =
		old === undefined
			? `${primitive.name}() is called without its flags: ${shown} where it ${place}`
			: `${primitive.name}() names no flags, as allocations do in this tree: ${shown} where it ${place}`;
	report({
		start: opPlace(world, fn, op),
		end: opEnd(world, fn, op),
		function: world.program.fnName(fn),
		confidence: "high",
		message,
		context: choice.context,
		enter: choice.context?.enter ?? [],
		sleep: [],
		related: [],
		fixes: flags.flatMap((flag, i) => rewrite(world, fn, op, wanted.name, flag, i === 0)),
		key: primitive.name,
	});
}

/** A call that ends where its flags should be. */
function leftOut(world: World, fn: FnId, op: number, { name, alloc }: Primitive): Wanted | null {
	const index = alloc!.gfp;
	if (index < 0 || countOf(world, fn, op) !== index || !takesFlags(world, fn, name, index, FLAGS_SINCE)) return null;
	return { name, flags: undefined };
}

/** What the tree calls an old spelling now; null where it has no other. */
function currentName(world: World, fn: FnId, { now, flags }: SpellingRow): Wanted | null {
	for (const { name, since } of now) {
		const index = world.model.primitives.get(name)?.alloc?.gfp ?? NONE;
		if (index >= 0 && takesFlags(world, fn, name, index, since)) return { name, flags };
	}
	return null;
}

/** Does the function take flags as argument `index`? Its definition says; without the crate's sources the version does. */
function takesFlags(world: World, fn: FnId, name: string, index: number, since: readonly [number, number]): boolean {
	const { program, model } = world;
	const { fn: definition } = program.rust.meaningOf(program.fnFile(fn), name);
	if (definition !== NONE) return program.fnField(definition, FnField.ParamCount) > index;
	const [major, minor] = model.version;
	const isNewer = major > since[0] || (major === since[0] && minor >= since[1]);
	return (
		isNewer && !program.paths.some((path, file) => path.startsWith(KERNEL_CRATE) && program.units[file] !== undefined)
	);
}

function countOf(world: World, fn: FnId, op: number): number {
	const { program } = world;
	const at = (program.fnField(fn, FnField.OpStart) + op) * OP_SIZE;
	return program.unit(program.fnFile(fn)).ops[at + OpField.C]!;
}

/** The flags that the context of a call asks for, the best first. */
function flagsFor(solved: Solved, fn: FnId, op: number) {
	const { world, contexts } = solved;
	const states = contexts.statesOf(fn, op);
	for (let record = contexts.first(fn); record !== NONE; record = contexts.next(record)) {
		for (const state of states) {
			const ac = contexts.contextAt(record, state);
			if (ac === NONE || !forbidsSleep(ac)) continue;
			const context = contextInfo(world, contexts, record, { fn, op }, state);
			return { names: commonNamesThat("cannot-sleep"), isAtomic: true, context };
		}
	}
	return { names: commonNamesThat("can-sleep").slice(0, 1), isAtomic: false, context: null };
}

/** Writes the call anew from its name to its first argument, and the flags after the last one. */
function rewrite(world: World, fn: FnId, op: number, name: string, flag: string, preferred: boolean): Fix[] {
	const { program } = world;
	const file = program.fnFile(fn);
	const unit = program.unit(file);
	const at = (program.fnField(fn, FnField.OpStart) + op) * OP_SIZE;
	const list = unit.ops[at + OpField.B]!;
	const count = unit.ops[at + OpField.C]!;
	const start = unit.ops[at + OpField.Start]!;
	// what a method is called on stands before its name
	const isMethod = count > 0 && unit.lists[list + count]! < start;
	const first = isMethod ? 1 : 0;
	const spelt = isMethod ? name.slice(name.lastIndexOf(":") + 1) : name;
	const title = `write ${spelt}(…, ${flag})`;
	const from = placeAt(world, file, start);
	if (first >= count) {
		const end = placeAt(world, file, unit.ops[at + OpField.End]!);
		const edit = { ...from, endLine: end.line, endColumn: end.column, newText: `${spelt}(${flag})` };
		return [{ title, kind: "quickfix", preferred, edits: [edit] }];
	}
	const argument = placeAt(world, file, unit.lists[list + count + first]!);
	const last = placeAt(world, file, unit.lists[list + 2 * count + count - 1]!);
	// arguments on lines of their own keep them
	if (argument.line !== from.line) return [];
	return [
		{
			title,
			kind: "quickfix",
			preferred,
			edits: [
				{ ...from, endLine: argument.line, endColumn: argument.column, newText: `${spelt}(` },
				{ ...last, endLine: last.line, endColumn: last.column, newText: `, ${flag}` },
			],
		},
	];
}
