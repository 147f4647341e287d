// The breakpoints of a session: on lines, functions and data, each with a condition, a count of hits, or a
// message to print instead of stopping. Knows no protocol.

import type { Simulation, Watch } from "@might-sleep/analyzer";

/** What one breakpoint asks besides its place. */
export interface Terms {
	readonly condition?: string | undefined;
	/** `3`, `>= 3`, `% 2` */
	readonly hitCondition?: string | undefined;
	readonly logMessage?: string | undefined;
}

export interface Breakpoint {
	readonly id: number;
	readonly terms: Terms;
	readonly isHit: (hits: number) => boolean;
	/** indices at which it was hit since it was set, in order: going back and forth counts each once */
	readonly hits: number[];
}

export interface DataBreakpoint extends Breakpoint {
	readonly watch: Watch;
}

export interface BreakpointEvents {
	/** a log point was passed on the way forwards */
	readonly onLog: (text: string, index: number) => void;
	/** something about a breakpoint that the user should know */
	readonly onProblem: (text: string) => void;
}

export class Breakpoints {
	private readonly lines = new Map<string, ReadonlyMap<number, Breakpoint>>();
	private functions: ReadonlyMap<string, Breakpoint> = new Map();
	private data: readonly DataBreakpoint[] = [];
	private nextId = 1;
	/** conditions that were complained about */
	private readonly complained = new Set<string>();
	/** ids of those that the latest look found to stop */
	readonly hitIds: number[] = [];
	/** the data that the latest look found changed */
	changed: DataBreakpoint | null = null;

	constructor(
		private readonly simulation: Simulation,
		private readonly events: BreakpointEvents,
	) {}

	/** Replaces those of a file; lines by number. */
	setLines(path: string, terms: readonly (readonly [line: number, terms: Terms])[]): Breakpoint[] {
		const made = terms.map(([line, one]) => [line, this.make(one)] as const);
		this.lines.set(path, new Map(made));
		return made.map(([, one]) => one);
	}

	setFunctions(terms: readonly (readonly [name: string, terms: Terms])[]): Breakpoint[] {
		const made = terms.map(([name, one]) => [name, this.make(one)] as const);
		this.functions = new Map(made);
		return made.map(([, one]) => one);
	}

	setData(terms: readonly (readonly [watch: Watch, terms: Terms])[]): DataBreakpoint[] {
		const made = terms.map(([watch, one]) => ({ ...this.make(one), watch }));
		this.data = made;
		return [...made];
	}

	/** Does one of a line or a function stop at an index that is arrived at? */
	stopsAt(index: number, isForwards: boolean): boolean {
		const { recording } = this.simulation;
		const onLine = this.lines.get(this.simulation.pathAt(index))?.get(recording.lineAt(index));
		const isEntry = this.functions.size > 0 && recording.previousAt(index) < 0;
		const onFunction = isEntry ? this.functions.get(this.simulation.functionAt(index)) : undefined;
		this.hitIds.length = 0;
		for (const one of [onLine, onFunction]) {
			if (one !== undefined && this.stops(one, index, isForwards)) this.hitIds.push(one.id);
		}
		return this.hitIds.length > 0;
	}

	/** Does the step from an index change data that one is set on? */
	watches(index: number, isForwards: boolean): boolean {
		if (this.data.length === 0) return false;
		const at = isForwards ? index + 1 : index;
		for (const one of this.data) {
			if (!this.simulation.isChange(one.watch, index) || !this.stops(one, at, isForwards)) continue;
			this.changed = one;
			this.hitIds.splice(0, this.hitIds.length, one.id);
			return true;
		}
		return false;
	}

	/** The timeline was cut here: what was hit later was not hit. */
	cut(index: number): void {
		const all = [
			...this.functions.values(),
			...this.data,
			...[...this.lines.values()].flatMap((one) => [...one.values()]),
		];
		for (const { hits } of all) while (hits.length > 0 && hits[hits.length - 1]! > index) hits.pop();
	}

	private make(terms: Terms): Breakpoint {
		return { id: this.nextId++, terms, isHit: hitTest(terms.hitCondition), hits: [] };
	}

	private stops(one: Breakpoint, index: number, isForwards: boolean): boolean {
		const { condition, logMessage } = one.terms;
		if (condition !== undefined && !this.holds(condition, index)) return false;
		if (!one.isHit(countHit(one.hits, index))) return false;
		if (logMessage === undefined) return true;
		if (isForwards) this.events.onLog(this.filled(logMessage, index), index);
		return false;
	}

	/** What nobody knows stops: the user can look. */
	private holds(condition: string, index: number): boolean {
		const holds = this.simulation.holds(index, this.depth(index), condition);
		if ((holds === null || holds === undefined) && !this.complained.has(condition)) {
			this.complained.add(condition);
			const why = holds === null ? "means nothing here" : "is not known here";
			this.events.onProblem(`the condition '${condition}' ${why}: stopping all the same`);
		}
		return holds !== false;
	}

	/** A message with the values of its expressions in braces. */
	private filled(message: string, index: number): string {
		return message.replaceAll(/\{([^{}]+)\}/g, (whole, expression: string) => {
			return this.simulation.evaluate(index, this.depth(index), expression) ?? whole;
		});
	}

	private depth(index: number): number {
		return this.simulation.recording.depthAt(index);
	}
}

/** Notes a hit; which one it is, from 1. */
function countHit(hits: number[], index: number): number {
	let at = hits.length;
	while (at > 0 && hits[at - 1]! > index) at--;
	if (at > 0 && hits[at - 1] === index) return at;
	hits.splice(at, 0, index);
	return at + 1;
}

const HIT = /^\s*(==|=|>=|>|<=|<|%)?\s*(\d+)\s*$/;

/** Is this a way to say which hits count? */
export function isHitCondition(text: string): boolean {
	return HIT.test(text);
}

function hitTest(text: string | undefined): (hits: number) => boolean {
	const match = HIT.exec(text ?? "");
	if (match === null) return () => true;
	const wanted = Number(match[2]);
	switch (match[1]) {
		case ">=":
			return (hits) => hits >= wanted;
		case ">":
			return (hits) => hits > wanted;
		case "<=":
			return (hits) => hits <= wanted;
		case "<":
			return (hits) => hits < wanted;
		case "%":
			return (hits) => wanted > 0 && hits % wanted === 0;
		default:
			return (hits) => hits === wanted;
	}
}
