// Opens a scenario: finds its functions in the units, and makes the state in which it begins.

import { NONE } from "../ir/ops.js";
import type { FnId } from "../ir/program.js";
import type { Unit } from "../ir/unit.js";
import { compileModel } from "../model/compile.js";
import type { Rows } from "../model/schema.js";
import type { Action } from "./actions.js";
import { DEFAULT_SCHEDULE, resolveConfig, type SimConfig } from "./config.js";
import { linkProgram } from "./link.js";
import { functionNamed } from "./lookup.js";
import type { Source, State, Trigger } from "./machine.js";
import { readMemory } from "./memory/memoryConfig.js";
import { Recording } from "./record.js";
import { type Start, startMachine } from "./run.js";
import type { ArgText, PointText, Scenario, ScenarioInterrupt, ScenarioTask } from "./scenario.js";
import { type Begun, type Opened, Simulation } from "./simulation.js";
import { globalKey, int, unknown, type Value, ZERO } from "./value.js";
import { World } from "./world.js";

export interface ScenarioRequest {
	readonly scenario: Scenario;
	/** paths as messages should show them */
	readonly units: Iterable<readonly [path: string, unit: Unit]>;
	readonly rows: Rows;
	/** version of the kernel, where the scenario names none */
	readonly version: readonly [number, number];
	/** switches that go before the scenario's own */
	readonly config?: Partial<SimConfig>;
}

export function openScenario(request: ScenarioRequest): Opened {
	const prepared = prepareScenario(request);
	if (!prepared.ok) return prepared;
	const { world, start } = prepared.value;
	const recording = new Recording(world, start, eventsOf(request.scenario, start));
	return { ok: true, value: new Simulation(world, recording, new Map(Object.entries(request.scenario.choices ?? {}))) };
}

/** The world and the first state of a scenario. */
export function prepareScenario(request: ScenarioRequest): Begun {
	const { scenario } = request;
	const program = linkProgram(request.units);
	const version = versionOf(scenario.kernel) ?? request.version;
	const model = compileModel(request.rows, version);
	const config = resolveConfig({ ...scenario.config, ...request.config });
	const { events: _, ...schedule } = scenario.schedule ?? {};
	const memory = readMemory(scenario.memory);
	if (!memory.ok) return { ok: false, error: `scenario.${memory.error}` };
	const world = new World(program, model, config, { ...DEFAULT_SCHEDULE, ...schedule }, memory.value);
	const nCpus = scenario.cpus ?? 1;
	const starts: Start[] = [];
	if (scenario.init !== undefined) {
		const fn = find(world, scenario.init);
		if (fn === NONE) return missing("init", scenario.init);
		starts.push({ name: scenario.init, fn, args: [], entry: "process", cpu: 0, isInit: true });
	}
	for (const [i, task] of scenario.tasks.entries()) {
		const start = startOf(world, task, i % nCpus);
		if (typeof start === "string") return { ok: false, error: `scenario.tasks[${i}].${start}` };
		starts.push(start);
	}
	const sources: Source[] = [];
	for (const [i, interrupt] of (scenario.interrupts ?? []).entries()) {
		const source = sourceOf(world, interrupt);
		if (typeof source === "string") return { ok: false, error: `scenario.interrupts[${i}].${source}` };
		sources.push(source);
	}
	const started = startMachine(world, { nCpus, starts, sources });
	return started.ok ? { ok: true, value: { world, start: started.state } } : started;
}

function versionOf(kernel: string | undefined): readonly [number, number] | null {
	if (kernel === undefined) return null;
	const [major, minor] = kernel.split(".").map(Number);
	return [major!, minor!];
}

function missing(member: string, name: string): Begun {
	return { ok: false, error: `scenario.${member}: no function '${name}' with a body in its sources` };
}

function find(world: World, name: string): FnId {
	return functionNamed(world, { function: name });
}

/** A text says what is wrong. */
function startOf(world: World, task: ScenarioTask, cpu: number): Start | string {
	const fn = find(world, task.function);
	if (fn === NONE) return `function: no function '${task.function}' with a body in its sources`;
	const entry = task.entry ?? "process";
	if (!world.model.runContexts.has(entry)) return `entry: no context '${entry}'`;
	return {
		name: task.name ?? task.function,
		fn,
		args: (task.args ?? []).map(argumentOf),
		entry,
		cpu: task.cpu ?? cpu,
		isInit: false,
	};
}

function sourceOf(world: World, interrupt: ScenarioInterrupt): Source | string {
	const fn = find(world, interrupt.function);
	if (fn === NONE) return `function: no function '${interrupt.function}' with a body in its sources`;
	const threadFn = interrupt.thread === undefined ? NONE : find(world, interrupt.thread);
	if (interrupt.thread !== undefined && threadFn === NONE) {
		return `thread: no function '${interrupt.thread}' with a body in its sources`;
	}
	const runs = interrupt.entry ?? "hardirq";
	if (!world.model.runContexts.has(runs)) return `entry: no context '${runs}'`;
	return {
		name: interrupt.name ?? interrupt.function,
		fn,
		args: (interrupt.args ?? []).map(argumentOf),
		threadFn,
		runs,
		cpu: interrupt.cpu ?? 0,
		left: interrupt.times ?? 1,
		at: interrupt.at === undefined ? null : triggerOf(interrupt.at),
	};
}

function triggerOf(at: PointText): Trigger {
	if ("after" in at) return { kind: "step", step: at.after };
	if ("in" in at) return { kind: "function", name: at.in };
	if ("holds" in at) return { kind: "holds", lock: at.holds };
	const colon = at.line.lastIndexOf(":");
	return { kind: "line", path: at.line.slice(0, colon), line: Number(at.line.slice(colon + 1)) };
}

function argumentOf(arg: ArgText): Value {
	if (typeof arg === "number") return int(arg);
	if (arg === "NULL") return ZERO;
	if (!arg.startsWith("&")) return unknown(`p:${arg}`, arg);
	const name = arg.slice(1);
	return { kind: "pointer", place: { key: globalKey(name), text: name } };
}

/** Actions by step. */
function eventsOf(scenario: Scenario, start: State): ReadonlyMap<number, Action> {
	const actions = new Map<number, Action>();
	for (const { step, do: what } of scenario.schedule?.events ?? []) {
		if ("run" in what) actions.set(step, { kind: "run", cpu: what.run });
		else if ("tick" in what) actions.set(step, { kind: "tick", cpu: what.tick });
		else {
			const source = start.sources.findIndex(({ name }) => name === what.interrupt);
			actions.set(step, { kind: "interrupt", source });
		}
	}
	return actions;
}
