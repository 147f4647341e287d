// Values of expressions on a path, and what a branch teaches. Everything here reads a Frame and an EnvTable
// and returns interned ids; a condition that contradicts what is known gives DEAD.

import { binary, unary } from "../ir/consts.js";
import { BinaryOp, ExprKind, NONE, Op, UnaryOp } from "../ir/ops.js";
import { isPointerValue } from "../ir/typing.js";
import { VarFlag } from "../ir/unit.js";
import { CONDITION_KEY, type EnvId, type EnvTable, exprOfKey, factKey, NO_ENV, varKey } from "./env.js";
import type { ExprTable } from "./exprTable.js";
import type { Frame } from "./frame.js";
import { contradicts } from "./guards.js";
import { isFoundOrMade, isUsedInstead } from "./missing.js";
import { isOfTheWork } from "./ownConditions.js";
import type { Guard } from "./summary.js";
import { Base, ENTRY_ATOM, TOP, type ValueId } from "./values.js";
import { calleeAt, isPrimitive, namedConstant, primitiveAt, summaryOf, type World } from "./world.js";

/** No path goes here. */
export const DEAD: EnvId = -1;

const SIGN = 1 << 31;
const MAX_DEPTH = 16;
/** How deep a condition is taken apart into the ways it can come out. */
const MAX_WAYS = 4;

export interface Scope {
	readonly world: World;
	readonly frame: Frame;
	readonly envs: EnvTable;
	/** by expression of the function that reads memory: is what it reads a pointer (0, 1) */
	readonly pointerValues: ExprTable;
	/** by expression of the function that is a name: what the name stands for, whatever the path knows */
	readonly namedValues: ExprTable;
	/** the function changes the context: what any call returned may tell how it went */
	isWide: boolean;
}

/** The value of an expression. What is not known becomes an atom: the expression itself. */
export function evaluate(scope: Scope, env: EnvId, expr: number, depth = 0): ValueId {
	if (expr < 0 || depth > MAX_DEPTH) return TOP;
	const { world, frame } = scope;
	switch (frame.kind(expr)) {
		case ExprKind.Int:
			return frame.y(expr) === 0 || frame.y(expr) === -1 ? world.values.int(frame.x(expr)) : world.values.nonZero(TOP);
		case ExprKind.Name:
			return evaluateName(scope, env, expr);
		case ExprKind.Local: {
			const known = scope.envs.get(env, varKey(frame.x(expr)));
			return known >= 0 ? withFacts(scope, env, known, depth) : withFacts(scope, env, world.values.atom(expr), depth);
		}
		case ExprKind.Str:
		case ExprKind.AddrOf:
			return evaluateAddress(scope, expr);
		case ExprKind.SizeOf:
			return world.values.nonZero(TOP);
		case ExprKind.Cast:
			return evaluate(scope, env, frame.y(expr), depth + 1);
		case ExprKind.Unary: {
			const value = evaluate(scope, env, frame.y(expr), depth + 1);
			if (world.values.isInt(value)) {
				return world.values.int(unary(frame.x(expr), world.values.set(value)));
			}
			if (frame.x(expr) === UnaryOp.Not) {
				const truth = world.values.truth(value);
				if (truth >= 0) return world.values.int(1 - truth);
			}
			return withFacts(scope, env, world.values.atom(expr), depth);
		}
		case ExprKind.Binary:
			return evaluateBinary(scope, env, expr, depth);
		case ExprKind.Cond: {
			const truth = world.values.truth(evaluate(scope, env, frame.x(expr), depth + 1));
			if (truth >= 0) return evaluate(scope, env, truth === 1 ? frame.y(expr) : frame.z(expr), depth + 1);
			const met = world.values.meet(
				evaluate(scope, env, frame.y(expr), depth + 1),
				evaluate(scope, env, frame.z(expr), depth + 1),
			);
			return met === TOP ? world.values.atom(expr) : met;
		}
		default:
			return withFacts(scope, env, world.values.atom(expr), depth);
	}
}

/** The environment after a condition came out as `truth`, or DEAD. */
export function assume(scope: Scope, env: EnvId, expr: number, truth: boolean, op: number): EnvId {
	return assumeOf(scope, env, expr, evaluate(scope, env, expr), truth, op);
}

