// What a person sees of a state: plain readonly data for debuggers and panels. No protocol types here.

import type { FileId } from "../ir/program.js";
import { FnField } from "../ir/unit.js";
import { COMMON_NAMES } from "../model/gfp.js";
import { type CountField, readField } from "./config.js";
import { known } from "./evaluate.js";
import {
	type Cpu,
	hardirqNesting,
	isInTask,
	isMacroFrame,
	isServingSoftirq,
	Machine,
	nmiNesting,
	placeOfFrame,
	type Section,
	type State,
	type Task,
} from "./machine.js";
import { type Place, target, textOf, type Value } from "./value.js";
import type { World } from "./world.js";

export interface FrameView {
	/** depth, 0 for the entry function */
	readonly depth: number;
	readonly function: string;
	readonly path: string;
	readonly line: number;
	/** in bytes, from 1 */
	readonly column: number;
}

/** A name with its value. `place` leads to its members, where there are any. */
export interface ItemView {
	readonly name: string;
	readonly value: string;
	readonly type: string;
	/** key of the memory that holds its members, or null */
	readonly members: string | null;
	/** may the user give it another value? */
	readonly isEditable: boolean;
}

export interface CountView {
	readonly hex: string;
	readonly fields: readonly { readonly name: string; readonly value: number }[];
}

export interface ContextView {
	/** one line: what may be done here */
	readonly verdict: string;
	readonly level: "process" | "softirq" | "hardirq" | "nmi";
	readonly isAtomic: boolean;
	readonly maySleep: boolean;
	readonly count: CountView;
	readonly irqsOn: boolean;
	readonly needResched: boolean;
	readonly task: string;
}

export function cpuOf(state: State): Cpu {
	return state.cpus[state.cpu]!;
}
export function taskOf(state: State): Task {
	return state.tasks[cpuOf(state).task]!;
}

/** The state as it is for a task that does not run: its CPU runs it, with its own count and interrupts. */
export function seenBy(state: State, index: number): State {
	const task = state.tasks[index];
	if (task === undefined || cpuOf(state).task === index) return state;
	const cpu = state.cpus[task.cpu]!;
	if (cpu.task === index) return { ...state, cpu: task.cpu };
	const { preemptCount, irqsOn } = task.saved;
	const cpus = state.cpus.slice();
	cpus[task.cpu] = { ...cpu, task: index, preemptCount, irqsOn };
	return { ...state, cpu: task.cpu, cpus };
}

/** The stack of the task that runs, or of another one, innermost first, without macros, which are part of a line. */
export function framesOf(world: World, state: State, index = cpuOf(state).task): FrameView[] {
	const task = state.tasks[index]!;
	const views: FrameView[] = [];
	for (let depth = task.frames.length - 1; depth >= 0; depth--) {
		if (isMacroFrame(world, task, depth)) continue;
		const at = placeOfFrame(world, task, depth);
		const column = world.columnOf(at.file, at.offset);
		views.push({ depth, function: at.function, path: at.path, line: at.line, column });
	}
	return views;
}

export function contextOf(world: World, state: State): ContextView {
	const cpu = cpuOf(state);
	const task = taskOf(state);
	const isAtomic = cpu.preemptCount !== 0;
	const maySleep = !isAtomic && cpu.irqsOn && task.rcuDepth === 0 && task.nonBlock === 0 && !hasReader(world, task);
	const level =
		nmiNesting(world, cpu) > 0
			? "nmi"
			: hardirqNesting(world, cpu) > 0
				? "hardirq"
				: isServingSoftirq(world, cpu, task)
					? "softirq"
					: "process";
	return {
		verdict: verdictOf(world, state, maySleep),
		level,
		isAtomic,
		maySleep,
		count: countOf(world, cpu),
		irqsOn: cpu.irqsOn,
		needResched: cpu.needResched,
		task: `${task.comm}/${task.pid}`,
	};
}

/** A reader that neither preempt_count nor the nest depth shows: it is there all the same. */
function hasReader(world: World, task: Task): boolean {
	return !world.config.preemptCount && task.sections.some(({ kind }) => kind.startsWith("rcu"));
}

