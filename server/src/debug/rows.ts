// The rows of the scopes, before they become variables of the protocol: what each shows, whether it can be
// set, and which data breakpoint it stands for.

import type { ItemView, MemoryView, Simulation, Watch } from "@might-sleep/analyzer";
import type { Mover } from "./mover.js";

/** What a variables reference stands for: of a task that may not be the one that runs. */
export type Expandable = { readonly task: number } & (
	| {
			readonly kind:
				| "context"
				| "locks"
				| "rcu"
				| "memory"
				| "allocations"
				| "choices"
				| "configuration"
				| "count"
				| "sections";
	  }
	| { readonly kind: "locals"; readonly depth: number }
	| { readonly kind: "members"; readonly key: string }
	| { readonly kind: "zone"; readonly zone: string }
);

export interface Row {
	readonly name: string;
	readonly value: string;
	readonly type?: string;
	readonly members?: Expandable;
	readonly isEditable?: boolean;
	readonly evaluateName?: string;
	/** a sentence that depends on other rows: not marked when it changes */
	readonly isDerived?: boolean;
}

export function rowsOf(mover: Mover, of: Expandable, index: number): Row[] {
	const { simulation } = mover;
	const { task } = of;
	const toRows = (items: readonly ItemView[]) => items.map((item) => toRow(item, task));
	switch (of.kind) {
		case "context":
			return contextRows(simulation, index, task);
		case "count":
			return simulation.context(index, task).count.fields.map(({ name, value }) => {
				return { name, value: String(value), isEditable: true };
			});
		case "sections":
			return toRows(simulation.sections(index, task));
		case "locks":
			return toRows(simulation.locks(index, task));
		case "rcu":
			return toRows(simulation.rcu(index, task));
		case "locals": {
			const isThere = simulation.frames(index, task).some(({ depth }) => depth === of.depth);
			return isThere ? toRows(simulation.locals(index, of.depth, task)) : [];
		}
		case "members":
			return toRows(simulation.members(index, of.key));
		case "memory":
			return memoryRows(simulation.memory(index, task), task);
		case "zone":
			return zoneRows(simulation.memory(index, task), of.zone);
		case "allocations": {
			const counts = Object.entries(simulation.memory(index, task).counts);
			return counts.map(([name, value]) => ({ name, value: String(value) }));
		}
		case "choices":
			return choiceRows(mover);
		case "configuration":
			return toRows(simulation.config());
	}
}

function toRow(item: ItemView, task: number): Row {
	return {
		name: item.name,
		value: item.value,
		...(item.type === "" ? {} : { type: item.type }),
		...(item.members === null ? {} : { members: { kind: "members", task, key: item.members } }),
		isEditable: item.isEditable,
		...(item.isEditable ? { evaluateName: item.name } : {}),
	};
}

function contextRows(simulation: Simulation, index: number, task: number): Row[] {
	const context = simulation.context(index, task);
	const nSections = simulation.sections(index, task).length;
	const set = context.count.fields.filter(({ value }) => value !== 0).map(({ name, value }) => `${name} ${value}`);
	const count = `${context.count.hex}${set.length === 0 ? "" : ` (${set.join(", ")})`}`;
	const members: Expandable = { kind: "count", task };
	return [
		{ name: "here", value: context.verdict, isDerived: true },
		{ name: PREEMPT_COUNT, value: count, evaluateName: "preempt_count()", members, isEditable: true },
		{ name: IRQS, value: context.irqsOn ? "enabled" : "disabled", isEditable: true },
		{ name: NEED_RESCHED, value: context.needResched ? "1" : "0", isEditable: true },
		{ name: LEVEL, value: context.level },
		{ name: "task", value: context.task },
		{
			name: "sections",
			value: nSections === 0 ? "none open" : `${nSections} open`,
			...(nSections === 0 ? {} : { members: { kind: "sections", task } }),
		},
	];
}

const PREEMPT_COUNT = "preempt_count";
const IRQS = "irqs";
const NEED_RESCHED = "need_resched";
const LEVEL = "level";

function choiceRows(mover: Mover): Row[] {
	return mover.questions().map(({ choice, answer }) => {
		const options = choice.options.join(" | ");
		const value =
			answer === null ? `${choice.options[choice.default]} (when nobody says otherwise)` : choice.options[answer]!;
		return { name: choice.text, value, type: options, isEditable: true, isDerived: true };
	});
}

// ---- memory ----

const FREE = " free";
const PRESSURE = "pressure";