/** The same where the value of the condition is at hand: a branch asks for both of its sides. */
export function assumeOf(scope: Scope, env: EnvId, expr: number, value: ValueId, truth: boolean, op: number): EnvId {
	const { world, frame } = scope;
	const known = world.values.truth(value);
	if (known >= 0) {
		if ((known === 1) !== truth) return DEAD;
		// What the path knows of memory, it has learnt in a branch before.
		return isMemory(scope, expr) ? hangOn(scope, env, op) : env;
	}
	switch (frame.kind(expr)) {
		case ExprKind.Local: {
			// A variable that is asked again keeps the answer, whatever its value came from.
			const key = varKey(frame.x(expr));
			if (scope.envs.get(env, key) < 0 || !frame.isTested(expr, op)) break;
			const answered = scope.envs.set(env, key, truth ? world.values.nonZero(value) : world.values.int(0));
			const base = world.values.base(value);
			const isQuestion =
				base >= 0 && base < ENTRY_ATOM && isOperation(frame.kind(base)) && value === world.values.atom(base);
			if (isQuestion) return assume(scope, answered, base, truth, op);
			return learnTruth(scope, answered, value, expr, truth, op);
		}
		case ExprKind.Unary:
			if (frame.x(expr) === UnaryOp.Not) return assume(scope, env, frame.y(expr), !truth, op);
			break;
		case ExprKind.Cast:
			return assume(scope, env, frame.y(expr), truth, op);
		case ExprKind.Binary: {
			const operator = frame.x(expr);
			if (operator === BinaryOp.LogAnd || operator === BinaryOp.LogOr) {
				if ((operator === BinaryOp.LogAnd) !== truth) break;
				const left = assume(scope, env, frame.y(expr), truth, op);
				return left === DEAD ? DEAD : assume(scope, left, frame.z(expr), truth, op);
			}
			const compared = assumeComparison(scope, env, expr, truth, op);
			if (compared !== null) return compared;
			break;
		}
		default:
			break;
	}
	return learnTruth(scope, env, value, expr, truth, op);
}

/** Can a condition come out as `truth` in more than one way? */
export function hasWays(frame: Frame, expr: number, truth: boolean): boolean {
	let at = expr;
	let wanted = truth;
	while (frame.kind(at) === ExprKind.Unary && frame.x(at) === UnaryOp.Not) {
		at = frame.y(at);
		wanted = !wanted;
	}
	return frame.kind(at) === ExprKind.Binary && frame.x(at) === (wanted ? BinaryOp.LogOr : BinaryOp.LogAnd);
}

/**
 * The environments after a condition came out as `truth`: one for each way it can. `a || b` is true because a is,
 * or because a is not and b is.
 */
export function assumeWays(scope: Scope, env: EnvId, expr: number, truth: boolean, op: number, depth = 0): EnvId[] {
	const { frame } = scope;
	if (depth < MAX_WAYS && frame.kind(expr) === ExprKind.Unary && frame.x(expr) === UnaryOp.Not) {
		return assumeWays(scope, env, frame.y(expr), !truth, op, depth + 1);
	}
	if (depth >= MAX_WAYS || !hasWays(frame, expr, truth)) {
		const only = assume(scope, env, expr, truth, op);
		return only === DEAD ? [] : [only];
	}
	const ways = assumeWays(scope, env, frame.y(expr), truth, op, depth + 1);
	const other = assume(scope, env, frame.y(expr), !truth, op);
	if (other !== DEAD) {
		for (const way of assumeWays(scope, other, frame.z(expr), truth, op, depth + 1))
			if (!ways.includes(way)) ways.push(way);
	}
	return ways;
}

/** Does a condition ask in which context the code runs? */
export function asksContext(scope: Scope, expr: number): boolean {
	const { frame, world } = scope;
	switch (frame.kind(expr)) {
		case ExprKind.CallResult: {
			const target = calleeAt(world, frame, frame.x(expr));
			return isPrimitive(target) && primitiveAt(world, target).predicate?.contextual === true;
		}
		case ExprKind.Unary:
		case ExprKind.Cast:
			return asksContext(scope, frame.y(expr));
		case ExprKind.Binary:
			return asksContext(scope, frame.y(expr)) || asksContext(scope, frame.z(expr));
		default:
			return false;
	}
}

/** The condition by which an expression chooses between values, when it asks for the context; NONE for none. */
export function questionIn(scope: Scope, expr: number): number {
	if (expr < 0) return NONE;
	const { frame } = scope;
	switch (frame.kind(expr)) {
		case ExprKind.Cond:
			return asksContext(scope, frame.x(expr)) ? frame.x(expr) : NONE;
		case ExprKind.Unary:
		case ExprKind.Cast:
			return questionIn(scope, frame.y(expr));
		case ExprKind.Binary: {
			const left = questionIn(scope, frame.y(expr));
			return left === NONE ? questionIn(scope, frame.z(expr)) : left;
		}
		default:
			return NONE;
	}
}