function verdictOf(world: World, state: State, maySleep: boolean): string {
	if (maySleep) return "may sleep";
	const cpu = cpuOf(state);
	const task = taskOf(state);
	const reasons: string[] = [];
	if (!isInTask(world, cpu, task)) reasons.push("in an interrupt");
	const spinning = task.locks.filter((lock) => world.model.lockKinds.get(lock.kind)?.is === "spins");
	for (const lock of spinning) reasons.push(`${lock.text} held since line ${lock.at.line}`);
	if (!cpu.irqsOn) reasons.push("interrupts off");
	if (task.rcuDepth > 0 || hasReader(world, task)) reasons.push("RCU reader");
	if (task.nonBlock > 0) reasons.push("non-blocking section");
	if (reasons.length === 0) reasons.push("preemption off");
	return `may not sleep: ${reasons.join(", ")}`;
}

/** The fields of preempt_count that nest, in the order of their bits. */
export function countFields(world: World): (CountField & { readonly name: string })[] {
	const { layout } = world;
	const fields = [
		{ name: "PREEMPT", ...layout.preempt },
		{ name: "SOFTIRQ", ...layout.softirq },
	];
	if (layout.hardirqDisable !== null) fields.push({ name: "HARDIRQ_DISABLE", ...layout.hardirqDisable });
	fields.push({ name: "HARDIRQ", ...layout.hardirq }, { name: "NMI", ...layout.nmi });
	return fields;
}

function countOf(world: World, cpu: Cpu): CountView {
	const fields = countFields(world).map((field) => ({ name: field.name, value: readField(cpu.preemptCount, field) }));
	// Shown as what it means; x86 stores the bit inverted, and preempt_count() masks it out.
	fields.push({ name: "NEED_RESCHED", value: cpu.needResched ? 1 : 0 });
	return { hex: `0x${cpu.preemptCount.toString(16).padStart(8, "0")}`, fields };
}

export function locksOf(state: State): ItemView[] {
	return taskOf(state).locks.map((lock) => ({
		name: lock.text,
		value: lock.assumed
			? `${lock.mode}, held at entry by ${lock.by}`
			: `${lock.mode}, by ${lock.by}() at ${lock.at.path}:${lock.at.line}`,
		type: lock.kind,
		members: null,
		isEditable: false,
	}));
}

export function rcuOf(world: World, state: State): ItemView[] {
	const task = taskOf(state);
	const readers = task.sections.filter(({ kind }) => kind.startsWith("rcu") || kind === "srcu");
	const plain = (name: string, value: string): ItemView => ({
		name,
		value,
		type: "",
		members: null,
		isEditable: false,
	});
	return [
		plain("nest depth", world.config.preemptRcu ? String(task.rcuDepth) : "not counted (PREEMPT_RCU=n)"),
		...readers.map((reader) => plain(reader.kind, begunBy(reader))),
	];
}

/** A function that was called, or what the surrounding kernel is. */
function begunBy({ by, at }: Section): string {
	return `${/^\w+$/.test(by) ? `${by}()` : by} at ${at.path}:${at.line}`;
}

/** Sections that are open, RCU readers apart: preemption, interrupts, bottom halves, allocation scopes. */
export function sectionsOf(state: State): ItemView[] {
	const open = taskOf(state).sections.filter(({ kind }) => !kind.startsWith("rcu") && kind !== "srcu");
	return open.map((section) => ({
		name: section.kind,
		value: begunBy(section),
		type: "section",
		members: null,
		isEditable: false,
	}));
}

/** Variables of the frame at a depth, parameters first; those not in scope yet are left out. */
export function localsOf(world: World, state: State, depth: number): ItemView[] {
	const frame = taskOf(state).frames[depth]!;
	const views: ItemView[] = [];
	if (frame.macroArgs !== null) return views;
	const nParams = world.program.fnField(frame.fn, FnField.ParamCount);
	const machine = new Machine(world, state, []);
	for (let index = 0; index < frame.locals.length; index++) {
		const name = world.varName(frame.fn, index);
		const value = frame.locals[index];
		const place: Place = { key: `L${frame.id}.${index}`, text: name };
		if (name === "" || (value === undefined && index >= nParams && !hasMembers(state, place.key))) continue;
		const type = world.varType(frame.fn, index);
		const file = world.program.fnFile(frame.fn);
		const shown = value === undefined ? null : known(machine, value);
		views.push(itemOf(world, state, { name, value: shown, place, type, file }));
	}
	return views;
}

