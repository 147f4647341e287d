// What the functions of a chain hand down to each other: constants, and structures whose fields they have set. A way
// that goes on only where such a value is another one is none of the chain's.

import { binary, constantOf, unary } from "../ir/consts.js";
import { BinaryOp, EXPR_SIZE, ExprKind, NONE, OP_SIZE, Op, OpField, UnaryOp } from "../ir/ops.js";
import type { FnId } from "../ir/program.js";
import { FnField } from "../ir/unit.js";
import { handedOverBy, memberBehind } from "./backPointers.js";
import { argumentHanded, type CallGraph } from "./callGraph.js";
import { CallMap } from "./callMap.js";
import { applyCtx, forbidsSleep } from "./context.js";
import { Dominators } from "./dominators.js";
import { HandedTables } from "./handedTables.js";
import { keyOf, type Link } from "./link.js";
import { statesAt } from "./summary.js";
import { type Case, casesOf, type Decision, decisionsOf, eachNext } from "./ways.js";
import { isPrimitive, namedConstant, primitiveAt, staticCallee, summaryOf, type World } from "./world.js";
import {
	BEFORE_ONLY,
	bitOf,
	inside,
	isSame,
	type LeavesOut,
	type Place,
	placeOf,
	pointee,
	SET,
	touchedBy,
	type Write,
	Writes,
	ZEROES,
} from "./writes.js";

/** A number, or only that it is not zero; undefined: nobody knows. */
type Known = number | "nonzero" | undefined;

/** Steps from a condition back to what it comes from. */
const MAX_DEPTH = 24;
/** What it counts to ask whether a write happens. */
const WRITE_DEPTH = 6;
/** Writes that not every way comes by, which are looked at. */
const MAX_WRITES = 2;
/** Ops of a function that just gives a value. */
const MAX_GIVING = 4;

/** A decision, with what it came to by the calls that it hangs on. */
interface Judged extends Decision {
	/** by the callers asked, see `keyOf`: does the condition come out otherwise than it has to? */
	readonly known: Map<number | string, boolean>;
	/** callers that have been asked at most */
	depth: number;
}

/** What decides whether control comes to an op, as far as variables do. */
interface Decisions {
	/** on every way to the op; without those that no caller decides, once that is known */
	readonly always: Judged[];
	/** the same, with those */
	readonly passed: readonly Decision[];
	/** what switches say on the way to the op */
	readonly cases: readonly Case[];
	/** those of branches that not every way to the op comes by */
	readonly sometimes: readonly Judged[];
}

/** No caller was asked, as a key of what a decision comes to. */
const NO_CALLER = NONE;
/** The same, but that it is the function in whose region the chain begins. */
const REGION = "region";

export class HandedDown {
	private readonly decisions = new CallMap<Decisions>();
	private readonly dominators: Dominators;
	private readonly writes: Writes;
	private readonly tables: HandedTables;
	/** links of the chain that the value asked for hangs on: those from here on */
	private asked = 0;
	/** branches that are being asked for, as coming out otherwise */
	private readonly assumed: { readonly fn: FnId; readonly op: number; readonly isSo: boolean }[] = [];
	/** does the chain begin with a region of its first function? */
	private isRegion = false;

	constructor(
		private readonly world: World,
		graph: CallGraph,
	) {
		this.dominators = new Dominators(world.program);
		this.writes = new Writes(world, graph, this.dominators);
		this.tables = new HandedTables(world);
	}

	/**
	 * Does a chain go on only where a value is another one than its callers hand down, or to another function than the
	 * table holds that they hand down? Gives the link at whose call it is handed down, NONE for a chain that goes on.
	 * Values are not followed down a chain of low confidence (`doubt` 2): there are many. `isRegion`: it begins with a
	 * region of its first function, so that what tells the region's paths from others is known.
	 */
	excludes(links: readonly Link[], doubt: number, isRegion: boolean): number {
		this.isRegion = isRegion;
		if (doubt === 2) return this.tables.excludes(links) ? 0 : NONE;
		const by = this.asksOtherwise(links);
		if (by !== NONE) return by;
		return this.tables.excludes(links) || this.isCutOff(links) ? 0 : NONE;
	}