/** The environment in which a question about the context (its number as a guard) is answered so, or DEAD. */
export function assumeAnswer({ envs, world }: Scope, env: EnvId, guard: Guard): EnvId {
	const key = factKey(ENTRY_ATOM + guard.param);
	const known = envs.get(env, key);
	if (known >= 0) return contradicts(world.values, known, guard.value) ? DEAD : env;
	return envs.set(env, key, guard.value);
}

/** A pointer that is followed is not NULL, where that is asked later. */
export function assumeFollowed(scope: Scope, env: EnvId, argument: number, op: number): EnvId {
	const { frame } = scope;
	let expr = argument;
	while (expr >= 0 && (frame.kind(expr) === ExprKind.AddrOf || frame.kind(expr) === ExprKind.Field)) {
		const isArrow = frame.kind(expr) === ExprKind.Field && frame.z(expr) === 1;
		expr = frame.x(expr);
		if (!isArrow || expr < 0 || frame.kind(expr) !== ExprKind.Local) continue;
		if (frame.isStableParam(frame.x(expr)) || !frame.isTested(expr, op)) continue;
		const next = assume(scope, env, expr, true, op);
		return next === DEAD ? env : next;
	}
	return env;
}

/** The environment in which `expr` has the value `value` (switch cases, split results), or DEAD. */
export function assumeEqual(scope: Scope, env: EnvId, expr: number, value: ValueId, op: number): EnvId {
	const { values } = scope.world;
	const now = evaluate(scope, env, expr);
	if (values.isInt(value) && values.isInt(now)) return now === value ? env : DEAD;
	if ((values.set(now) & values.clear(value)) !== 0 || (values.clear(now) & values.set(value)) !== 0) return DEAD;
	if (values.truth(now) === 0 && values.truth(value) === 1) return DEAD;
	if (values.truth(now) === 1 && values.truth(value) === 0) return DEAD;
	return isWhole(scope, env, now) ? learn(scope, env, values.base(now), value, op) : env;
}

/** Is a value an atom as it is, with nothing set or masked out but what the path knows of the atom itself? */
function isWhole({ world: { values }, envs }: Scope, env: EnvId, value: ValueId): boolean {
	const base = values.base(value);
	if (base < 0) return false;
	if (values.set(value) === 0 && values.clear(value) === 0) return true;
	const fact = envs.get(env, factKey(base));
	return fact >= 0 && values.set(fact) === values.set(value) && values.clear(fact) === values.clear(value);
}

/** Drops what is known of a local that is written, then sets its new value. */
export function assignLocal(scope: Scope, env: EnvId, index: number, given: ValueId): EnvId {
	const { frame, envs, world } = scope;
	const key = varKey(index);
	// Of what it was before (`x = next(x)`), only what is known of that is kept.
	const value = isAbout(frame, world.values.base(given), index) ? world.values.withoutAtom(given) : given;
	const isKept = isInformative(scope, value);
	const end = envs.last(env);
	let isResting = false;
	let isKnown = false;
	for (let i = envs.first(env); i < end; i++) {
		if (envs.key(i) === key) isKnown = true;
		else if (dependsOn(scope, envs.key(i), envs.value(i), index)) isResting = true;
	}
	if (!isResting) {
		if (isKept) return envs.set(env, key, value);
		return isKnown ? envs.remove(env, key) : env;
	}
	const cleared = forgetLocal(scope, env, index);
	return isKept ? envs.set(cleared, key, value) : cleared;
}

function forgetLocal(scope: Scope, env: EnvId, index: number): EnvId {
	return scope.envs.without(env, (key, known) => key === varKey(index) || dependsOn(scope, key, known, index));
}

/** Does an entry of knowledge rest on the present value of a local? */
function dependsOn(scope: Scope, key: number, value: ValueId, index: number): boolean {
	return isAbout(scope.frame, exprOfKey(key), index) || isAbout(scope.frame, scope.world.values.base(value), index);
}

/** Does an atom, if it is one, mention the local? */
export function isAbout(frame: Frame, atom: number, index: number): boolean {
	return atom >= 0 && atom < ENTRY_ATOM && frame.mentionsLocal(atom, index);
}

/** Does a value say more than "what that expression gives"? */
function isInformative(scope: Scope, value: ValueId): boolean {
	const { values } = scope.world;
	const base = values.base(value);
	if (base < 0) return value !== TOP;
	if (values.set(value) !== 0 || values.clear(value) !== 0 || base >= ENTRY_ATOM) return true;
	const kind = scope.frame.kind(base);
	if (isOperation(kind)) return isOfParams(scope.frame, base);
	return kind === ExprKind.Local || (kind === ExprKind.CallResult && isTelling(scope, scope.frame.x(base)));
}

function isOperation(kind: ExprKind): boolean {
	return kind === ExprKind.Unary || kind === ExprKind.Binary;
}

