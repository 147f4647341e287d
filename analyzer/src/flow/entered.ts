// How functions may be entered, as far as anybody can see: a pass down the call graph from all that may be entered
// from outside. What it does not come to is entered in atomic context only (a condition there cannot be what tells
// the two apart), or before the scheduler runs.

import type { Steps } from "../base/steps.js";
import { IntVec } from "../base/vec.js";
import type { FnId } from "../ir/program.js";
import { FnFlag } from "../ir/unit.js";
import { CALL_SIZE, CallField, type CallLists } from "./callLists.js";
import { Ac, applyCtx, forbidsSleep } from "./context.js";
import type { Pointers } from "./pointers.js";
import type { Origin } from "./roots.js";
import type { CallState } from "./summary.js";
import type { World } from "./world.js";

/** Is a call to be gone down by, in view of its states? null: it has the neutral one only. */
type Passes = (states: readonly CallState[] | null) => boolean;

export class Entered {
	/** by function: 1 when it may be entered where sleeping is allowed */
	private readonly sleepable = new IntVec(1 << 12);
	/** by function: 1 when it may be entered while the scheduler runs */
	private readonly scheduled = new IntVec(1 << 12);
	/** by function: 1 when it may be entered in ways that nobody knows */
	private readonly unknown = new IntVec(1 << 12);
	/** functions that are scheduled just because they may be built instead of others that are, or such a one calls them */
	private readonly standIns = new Set<FnId>();

	constructor(
		private readonly world: World,
		private readonly calls: CallLists,
	) {}

	/** Looks at every function of the program. */
	*find(pointers: Pointers, origins: readonly Origin[]): Steps<void> {
		for (const found of [this.sleepable, this.scheduled, this.unknown]) {
			found.clear();
			found.extend(this.world.program.fnLimit, 0);
		}
		const outside = yield* this.enteredFromOutside(pointers, origins);
		const { kinds } = this.world;
		yield* this.spread(this.unknown, outside, () => true);
		const isDoubtful = ({ doubt, ac }: Origin) => doubt > 0 || !forbidsSleep(ac);
		yield* this.spread(this.sleepable, [...outside, ...fnsOf(origins.filter(isDoubtful))], (states) =>
			states === null ? true : states.some((state) => !forbidsSleep(applyCtx(kinds, 0, state.ctx))),
		);
		const isScheduled = ({ ac }: Origin) => (ac & Ac.Booting) === 0;
		const atBoot = outside.filter((fn) => this.isBootCode(fn, pointers));
		const later = new Set(outside);
		for (const fn of atBoot) later.delete(fn);
		yield* this.spread(this.scheduled, [...later, ...fnsOf(origins.filter(isScheduled))], () => true);
		const standIns = atBoot.filter((fn) => this.hasScheduledNamesake(fn));
		const before = this.scheduled.data.slice(0, this.scheduled.length);
		yield* this.spread(this.scheduled, standIns, () => true);
		this.standIns.clear();
		before.forEach((is, fn) => {
			if (is !== this.scheduled.data[fn]) this.standIns.add(fn);
		});
	}

	/** May the function be entered where sleeping is allowed? One that is new may. */
	maySleep(fn: FnId): boolean {
		return fn >= this.sleepable.length || this.sleepable.data[fn] === 1;
	}

	/** May the function be entered while the scheduler runs? */
	isScheduled(fn: FnId): boolean {
		return fn >= this.scheduled.length || this.scheduled.data[fn] === 1;
	}

	/** Are all ways known in which the function is entered: calls, registrations that a row describes? */
	isKnown(fn: FnId): boolean {
		return fn < this.unknown.length && this.unknown.data[fn] === 0;
	}

	/** Is it scheduled just because it, or what calls it, may be built instead of another that is? */
	isStandIn(fn: FnId): boolean {
		return this.standIns.has(fn);
	}

	/** Is all the same of the function in what others have found? */
	isSame(other: Entered, fn: FnId): boolean {
		return (
			this.maySleep(fn) === other.maySleep(fn) &&
			this.isScheduled(fn) === other.isScheduled(fn) &&
			this.isKnown(fn) === other.isKnown(fn)
		);
	}

	/** Is it a function for the time of booting that assembly, or a table of the linker, begins with? Initcalls are registered. */
	private isBootCode(fn: FnId, pointers: Pointers): boolean {
		if (pointers.kept.has(fn) || pointers.escaped.has(fn)) return false;
		return (this.world.program.flagsOf(fn) & FnFlag.Init) !== 0;
	}

	/** Is another definition of the name entered later on? Then this one is too, where it is built instead. */
	private hasScheduledNamesake(fn: FnId): boolean {
		const { program } = this.world;
		if ((program.flagsOf(fn) & FnFlag.Static) !== 0) return false;
		return program.definitionsOf(program.fnGlobalName(fn)).some((other) => this.isScheduled(other));
	}

	/** The functions that nobody calls or registers, and those whose address goes where no row says how they are called. */
	private *enteredFromOutside(pointers: Pointers, origins: readonly Origin[]): Steps<FnId[]> {
		const { program } = this.world;
		const { inOrder } = program;
		const isKnown = new Uint8Array(program.fnLimit);
		for (let i = 0; i < inOrder.length; i++) {
			if (i % 1024 === 0) yield;
			const fn = inOrder[i]!;
			const start = this.calls.of(fn);
			const { data } = this.calls.items;
			for (let at = start + 1; at <= start + data[start]!; at += CALL_SIZE) {
				const callee = data[at + CallField.Callee]!;
				if (callee >= 0 && callee !== fn) isKnown[callee] = 1;
			}
		}
		for (const { fn } of origins) isKnown[fn] = 1;
		for (const fn of pointers.kept) isKnown[fn] = 0;
		for (const fn of pointers.escaped) isKnown[fn] = 0;
		return Array.from(program.inOrder.filter((fn) => isKnown[fn] === 0));
	}

	/** Marks, besides what is marked, all that is called from `roots` by calls that `passes` lets through. */
	private *spread(found: IntVec, roots: readonly FnId[], passes: Passes): Steps<void> {
		const { program } = this.world;
		const queue = new IntVec(1 << 12);
		const add = (fn: FnId) => {
			if (found.data[fn] === 1) return;
			found.data[fn] = 1;
			queue.push(fn);
		};
		roots.forEach(add);
		for (let i = 0; i < queue.length; i++) {
			const fn = queue.data[i]!;
			if (i % 1024 === 0) yield;
			if (!program.isLive(fn)) continue;
			const start = this.calls.of(fn);
			const { data } = this.calls.items;
			for (let at = start + 1; at <= start + data[start]!; at += CALL_SIZE) {
				const callee = data[at + CallField.Callee]!;
				if (callee < 0 || found.data[callee] === 1) continue;
				const states = data[at + CallField.States]!;
				if (passes(states < 0 ? null : this.calls.states[states]!)) add(callee);
			}
		}
	}
}

function fnsOf(origins: readonly Origin[]): FnId[] {
	return origins.map((origin) => origin.fn);
}
