// Functions: parameters, body, and the record. Closures and items inside a body are lowered after it, because the
// ops of a function lie together.
import { NONE, Op } from "../ir/ops.js";
import { FnFlag, VarFlag } from "../ir/unit.js";
import { type Attributes, addAnnotations, adjustOf, expectsProcess } from "./attributes.js";
import { emitDrops, own } from "./drops.js";
import { Binding, bindPattern } from "./patterns.js";
import {
	addVariable,
	emit,
	type Local,
	type Lowering,
	localExpr,
	nameExpr,
	opCount,
	type Pending,
	stop,
	typeOfTerm,
	type Value,
	varCount,
} from "./state.js";
import { childOf, field, kindOf, NO_NODE, parts, textOf, unreadBetween } from "./syntax.js";
import { genericsOf, headOf, mayDrop, termOf } from "./terms.js";

const NO_SPAN = -1;

/** Lowers a function with a body. */
export function lowerFunction(r: Lowering, node: number, attributes: Attributes): void {
	const s = r.syntax;
	const around = r.items;
	r.items = { ...around, generics: genericsOf(r, node) };
	const name = textOf(s, field(s, node, "name"));
	begin(r, fullName(r, name, attributes));
	const bound = parameters(r, node);
	const nParams = r.nVars;
	for (const bind of bound) bind();
	stated(r, node, attributes);
	const returns = field(s, node, "return_type");
	const term = returns === NO_NODE ? "()" : termOf(r, returns);
	finish(r, {
		node,
		nameNode: field(s, node, "name"),
		body: field(s, node, "body"),
		nParams,
		term,
		flags: flagsOf(r, node, attributes),
		attributes,
	});
	r.items = around;
	lowerPending(r);
}

/** What attributes state: calls that the model knows by their names. */
function stated(r: Lowering, node: number, attributes: Attributes): void {
	const name = field(r.syntax, node, "name");
	const [start, end] = [r.syntax.starts[name]!, r.syntax.ends[name]!];
	const state = (what: string) => emit(r, Op.Call, start, end, nameExpr(r, what), r.builder.lists.length, 0);
	if (expectsProcess(attributes)) state("klint::process_context");
	const adjust = adjustOf(attributes);
	for (let i = 0; i < Math.abs(adjust); i++) state(adjust > 0 ? "klint::preempt_enter" : "klint::preempt_exit");
}

/** `Type::name`, `module::name`, or the bare name where C has it. */
function fullName(r: Lowering, name: string, attributes: Attributes): string {
	if (attributes.isExported) return name;
	const self = headOf(r.items.self);
	return `${self === "" ? r.items.module : self.slice(self.lastIndexOf(":") + 1)}::${name}`;
}

function flagsOf(r: Lowering, node: number, attributes: Attributes): number {
	const s = r.syntax;
	const isPublic = childOf(s, node, "visibility_modifier") !== NO_NODE || attributes.isExported || r.items.trait !== "";
	const isHidden = !isPublic && r.items.self === "";
	const isExpanded = s.laid !== null;
	return (
		FnFlag.Rust |
		(isHidden ? FnFlag.Static : 0) |
		(r.alternative ? FnFlag.Alternative : 0) |
		(isExpanded ? FnFlag.FromMacro : 0)
	);
}

function begin(r: Lowering, name: string): void {
	const { builder } = r;
	builder.beginScope();
	r.fnName = name;
	r.opBase = builder.ops.length / 6;
	r.varBase = builder.vars.length / 4;
	r.nVars = 0;
	r.dead = false;
	r.partial = false;
	r.nClosures = 0;
	r.locals.length = 0;
	r.owned.length = 0;
	r.breakables.length = 0;
	r.inlined = null;
	r.depth = 0;
}

/** Adds the parameters; answers what is to be done once all are there: patterns, and what the function owns. */
function parameters(r: Lowering, node: number): (() => void)[] {
	const s = r.syntax;
	const after: (() => void)[] = [];
	for (const part of parts(s, field(s, node, "parameters"))) {
		const kind = kindOf(s, part);
		if (kind === "self_parameter") {
			const isReference = childOf(s, part, "&") !== NO_NODE;
			after.push(parameter(r, "self", (isReference ? "&" : "") + r.items.self, childOf(s, part, "self")));
		} else if (kind === "parameter") {
			const pattern = field(s, part, "pattern");
			const isName = kindOf(s, pattern) === "identifier" || kindOf(s, pattern) === "self";
			const term = termOf(r, field(s, part, "type"));
			if (isName) after.push(parameter(r, textOf(s, pattern), term, pattern));
			else after.push(parameter(r, "", term, pattern));
		}
	}
	return after;
}