/** Is the expression made of parameters and constants alone? */
function isOfParams(frame: Frame, expr: number): boolean {
	switch (frame.kind(expr)) {
		case ExprKind.Local:
			return frame.isStableParam(frame.x(expr));
		case ExprKind.Int:
		case ExprKind.Name:
			return true;
		case ExprKind.Unary:
		case ExprKind.Cast:
			return isOfParams(frame, frame.y(expr));
		case ExprKind.Binary:
			return isOfParams(frame, frame.y(expr)) && isOfParams(frame, frame.z(expr));
		default:
			return false;
	}
}

/** Drops what is known of expressions that read a field of this (unit-local) name. */
export function assignField(scope: Scope, env: EnvId, name: number): EnvId {
	const { frame, envs } = scope;
	const end = envs.last(env);
	for (let i = envs.first(env); i < end; i++) {
		if (readsFieldOf(frame, envs.key(i), name)) return forgetField(scope, env, name);
	}
	return env;
}

function readsFieldOf(frame: Frame, key: number, name: number): boolean {
	const expr = exprOfKey(key);
	return expr >= 0 && expr < ENTRY_ATOM && frame.mentionsField(expr, name);
}

function forgetField({ envs, frame }: Scope, env: EnvId, name: number): EnvId {
	return envs.without(env, (key) => readsFieldOf(frame, key, name));
}

/** The value with what the path knows of its atom. */
function withFacts(scope: Scope, env: EnvId, value: ValueId, depth: number): ValueId {
	const { values } = scope.world;
	const base = values.base(value);
	if (base < 0) return value;
	const fact = scope.envs.get(env, factKey(base));
	if (fact < 0) return value;
	const factBase = values.base(fact);
	// A fact may say that the atom is another atom (an identity function's result).
	const known = factBase >= 0 && factBase !== base && depth < 4 ? withFacts(scope, env, fact, depth + 1) : fact;
	const isPure = values.base(known) === Base.None;
	const full = isPure
		? values.make(base, values.set(known), values.clear(known), values.truth(known) === 1 ? 1 : 0)
		: known;
	return values.substitute(value, full);
}

function evaluateName(scope: Scope, env: EnvId, expr: number): ValueId {
	let value = scope.namedValues.get(expr);
	if (value === NONE) {
		value = namedValue(scope, expr);
		scope.namedValues.set(expr, value);
	}
	return withFacts(scope, env, value, 0);
}

function namedValue({ world, frame }: Scope, expr: number): ValueId {
	const name = world.program.globalName(frame.file, frame.x(expr));
	const constant = namedConstant(world, frame.file, name);
	if (constant !== undefined) return world.values.int(constant);
	const fn = world.program.bindLocal(frame.file, frame.x(expr));
	return fn >= 0 ? world.values.fn(fn) : world.values.atom(expr);
}

/** The address of something: never NULL; of a function: that function. */
function evaluateAddress(scope: Scope, expr: number): ValueId {
	const { world, frame } = scope;
	if (frame.kind(expr) === ExprKind.AddrOf && frame.kind(frame.x(expr)) === ExprKind.Name) {
		const fn = world.program.bindLocal(frame.file, frame.x(frame.x(expr)));
		if (fn >= 0) return world.values.fn(fn);
	}
	return world.values.nonZero(TOP);
}

function evaluateBinary(scope: Scope, env: EnvId, expr: number, depth: number): ValueId {
	const { world, frame } = scope;
	const { values } = world;
	const operator = frame.x(expr);
	const left = evaluate(scope, env, frame.y(expr), depth + 1);
	const right = evaluate(scope, env, frame.z(expr), depth + 1);
	if (values.isInt(left) && values.isInt(right)) {
		const result = binary(operator, values.set(left), values.set(right));
		if (result !== undefined) return values.int(result);
	}
	switch (operator) {
		case BinaryOp.Or:
			if (values.isInt(right)) return values.masked(left, values.set(right), 0);
			if (values.isInt(left)) return values.masked(right, values.set(left), 0);
			break;
		case BinaryOp.And:
			if (values.isInt(right)) return values.masked(left, 0, ~values.set(right));
			if (values.isInt(left)) return values.masked(right, 0, ~values.set(left));
			break;
		case BinaryOp.Eq:
		case BinaryOp.Ne: {
			const equal = compareEqual(scope, left, right);
			if (equal >= 0) return values.int(operator === BinaryOp.Eq ? equal : 1 - equal);
			break;
		}
		case BinaryOp.Lt:
		case BinaryOp.Ge:
			if (values.isInt(right) && values.set(right) === 0) {
				const isNegative = values.anyBit(left, SIGN);
				if (isNegative >= 0) return values.int(operator === BinaryOp.Lt ? isNegative : 1 - isNegative);
			}
			break;
		case BinaryOp.LogAnd: {
			const a = values.truth(left);
			const b = values.truth(right);
			if (a === 0 || b === 0) return values.int(0);
			if (a === 1 && b === 1) return values.int(1);
			break;
		}
		case BinaryOp.LogOr: {
			const a = values.truth(left);
			const b = values.truth(right);
			if (a === 1 || b === 1) return values.int(1);
			if (a === 0 && b === 0) return values.int(0);
			break;
		}
		default:
			break;
	}
	return withFacts(scope, env, values.atom(expr), depth);
}

