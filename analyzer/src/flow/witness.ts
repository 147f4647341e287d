// Chains that prove a fact, as steps in the source: from the entry point or the taking of the lock to a call,
// and from a call to the primitive that sleeps.

import { CONFIDENCES, type ContextInfo, type HeldLock, type Place, type Step } from "../api.js";
import { lineStarts, placeIn } from "../base/lineIndex.js";
import { flattenUnit } from "../ir/flat.js";
import { EXPR_SIZE, ExprKind, NONE, OP_SIZE, OpField } from "../ir/ops.js";
import type { FileId, FnId } from "../ir/program.js";
import { rustCallee, sourceText } from "../ir/sourceText.js";
import { FnField, unitName, VAR_SIZE, VarField } from "../ir/unit.js";
import type { RunContext, SectionKind } from "../model/schema.js";
import {
	Ac,
	applyCtx,
	type Ctx,
	forbidsSleep,
	Irq,
	type Item,
	isAtomic,
	Level,
	SPIN_SHIFT,
	withItems,
} from "./context.js";
import type { Link } from "./link.js";
import { type PathId, Root } from "./paths.js";
import type { Registration } from "./registrations.js";
import type { Origin } from "./roots.js";
import { type CallState, MaySleep } from "./summary.js";
import type { Contexts, RecordId } from "./topDown.js";
import { isPrimitive, primitiveAt, staticCallee, summaryOf, type World } from "./world.js";

const MAX_STEPS = 24;
const MAX_LINE_TABLES = 256;

/** Line starts of the files looked at last. */
function startsOf(world: World, file: FileId): Int32Array {
	const { lines } = world;
	const unit = world.program.unit(file);
	const known = lines.get(file);
	if (known !== undefined && known.of === flattenUnit(unit)) return known.starts;
	if (lines.size >= MAX_LINE_TABLES) lines.clear();
	const starts = lineStarts(unit.lineLengths);
	lines.set(file, { of: flattenUnit(unit), starts });
	return starts;
}

export function placeAt(world: World, file: FileId, offset: number): Place {
	const { line, column } = placeIn(startsOf(world, file), offset);
	return { file: world.program.paths[file]!, line, column };
}

export function opPlace(world: World, fn: FnId, op: number): Place {
	const { program } = world;
	const file = program.fnFile(fn);
	const at = (program.fnField(fn, FnField.OpStart) + op) * OP_SIZE;
	return placeAt(world, file, program.unit(file).ops[at + OpField.Start]!);
}

export function opEnd(world: World, fn: FnId, op: number): Place {
	const { program } = world;
	const file = program.fnFile(fn);
	const at = (program.fnField(fn, FnField.OpStart) + op) * OP_SIZE;
	return placeAt(world, file, program.unit(file).ops[at + OpField.End]!);
}

export function namePlace(world: World, fn: FnId): Place {
	return placeAt(world, world.program.fnFile(fn), world.program.fnField(fn, FnField.NameStart));
}

/** The name that a call calls, as written: `msleep`, `dev->ops->start`. */
export function calleeText(world: World, fn: FnId, op: number): string {
	const { program } = world;
	const file = program.fnFile(fn);
	const unit = program.unit(file);
	const callee = unit.ops[(program.fnField(fn, FnField.OpStart) + op) * OP_SIZE + OpField.A]!;
	if (program.isRust(file) && callee >= 0 && unit.exprs[callee * EXPR_SIZE] === ExprKind.Name)
		return rustCallee(program.names.text(program.modelName(file, unit.exprs[callee * EXPR_SIZE + 1]!)));
	return sourceText(unit, program.fnLocal(fn), callee);
}

/** The calls from where a context became what it is to a call: the chain's own function first, the call itself last. */
function linksTo(contexts: Contexts, record: RecordId, fn: FnId, op: number): readonly Link[] {
	return chainTo(contexts, record, { fn, op }, forbidsSleep).links;
}

