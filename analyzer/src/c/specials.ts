// Calls the front end reads itself: likely(), READ_ONCE(), container_of(), IS_ENABLED() and other words up to
// W.LastSpecial. Whatever is used in an unusual shape is an ordinary call.
import { BinaryOp, ExprKind, NONE, Op } from "../ir/ops.js";
import { TypeKind, VarFlag } from "../ir/unit.js";
import { configState } from "../source/kconfig.js";
import { optionTest } from "./condition.js";
import { argument, assign, assignment, binary, call } from "./parseExpr.js";
import { addVar, emit, exprField, exprKind, fail, nameOf, type Parser, skipTo, stop, truthOf } from "./parser.js";
import { symbolText } from "./symbols.js";
import { T } from "./tokens.js";
import { typeName } from "./types.js";
import { W } from "./words.js";

/** A call of a special word at its name. */
export function special(p: Parser): number {
	const at = p.pos;
	const close = p.match[at + 1];
	if (close < 0) {
		fail(p);
		return p.builder.opaque();
	}
	const word = p.val[at];
	p.pos = at + 2;
	if (p.inMacro && at + 2 === close) return plainCall(p, at);
	const value = read(p, word, at, close);
	if (value === ORDINARY) return plainCall(p, at);
	if (!p.error) p.pos = close + 1;
	return value;
}

const ORDINARY = -2;

function plainCall(p: Parser, at: number): number {
	p.pos = at + 1;
	return call(p, p.builder.expr(ExprKind.Name, nameOf(p, p.val[at]), 0, 0), at, 0);
}

function read(p: Parser, word: number, at: number, close: number): number {
	const builder = p.builder;
	switch (word) {
		case W.likely:
		case W.unlikely:
		case W.__builtin_expect:
		case W.READ_ONCE:
		case W.ACCESS_ONCE:
		case W.data_race:
			return assignment(p);
		case W.rcu_dereference:
		case W.rcu_dereference_bh:
		case W.rcu_dereference_sched:
		case W.rcu_dereference_raw:
		case W.rcu_dereference_check:
		case W.rcu_dereference_bh_check:
		case W.rcu_dereference_sched_check:
		case W.rcu_dereference_protected:
		case W.rcu_dereference_rtnl:
		case W.rtnl_dereference:
		case W.rcu_access_pointer:
		case W.srcu_dereference:
			return assignment(p);
		case W.smp_load_acquire:
			return deref(p, assignment(p));
		case W.WRITE_ONCE:
		case W.rcu_assign_pointer:
		case W.RCU_INIT_POINTER:
		case W.smp_store_release:
			return store(p, word, at, close);
		case W.container_of:
		case W.container_of_const:
			return containerOf(p, close);
		case W.__builtin_choose_expr:
			return chooseExpr(p);
		case W.__builtin_constant_p:
		case W.__builtin_types_compatible_p:
		case W.__same_type:
		case W.va_arg:
		case W.__builtin_va_arg:
			return builder.opaque();
		case W.__typecheck:
		case W.typecheck:
			return builder.intOf(1);
		case W.__builtin_unreachable:
		case W.unreachable:
			p.effects++;
			emit(p, Op.Unreachable, p.start[at], p.end[close], 0, 0, 0);
			stop(p);
			return builder.opaque();
		case W.offsetof:
		case W.offsetofend:
		case W.sizeof_field:
		case W.alignof:
			return builder.expr(ExprKind.SizeOf, NONE, 0, 0);
		case W.IS_ENABLED:
		case W.IS_BUILTIN:
		case W.IS_MODULE:
		case W.IS_REACHABLE:
			return option(p, word, close);
		case W.BIT:
		case W.BIT_ULL:
		case W._BITUL:
		case W._BITULL:
			return binary(p, BinaryOp.Shl, builder.intOf(1), assignment(p));
		case W.no_free_ptr:
		case W.retain_and_null_ptr:
			return moveOut(p, at, close);
		default:
			return ORDINARY;
	}
}

function deref(p: Parser, pointer: number): number {
	if (exprKind(p, pointer) === ExprKind.AddrOf) return exprField(p, pointer, 1);
	return p.builder.expr(ExprKind.Deref, pointer, 0, 0);
}

/** WRITE_ONCE(x, v) and its like: an assignment. */
function store(p: Parser, word: number, at: number, close: number): number {
	const first = assignment(p);
	if (p.kind[p.pos] !== T.Comma) return ORDINARY;
	p.pos++;
	const value = argument(p, close);
	if (p.error) return value;
	p.pos = close + 1;
	const target = word === W.smp_store_release ? deref(p, first) : first;
	assign(p, target, value, 0, at);
	return value;
}

/** container_of(pointer, type, member). */
function containerOf(p: Parser, close: number): number {
	const pointer = assignment(p);
	if (p.error || p.kind[p.pos] !== T.Comma) return ORDINARY;
	p.pos++;
	const comma = skipTo(p, p.pos, T.Comma, T.Comma);
	if (p.kind[comma] !== T.Comma || p.kind[comma + 1] !== T.Ident) return ORDINARY;
	const type = typeName(p, comma);
	const member = nameOf(p, p.val[comma + 1]);
	p.pos = close;
	return p.builder.expr(ExprKind.ContainerOf, pointer, type, member);
}

/** __builtin_choose_expr(c, a, b): the arm that a constant chooses, else the first. */
function chooseExpr(p: Parser): number {
	const wasDead = p.dead;
	p.dead = true;
	const truth = truthOf(p, assignment(p));
	p.dead = wasDead;
	if (p.kind[p.pos] !== T.Comma) {
		fail(p);
		return p.builder.opaque();
	}
	p.pos++;
	if (truth === 0) p.dead = true;
	const yes = assignment(p);
	p.dead = wasDead;
	if (p.kind[p.pos] !== T.Comma) {
		fail(p);
		return yes;
	}
	p.pos++;
	if (truth !== 0) p.dead = true;
	const no = assignment(p);
	p.dead = wasDead;
	return truth === 0 ? no : yes;
}

/** IS_ENABLED(CONFIG_X): a number. */
function option(p: Parser, word: number, close: number): number {
	const at = p.pos;
	if (p.kind[at] !== T.Ident || at + 1 !== close || p.symVar[p.val[at]] !== 0) return p.builder.opaque();
	const text = symbolText(p.pp.lexer.symbols, p.bytes, p.val[at]);
	if (!text.startsWith("CONFIG_")) return p.builder.opaque();
	return p.builder.intOf(optionTest(word, configState(p.pp.config, text)));
}

/** no_free_ptr(p): the value of p, which becomes NULL so that its cleanup does nothing. */
export function moveOut(p: Parser, at: number, close: number): number {
	const pointer = assignment(p);
	if (p.error) return pointer;
	p.pos = close + 1;
	if (p.dead) return pointer;
	const temp = addVar(p, NONE, p.builder.type(TypeKind.Unknown, NONE, 0, NONE), VarFlag.Temp, NONE);
	const value = p.builder.expr(ExprKind.Local, temp, 0, 0);
	assign(p, value, pointer, 0, at);
	assign(p, pointer, p.builder.intOf(0), 0, at);
	return value;
}