/** 1 equal, 0 different, -1 not known. */
function compareEqual(scope: Scope, left: ValueId, right: ValueId): number {
	const { values } = scope.world;
	if (values.isInt(left) && values.isInt(right)) return left === right ? 1 : 0;
	if ((values.set(left) & values.clear(right)) !== 0 || (values.clear(left) & values.set(right)) !== 0) return 0;
	if (values.truth(left) === 0 && values.truth(right) === 1) return 0;
	if (values.truth(left) === 1 && values.truth(right) === 0) return 0;
	return -1;
}

/** `x == K`, `x != K`, `x < 0`, `x >= 0` and so on; null when it teaches nothing special. */
function assumeComparison(scope: Scope, env: EnvId, expr: number, truth: boolean, op: number): EnvId | null {
	const { world, frame } = scope;
	const { values } = world;
	const operator = frame.x(expr);
	const left = evaluate(scope, env, frame.y(expr));
	const right = evaluate(scope, env, frame.z(expr));
	const subject = values.isInt(right) ? left : right;
	const subjectExpr = values.isInt(right) ? frame.y(expr) : frame.z(expr);
	const constant = values.isInt(right) ? right : left;
	if (!values.isInt(constant)) return null;
	if (operator === BinaryOp.Eq || operator === BinaryOp.Ne) {
		const isEqual = (operator === BinaryOp.Eq) === truth;
		if (values.truth(constant) === 0) return learnTruth(scope, env, subject, subjectExpr, !isEqual, op);
		if (!isEqual) return null;
		const base = values.base(subject);
		return isWhole(scope, env, subject) ? learn(scope, env, base, constant, op) : null;
	}
	if (!values.isInt(right) || values.set(right) !== 0) return null;
	const base = values.base(subject);
	if (base < 0) return null;
	if (operator === BinaryOp.Lt || operator === BinaryOp.Ge) {
		const isNegative = (operator === BinaryOp.Lt) === truth;
		return learn(scope, env, base, isNegative ? values.make(-1, SIGN, 0, 1) : values.make(-1, 0, SIGN, 0), op);
	}
	if (operator === BinaryOp.Gt && truth) return learn(scope, env, base, values.make(-1, 0, SIGN, 1), op);
	return null;
}

/** Learns that a value is zero or is not: of its atom, or of the tested expression itself. */
function learnTruth(scope: Scope, env: EnvId, value: ValueId, expr: number, truth: boolean, op: number): EnvId {
	const { values } = scope.world;
	const base = values.base(value);
	if (base < 0) return learn(scope, env, expr, truth ? values.nonZero(TOP) : values.int(0), op);
	const cleared = values.clear(value);
	const isMasked = values.set(value) !== 0 || (cleared !== 0 && cleared !== SIGN);
	if (!isMasked) return learn(scope, env, base, truth ? values.nonZero(TOP) : values.int(0), op);
	const asked = ~cleared;
	if (!truth) return learn(scope, env, base, values.make(Base.None, 0, asked, 0), op);
	if ((asked & (asked - 1)) === 0) return learn(scope, env, base, values.make(Base.None, asked, 0, 1), op);
	return learn(scope, env, expr, values.nonZero(TOP), op);
}

/** Adds to what is known of an atom. Only what is read again, or what a caller can decide, is kept. */
function learn(scope: Scope, env: EnvId, atom: number, fact: ValueId, op: number): EnvId {
	const { world, envs } = scope;
	if (!isWorthKeeping(scope, atom, op)) return noteCondition(scope, env, atom, fact, op);
	const known = envs.get(env, factKey(atom));
	if (known < 0) {
		const learnt = envs.set(env, factKey(atom), fact);
		return isRefuted(scope, learnt, atom, fact) ? DEAD : noteCondition(scope, learnt, atom, fact, op);
	}
	const { values } = world;
	const set = values.set(known) | values.set(fact);
	const clear = values.clear(known) | values.clear(fact);
	if ((set & clear) !== 0) return DEAD;
	const nonZero = values.truth(known) === 1 || values.truth(fact) === 1 ? 1 : 0;
	if (nonZero === 1 && clear === -1) return DEAD;
	const learnt = envs.set(env, factKey(atom), values.make(values.base(known), set, clear, nonZero));
	if (isRefuted(scope, learnt, atom, fact)) return DEAD;
	// Some bits of a field were asked before, and now others.
	return isMask(scope, fact) ? noteCondition(scope, learnt, atom, fact, op) : learnt;
}