interface Item {
	readonly name: string;
	readonly value: Value | null;
	readonly place: Place;
	readonly type: { readonly name: string; readonly pointers: number };
	readonly file: FileId;
}

function itemOf(world: World, state: State, item: Item): ItemView {
	const { value, type } = item;
	const stars = "*".repeat(type.pointers);
	const typeText = type.name === "" ? "" : `${type.name}${stars === "" ? "" : ` ${stars}`}`;
	const inner = value === null || value.kind === "int" ? item.place.key : target(value).key;
	return {
		name: item.name,
		value: value === null ? "{…}" : valueText(world, item.file, value, type),
		type: typeText,
		members: hasMembers(state, inner) ? inner : null,
		isEditable: true,
	};
}

/** A value as a person reads it: NULL and error pointers by name, names for gfp masks. */
export function valueText(world: World, file: FileId, value: Value, type: Item["type"]): string {
	if (value.kind === "unknown") return `unknown (${textOf(value)})`;
	if (value.kind !== "int") return textOf(value);
	if (type.pointers > 0) {
		if (value.value === 0) return "NULL";
		if (value.value < 0 && value.value >= -MAX_ERRNO) return `${world.errorPointerName}(${value.value})`;
	}
	if (type.name === GFP_TYPE) return gfpText(world, file, value.value);
	return Math.abs(value.value) > 9 ? `${value.value} (0x${(value.value >>> 0).toString(16)})` : String(value.value);
}

const MAX_ERRNO = 4095;
const GFP_TYPE = "gfp_t";

/** A mask by the widest name that fits, and single flags for the rest. */
export function gfpText(world: World, file: FileId, mask: number): string {
	const hex = `0x${(mask >>> 0).toString(16)}`;
	const names: string[] = [];
	let rest = mask;
	const take = (name: string) => {
		const bits = world.constant(file, name);
		if (bits === undefined || bits === 0 || (rest & bits) !== bits) return;
		names.push(name);
		rest &= ~bits;
	};
	for (const name of COMMON_NAMES) take(name);
	for (const name of world.model.gfp.keys()) take(name);
	return names.length === 0 || rest !== 0 ? hex : `${names.join(" | ")} (${hex})`;
}

function hasMembers(state: State, key: string): boolean {
	const prefix = `${key}.`;
	for (const [at] of state.memory.entries()) if (at.startsWith(prefix) || at.startsWith(`${key}[`)) return true;
	return false;
}

/** What was written below a place, one level down. */
export function membersOf(world: World, state: State, key: string): ItemView[] {
	const seen = new Map<string, ItemView>();
	const machine = new Machine(world, state, []);
	for (const [at, value] of state.memory.entries()) {
		const rest = at.startsWith(key) ? at.slice(key.length) : "";
		const match = /^(\.\w+|\[[^\]]*\])/.exec(rest);
		if (match === null) continue;
		const place: Place = { key: key + match[1]!, text: match[1]! };
		const name = match[1]!.replace(/^\./, "");
		const isWhole = rest.length === match[1]!.length;
		if (!isWhole && seen.has(name)) continue;
		const shown = isWhole ? known(machine, value) : null;
		const type = { name: "", pointers: 0 };
		seen.set(name, { ...itemOf(world, state, { name, value: shown, place, type, file: 0 }), isEditable: false });
	}
	return [...seen.values()];
}

export function configOf(world: World): ItemView[] {
	const { config } = world;
	const yes = (isOn: boolean) => (isOn ? "y" : "n");
	const rows: readonly (readonly [string, string])[] = [
		["preemption model", config.preemption],
		["PREEMPT_COUNT", yes(config.preemptCount)],
		["PREEMPT_RCU", yes(config.preemptRcu)],
		["DEBUG_ATOMIC_SLEEP", yes(config.debugAtomicSleep)],
		["PROVE_LOCKING", yes(config.proveLocking)],
		["PROVE_RCU", yes(config.proveRcu)],
		["panic_on_warn", yes(config.panicOnWarn)],
		["preempt_count layout", config.layout],
		["kernel version", world.model.version.join(".")],
	];
	return rows.map(([name, value]) => ({ name, value, type: "", members: null, isEditable: false }));
}