	/**
	 * Does a chain come to one of its calls by none of several ways, as to what follows `a || b`, because each needs a value
	 * that is another one than its callers hand down?
	 */
	private isCutOff(links: readonly Link[]): boolean {
		return links.some(({ fn, op }, at) => {
			if (at === 0) return false;
			const { sometimes } = this.decisionsAt(fn, op);
			return sometimes.some((one) => this.isOtherwise(links, at, one)) && !this.isReached(links.slice(0, at + 1));
		});
	}

	/** Does control come to the last link of a chain, where branches whose conditions are known go one way? */
	private isReached(chain: readonly Link[]): boolean {
		const { program } = this.world;
		const { fn, op: end } = chain[chain.length - 1]!;
		const unit = program.unit(program.fnFile(fn));
		const first = program.fnField(fn, FnField.OpStart);
		const reached = new Uint8Array(end + 1);
		reached[0] = 1;
		const mark = (from: number, to: number) => {
			if (to > from && to <= end) reached[to] = 1;
		};
		for (let op = 0; op < end; op++) {
			if (reached[op] === 0) continue;
			const at = (first + op) * OP_SIZE;
			const condition = codeOf(unit.ops, first + op) === Op.Branch ? unit.ops[at + OpField.A]! : NONE;
			const isAsked = condition !== NONE && this.mentionsLocal(fn, condition);
			const truth = isAsked ? truthOf(this.value(chain, condition, op, 0)) : undefined;
			if (truth === undefined) eachNext(unit, first, op, mark);
			else mark(op, truth ? op + 1 : unit.ops[at + OpField.B]!);
		}
		return reached[end] === 1;
	}

	private asksOtherwise(links: readonly Link[]): number {
		for (let at = 1; at < links.length; at++) {
			const { fn, op } = links[at]!;
			const { always } = this.decisionsAt(fn, op);
			for (let i = always.length - 1; i >= 0; i--) {
				const decision = always[i]!;
				if (this.isOtherwise(links, at, decision)) return this.asked;
				// What hangs on no caller comes out so for all of them.
				if (decision.known.get(NO_CALLER) === false) always.splice(i, 1);
			}
		}
		return NONE;
	}

	/** What a decision comes to in a chain: most hang on no caller, or on the next one. */
	private isOtherwise(links: readonly Link[], at: number, decision: Judged): boolean {
		for (let depth = 0; depth <= decision.depth && depth <= at; depth++) {
			const known = decision.known.get(this.keyOf(links, at, depth));
			this.asked = at - depth;
			if (known !== undefined) return known;
		}
		this.asked = at;
		const isOtherwise = this.comesOutOtherwise(links.slice(0, at + 1), decision, 0);
		const depth = at - this.asked;
		// In a longer chain, more may be known.
		this.asked = Math.max(0, this.asked);
		if (depth <= at) {
			decision.depth = Math.max(decision.depth, depth);
			decision.known.set(this.keyOf(links, at, depth), isOtherwise);
		}
		return isOtherwise;
	}

	/** The callers of a link that were asked, by their calls: most often there is none, or one. */
	private keyOf(links: readonly Link[], at: number, depth: number): number | string {
		const isInRegion = depth === at && this.isRegion;
		if (depth === 0) return isInRegion ? REGION : NO_CALLER;
		if (depth === 1 && !isInRegion) return keyOf(links[at - 1]!);
		let key = isInRegion ? REGION : "";
		for (let i = at - depth; i < at; i++) key += `${links[i]!.fn}/${links[i]!.op} `;
		return key;
	}

	private comesOutOtherwise(chain: readonly Link[], { condition, isSo, branch }: Decision, depth: number): boolean {
		// A branch that a loop comes to again: what it decides on is written only where it has come out so before. Where the
		// first turn comes out otherwise, there is no second one.
		const { fn } = chain[chain.length - 1]!;
		if (this.isAssumed(fn, branch, isSo)) return true;
		this.assumed.push({ fn, op: branch, isSo });
		const truth = truthOf(this.value(chain, condition, branch, depth));
		this.assumed.pop();
		return truth !== undefined && truth !== isSo;
	}

	/** Does an op of the last function of a chain need a condition to come out as it does not? */
	private isLeftOut(chain: readonly Link[], op: number, depth: number): boolean {
		const { fn } = chain[chain.length - 1]!;
		return this.decisionsAt(fn, op).always.some((decision) => this.comesOutOtherwise(chain, decision, depth));
	}