/** Does a comparison that the path has been through (`x >= 5`) come out otherwise with the constant that `atom` now is? */
function isRefuted(scope: Scope, env: EnvId, atom: number, fact: ValueId): boolean {
	const { world, frame, envs } = scope;
	const { values } = world;
	if (!values.isInt(fact)) return false;
	const end = envs.last(env);
	for (let i = envs.first(env); i < end; i++) {
		const expr = (envs.key(i) & 1) === 1 ? envs.key(i) >> 1 : NONE;
		if (expr < 0 || expr >= ENTRY_ATOM || expr === atom || frame.kind(expr) !== ExprKind.Binary) continue;
		if (!isComparison(frame.x(expr))) continue;
		const known = values.truth(envs.value(i));
		const left = evaluate(scope, env, frame.y(expr));
		const right = evaluate(scope, env, frame.z(expr));
		if (known < 0 || !values.isInt(left) || !values.isInt(right)) continue;
		const result = binary(frame.x(expr), values.set(left), values.set(right));
		if (result !== undefined && result !== known) return true;
	}
	return false;
}

/** The path now hangs on memory that others write: a flag or a number, not whether a pointer is NULL. */
function noteCondition(scope: Scope, env: EnvId, atom: number, fact: ValueId, op: number): EnvId {
	if (scope.envs.get(env, CONDITION_KEY) >= 0) return env;
	const isAboutMemory =
		hangsOnMemory(scope, atom) || (isMask(scope, fact) && readsThere(scope, atom)) || isLookedUp(scope, atom, op);
	const isDoubtful =
		(isAboutMemory && !tellsOfWork(scope, atom, fact, op)) ||
		isNextTurn(scope, atom, fact, op) ||
		isFirstTime(scope, atom, fact, op) ||
		isMissing(scope, atom, fact, op) ||
		isOfSize(scope, atom);
	return isDoubtful && !isUsual(scope, atom, fact) ? hangOn(scope, env, op) : env;
}

/** Is what the branch at `op` has found out of memory about the work, not about who does it? */
function tellsOfWork({ world, frame }: Scope, expr: number, fact: ValueId, op: number): boolean {
	return expr < ENTRY_ATOM && isOfTheWork(world, frame, { expr, truth: world.values.truth(fact), op });
}

/**
 * Does a loop go on because a counter, which this turn has counted on already, or what some call keeps in memory, has
 * not come to its end yet? Whether a second turn comes, nobody knows.
 */
function isNextTurn(scope: Scope, expr: number, fact: ValueId, op: number): boolean {
	const { frame, world } = scope;
	if (expr >= ENTRY_ATOM || frame.kind(expr) !== ExprKind.Binary || !isComparison(frame.x(expr))) return false;
	const [left, right] = [frame.y(expr), frame.z(expr)];
	if (isConstant(scope, left) || isConstant(scope, right) || !frame.isInLoop(op)) return false;
	const isCounted = (side: number) => frame.kind(side) === ExprKind.Local && frame.isCountedInTurn(frame.x(side), op);
	if (isCounted(left) || isCounted(right)) return true;
	const truth = world.values.truth(fact);
	const differs = frame.x(expr) === BinaryOp.Eq ? truth === 0 : frame.x(expr) === BinaryOp.Ne && truth === 1;
	return differs && (readsThere(scope, left) || readsThere(scope, right));
}

/** Is the size of a type compared with what the caller says? What is too large for the stack is allocated; sizes are not known. */
function isOfSize({ frame }: Scope, expr: number): boolean {
	if (expr >= ENTRY_ATOM || frame.kind(expr) !== ExprKind.Binary || !isComparison(frame.x(expr))) return false;
	return mentions(frame, expr, ExprKind.SizeOf) && mentions(frame, expr, ExprKind.Local);
}

/** Is there an expression of a kind (a variable: a parameter) in a sum, a difference, or a comparison of some? */
function mentions(frame: Frame, expr: number, kind: ExprKind): boolean {
	if (frame.kind(expr) === ExprKind.Binary)
		return mentions(frame, frame.y(expr), kind) || mentions(frame, frame.z(expr), kind);
	return frame.kind(expr) === kind && (kind !== ExprKind.Local || frame.x(expr) < frame.nParams);
}

