// hot: the calls of functions as contexts spread through them: what the call sites and the summary say of a call side
// by side, and one function's calls after another's. Made on first use, let go of when contexts have spread.

import { IntVec } from "../base/vec.js";
import { NONE } from "../ir/ops.js";
import type { FnId } from "../ir/program.js";
import type { CallGraph } from "./callGraph.js";
import type { CallState } from "./summary.js";
import { SurveyPart } from "./survey.js";
import { Callee, summaryOf, type World } from "./world.js";

/** Ints of a call. A list begins with its length in ints. */
export const CALL_SIZE = 3;

export const enum CallField {
	/** FnId or Callee.Indirect: what rows describe and what nobody knows hands on nothing */
	Callee = 0,
	Op = 1,
	/** index in `states`; NEUTRAL, or REPEATED */
	States = 2,
}

/** The call has the neutral state only. */
export const NEUTRAL = -1;
/** The same, and the same function has been called so before in the list. */
export const REPEATED = -2;

export class CallLists {
	readonly items = new IntVec(1 << 12);
	readonly states: (readonly CallState[])[] = [];
	/** by function: place of its list, NONE before it is made */
	private starts = new IntVec(0);

	constructor(
		private readonly world: World,
		private readonly graph: CallGraph,
	) {}

	/** Place of a function's list in `items`. */
	of(fn: FnId): number {
		const known = fn < this.starts.length ? this.starts.data[fn]! : NONE;
		return known === NONE ? this.make(fn) : known;
	}

	clear(): void {
		this.items.clear();
		this.items.data = new Int32Array(0);
		this.states.length = 0;
		this.starts = new IntVec(0);
	}

	private make(fn: FnId): number {
		const { items } = this;
		const { program } = this.world;
		const survey = this.graph.survey(program.fnFile(fn));
		const nSites = survey[SurveyPart.Sites]!;
		const first = SurveyPart.Starts + program.fnLocal(fn);
		const { ops, states } = summaryOf(this.world, fn).calls;
		const start = items.push(0);
		const end = survey[first + 1]!;
		for (let i = survey[first]!, at = 0; i < end; i++) {
			const callee = survey[i + nSites]!;
			if (callee <= Callee.Unknown) continue;
			const op = survey[i]!;
			while (at < ops.length && ops[at]! < op) at++;
			const place = items.length;
			items.push(callee);
			items.push(op);
			if (at < ops.length && ops[at] === op) items.push(this.states.push(states[at]!) - 1);
			else items.push(this.isRepeated(callee, start + 1, place) ? REPEATED : NEUTRAL);
		}
		items.data[start] = items.length - start - 1;
		this.starts.extend(Math.max(fn + 1, program.fnLimit), NONE);
		this.starts.data[fn] = start;
		return start;
	}

	private isRepeated(callee: number, from: number, to: number): boolean {
		const { data } = this.items;
		for (let at = from; at < to; at += CALL_SIZE)
			if (data[at] === callee && data[at + CallField.States] === NEUTRAL) return true;
		return false;
	}
}
