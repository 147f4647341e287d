// Compares what functions say of their context with the contexts found. A statement is contradicted by a certain
// chain only; where the chain is doubtful, or nothing known enters the function, nothing is said.

import type { Confidence, Step } from "../api.js";
import { addTo } from "../base/lists.js";
import { Ac, forbidsSleep, isAtomic, Level } from "../flow/context.js";
import type { Solved } from "../flow/solved.js";
import type { CallState } from "../flow/summary.js";
import { contextName, type RecordId } from "../flow/topDown.js";
import type { Violation } from "../flow/violations.js";
import { calleeText, callSteps, contextInfo, namePlace, opPlace, reasonFor, sleepSteps } from "../flow/witness.js";
import { isDescribed, staticCallee, summaryOf } from "../flow/world.js";
import { NONE } from "../ir/ops.js";
import { isAssertedRecord, isCertainRecord, isUnconditional, sleepsSurely } from "./chains.js";
import type { HeldByCallers, HeldUnknown, HeldVerdict, WantedLock } from "./heldByCallers.js";
import type { Fact, Statement, Wanted } from "./statements.js";

export type Unknown = "not-entered" | "doubtful" | "sleeps-perhaps" | HeldUnknown;

export const UNKNOWN_TEXTS: Readonly<Record<Unknown, string>> = {
	"not-entered": "nothing known enters the function",
	doubtful: "a chain contradicts it, but not certainly: a pointer, a condition, some paths only",
	"sleeps-perhaps": "it sleeps under a condition, or calls through pointers",
	"no-caller": "a chain of callers ends in a function that nothing known calls",
	pointer: "a caller is called through a pointer or given away",
	callback: "a caller is a callback, and its row does not say which locks are held",
	"other-lock": "a lock of that kind is held under another name",
	"some-paths": "a caller holds the lock on some paths only",
	condition: "a caller without the lock calls it under a condition",
	far: "too many callers to look through",
	described: "the function, or a caller, is described by a model row",
};

export type Verdict = { readonly is: "agree" } | { readonly is: "unknown"; readonly why: Unknown } | Contradicted;

export interface Contradicted {
	readonly is: "contradict";
	readonly inferred: string;
	readonly chain: readonly Step[];
	readonly confidence: Confidence;
}

const AGREE: Verdict = { is: "agree" };

export class Judge {
	/** violations by function and op, once somebody asks */
	private violationsAt: ReadonlyMap<string, readonly Violation[]> | null = null;

	constructor(
		private readonly solved: Solved,
		private readonly holders: HeldByCallers,
	) {}

	/** The verdict on all facts of a statement: one that is contradicted, else one that is unknown, decides. */
	judge(statement: Statement): Verdict {
		if (isDescribed(this.solved.world, statement.fn)) return unknown("described");
		const verdicts = statement.facts.map((fact) => this.judgeFact(statement, fact));
		return (
			verdicts.find((verdict) => verdict.is === "contradict") ??
			verdicts.find((verdict) => verdict.is === "unknown") ??
			AGREE
		);
	}

	/** What contradicts a statement for certain; null for nothing. Costs less than the whole verdict. */
	contradictionOf(statement: Statement): Contradicted | null {
		if (isDescribed(this.solved.world, statement.fn)) return null;
		for (const fact of statement.facts) {
			const verdict =
				fact.kind === "held" ? this.denyHeld(statement, fact.lock, fact.name) : this.judgeFact(statement, fact);
			if (verdict.is === "contradict") return verdict;
		}
		return null;
	}

	private denyHeld(statement: Statement, lock: WantedLock, name: string): Verdict {
		const { fn, op, isAtEntry } = statement;
		const own = op === NONE ? "none" : this.holders.standingAt(fn, op, lock);
		const held = isAtEntry && own === "none" ? this.holders.lacking(fn, lock) : null;
		return held === null ? unknown("no-caller") : this.lacking(statement, held, name);
	}