	/** Does an op come only after a branch that is being asked for, and is assumed to come out otherwise? */
	private isAssumedNot(fn: FnId, op: number): boolean {
		if (this.assumed.length === 0) return false;
		return this.decisionsAt(fn, op).always.some(({ branch, isSo }) => this.isAssumed(fn, branch, isSo));
	}

	private isAssumed(fn: FnId, branch: number, isSo: boolean): boolean {
		return this.assumed.some((one) => one.op === branch && one.fn === fn && one.isSo === isSo);
	}

	private decisionsAt(fn: FnId, op: number): Decisions {
		return this.decisions.get(fn, op) ?? this.decisions.add(fn, op, this.findDecisions(fn, op));
	}

	private findDecisions(fn: FnId, op: number): Decisions {
		const always: Judged[] = [];
		const sometimes: Judged[] = [];
		for (const { condition, isSo, branch } of decisionsOf(this.world.program, fn, op)) {
			if (!this.mentionsLocal(fn, condition)) continue;
			const isAlways = this.dominators.isAlwaysPassed(fn, branch, op);
			(isAlways ? always : sometimes).push({ condition, isSo, branch, known: new Map(), depth: 0 });
		}
		const cases = casesOf(this.world.program, fn, op).filter(({ branch }) =>
			this.dominators.isAlwaysPassed(fn, branch, op),
		);
		return { always, passed: [...always], cases, sometimes };
	}

	private mentionsLocal(fn: FnId, expr: number): boolean {
		if (expr < 0) return false;
		const { exprs } = this.world.program.unit(this.world.program.fnFile(fn));
		const at = expr * EXPR_SIZE;
		const [a, b, c] = [exprs[at + 1]!, exprs[at + 2]!, exprs[at + 3]!];
		switch (exprs[at] as ExprKind) {
			case ExprKind.Local:
			case ExprKind.CallResult:
				return true;
			case ExprKind.Field:
			case ExprKind.Deref:
				return this.mentionsLocal(fn, a);
			case ExprKind.Unary:
			case ExprKind.Cast:
				return this.mentionsLocal(fn, b);
			case ExprKind.Binary:
				return this.mentionsLocal(fn, b) || this.mentionsLocal(fn, c);
			case ExprKind.Cond:
				return this.mentionsLocal(fn, a) || this.mentionsLocal(fn, b) || this.mentionsLocal(fn, c);
			default:
				return false;
		}
	}

	/** An expression of the last function of a chain, as it is when control comes to `before`. */
	private value(chain: readonly Link[], expr: number, before: number, depth: number): Known {
		if (expr < 0 || depth > MAX_DEPTH) return undefined;
		const { program } = this.world;
		const { fn } = chain[chain.length - 1]!;
		const { exprs } = program.unit(program.fnFile(fn));
		const at = expr * EXPR_SIZE;
		const [a, b, c] = [exprs[at + 1]!, exprs[at + 2]!, exprs[at + 3]!];
		const of = (other: number) => this.value(chain, other, before, depth + 1);
		switch (exprs[at] as ExprKind) {
			case ExprKind.Int:
				return b === 0 || b === -1 ? a : "nonzero";
			case ExprKind.Name:
				return this.named(fn, a);
			case ExprKind.Str:
			case ExprKind.AddrOf:
			case ExprKind.SizeOf:
				return "nonzero";
			case ExprKind.Cast:
				return of(b);
			case ExprKind.Unary:
				return ofUnary(a, of(b));
			case ExprKind.Binary:
				return ofBinary(a, of(b), of(c)) ?? this.ofAddresses(chain, a, b, c);
			case ExprKind.Cond: {
				const truth = truthOf(of(a));
				return truth === undefined ? undefined : of(truth ? b : c);
			}
			case ExprKind.CallResult: {
				const touched = touchedBy(this.world, fn, a);
				if (touched === null) return this.given(chain, a, depth + 1);
				return touched.does === "tests" ? this.bitAt(chain, touched.place, a, depth + 1) : undefined;
			}
			case ExprKind.Local:
			case ExprKind.Field:
			case ExprKind.Deref: {
				const place = placeOf(program, fn, expr);
				return place === null ? undefined : this.at(chain, place, before, depth + 1);
			}
			default:
				return undefined;
		}
	}