/** Is a variable that outlives the call asked whether it has been set, and set when it has not? That is done once; who comes later does not do it again. */
function isFirstTime(scope: Scope, expr: number, fact: ValueId, op: number): boolean {
	const { frame, world } = scope;
	if (expr >= ENTRY_ATOM || world.values.truth(fact) !== 0 || !isOfVariable(scope, expr)) return false;
	for (let at = op + 1; at < frame.nOps; at++) {
		if (frame.code(at) === Op.Assign && frame.a(at) === expr) return true;
		if (frame.code(at) === Op.Call && isHandedOn(frame, at, expr)) return true;
	}
	return false;
}

/** Has a pointer been found to be NULL that others set? Who comes later finds it. */
function isMissing(scope: Scope, expr: number, fact: ValueId, op: number): boolean {
	const { frame, world } = scope;
	if (expr >= ENTRY_ATOM || world.values.truth(fact) !== 0) return false;
	if (frame.kind(expr) === ExprKind.Field) return isUsedInstead(frame, expr, op) && isPointer(scope, expr);
	return frame.kind(expr) === ExprKind.Local && isFoundOrMade(world, frame, expr, op);
}

/** Is the address of an expression an argument of the call at `op`, as cmpxchg() has it? */
function isHandedOn(frame: Frame, op: number, expr: number): boolean {
	for (let i = 0; i < frame.c(op); i++) {
		const argument = frame.arg(op, i);
		if (argument >= 0 && frame.kind(argument) === ExprKind.AddrOf && frame.x(argument) === expr) return true;
	}
	return false;
}

/** Is it a variable that outlives the call, or an element of one? */
function isOfVariable(scope: Scope, expr: number): boolean {
	const { frame } = scope;
	let at = expr;
	while (at >= 0 && frame.kind(at) === ExprKind.Index) at = frame.x(at);
	return at >= 0 && isVariable(scope, at);
}

/** Is it a variable of the file, or a static one of the function? */
export function isVariable({ frame, world }: Scope, expr: number): boolean {
	if (frame.kind(expr) === ExprKind.Local) return (frame.varFlags(frame.x(expr)) & VarFlag.Static) !== 0;
	if (frame.kind(expr) !== ExprKind.Name) return false;
	const name = world.program.globalName(frame.file, frame.x(expr));
	return namedConstant(world, frame.file, name) === undefined && world.program.bestGlobal(frame.file, name) !== NONE;
}

/** Are some bits known, and not all? Nobody asks a pointer for that. */
function isMask({ world: { values } }: Scope, fact: ValueId): boolean {
	return (values.set(fact) | values.clear(fact)) !== 0 && !values.isInt(fact);
}

/** Does the expression read a field, or through a pointer? */
function readsThere({ frame }: Scope, expr: number): boolean {
	return expr < ENTRY_ATOM && (frame.kind(expr) === ExprKind.Field || frame.kind(expr) === ExprKind.Deref);
}

/** Notes that the path hangs on the branch at `op`. The first such branch counts. */
export function hangOn({ envs, world }: Scope, env: EnvId, op: number): EnvId {
	// With the sign bit, what two branches have in common is never nothing.
	return envs.get(env, CONDITION_KEY) >= 0 ? env : envs.set(env, CONDITION_KEY, world.values.int(op | SIGN));
}

/** Is a condition about memory, other than whether a pointer is NULL or what is settled? */
function isMemory(scope: Scope, expr: number): boolean {
	const { frame, world } = scope;
	switch (frame.kind(expr)) {
		case ExprKind.Name:
			if (namedConstant(world, frame.file, world.program.globalName(frame.file, frame.x(expr))) !== undefined)
				return false;
			return usualValue(scope, expr) === undefined && hangsOnMemory(scope, expr);
		case ExprKind.Unary:
		case ExprKind.Cast:
			return isMemory(scope, frame.y(expr));
		case ExprKind.Binary:
			return isMemory(scope, frame.y(expr)) || isMemory(scope, frame.z(expr));
		default:
			return hangsOnMemory(scope, expr);
	}
}

/** The branch that a path hangs on, NONE for none or several. */
export function conditionAt(scope: Scope, env: EnvId): number {
	const { values } = scope.world;
	const branch = scope.envs.get(env, CONDITION_KEY);
	return branch >= 0 && values.isInt(branch) ? values.set(branch) & ~SIGN : NONE;
}

/** Is this what holds on a running system? */
function isUsual(scope: Scope, atom: number, fact: ValueId): boolean {
	const usual = usualValue(scope, atom);
	return usual !== undefined && !contradicts(scope.world.values, scope.world.values.int(usual), fact);
}