/** The same for another question than whether sleeping is forbidden, with the record at the chain's head. */
export function chainTo(
	contexts: Contexts,
	record: RecordId,
	call: Link,
	isMeant: (ac: number) => boolean,
): { readonly links: readonly Link[]; readonly head: RecordId } {
	const links: Link[] = [call];
	let head = record;
	while (contexts.records.parent(head) !== NONE && isMeant(contexts.records.context(head))) {
		const parent = contexts.records.parent(head);
		links.unshift({ fn: contexts.records.fn(parent), op: contexts.records.op(head) });
		head = parent;
	}
	return { links, head };
}

/** The record at the head of such a chain: an origin, or the one whose function makes the region. */
export function headOf(contexts: Contexts, record: RecordId): RecordId {
	let at = record;
	while (contexts.records.parent(at) !== NONE && forbidsSleep(contexts.records.context(at)))
		at = contexts.records.parent(at);
	return at;
}

/** How the head of a chain comes to be in its context: registration or taking of a lock, with what to say of it. */
export interface Reason {
	readonly steps: readonly Step[];
	/** e.g. "`&dev->lock` is held (spin_lock_irqsave, line 12)" */
	readonly text: string;
	readonly isRcuOnly: boolean;
}

export function reasonFor(
	world: World,
	contexts: Contexts,
	head: RecordId,
	links: readonly Link[],
	state: CallState,
): Reason {
	const origin = contexts.origins[contexts.records.op(head)];
	const isOrigin = contexts.records.parent(head) === NONE && origin !== undefined;
	const first = links[0]!;
	const isDirect = links.length === 1;
	if (isOrigin && forbidsSleep(origin.ac)) {
		const steps = entrySteps(world, { ...origin, registration: contexts.registered.fitting(origin, first.op) });
		if (origin.assertion !== null) return { steps, text: origin.run.label, isRcuOnly: !isAtomic(origin.ac) };
		const text = `${world.program.fnName(origin.fn)}() runs atomic: ${origin.run.label}`;
		return { steps, text, isRcuOnly: !isAtomic(origin.ac) };
	}
	if (isDirect) return regionReason(world, first.fn, state.ctx);
	const ctx = withoutReleased(world, contexts, regionCtx(world, contexts, first), links.slice(1));
	if (forbidsSleep(applyCtx(world.kinds, 0, ctx))) return regionReason(world, first.fn, ctx);
	return argumentReason(world, first);
}

/** The function of the core kernel that brings a callback's context about, where a row of the model names it and the tree has it. */
function coreSteps(world: World, { row }: Registration, run: RunContext): Step[] {
	const { program } = world;
	for (const source of [row.source, run.source]) {
		const [, path, name] = /^(.+\.[ch]):(\w+)$/.exec(source) ?? [];
		const file = path === undefined ? NONE : program.fileOf(path);
		const named = file < 0 ? [] : program.definitionsOf(program.names.lookupText(name!));
		const fn = named.find((definition) => program.fnFile(definition) === file);
		if (fn !== undefined) return [{ ...namePlace(world, fn), function: name!, note: `${run.label}, by ${name}()` }];
	}
	return [];
}

/** How a function comes to be entered in the context of an origin. */
export function entrySteps(world: World, { fn, run, registration, assertion }: Origin): Step[] {
	const name = world.program.fnName(fn);
	if (assertion !== null)
		return [{ ...placeAt(world, assertion.file, assertion.offset), function: name, note: run.label }];
	const steps: Step[] = [];
	if (registration !== null) {
		steps.push(...coreSteps(world, registration, run));
		const by = registration.fn === NONE ? "" : world.program.fnName(registration.fn);
		steps.push({
			...placeAt(world, registration.file, registration.offset),
			function: by === "" ? name : by,
			note: `${name}() becomes ${registration.how} callback: ${run.label}`,
		});
	}
	steps.push({ ...namePlace(world, fn), function: name, note: `${name}() is entered: ${run.label}` });
	return steps;
}