	private judgeFact(statement: Statement, fact: Fact): Verdict {
		switch (fact.kind) {
			case "held":
				return this.judgeHeld(statement, fact.lock, fact.name);
			case "not-held":
				return this.judgeNotHeld(statement, fact.lock);
			case "may-sleep":
				return statement.op === NONE ? this.judgeContexts(statement, MAY_SLEEP) : this.judgeCheck(statement);
			case "never-sleeps":
				return this.judgeNeverSleeps(statement);
			case "in":
				return this.judgeContexts(statement, DEMANDS[fact.wanted]);
		}
	}

	/** Every known context of the statement's place is as wanted, or a certain one is not. */
	private judgeContexts({ fn, op, isAtEntry }: Statement, demand: Demand): Verdict {
		const { holds, tells } = demand;
		const { solved } = this;
		const { contexts } = solved;
		// NONE is no call: the one state of the function's entry.
		const states = contexts.statesOf(fn, op);
		let isEntered = false;
		let isDoubtful = false;
		for (let record = contexts.first(fn); record !== NONE; record = contexts.next(record)) {
			if (contexts.isSeed(record) || isAssertedRecord(solved, record)) continue;
			for (const state of states) {
				const ac = contexts.contextAt(record, state);
				if (ac === NONE || !(holds(ac) || tells(ac))) continue;
				isEntered = true;
				if (holds(ac)) continue;
				const isMoved = demand.mayMove === true && contexts.runOf(contexts.topOf(record))?.onRt !== undefined;
				const isCertain =
					isAtEntry && !isMoved && isUnconditional(solved, record, state) && isCertainRecord(solved, record);
				if (isCertain) return this.contradictedBy(record, { fn, op: Math.max(op, 0) }, state, ac);
				isDoubtful = true;
			}
		}
		if (isDoubtful) return unknown("doubtful");
		return isEntered ? AGREE : unknown("not-entered");
	}

	private contradictedBy(record: RecordId, link: { fn: number; op: number }, state: CallState, ac: number): Verdict {
		const { world, contexts } = this.solved;
		const info = contextInfo(world, contexts, record, link, state);
		const name = world.program.fnName(link.fn);
		return {
			is: "contradict",
			inferred: `${name}() is entered in this context: ${contextName(ac)}`,
			chain: info.enter,
			confidence: info.confidence,
		};
	}

	/** might_sleep() itself: the violations of the call. */
	private judgeCheck({ fn, op }: Statement): Verdict {
		const { world, contexts } = this.solved;
		this.violationsAt ??= violationsByPlace(this.solved);
		const violations = this.violationsAt.get(`${fn}/${op}`) ?? [];
		const certain = violations.find((violation) => violation.doubt === 0);
		if (certain !== undefined) {
			const reason = reasonFor(world, contexts, certain.head, certain.links, certain.state);
			const chain = [...reason.steps, ...callSteps(world, certain.links)];
			return { is: "contradict", inferred: reason.text, chain, confidence: "high" };
		}
		if (violations.length > 0) return unknown("doubtful");
		for (let record = contexts.first(fn); record !== NONE; record = contexts.next(record)) {
			if (!contexts.isSeed(record) && !forbidsSleep(contexts.records.context(record))) return AGREE;
		}
		return unknown("not-entered");
	}

	private judgeNeverSleeps({ fn }: Statement): Verdict {
		const { world } = this.solved;
		const sleeps = sleepsSurely(this.solved, fn);
		if (sleeps === "no") return AGREE;
		if (sleeps === "perhaps") return unknown("sleeps-perhaps");
		const { sleepOp } = summaryOf(world, fn);
		const chain = sleepSteps(world, fn, sleepOp, staticCallee(world, fn, sleepOp));
		const name = world.program.fnName(fn);
		return { is: "contradict", inferred: `${name}() sleeps: ${chain.at(-1)?.note ?? ""}`, chain, confidence: "high" };
	}