/** What a variable of the file, or a comparison of one, is on a running system; undefined when that is not settled. */
function usualValue(scope: Scope, expr: number): number | undefined {
	const { world, frame } = scope;
	switch (frame.kind(expr)) {
		case ExprKind.Int:
			return frame.x(expr);
		case ExprKind.Name: {
			const name = world.program.globalName(frame.file, frame.x(expr));
			return world.settled.get(name) ?? namedConstant(world, frame.file, name);
		}
		case ExprKind.Binary: {
			const left = usualValue(scope, frame.y(expr));
			const right = left === undefined ? undefined : usualValue(scope, frame.z(expr));
			return left === undefined || right === undefined ? undefined : binary(frame.x(expr), left, right);
		}
		default:
			return undefined;
	}
}

function hangsOnMemory(scope: Scope, expr: number): boolean {
	const { frame } = scope;
	if (expr >= ENTRY_ATOM) return false;
	switch (frame.kind(expr)) {
		case ExprKind.Field:
		case ExprKind.Deref:
		case ExprKind.Name:
			return !isPointer(scope, expr);
		case ExprKind.Local: {
			const sole = frame.x(expr) < frame.nParams ? NONE : frame.soleValue.data[frame.x(expr)]!;
			return sole !== NONE && isCopied(frame, sole) && hangsOnMemory(scope, sole) && !isPointer(scope, expr);
		}
		case ExprKind.CallResult:
			return readsMemory(scope, frame.x(expr));
		case ExprKind.Binary:
			return (
				isComparison(frame.x(expr)) && (hangsOnMemory(scope, frame.y(expr)) || hangsOnMemory(scope, frame.z(expr)))
			);
		default:
			return false;
	}
}

/** Is the value of a variable just what was in memory, or what a call told of it? */
function isCopied(frame: Frame, value: number): boolean {
	const kind = frame.kind(value);
	return kind === ExprKind.CallResult || kind === ExprKind.Field || kind === ExprKind.Deref;
}

function isConstant(scope: Scope, expr: number): boolean {
	return scope.world.values.isInt(evaluate(scope, NO_ENV, expr));
}

function isComparison(operator: BinaryOp): boolean {
	return operator >= BinaryOp.Eq && operator <= BinaryOp.Ge;
}

function isPointer(scope: Scope, expr: number): boolean {
	let known = scope.pointerValues.get(expr);
	if (known === NONE) {
		known = isPointerValue(scope.world.program, scope.frame.fn, expr) ? 1 : 0;
		scope.pointerValues.set(expr, known);
	}
	return known === 1;
}

/** Is a pointer asked that a row says has been looked up just before? Whether it has been put there, nobody knows. */
function isLookedUp({ frame, world }: Scope, expr: number, op: number): boolean {
	if (expr >= ENTRY_ATOM || frame.kind(expr) !== ExprKind.Local) return false;
	const at = op - 1;
	if (at < 0 || frame.code(at) !== Op.Assign || frame.a(at) !== expr || frame.kind(frame.b(at)) !== ExprKind.CallResult)
		return false;
	const target = calleeAt(world, frame, frame.x(frame.b(at)));
	return isPrimitive(target) && primitiveAt(world, target).value?.gives === "memory";
}

/** Does the call at `op` just tell what is in memory? */
function readsMemory(scope: Scope, op: number): boolean {
	const { frame, world } = scope;
	const target = calleeAt(world, frame, op);
	if (isPrimitive(target)) return primitiveAt(world, target).value?.gives === "memory";
	return target >= 0 && summaryOf(world, target).readsField;
}

/** Kept is what a later test or call asks again, what a caller can decide, and what a call's result tells of its effect. */
function isWorthKeeping(scope: Scope, atom: number, op: number): boolean {
	const { frame } = scope;
	if (atom >= ENTRY_ATOM || frame.isTested(atom, op)) return true;
	switch (frame.kind(atom)) {
		case ExprKind.CallResult:
			return isTelling(scope, frame.x(atom));
		case ExprKind.Local:
			return frame.isStableParam(frame.x(atom));
		default:
			return false;
	}
}

/** Does what a call returned tell how it left the context, or answer a question? */
function isTelling(scope: Scope, op: number): boolean {
	const { frame, world } = scope;
	if (scope.isWide) return true;
	const target = calleeAt(world, frame, op);
	if (isPrimitive(target)) {
		const { predicate, value, lock } = primitiveAt(world, target);
		return predicate !== undefined || (value !== undefined && value.gives !== "memory") || lock !== undefined;
	}
	return target >= 0 && summaryOf(world, target).exits.length > 0;
}