/** A function given as an argument: the region is in the callee that calls it. */
function argumentReason(world: World, link: Link): Reason {
	const callee = staticCallee(world, link.fn, link.op);
	const call =
		callee < 0
			? undefined
			: summaryOf(world, callee).paramCalls.find((c) => forbidsSleep(applyCtx(world.kinds, 0, c.ctx)));
	if (call === undefined) return { steps: [], text: "the context is atomic", isRcuOnly: false };
	return regionReason(world, callee, call.ctx);
}

/** A region without the locks that calls further down release before they go on, as far as another one is left. */
function withoutReleased(world: World, contexts: Contexts, ctx: Ctx, below: readonly Link[]): Ctx {
	const released = below.flatMap(({ fn, op }) => contexts.statesOf(fn, op)[0]?.ctx.gone ?? []);
	if (released.length === 0) return ctx;
	const tails = new Set(released.map((item) => world.paths.tail(item.path)));
	const items = ctx.items.filter((item) => !tails.has(world.paths.tail(item.path)));
	return items.some((item) => world.kinds.spins[item.kind]) ? withItems(ctx, items, ctx.gone) : ctx;
}

/** The atomic state of a call that heads a chain. */
function regionCtx(world: World, contexts: Contexts, link: Link): Ctx {
	const states = contexts.statesOf(link.fn, link.op);
	const atomic = states.find((state) => forbidsSleep(applyCtx(world.kinds, 0, state.ctx)));
	return (atomic ?? states[0]!).ctx;
}

function regionReason(world: World, fn: FnId, ctx: Ctx): Reason {
	const items = ctx.items.filter((item) => world.kinds.spins[item.kind] || world.kinds.bits[item.kind] !== 0);
	const spinning = items.filter((item) => world.kinds.spins[item.kind]);
	const sections = items.filter((item) => !world.kinds.spins[item.kind]);
	const isOff = ctx.irq === Irq.Off && ctx.irqOp >= 0;
	// what makes it atomic is said before what makes it a reader of RCU
	const atomic = sections.find((item) => world.kinds.bits[item.kind] !== Ac.Rcu);
	const main = spinning[0] ?? atomic ?? (isOff ? undefined : sections[0]);
	const steps: Step[] = [];
	const name = world.program.fnName(fn);
	for (const item of main === undefined ? [] : [main]) {
		steps.push({ ...opPlace(world, fn, item.op), function: name, note: acquisitionText(world, fn, item) });
		steps.push(...takingSteps(world, fn, item));
	}
	if (main === undefined && isOff) {
		const by = calleeText(world, fn, ctx.irqOp);
		const { line } = opPlace(world, fn, ctx.irqOp);
		steps.push({ ...opPlace(world, fn, ctx.irqOp), function: name, note: `${by}() turns interrupts off` });
		return { steps, text: `interrupts are off (${by}, line ${line})`, isRcuOnly: false };
	}
	if (main === undefined) return { steps, text: "the context is atomic", isRcuOnly: false };
	const { line } = opPlace(world, fn, main.op);
	const by = takerText(world, fn, main.op);
	const isRcuOnly = !isAtomic(applyCtx(world.kinds, 0, ctx));
	if (world.kinds.spins[main.kind]) {
		return { steps, text: `\`${lockText(world, fn, main)}\` is held (${by}, line ${line})`, isRcuOnly };
	}
	const taker = primitiveTaker(world, fn, main);
	const how = taker === by ? by : `${by}: ${taker}`;
	return { steps, text: `${sectionText(world, main)} (${how}, line ${line})`, isRcuOnly };
}

/** The primitive that a wrapper takes an item with. */
function primitiveTaker(world: World, fn: FnId, item: Item): string {
	const last = takingSteps(world, fn, item).at(-1);
	return last === undefined ? takerText(world, fn, item.op) : last.note.replace(/\(\).*$/, "");
}