	/** A comparison of a parameter with the address of the member that it points to, see Member. */
	private ofAddresses(chain: readonly Link[], op: number, left: number, right: number): Known {
		if (op !== BinaryOp.Eq && op !== BinaryOp.Ne) return undefined;
		const { fn } = chain[chain.length - 1]!;
		const member =
			memberBehind(this.world.program, fn, left, right) ?? memberBehind(this.world.program, fn, right, left);
		if (member === null) return undefined;
		const by = handedOverBy(this.world, this.writes, chain, member);
		this.asked = Math.min(this.asked, by);
		return by === NONE ? undefined : Number(op === BinaryOp.Eq);
	}

	/** A bit, where it is known by its number. */
	private bitAt(chain: readonly Link[], place: Place, before: number, depth: number): Known {
		return bitOf(place) === NONE ? undefined : this.at(chain, place, before, depth);
	}

	private named(fn: FnId, local: number): Known {
		const { program } = this.world;
		const file = program.fnFile(fn);
		const constant = namedConstant(this.world, file, program.globalName(file, local));
		if (constant !== undefined) return constant;
		return program.bindLocal(file, local) === NONE ? undefined : "nonzero";
	}

	/** What a function gives that does nothing else. */
	private given(chain: readonly Link[], op: number, depth: number): Known {
		const { program } = this.world;
		const { fn } = chain[chain.length - 1]!;
		const callee = staticCallee(this.world, fn, op);
		if (callee < 0 || program.fnField(callee, FnField.OpCount) > MAX_GIVING) return undefined;
		const { ops } = program.unit(program.fnFile(callee));
		const first = program.fnField(callee, FnField.OpStart);
		let last = 0;
		while (last < program.fnField(callee, FnField.OpCount) && codeOf(ops, first + last) === Op.Nop) last++;
		if (codeOf(ops, first + last) !== Op.Return) return undefined;
		const inner = [...chain.slice(0, -1), { fn, op }, { fn: callee, op: last }];
		return this.value(inner, ops[(first + last) * OP_SIZE + OpField.A]!, last, depth);
	}

	/** What is at a place of the last function of a chain when control comes to `before`. */
	private at(chain: readonly Link[], place: Place, before: number, depth: number): Known {
		if (depth > MAX_DEPTH) return undefined;
		const { fn } = chain[chain.length - 1]!;
		const told = this.told(fn, place, before);
		if (told !== undefined) return told;
		const isLeftOut: LeavesOut = (op, isLater) =>
			isLater ? this.isAssumedNot(fn, op) : this.isLeftOut(chain, op, depth + WRITE_DEPTH);
		const write = this.writes.lastBefore(fn, place, before, isLeftOut);
		if (write === "unknown") return this.either(chain, place, before, depth);
		return this.before(chain, place, before, depth, write, isLeftOut);
	}

	/**
	 * What is at a place that some ways to `before` write to, and others do not, where that makes no difference: a flag
	 * that is set already is set once more.
	 */
	private either(chain: readonly Link[], place: Place, before: number, depth: number): Known {
		const { fn } = chain[chain.length - 1]!;
		const some: Write[] = [];
		const last = this.writes.lastSureBefore(fn, place, before, some);
		if (last === "unknown" || some.length === 0 || some.length > MAX_WRITES) return undefined;
		const asked = this.asked;
		const known = this.before(chain, place, before, depth + WRITE_DEPTH, last, BEFORE_ONLY);
		if (known !== undefined && some.every((write) => this.written(chain, place, write, depth + WRITE_DEPTH) === known))
			return known;
		this.asked = asked;
		return undefined;
	}

