// What a gfp flag at a place is made of in this tree, what an allocation with it does, and whether it is right there.

import type { FlagReport } from "../api.js";
import { Ac, forbidsSleep, isRaw } from "../flow/context.js";
import { literalBits } from "../flow/masks.js";
import { isInNmi } from "../flow/nmi.js";
import { scopeOf } from "../flow/reclaimPaths.js";
import type { Solved } from "../flow/solved.js";
import { isLiteralMask } from "../flow/violations.js";
import { placeAt } from "../flow/witness.js";
import { isPrimitive, namedConstant, primitiveAt, staticCallee, type World } from "../flow/world.js";
import { constantNamed } from "../ir/consts.js";
import { EXPR_SIZE, ExprKind, NONE, OP_SIZE, Op, OpField } from "../ir/ops.js";
import { exprText } from "../ir/print.js";
import type { FileId, FnId } from "../ir/program.js";
import { sourceText } from "../ir/sourceText.js";
import { CONST_SIZE, ConstField, FnField } from "../ir/unit.js";
import { AVOIDING, blocks, commonNamesThat, type GfpBits, mayFs, mayIo } from "../model/gfp.js";
import { reclaimersReserve } from "../model/reserves.js";
import type { AllocRow, ReserveRow } from "../model/schema.js";
import { MaskFaults } from "../rules/maskFaults.js";
import { type FoundContext, isUnknown } from "./contexts.js";
import { type FlagRole, roleIn } from "./flagRole.js";
import { onReclaimPath, type ReclaimAdvice } from "./reclaimAdvice.js";

/** Constants that are written in terms of constants are looked through so far. */
const MAX_DEPTH = 6;

/** A place in the source, and one of its contexts. */
export interface Here {
	readonly file: FileId;
	/** byte offset */
	readonly offset: number;
	/** NONE outside functions */
	readonly fn: FnId;
}
/** Is a word the name of a flag, or of a constant that is made of flags? */
export function isFlag(world: World, file: FileId, word: string): boolean {
	const name = world.program.names.lookupText(word);
	return name >= 0 && namesFlag(world, file, name, 0);
}

function namesFlag(world: World, file: FileId, name: number, depth: number): boolean {
	if (world.flags.has(name)) return true;
	const { program } = world;
	const symbol = program.bestSymbol(program.consts, file, name);
	if (symbol === NONE || depth > MAX_DEPTH) return false;
	const home = program.consts.file(symbol);
	const value = program.unit(home).consts[program.consts.index(symbol) * CONST_SIZE + ConstField.Value]!;
	return namesIn(world, home, value).some((inner) => namesFlag(world, home, inner, depth + 1));
}

/** The names (program-wide) that an expression is written with. */
function namesIn({ program }: World, file: FileId, expr: number): number[] {
	if (expr < 0) return [];
	const { exprs } = program.unit(file);
	const at = expr * EXPR_SIZE;
	const inner = (field: number) => namesIn({ program } as World, file, exprs[at + field]!);
	switch (exprs[at]!) {
		case ExprKind.Name:
			return [program.globalName(file, exprs[at + 1]!)];
		case ExprKind.Cast:
		case ExprKind.Unary:
			return inner(2);
		case ExprKind.Binary:
			return [...inner(2), ...inner(3)];
		case ExprKind.Cond:
			return [...inner(2), ...inner(3)];
		default:
			return [];
	}
}

/** The mask that a flag is a part of where it stands. */
interface Mask {
	readonly text: string;
	/** undefined: a variable is part of it */
	readonly bits: number | undefined;
	/** the allocator that takes it */
	readonly alloc: AllocRow | undefined;
	readonly fn: FnId;
	readonly expr: number;
	readonly role: FlagRole;
}

/** The report on the flag that `word` names; `found` are the contexts of the place. */
export function flagReport(solved: Solved, here: Here, word: string, found: readonly FoundContext[]): FlagReport {
	const { world } = solved;
	const name = world.program.names.lookupText(word);
	const own = namedConstant(world, here.file, name) ?? 0;
	const mask = maskAround(world, here, name);
	const bits = mask?.bits ?? own;
	const role = mask === undefined || mask.bits !== undefined ? "part" : mask.role;
	const isModifier = mask?.bits === undefined && (role !== "part" || !saysReclaim(bits, world.gfp));
	const reserve = reserveOf(world, bits, found);
	return {
		name: word,
		says: world.model.gfp.get(word)?.says ?? "",
		bits: bitNames(world, own),
		definition: definitionOf(world, name, own),
		mask: mask?.text ?? word,
		role,
		isModifier,
		maySleep: blocks(bits, world.gfp),
		mayStartIo: mayIo(bits, world.gfp),
		mayEnterFs: mayFs(bits, world.gfp),
		wakesKswapd: (bits & world.gfp.kswapd) !== 0,
		reserve: { keeps: reserve.keeps, highatomic: reserve.highatomic === true, says: reserve.says },
		...fitOf(solved, here, found, { bits, mask, role, isModifier }),
	};
}