/** From a call that returns with an item down to the primitive that takes it. */
function takingSteps(world: World, fn: FnId, item: Item): Step[] {
	const steps: Step[] = [];
	let target = staticCallee(world, fn, item.op);
	for (let i = 0; i < 6 && target >= 0; i++) {
		const inner = summaryOf(world, target)
			.exits.flatMap((exit) => exit.ctx.items)
			.find((other) => other.kind === item.kind);
		if (inner === undefined) break;
		const name = world.program.fnName(target);
		steps.push({ ...opPlace(world, target, inner.op), function: name, note: acquisitionText(world, target, inner) });
		target = staticCallee(world, target, inner.op);
	}
	return steps;
}

export function acquisitionText(world: World, fn: FnId, item: Item): string {
	const by = takerText(world, fn, item.op);
	return world.kinds.isLock[item.kind]
		? `${by}() takes \`${lockText(world, fn, item)}\``
		: `${by}(): ${sectionText(world, item)}`;
}

export function sectionText(world: World, item: Item): string {
	const kind = world.kinds.names[item.kind]!;
	if ((world.kinds.bits[item.kind]! & Ac.Rcu) !== 0) return "this is inside an RCU read-side section";
	const label = world.model.sectionKinds.get(kind as SectionKind)?.label;
	if (label !== undefined) return label;
	switch (world.kinds.bits[item.kind]) {
		case Ac.BhOff:
			return "bottom halves are off";
		case Ac.PreemptOff:
			return "preemption is off";
		default:
			return `this is inside a ${kind} section`;
	}
}

/** A lock in the terms of the function that holds it: as written where it was taken, or by its path when a callee took it. */
export function lockText(world: World, fn: FnId, item: Item): string {
	const { program } = world;
	const file = program.fnFile(fn);
	const unit = program.unit(file);
	const at = (program.fnField(fn, FnField.OpStart) + item.op) * OP_SIZE;
	const target = staticCallee(world, fn, item.op);
	const row = isPrimitive(target) ? primitiveAt(world, target).lock : undefined;
	if (row !== undefined && row.arg >= 0 && row.arg < unit.ops[at + OpField.C]!) {
		return sourceText(unit, program.fnLocal(fn), unit.lists[unit.ops[at + OpField.B]! + row.arg]!);
	}
	if (row?.global !== undefined) return row.global;
	return pathText(world, fn, item.path) ?? world.kinds.names[item.kind]!;
}

/** A path as the source has it, in the terms of a function; null when it does not begin anywhere. */
function pathText(world: World, fn: FnId, path: PathId): string | null {
	const { paths, program } = world;
	const fields: string[] = [];
	let at = path;
	for (; paths.kind(at) >= Root.Field; at = paths.parent(at)) {
		if (paths.kind(at) === Root.Accessor)
			return fields.length === 0 ? `${rustCallee(program.names.text(paths.name(at)))}()` : fields.reverse().join(".");
		if (paths.name(at) >= 0) fields.push(program.names.text(paths.name(at)));
	}
	fields.reverse();
	const [first, ...rest] = fields;
	switch (paths.kind(at)) {
		case Root.Global:
			return [program.names.text(paths.name(at)), ...fields].join(".");
		case Root.Parameter:
		case Root.Local: {
			const unit = program.unit(program.fnFile(fn));
			const name =
				unit.vars[(program.fnField(fn, FnField.VarStart) + paths.name(at)) * VAR_SIZE + VarField.Name] ?? NONE;
			const root = name < 0 ? null : unitName(unit, name);
			if (root === null || root === undefined) return fields.length === 0 ? null : fields.join(".");
			if (program.isRust(program.fnFile(fn))) return [root, ...fields].join(".");
			return first === undefined ? root : `&${[`${root}->${first}`, ...rest].join(".")}`;
		}
		default:
			return fields.length === 0 ? null : fields.join(".");
	}
}