	/** What is at a place after the last write to it, or since it was handed over. */
	private before(
		chain: readonly Link[],
		place: Place,
		before: number,
		depth: number,
		write: Write | "none",
		isLeftOut: LeavesOut,
	): Known {
		const { fn } = chain[chain.length - 1]!;
		if (write !== "none") return this.written(chain, place, write, depth);
		const { program } = this.world;
		const isParameter = place.local < program.fnField(fn, FnField.ParamCount);
		// A pointer that is moved points to something else than what was handed over.
		const pointer = { local: place.local, isPointed: false, path: [], field: null };
		const isMoved = place.isPointed && this.writes.lastBefore(fn, pointer, before, isLeftOut) !== "none";
		if (isParameter) return isMoved ? undefined : this.fromCaller(chain, place, depth);
		// What a variable points to that is set once.
		const source = place.isPointed ? this.writes.soleValue(fn, place.local) : null;
		if (source !== null && place.path.length > 0 && this.isCleared(fn, source, before)) return 0;
		const pointed = source === null ? null : pointee(this.world.program, fn, source.value, place);
		return pointed === null ? undefined : this.at(chain, pointed, before, depth + 1);
	}

	/** Is what a variable was given at `of` memory that was cleared when it was allocated, and that nobody else knows of before `until`? */
	private isCleared(
		fn: FnId,
		of: { readonly op: number; readonly value: number; readonly local: number },
		until: number,
	): boolean {
		const { exprs } = this.world.program.unit(this.world.program.fnFile(fn));
		if (of.op > until || exprs[of.value * EXPR_SIZE] !== ExprKind.CallResult) return false;
		const callee = staticCallee(this.world, fn, exprs[of.value * EXPR_SIZE + 1]!);
		if (!isPrimitive(callee) || primitiveAt(this.world, callee).alloc?.cleared !== true) return false;
		return this.writes.isUnshared(fn, of.local, of.op, until);
	}

	/** What a condition that control has come through says of a place which nothing has changed since. */
	private told(fn: FnId, place: Place, before: number): Known {
		const { passed, cases } = this.decisionsAt(fn, before);
		for (const { condition, equals, branch } of cases) {
			if (this.isPlace(fn, condition, place) && this.writes.isKept(fn, place, branch, before))
				return this.constant(fn, equals);
		}
		for (let i = passed.length - 1; i >= 0; i--) {
			const { condition, isSo, branch } = passed[i]!;
			const says = this.saysOf(fn, condition, isSo, place);
			if (says !== undefined && this.writes.isKept(fn, place, branch, before)) return says;
		}
		return undefined;
	}

	/** What it says of a place that a condition holds, or does not. */
	private saysOf(fn: FnId, condition: number, isSo: boolean, place: Place): Known {
		const { program } = this.world;
		const { exprs } = program.unit(program.fnFile(fn));
		const at = condition * EXPR_SIZE;
		const [a, b, c] = [exprs[at + 1]!, exprs[at + 2]!, exprs[at + 3]!];
		switch (exprs[at] as ExprKind) {
			case ExprKind.Local:
			case ExprKind.Field: {
				const asked = placeOf(program, fn, condition);
				if (asked === null || !isSame(asked, place) || isOfArray(exprs, condition)) return undefined;
				return isSo ? "nonzero" : 0;
			}
			case ExprKind.CallResult: {
				const touched = touchedBy(this.world, fn, a);
				if (touched?.does !== "tests" || bitOf(touched.place) === NONE || !isSame(touched.place, place))
					return undefined;
				return isSo ? "nonzero" : 0;
			}
			case ExprKind.Unary:
				return a === UnaryOp.Not ? this.saysOf(fn, b, !isSo, place) : undefined;
			case ExprKind.Binary:
				if (a === (isSo ? BinaryOp.LogAnd : BinaryOp.LogOr))
					return this.saysOf(fn, b, isSo, place) ?? this.saysOf(fn, c, isSo, place);
				if (a !== (isSo ? BinaryOp.Eq : BinaryOp.Ne)) return undefined;
				return this.isPlace(fn, b, place) ? this.constant(fn, c) : undefined;
			default:
				return undefined;
		}
	}

	private isPlace(fn: FnId, expr: number, place: Place): boolean {
		const { program } = this.world;
		const found = placeOf(program, fn, expr);
		return found !== null && isSame(found, place) && !isOfArray(program.unit(program.fnFile(fn)).exprs, expr);
	}

	private constant(fn: FnId, expr: number): number | undefined {
		return constantOf(this.world.program, this.world.program.fnFile(fn), expr);
	}