function memoryRows(memory: MemoryView, task: number): Row[] {
	const zones = memory.zones.map(({ name, free }): Row => {
		return {
			name: `${name}${FREE}`,
			value: String(free),
			members: { kind: "zone", task, zone: name },
			isEditable: true,
		};
	});
	const taken = memory.consumers.map((one) => `${one.name} has taken ${one.taken} pages`);
	const { allocations, failures } = memory.counts;
	return [
		...zones,
		{ name: "kswapd", value: memory.kswapd },
		{ name: PRESSURE, value: taken.length === 0 ? "none" : taken.join(", "), isEditable: true },
		...(memory.waiting === null ? [] : [{ name: "allocation", value: memory.waiting }]),
		{
			name: "allocations",
			value: `${allocations} made, ${failures} failed`,
			members: { kind: "allocations", task },
		},
	];
}

/** Watermarks, and how far each flag may go. */
function zoneRows(memory: MemoryView, name: string): Row[] {
	const zone = memory.zones.find((one) => one.name === name);
	if (zone === undefined) return [];
	const { managed, high, low, min, lowest, reservedHighatomic } = zone;
	const marks = { managed, high, low, min, "lowest so far": lowest, "reserved highatomic": reservedHighatomic };
	return [
		...Object.entries(marks).map(([mark, pages]) => ({ name: mark, value: String(pages) })),
		...zone.reaches.map(({ flag, lowest: floor, isAllowed }) => {
			return { name: flag, value: `down to ${floor} free pages: ${isAllowed ? "gets one" : "is refused"} now` };
		}),
	];
}

/** Turns a dial by its row; false when the row is none, or the text no number. */
export function setMemoryRow(simulation: Simulation, index: number, name: string, text: string): boolean {
	const pages = text.trim() === "none" ? 0 : Number(text);
	if (text.trim() === "" || !Number.isFinite(pages) || pages < 0) return false;
	if (name !== PRESSURE)
		return name.endsWith(FREE) && simulation.setFreePages(index, name.slice(0, -FREE.length), pages);
	simulation.setPressure(index, Math.trunc(pages));
	return true;
}

// ---- changes since the last stop ----

const WAS = ", was ";

/** The rows, with what they were at another index where that differs, and those that are no longer there. */
export function markChanges(rows: readonly Row[], before: readonly Row[], of: Expandable): Row[] {
	const old = new Map(before.map((row) => [row.name, row.value]));
	const marked = rows.map((row) => {
		const value = old.get(row.name);
		if (row.isDerived || value === row.value) return row;
		if (value !== undefined) return { ...row, value: `${row.value}${WAS}${value}` };
		return of.kind === "locks" ? { ...row, value: `${row.value}, new` } : row;
	});
	if (of.kind !== "locks") return marked;
	const gone = before.filter(({ name }) => !rows.some((row) => row.name === name));
	return [...marked, ...gone.map(({ name }) => ({ name, value: "released" }))];
}

/** A value as the user edited it, without the mark. */
export function withoutMark(value: string): string {
	const at = value.indexOf(WAS);
	return at < 0 ? value : value.slice(0, at);
}

// ---- data breakpoints ----

/** The watch on a row of a scope; null: nothing that can be watched. */
export function watchOfRow(simulation: Simulation, index: number, of: Expandable, name: string): Watch | null {
	switch (of.kind) {
		case "context":
			return watchOnMachine(simulation, index, name, of.task);
		case "count": {
			const field = simulation.countFields().find((one) => one.name === name);
			if (field === undefined) return watchOnMachine(simulation, index, NEED_RESCHED, of.task);
			const { shift, bits } = field;
			return {
				kind: "field",
				lane: `count/${simulation.cpuAt(index, of.task)}`,
				shift,
				bits,
				text: `${name} of preempt_count`,
			};
		}
		case "locks": {
			const lane = simulation.laneNamed("lock", name);
			return lane === null ? null : { kind: "lane", lane, text: name };
		}
		case "rcu": {
			return { kind: "lane", lane: `rcu/${of.task}`, text: "RCU readers" };
		}
		case "memory": {
			if (!name.endsWith(FREE)) return null;
			const zone = name.slice(0, -FREE.length);
			return { kind: "lane", lane: `free/${zone}`, text: `free pages of ${zone}` };
		}
		case "locals":
			return simulation.watchOn(index, of.depth, name, of.task);
		case "members":
			return { kind: "place", key: `${of.key}${name.startsWith("[") ? "" : "."}${name}`, text: name };
		default:
			return null;
	}
}

/** Lanes of a CPU by what a person calls them. */
const MACHINE_WATCHES: Readonly<Record<string, string>> = {
	[PREEMPT_COUNT]: "count",
	"preempt_count()": "count",
	[IRQS]: "irqs",
	"irqs_disabled()": "irqs",
	[NEED_RESCHED]: "resched",
	[LEVEL]: "level",
};

/** The watch on a quantity of the machine by its name; null for other names. */
export function watchOnMachine(simulation: Simulation, index: number, name: string, task: number): Watch | null {
	const kind = Object.hasOwn(MACHINE_WATCHES, name) ? MACHINE_WATCHES[name] : undefined;
	return kind === undefined ? null : { kind: "lane", lane: `${kind}/${simulation.cpuAt(index, task)}`, text: name };
}