/** What is held, for a sentence: `lock` in quotes, or the section's words. */
export function itemText(world: World, fn: FnId, item: Item): string {
	return world.kinds.isLock[item.kind]
		? `\`${lockText(world, fn, item)}\``
		: `the ${world.kinds.names[item.kind]} section`;
}

/** The operation that took an item, down to the primitive: `dev_lock`, or `guard(spinlock)` as it is written. */
function takerText(world: World, fn: FnId, op: number): string {
	const text = calleeText(world, fn, op);
	const guard = /^class_(\w+)_constructor$/.exec(text);
	return guard === null ? `${text}` : `guard(${guard[1]})`;
}

/** Steps of the calls of a chain. */
export function callSteps(world: World, links: readonly Link[]): Step[] {
	return links.map(({ fn, op }) => ({
		...opPlace(world, fn, op),
		function: world.program.fnName(fn),
		note: `${world.program.fnName(fn)}() calls ${calleeText(world, fn, op)}()`,
	}));
}

/** The chain from a call down to the primitive that may sleep, by the summaries. Empty when it does not sleep. */
export function sleepSteps(world: World, fn: FnId, op: number, callee: number): Step[] {
	const steps: Step[] = [];
	let at: Link = { fn, op };
	let target = callee;
	for (let i = 0; i < MAX_STEPS; i++) {
		const text = calleeText(world, at.fn, at.op);
		const isEnd = isPrimitive(target);
		const name = world.program.fnName(at.fn);
		steps.push({
			...opPlace(world, at.fn, at.op),
			function: name,
			note: isEnd ? `${text}() may sleep` : `${name}() calls ${text}()`,
		});
		if (target < 0) break;
		const summary = summaryOf(world, target);
		if (summary.maySleep === MaySleep.No || summary.sleepOp < 0) break;
		at = { fn: target, op: summary.sleepOp };
		target = staticCallee(world, at.fn, at.op);
	}
	return steps;
}

/** A context as data: bits, locks of the chain, and how one gets here: by `chain`, or by the shortest one of the record. */
export function contextInfo(
	world: World,
	contexts: Contexts,
	record: RecordId,
	link: Link,
	state: CallState,
	chain?: { readonly links: readonly Link[]; readonly head: RecordId },
): ContextInfo {
	const ac = applyCtx(world.kinds, contexts.records.context(record), state.ctx);
	const links = chain?.links ?? (forbidsSleep(ac) ? linksTo(contexts, record, link.fn, link.op) : [link]);
	const reason = forbidsSleep(ac)
		? reasonFor(world, contexts, chain?.head ?? headOf(contexts, record), links, state)
		: { steps: originSteps(world, contexts, record), text: "" };
	return {
		level: levelName(ac),
		atomic: isAtomic(ac),
		...((ac & Ac.Booting) === 0 ? {} : { booting: true }),
		preempt:
			((ac & Ac.SpinMask) >> SPIN_SHIFT) + ((ac & Ac.PreemptOff) !== 0 ? 1 : 0) + ((ac & Ac.Framework) !== 0 ? 1 : 0),
		irqsOff: (ac & Ac.IrqsOff) !== 0,
		bhOff: (ac & Ac.BhOff) !== 0,
		rcu: (ac & Ac.Rcu) !== 0 ? 1 : 0,
		locks:
			chain === undefined
				? heldLocks(world, contexts, record, link, state)
				: locksOf(world, contexts, chain.links, state),
		scopes: scopeNames(ac),
		enter: [...reason.steps, ...callSteps(world, links.slice(0, -1))],
		confidence: CONFIDENCES[contexts.records.doubt(record)]!,
	};
}

/** From an entry point down to a record that may sleep. */
function originSteps(world: World, contexts: Contexts, record: RecordId): Step[] {
	const steps: Step[] = [];
	let at = record;
	while (contexts.records.parent(at) !== NONE && steps.length < MAX_STEPS) {
		const parent = contexts.records.parent(at);
		steps.unshift(...callSteps(world, [{ fn: contexts.records.fn(parent), op: contexts.records.op(at) }]));
		at = parent;
	}
	const origin = contexts.origins[contexts.records.op(at)];
	if (origin !== undefined && contexts.records.parent(at) === NONE) {
		const name = world.program.fnName(origin.fn);
		steps.unshift({
			...namePlace(world, origin.fn),
			function: name,
			note: `${name}() is entered: ${origin.run.label}`,
		});
	}
	return steps;
}

