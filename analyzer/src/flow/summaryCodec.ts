// hot: summaries as integers, for other threads. Values and paths are written out: their ids mean something in one
// thread only. Of what only the contexts ask for (the states of calls, single returns), callers need nothing.

import { exact, noneOf } from "../base/lists.js";
import { IntVec } from "../base/vec.js";
import { type Ctx, type Item, NEUTRAL, type Saved } from "./context.js";
import {
	type CallState,
	type CallTable,
	type Exit,
	type Guard,
	type Mispairing,
	NO_CALLS,
	type ParamCall,
	type Summary,
} from "./summary.js";
import { TOP, type ValueId } from "./values.js";
import type { World } from "./world.js";

const enum Flag {
	NoReturn = 1,
	ReadsField = 2,
	CallsPointers = 4,
	PassesFunctions = 8,
	Imprecise = 16,
	/** returns, mispairings and calls follow */
	Whole = 32,
	Tells = 64,
}

const enum StateFlag {
	Conditional = 1,
	Merged = 2,
	Told = 4,
	HasArgs = 8,
}

/** Codes of contexts: the caller's own, one that follows, from here on the n-th of this summary. */
const enum CtxCode {
	Neutral = 0,
	New = 1,
	First = 2,
}

export class SummaryWriter {
	readonly out = new IntVec(1 << 10);
	/** contexts of the summary that have been written */
	private ctxs: Ctx[] = [];

	constructor(private readonly world: World) {}

	/** Puts a summary into `out`; `isWhole`: with all that is in it, else with what callers see. */
	write(summary: Summary, isWhole: boolean): void {
		const { out } = this;
		out.clear();
		if (this.ctxs.length > 0) this.ctxs = [];
		out.push(
			(summary.noReturn ? Flag.NoReturn : 0) |
				(summary.readsField ? Flag.ReadsField : 0) |
				(summary.tells ? Flag.Tells : 0) |
				(summary.callsPointers ? Flag.CallsPointers : 0) |
				(summary.passesFunctions ? Flag.PassesFunctions : 0) |
				(summary.imprecise ? Flag.Imprecise : 0) |
				(isWhole ? Flag.Whole : 0),
		);
		this.exits(summary.exits);
		if (isWhole) this.whole(summary);
		out.push(summary.maySleep);
		out.push(summary.sleepOp);
		out.push(summary.sleepParam);
		this.value(summary.sleepWhen);
		out.push(summary.sleepDepth);
		out.push(summary.relevant);
		out.push(summary.zeroSleeps);
		out.push(summary.written);
		out.push(summary.reads.length);
		for (const name of summary.reads) out.push(name);
		out.push(summary.paramCalls.length);
		for (const call of summary.paramCalls) {
			out.push(call.param);
			this.ctx(call.ctx);
			out.push(call.op);
			out.push(call.isLast ? 1 : 0);
			this.guards(call.guards);
		}
	}

	private whole(summary: Summary): void {
		const { out } = this;
		this.exits(summary.returns);
		out.push(summary.mispairings.length);
		for (const one of summary.mispairings) {
			out.push(one.op);
			this.item(one.held);
			out.push(one.irq);
			out.push(one.after);
		}
		out.push(summary.calls.ops.length);
		for (let i = 0; i < summary.calls.ops.length; i++) {
			out.push(summary.calls.ops[i]!);
			this.states(summary.calls.states[i]!);
		}
	}

	private exits(exits: readonly Exit[]): void {
		this.out.push(exits.length);
		for (const exit of exits) {
			this.ctx(exit.ctx);
			this.value(exit.value);
			this.guards(exit.guards);
			this.out.push(exit.op);
		}
	}

	private states(states: readonly CallState[]): void {
		const { out } = this;
		out.push(states.length);
		for (const state of states) {
			out.push(
				(state.conditional ? StateFlag.Conditional : 0) |
					(state.merged ? StateFlag.Merged : 0) |
					(state.told ? StateFlag.Told : 0) |
					(state.args !== null ? StateFlag.HasArgs : 0),
			);
			out.push(state.callee);
			this.ctx(state.ctx);
			this.guards(state.guards);
			if (state.args === null) continue;
			out.push(state.args.length);
			for (const value of state.args) this.value(value);
		}
	}

	private guards(guards: readonly Guard[]): void {
		this.out.push(guards.length);
		for (const guard of guards) {
			this.out.push(guard.param);
			this.value(guard.value);
		}
	}

	private value(value: ValueId): void {
		const { out } = this;
		const { values } = this.world;
		out.push(value === TOP ? 0 : 1);
		if (value === TOP) return;
		out.push(values.base(value));
		out.push(values.set(value));
		out.push(values.clear(value));
		out.push(values.isNonZero(value) ? 1 : 0);
	}

	private ctx(ctx: Ctx): void {
		const { out } = this;
		if (ctx === NEUTRAL) {
			out.push(CtxCode.Neutral);
			return;
		}
		const known = this.ctxs.indexOf(ctx);
		if (known >= 0) {
			out.push(CtxCode.First + known);
			return;
		}
		this.ctxs.push(ctx);
		out.push(CtxCode.New);
		out.push(ctx.items.length);
		for (const item of ctx.items) this.item(item);
		out.push(ctx.gone.length);
		for (const item of ctx.gone) this.item(item);
		out.push(ctx.irq);
		out.push(ctx.irqBefore);
		out.push(ctx.irqOp);
		out.push(ctx.saved.length);
		for (const saved of ctx.saved) {
			this.world.paths.write(saved.flags, out);
			out.push(saved.irq);
			out.push(saved.op);
		}
	}