	/** A parameter of the function at the head of a chain, as the paths know it that are in a region at the call. */
	private guarded({ fn, op }: Link, param: number): Known {
		const { kinds, values } = this.world;
		if (!this.isRegion) return undefined;
		let truth = -1;
		for (const { ctx, guards } of statesAt(summaryOf(this.world, fn).calls, op) ?? []) {
			if (!forbidsSleep(applyCtx(kinds, 0, ctx))) continue;
			const own = guards.find((guard) => guard.param === param);
			const known = own === undefined ? -1 : values.truth(own.value);
			if (known === -1 || (truth !== -1 && truth !== known)) return undefined;
			truth = known;
		}
		return truth === -1 ? undefined : truth === 0 ? 0 : "nonzero";
	}

	private written(
		chain: readonly Link[],
		place: Place,
		write: { readonly op: number; readonly value: number; readonly path: readonly number[] },
		depth: number,
	): Known {
		const { fn } = chain[chain.length - 1]!;
		const rest = place.path.slice(write.path.length);
		if (write.value < 0) return write.value === ZEROES ? 0 : write.value === SET ? 1 : undefined;
		if (rest.length === 0) return this.value(chain, write.value, write.op, depth + 1);
		if (rest.length === 1 && bitOf(place) !== NONE) {
			const all = this.value(chain, write.value, write.op, depth + 1);
			return typeof all === "number" && bitOf(place) < 31 ? (all >> bitOf(place)) & 1 : undefined;
		}
		const found = inside(this.world.program, fn, write.value, rest);
		if (found === "zero") return 0;
		return found === "unknown" ? undefined : this.value(chain, found, write.op, depth + 1);
	}

	/** A parameter, or what it points to: what the call of the caller hands over. */
	private fromCaller(chain: readonly Link[], place: Place, depth: number): Known {
		if (chain.length < 2) {
			const isWhole = !place.isPointed && place.path.length === 0;
			const known = isWhole ? this.guarded(chain[0]!, place.local) : undefined;
			this.asked = known === undefined ? NONE : Math.min(this.asked, 0);
			return known;
		}
		this.asked = Math.min(this.asked, chain.length - 2);
		const { fn } = chain[chain.length - 1]!;
		const caller = chain[chain.length - 2]!;
		const argument = argumentHanded(this.world, caller, fn, place.local);
		if (argument < 0) return undefined;
		const above = chain.slice(0, -1);
		if (!place.isPointed) return place.path.length > 0 ? undefined : this.value(above, argument, caller.op, depth + 1);
		const pointed = pointee(this.world.program, caller.fn, argument, place);
		return pointed === null ? undefined : this.at(above, pointed, caller.op, depth + 1);
	}
}

/** Is a field that of an element of an array: which one? */
function isOfArray(exprs: Int32Array, expr: number): boolean {
	let at = expr;
	while (at >= 0 && exprs[at * EXPR_SIZE] === ExprKind.Field) at = exprs[at * EXPR_SIZE + 1]!;
	return at >= 0 && exprs[at * EXPR_SIZE] === ExprKind.Index;
}

function codeOf(ops: Int32Array, op: number): number {
	return ops[op * OP_SIZE]! & 255;
}

function truthOf(known: Known): boolean | undefined {
	return known === undefined ? undefined : known !== 0;
}

function ofUnary(op: UnaryOp, value: Known): Known {
	if (op !== UnaryOp.Not) return typeof value === "number" ? unary(op, value) : undefined;
	const truth = truthOf(value);
	return truth === undefined ? undefined : Number(!truth);
}

function ofBinary(op: BinaryOp, left: Known, right: Known): Known {
	if (typeof left === "number" && typeof right === "number") return binary(op, left, right);
	const [l, r] = [truthOf(left), truthOf(right)];
	switch (op) {
		case BinaryOp.LogAnd:
			return l === false || r === false ? 0 : l === true && r === true ? 1 : undefined;
		case BinaryOp.LogOr:
			return l === true || r === true ? 1 : l === false && r === false ? 0 : undefined;
		case BinaryOp.And:
			return l === false || r === false ? 0 : undefined;
		case BinaryOp.Or:
			return l === true || r === true ? "nonzero" : undefined;
		case BinaryOp.Eq:
		case BinaryOp.Ne: {
			const isUnlike = (l === true && right === 0) || (r === true && left === 0);
			return isUnlike ? Number(op === BinaryOp.Ne) : undefined;
		}
		default:
			return undefined;
	}
}