	private judgeHeld(statement: Statement, lock: WantedLock, name: string): Verdict {
		const { fn, op, isAtEntry } = statement;
		const own = op === NONE ? "none" : this.holders.standingAt(fn, op, lock);
		if (own === "held") return AGREE;
		if (own !== "none") return unknown(own === "released" ? "some-paths" : own);
		const held = this.holders.judge(fn, lock);
		if (held.verdict === "held") return AGREE;
		if (held.verdict !== "lacking") return unknown(held.verdict);
		return isAtEntry ? this.lacking(statement, held, name) : unknown("condition");
	}

	private lacking({ fn }: Statement, { links, origin }: HeldVerdict, name: string): Verdict {
		const { world } = this.solved;
		const head = links[0]?.fn ?? fn;
		const headName = world.program.fnName(head);
		const how = origin === null ? "which releases it" : origin.run.label;
		const start: Step = { ...namePlace(world, head), function: headName, note: `${headName}() is entered: ${how}` };
		return {
			is: "contradict",
			inferred: `\`${name}\` is not held on the way from ${headName}(): ${how}`,
			chain: [start, ...callSteps(world, links)],
			confidence: "high",
		};
	}

	private judgeNotHeld({ fn, op, isAtEntry }: Statement, lock: WantedLock): Verdict {
		const { world } = this.solved;
		const own = this.holders.standingAt(fn, op, lock);
		if (own === "held" && isAtEntry) {
			const text = `${calleeText(world, fn, op)}()`;
			const step: Step = { ...opPlace(world, fn, op), function: world.program.fnName(fn), note: text };
			return { is: "contradict", inferred: "the function itself holds it there", chain: [step], confidence: "high" };
		}
		const held = this.holders.judge(fn, lock);
		if (held.isHeldSomewhere || own !== "none") return unknown("doubtful");
		if (held.verdict === "lacking") return AGREE;
		return unknown(held.verdict === "held" ? "doubtful" : held.verdict);
	}
}

const isOff = (ac: number) => (ac & Ac.IrqsOff) !== 0 || (ac & Ac.LevelMask) === Level.Hardirq;

/** What a statement demands of a context. */
interface Demand {
	readonly holds: (ac: number) => boolean;
	/** does a context for which it does not hold deny it? One that begins in a region may hold more than is known */
	readonly tells: (ac: number) => boolean;
	/** what runs elsewhere under PREEMPT_RT may be registered to run there always, and denies nothing */
	readonly mayMove?: boolean;
}

const isEntryKnown = (ac: number) => (ac & Ac.LevelMask) !== Level.Any;
const always = () => true;

const MAY_SLEEP: Demand = { holds: (ac) => !forbidsSleep(ac), tells: always };

const DEMANDS: Readonly<Record<Wanted, Demand>> = {
	// Whether interrupts are off under a framework's lock is more than its row says.
	"irqs-off": { holds: isOff, tells: (ac) => isEntryKnown(ac) && (ac & Ac.Framework) === 0 },
	"irqs-on": { holds: (ac) => !isOff(ac), tells: always },
	"preempt-off": { holds: isAtomic, tells: isEntryKnown },
	"cannot-sleep": { holds: isAtomic, tells: isEntryKnown },
	"in-softirq": {
		holds: (ac) => (ac & Ac.LevelMask) === Level.Softirq || (ac & Ac.BhOff) !== 0,
		tells: isEntryKnown,
		mayMove: true,
	},
	"in-interrupt": { holds: (ac) => (ac & Ac.LevelMask) === Level.Hardirq, tells: isEntryKnown },
	"in-task": { holds: (ac) => (ac & Ac.LevelMask) < Level.Softirq, tells: always },
};

function unknown(why: Unknown): Verdict {
	return { is: "unknown", why };
}

function violationsByPlace({ violations }: Solved): ReadonlyMap<string, readonly Violation[]> {
	const byPlace = new Map<string, Violation[]>();
	for (const violation of violations) addTo(byPlace, `${violation.fn}/${violation.op}`, violation);
	return byPlace;
}