	private item(item: Item): void {
		const { out } = this;
		out.push(item.kind);
		this.world.paths.write(item.path, out);
		out.push(item.op);
		out.push(item.irq);
		out.push(item.asserted ? 1 : 0);
	}
}

/** One empty list for all. */
const NONE_OF_THEM = noneOf<never>();

export class SummaryReader {
	private data: Int32Array = new Int32Array(0);
	private at = 0;
	private ctxs: Ctx[] = [];

	constructor(private readonly world: World) {}

	/** The summary that was written at `at`. */
	read(data: Int32Array, at: number): Summary {
		this.data = data;
		this.at = at;
		if (this.ctxs.length > 0) this.ctxs = [];
		const flags = this.next();
		const isWhole = (flags & Flag.Whole) !== 0;
		// in the order in which summaries have their properties: all have one shape
		return {
			exits: this.list(() => this.exit()),
			returns: isWhole ? this.list(() => this.exit()) : NONE_OF_THEM,
			mispairings: isWhole ? this.list(() => this.mispairing()) : NONE_OF_THEM,
			noReturn: (flags & Flag.NoReturn) !== 0,
			calls: isWhole ? this.calls() : NO_CALLS,
			maySleep: this.next(),
			sleepOp: this.next(),
			sleepParam: this.next(),
			sleepWhen: this.value(),
			sleepDepth: this.next(),
			relevant: this.next(),
			zeroSleeps: this.next(),
			written: this.next(),
			readsField: (flags & Flag.ReadsField) !== 0,
			tells: (flags & Flag.Tells) !== 0,
			reads: this.list(() => this.next()),
			callsPointers: (flags & Flag.CallsPointers) !== 0,
			passesFunctions: (flags & Flag.PassesFunctions) !== 0,
			paramCalls: this.list(() => this.paramCall()),
			imprecise: (flags & Flag.Imprecise) !== 0,
		};
	}

	private next(): number {
		return this.data[this.at++]!;
	}

	private list<T>(read: () => T): readonly T[] {
		const length = this.next();
		if (length === 0) return NONE_OF_THEM;
		if (length === 1) return [read()];
		const list: T[] = [];
		for (let i = 0; i < length; i++) list.push(read());
		return exact(list);
	}

	private exit(): Exit {
		return { ctx: this.ctx(), value: this.value(), guards: this.guards(), op: this.next() };
	}

	private paramCall(): ParamCall {
		return { param: this.next(), ctx: this.ctx(), op: this.next(), isLast: this.next() === 1, guards: this.guards() };
	}

	private mispairing(): Mispairing {
		return { op: this.next(), held: this.item(), irq: this.next(), after: this.next() };
	}

	private calls(): CallTable {
		const count = this.next();
		if (count === 0) return NO_CALLS;
		const ops: number[] = [];
		const states: (readonly CallState[])[] = [];
		for (let i = 0; i < count; i++) {
			ops.push(this.next());
			states.push(this.states());
		}
		return { ops: exact(ops), states: exact(states) };
	}

	private states(): readonly CallState[] {
		const count = this.next();
		const states: CallState[] = [];
		for (let i = 0; i < count; i++) {
			const flags = this.next();
			const callee = this.next();
			const ctx = this.ctx();
			const guards = this.guards();
			const args = (flags & StateFlag.HasArgs) === 0 ? null : this.args();
			const conditional = (flags & StateFlag.Conditional) !== 0;
			const merged = (flags & StateFlag.Merged) !== 0;
			const told = (flags & StateFlag.Told) !== 0;
			if (count === 1 && !merged && !told) return this.world.states.listOf(ctx, guards, args, callee, conditional);
			states.push({ ctx, guards, args, callee, conditional, merged, told });
		}
		return states;
	}

	/** To V8, a list of numbers is another kind of list than those that `list` makes. */
	private args(): readonly ValueId[] {
		const count = this.next();
		const args: ValueId[] = [];
		for (let i = 0; i < count; i++) args.push(this.value());
		return args;
	}

	private guards(): readonly Guard[] {
		const count = this.next();
		const guards: Guard[] = [];
		for (let i = 0; i < count; i++) guards.push({ param: this.next(), value: this.value() });
		return this.world.states.shareGuards(guards);
	}

	private value(): ValueId {
		if (this.next() === 0) return TOP;
		return this.world.values.make(this.next(), this.next(), this.next(), this.next());
	}

	private ctx(): Ctx {
		const code = this.next();
		if (code === CtxCode.Neutral) return NEUTRAL;
		if (code !== CtxCode.New) return this.ctxs[code - CtxCode.First]!;
		const ctx: Ctx = {
			items: this.list(() => this.item()),
			gone: this.list(() => this.item()),
			irq: this.next(),
			irqBefore: this.next(),
			irqOp: this.next(),
			saved: this.list(() => this.saved()),
		};
		this.ctxs.push(ctx);
		return ctx;
	}

	private item(): Item {
		return {
			kind: this.next(),
			path: this.path(),
			op: this.next(),
			irq: this.next(),
			asserted: this.next() === 1,
		};
	}

	private saved(): Saved {
		return { flags: this.path(), irq: this.next(), op: this.next() };
	}

	private path(): number {
		const path = this.world.paths.read(this.data, this.at);
		this.at += 1 + this.data[this.at]! * 2;
		return path;
	}
}