/** The context of a call that may sleep, by a chain of calls that are made in the given states. */
export function sleepableInfo(
	world: World,
	links: readonly Link[],
	states: readonly CallState[],
	enter: readonly Step[],
	doubt: number,
): ContextInfo {
	const locks: HeldLock[] = [];
	for (let i = links.length - 1; i >= 0; i--) addLocks(world, links[i]!.fn, states[i]!.ctx, locks);
	return {
		level: "process",
		atomic: false,
		preempt: 0,
		irqsOff: false,
		bhOff: false,
		rcu: 0,
		locks,
		scopes: scopeNames(states.reduce((ac, { ctx }) => applyCtx(world.kinds, ac, ctx), Level.Process)),
		enter,
		confidence: CONFIDENCES[doubt]!,
	};
}

/** All locks that are held at the end of a chain, sleeping ones included, the innermost call's first. */
function locksOf(world: World, contexts: Contexts, links: readonly Link[], last: CallState): HeldLock[] {
	const locks: HeldLock[] = [];
	const released = new Set<number>();
	for (let i = links.length - 1; i >= 0; i--) {
		const ctx = i === links.length - 1 ? last.ctx : regionCtx(world, contexts, links[i]!);
		const items = ctx.items.filter((item) => !released.has(world.paths.tail(item.path)));
		addLocks(world, links[i]!.fn, withItems(ctx, items, ctx.gone), locks);
		for (const item of ctx.gone) if (world.paths.isNamed(item.path)) released.add(world.paths.tail(item.path));
	}
	return locks;
}

function addLocks(world: World, fn: FnId, ctx: Ctx, locks: HeldLock[]): void {
	for (const item of ctx.items) {
		if (!world.kinds.isLock[item.kind]) continue;
		const { file, line } = opPlace(world, fn, item.op);
		locks.push({ name: lockText(world, fn, item), kind: world.kinds.names[item.kind]!, file, line });
	}
}

/** All locks that the chain and the state hold, sleeping ones included. */
function heldLocks(world: World, contexts: Contexts, record: RecordId, link: Link, state: CallState): HeldLock[] {
	const locks: HeldLock[] = [];
	addLocks(world, link.fn, state.ctx, locks);
	let at = record;
	for (let depth = 0; contexts.records.parent(at) !== NONE && depth < MAX_STEPS; depth++) {
		const parent = contexts.records.parent(at);
		const call: Link = { fn: contexts.records.fn(parent), op: contexts.records.op(at) };
		const target = contexts.records.context(at);
		const states = contexts.statesOf(call.fn, call.op);
		const used =
			states.find((s) => applyCtx(world.kinds, contexts.records.context(parent), s.ctx) === target) ?? states[0];
		if (used !== undefined) addLocks(world, call.fn, used.ctx, locks);
		at = parent;
	}
	return locks;
}

function levelName(ac: number): ContextInfo["level"] {
	switch (ac & Ac.LevelMask) {
		case Level.Softirq:
			return "softirq";
		case Level.Hardirq:
			return "hardirq";
		default:
			return "process";
	}
}

/** The memalloc scopes of a context. */
export function scopeNames(ac: number): string[] {
	const names: string[] = [];
	if ((ac & Ac.NoIo) !== 0) names.push("NOIO");
	else if ((ac & Ac.NoFs) !== 0) names.push("NOFS");
	if ((ac & Ac.MemAlloc) !== 0) names.push("PF_MEMALLOC");
	if ((ac & Ac.NonBlock) !== 0) names.push("non_block");
	return names;
}