function parameter(r: Lowering, name: string, term: string, node: number): () => void {
	const { starts, ends } = r.syntax;
	const [start, end] = [starts[node] ?? 0, ends[node] ?? 0];
	const index = addVariable(r, name, term, VarFlag.Param, name === "" ? NONE : start);
	const value: Value = { expr: localExpr(r, index), term };
	return () => {
		if (name === "") bindPattern(r, node, value, Binding.Moves);
		else r.locals.push({ name, index, term, owned: own(r, value, start, end, true) });
	};
}

interface Parts {
	readonly node: number;
	readonly nameNode: number;
	readonly body: number;
	readonly nParams: number;
	readonly term: string;
	readonly flags: number;
	readonly attributes: Attributes;
}

/** Lowers the body and writes the function's record. */
function finish(r: Lowering, { node, nameNode, body, nParams, term, flags, attributes }: Parts): void {
	const s = r.syntax;
	const { builder } = r;
	const annotations = builder.annotations.length / 3;
	const nAnnotations = addAnnotations(r, attributes, s.starts[node]!);
	const isBlock = kindOf(s, body) === "block";
	// what an attribute says of the preemption count counts instead of the body
	if (adjustOf(attributes) !== 0) {
		emit(r, Op.Return, s.starts[nameNode]!, s.ends[nameNode]!, NONE, 0, 0);
		stop(r);
	}
	const value = isBlock ? r.hooks.block(r, body) : r.hooks.expression(r, body, true);
	const end = s.ends[body]!;
	emitDrops(r, 0);
	emit(r, Op.Return, Math.max(s.starts[body]!, end - 1), end, term === "()" ? NONE : value.expr, 0, 0);
	if (opCount(r) === 0) builder.op(Op.Nop, s.starts[body]!, end, 0, 0, 0);
	const unread = unreadBetween(s, s.starts[body]!, end);
	r.partial ||= unread !== null;
	builder.unparsedBodyBytes += unread ?? 0;
	const { fns } = builder;
	fns.push3(builder.nameOf(r.fnName), s.starts[nameNode]!, s.ends[nameNode]!);
	// one that a macro defines is as far as the macro's use
	const [from, to] = s.laid === null ? [s.starts[node]!, s.ends[node]!] : [s.laid.from, s.laid.to];
	fns.push4(from, to, r.opBase, opCount(r));
	fns.push4(r.varBase, varCount(r), nParams, typeOfTerm(r, term));
	fns.push4(flags | (r.partial ? FnFlag.Partial : 0), annotations, nAnnotations, NO_SPAN);
	const hasBraces = isBlock && s.laid === null && end - s.starts[body]! > 1;
	const edge = hasBraces ? 1 : 0;
	const bodyStart = s.laid === null ? s.starts[body]! : from;
	const bodyEnd = s.laid === null ? end : to;
	fns.push3(NO_SPAN, Math.min(bodyStart + edge, bodyEnd), Math.max(bodyStart, bodyEnd - edge));
}

/** Functions and closures that a body holds. */
function lowerPending(r: Lowering): void {
	for (let next = r.pending.shift(); next !== undefined; next = r.pending.shift()) {
		const around = r.items;
		const { syntax } = r;
		r.items = next.scope;
		r.syntax = next.syntax;
		if (kindOf(next.syntax, next.node) === "closure_expression") closure(r, next);
		else r.hooks.item(r, next.node);
		r.items = around;
		r.syntax = syntax;
	}
}

function closure(r: Lowering, { node, name, captures }: Pending): void {
	const s = r.syntax;
	begin(r, name);
	const after: (() => void)[] = [];
	for (const part of parts(s, field(s, node, "parameters"))) {
		const isTyped = kindOf(s, part) === "parameter";
		const pattern = isTyped ? field(s, part, "pattern") : part;
		const term = isTyped ? termOf(r, field(s, part, "type")) : "";
		const isName = kindOf(s, pattern) === "identifier";
		after.push(parameter(r, isName ? textOf(s, pattern) : "", term, pattern));
	}
	const nParams = r.nVars;
	captured(r, node, captures);
	for (const bind of after) bind();
	const body = field(s, node, "body");
	const bar = field(s, node, "parameters");
	const flags = FnFlag.Rust | FnFlag.Static;
	finish(r, { node, nameNode: bar === NO_NODE ? node : bar, body, nParams, term: "", flags, attributes: NOTHING });
}

const NOTHING: Attributes = { isTaken: true, isExported: false, klint: new Map() };

/** What the closure names of the function around it: there, but not known. */
function captured(r: Lowering, node: number, captures: readonly Local[]): void {
	const words = new Set(textOf(r.syntax, node).match(/[A-Za-z_]\w*/g));
	for (const { name, term } of captures) {
		if (!words.has(name) || r.locals.some((known) => known.name === name)) continue;
		const isOwned = mayDrop(term);
		const type = isOwned ? `&${term}` : term;
		r.locals.push({ name, index: addVariable(r, name, type, 0, NONE), term: type, owned: null });
	}
}