/** Does a mask say anything of how memory is reclaimed for it? What does not is added to one that does. */
function saysReclaim(bits: number, { directReclaim, kswapd, high, memalloc }: GfpBits): boolean {
	return (bits & (directReclaim | kswapd | high | memalloc)) !== 0;
}

/** The flags of one bit that a value has, each bit by the first name that the tree defines it with. */
function bitNames(world: World, value: number): string[] {
	const { program } = world;
	const byBit = new Map<number, string>();
	for (const [name, bit] of world.flags) {
		const text = program.names.text(name);
		if ((bit & value) === 0 || typeof world.model.gfp.get(text)?.is !== "number") continue;
		if (!byBit.has(bit) || isConstant(world, text)) byBit.set(bit, text);
	}
	return [...byBit].sort(([a], [b]) => a - b).map(([, name]) => name);
}

/** Where the tree gives a name this value, and how that is written. */
function definitionOf(world: World, name: number, value: number): FlagReport["definition"] {
	const { program } = world;
	const { consts } = program;
	for (let symbol = consts.first(name); symbol !== NONE; symbol = consts.next(symbol)) {
		const file = consts.file(symbol);
		const unit = program.unit(file);
		const at = consts.index(symbol) * CONST_SIZE;
		const isOther = (constantNamed(program, file, name) ?? (world.hasOwnFlags ? undefined : value)) !== value;
		if (program.isRust(file) || isOther) continue;
		const text = exprText(unit, NONE, unit.consts[at + ConstField.Value]!);
		return { ...placeAt(world, file, unit.consts[at + ConstField.Start]!), text };
	}
	return null;
}

/** The smallest mask around a place that the name is written in: an argument, or what is assigned or returned. */
function maskAround(world: World, { fn, offset, file }: Here, name: number): Mask | undefined {
	if (fn === NONE) return undefined;
	const { program } = world;
	const { ops, lists } = program.unit(file);
	const first = program.fnField(fn, FnField.OpStart);
	let best: { expr: number; length: number; alloc: AllocRow | undefined } | undefined;
	const offer = (expr: number, start: number, end: number, alloc?: AllocRow) => {
		if (expr < 0 || offset < start || offset >= end || end - start >= (best?.length ?? Number.POSITIVE_INFINITY))
			return;
		if (namesIn(world, file, expr).includes(name)) best = { expr, length: end - start, alloc };
	};
	for (let op = 0; op < program.fnField(fn, FnField.OpCount); op++) {
		const at = (first + op) * OP_SIZE;
		const code = ops[at]! & 255;
		const [start, end] = [ops[at + OpField.Start]!, ops[at + OpField.End]!];
		if (code === Op.Branch) offer(ops[at + OpField.A]!, start, end);
		else if (code === Op.Assign) offer(ops[at + OpField.B]!, start, end);
		else if (code === Op.Return) offer(ops[at + OpField.A]!, start, end);
		else if (code === Op.Call && end > offset) {
			const callee = staticCallee(world, fn, op);
			const alloc = isPrimitive(callee) ? primitiveAt(world, callee).alloc : undefined;
			const [list, count] = [ops[at + OpField.B]!, ops[at + OpField.C]!];
			for (let i = 0; i < count; i++) {
				const row = i === alloc?.gfp ? alloc : undefined;
				offer(lists[list + i]!, lists[list + count + i]!, lists[list + 2 * count + i]! + 1, row);
			}
		}
	}
	if (best === undefined) return undefined;
	const { expr, alloc } = best;
	const bits = isLiteralMask(world, fn, expr) ? literalBits(world, fn, expr) : undefined;
	const role = roleIn(world, fn, expr, name) ?? "part";
	return { text: sourceText(program.unit(file), program.fnLocal(fn), expr), bits, alloc, fn, expr, role };
}

/** How deep an allocation goes here: a scope that stands for reclaim counts where all contexts have it. */
function reserveOf(world: World, bits: number, found: readonly FoundContext[]): ReserveRow {
	const fits = ({ has, lacks, where }: ReserveRow) => {
		const wanted = has === undefined ? 0 : has.split("|").reduce((all, one) => all | (world.namedBits(one) || -1), 0);
		if (where !== undefined && !isConstant(world, where)) return false;
		return (bits & wanted) === wanted && (lacks === undefined || (bits & world.namedBits(lacks)) === 0);
	};
	const isReclaim = found.length > 0 && found.every(({ ac }) => (ac & Ac.MemAlloc) !== 0);
	if (isReclaim && fits(reclaimersReserve)) return reclaimersReserve;
	return world.model.reserves.find(fits)!;
}

function isConstant({ program }: World, name: string): boolean {
	return program.firstSymbol(program.consts, program.names.lookupText(name)) !== NONE;
}

type Fit = Pick<FlagReport, "fits" | "because" | "enter">;

interface Judged {
	readonly bits: number;
	readonly mask: Mask | undefined;
	readonly role: FlagRole;
	readonly isModifier: boolean;
}

/** Is the mask right in the contexts of the place? */
function fitOf(solved: Solved, here: Here, found: readonly FoundContext[], judged: Judged): Fit {
	const { world } = solved;
	const { bits, mask, role, isModifier } = judged;
	const fault = mask?.bits === undefined ? undefined : new MaskFaults(world).find(mask.fn, mask.expr, bits, mask.alloc);
	if (fault !== undefined) return fit("no", fault.says);
	if (here.fn === NONE) return fit("open", "it stands outside functions: what uses it decides");
	if (role === "asked") return fit("open", "it is asked for here, not given to an allocation");
	if (role === "taken") {
		const left = blocks(bits, world.gfp)
			? "what is left of the mask does not sleep"
			: "what is left of the mask decides";
		return fit("open", `it is taken away here: ${left}`);
	}
	if (isModifier) return fit("open", "it is added to a mask, which decides");
	if (found.length === 0) return fit("open", "no context is known");
	return blocks(bits, world.gfp) ? sleepingFit(solved, here, found, bits) : waitlessFit(solved, found, bits);
}

function fit(fits: Fit["fits"], because: string, enter: Fit["enter"] = []): Fit {
	return { fits, because, enter };
}

/** A mask that some contexts deny; perhaps, where it is hardly believed that any of them comes here. */
function unfit({ contexts }: Solved, against: readonly FoundContext[], sentence: string): Fit {
	const isBelieved = against.some(({ record }) => contexts.records.doubt(record) < 2);
	return isBelieved ? fit("no", sentence) : fit("perhaps-not", `${sentence}, with low confidence`);
}

/** A mask that may sleep. */
function sleepingFit(solved: Solved, here: Here, found: readonly FoundContext[], bits: number): Fit {
	const { gfp } = solved.world;
	const against = found.filter(({ ac }) => forbidsSleep(ac));
	const sentence = `it may sleep, and ${contextsThat(against.length, found.length)} may not`;
	if (against.length > 0) return unfit(solved, against, sentence);
	const advice = onReclaimPath(
		solved,
		here.fn,
		found.map(({ state }) => state),
	);
	if (advice !== null && lets(bits, gfp, advice)) return fit("no", advice.why, advice.enter());
	const scope = Math.min(...found.map(({ ac }) => scopeOf(ac)));
	const scoped = scopedAs(bits, gfp, scope);
	if (scoped !== null) return fit("yes", `it may sleep here; the scope makes it ${scoped}`);
	if (isUnknown(found)) return fit("yes", "no caller is known that may not sleep");
	if (advice !== null) return fit("yes", `it may sleep here, and reclaim does not do what it must not: ${advice.why}`);
	const isStrict = !mayFs(bits, gfp);
	return fit("yes", isStrict ? "it may sleep here; that reclaim waits for this is not seen" : "it may sleep here");
}

function contextsThat(n: number, of: number): string {
	if (of === 1) return "the context";
	return n === of ? `all ${of} contexts` : `${n} of ${of} contexts`;
}

/** Does a mask let reclaim do what it must not? */
function lets(bits: number, gfp: GfpBits, { level }: ReclaimAdvice): boolean {
	return level === "any" || (level === "io" ? mayIo(bits, gfp) : mayFs(bits, gfp));
}

/** The common name of what a scope leaves of a mask; null when it takes nothing away. */
function scopedAs(bits: number, gfp: GfpBits, scope: number): string | null {
	if (scope === 0) return null;
	const [fs, io, any] = [AVOIDING.fs.flag, AVOIDING.io.flag, AVOIDING.any.flag];
	if (scope >= 3) return `an allocation that does not reclaim, as with ${any}`;
	if (scope === 2) return mayIo(bits, gfp) ? io : null;
	return mayFs(bits, gfp) ? fs : null;
}

/** A mask that does not wait. */
function waitlessFit(solved: Solved, found: readonly FoundContext[], bits: number): Fit {
	const { world, contexts } = solved;
	const inNmi = found.filter(({ record, state }) => isInNmi(world, contexts, record, state));
	if (inNmi.length > 0) {
		const sentence = `${contextsThat(inNmi.length, found.length)} may be an NMI, where no allocator may be called`;
		return unfit(solved, inNmi, sentence);
	}
	const nRaw = world.profile === "rt" ? found.filter(({ ac }) => isRaw(ac)).length : 0;
	if (nRaw > 0) {
		const why = "allocators take locks that sleep under PREEMPT_RT";
		return fit("no", `${why}, and in ${contextsThat(nRaw, found.length)} preemption or interrupts are off`);
	}
	if (found.some(({ ac }) => forbidsSleep(ac))) return fit("yes", "it does not wait");
	const [usual] = commonNamesThat("can-sleep");
	if (isUnknown(found)) return fit("yes", "it does not wait; no caller is known that may not sleep");
	if (world.profile === "rt") return fit("yes", "it does not wait, which may be needed without PREEMPT_RT");
	const draws = (bits & world.gfp.high) !== 0 ? "draws on the reserve" : "fails early";
	return fit("unneeded", `every known context may sleep: it ${draws} where ${usual} would do`);
}
