// What rows of the runtime table do to the machine: functions that are called later, waiting and waking,
// freeing, counters. Which kernel function does which is in the model.

import { unreachable } from "../base/assert.js";
import { BinaryOp, NONE } from "../ir/ops.js";
import type { RuntimeRow } from "../model/schema.js";
import { contextRow } from "./activation.js";
import { argTarget, argValue, askWhether, type Call, testsHold } from "./call.js";
import { placeOf, read, write } from "./evaluate.js";
import { freeObject } from "./freed.js";
import { requestGracePeriod } from "./gracePeriod.js";
import { addItem, queueFor, wake } from "./interrupts.js";
import { IDS_PER_TASK, type Item, isKswapd, type Machine, type Source } from "./machine.js";
import { block, requestResched, waited } from "./scheduler.js";
import { checkScheduling, waitAWhile } from "./sleep.js";
import { staticBinding } from "./staticBindings.js";
import { newTask } from "./tasks.js";
import { addressText, applyBinary, int, type Place, textOf, unknown, type Value, ZERO } from "./value.js";

/** Runs a row. Gives the call's result where the row defines one. */
export function applyRuntime(call: Call, row: RuntimeRow): Value | undefined {
	const { machine } = call;
	machine.sharesWrite(`${row.on} ${row.object === undefined ? "" : (objectOf(call, row)?.key ?? "")}`);
	switch (row.does) {
		case "bind":
			bind(call, row);
			return undefined;
		case "queue":
			return queue(call, row);
		case "register":
			register(call, row);
			return ZERO;
		case "unregister":
			unregister(call, row);
			return undefined;
		case "start":
		case "create":
			return startThread(call, row);
		case "cancel":
			return cancel(call, row);
		case "flush":
			flush(call, row);
			return undefined;
		case "init":
			initialise(call, row);
			return undefined;
		case "wait":
			return waitFor(call, row);
		case "signal":
		case "signal-all":
			signal(call, row);
			return undefined;
		case "free":
			free(call, row);
			return undefined;
		case "resched":
			return undefined;
		case "add":
			return add(call, row);
		default:
			return unreachable(row.does);
	}
}

function objectOf(call: Call, row: RuntimeRow): Place | undefined {
	if (row.object === undefined) return undefined;
	if (!row.isPlace) return argTarget(call, row.object);
	const expr = call.args[row.object];
	return expr === undefined ? undefined : (placeOf(call.machine, call.depth, expr) ?? argTarget(call, row.object));
}

// ---- functions that are called later ----

/** Key of the object that stands for a call; work, timers and the like lie in different memory. */
function itemKey(row: RuntimeRow, place: Place): string {
	return `${row.on}:${place.key}`;
}

function functionArg(call: Call, index: number | undefined): { readonly fn: number; readonly name: string } | null {
	const value = index === undefined ? undefined : argValue(call, index);
	return value?.kind === "function" ? value : null;
}

/** Run context of a function that is given to this call: what the callback rows say of the argument. */
function runsOf(call: Call, row: RuntimeRow, arg: number | undefined): string {
	const rows = call.machine.world.model.argCallbacks.get(`${row.name}/${arg}`) ?? [];
	return rows.find((one) => testsHold(call, one.when))?.runs ?? row.runs ?? "process";
}

function itemOf(call: Call, row: RuntimeRow, place: Place): Item | null {
	const given = functionArg(call, row.fn);
	if (given === null || given.fn === NONE) return null;
	const { world, state } = call.machine;
	const runs = runsOf(call, row, row.fn);
	const data = row.data === undefined ? undefined : argValue(call, row.data);
	return {
		kind: row.on,
		key: itemKey(row, place),
		label: `${contextRow(world, runs)?.label ?? runs} ${given.name}()`,
		fn: given.fn,
		args: [data ?? { kind: "pointer", place }],
		runs,
		queue: queueFor(world, runs, state.cpu),
		cpu: state.cpu,
		gracePeriod: 0,
		isDelayed: row.after === "time",
	};
}

function bind(call: Call, row: RuntimeRow): void {
	const { machine } = call;
	const place = objectOf(call, row);
	const item = place === undefined ? null : itemOf(call, row, place);
	if (item === null) {
		machine.note(`${row.name}(): its function is not known here, it will not be called`, call.at);
		return;
	}
	machine.update({ bound: machine.state.bound.set(item.key, item) });
}

function queue(call: Call, row: RuntimeRow): Value {
	const { machine } = call;
	const place = objectOf(call, row);
	if (place === undefined) return ZERO;
	const key = itemKey(row, place);
	const bound =
		row.fn === undefined ? (machine.state.bound.get(key) ?? staticItem(call, row, place)) : itemOf(call, row, place);
	if (bound === null || bound === undefined) {
		machine.note(`${row.name}(${addressText(place)}): its function is not known here, it will not be called`, call.at);
		// What the run has not seen from its beginning may be queued since before it.
		const text = `${addressText(place)} was queued before`;
		return askWhether(call, { kind: "argument", text, isOptional: true }, false) ? ZERO : int(1);
	}
	const { world, state } = machine;
	const item: Item = {
		...bound,
		cpu: state.cpu,
		queue: queueFor(world, bound.runs, state.cpu),
		isDelayed: row.after === "time",
		gracePeriod: row.after === "grace-period" ? requestGracePeriod(machine) : 0,
	};
	return int(addItem(machine, item) ? 1 : 0);
}

/** An object that a macro at file scope defines together with its function. */
function staticItem(call: Call, row: RuntimeRow, place: Place): Item | null {
	const { world, state } = call.machine;
	const found = staticBinding(world, place.key);
	if (found === null) return null;
	return {
		kind: row.on,
		key: itemKey(row, place),
		label: `${contextRow(world, found.runs)?.label ?? found.runs} ${world.program.fnName(found.fn)}()`,
		fn: found.fn,
		args: [{ kind: "pointer", place }],
		runs: found.runs,
		queue: queueFor(world, found.runs, state.cpu),
		cpu: state.cpu,
		gracePeriod: 0,
		isDelayed: false,
	};
}

function cancel(call: Call, row: RuntimeRow): Value {
	const { machine } = call;
	const place = objectOf(call, row);
	if (place === undefined) return ZERO;
	const key = itemKey(row, place);
	const { items } = machine.state;
	const left = items.filter((item) => item.key !== key);
	machine.update({ items: left });
	return int(left.length < items.length ? 1 : 0);
}

/** Waits until a function is neither queued nor running; without an object: until all of its kind have run. */
function flush(call: Call, row: RuntimeRow): void {
	const { machine, at } = call;
	if (waited(machine) !== null) return;
	const place = objectOf(call, row);
	const key = place === undefined ? "" : itemKey(row, place);
	const text = place === undefined ? "all callbacks" : `what ${addressText(place)} calls`;
	const isQueued = machine.state.items.some((item) => key === "" || item.key === key);
	const isRunning = machine.state.tasks.some((task) =>
		task.frames.some(({ activation }) => activation?.item != null && (key === "" || activation.item.key === key)),
	);
	if (!isQueued && !isRunning) return;
	const wait = { isSpinning: false, key, text, by: row.name, at, mode: "exclusive", until: 0 } as const;
	block(machine, { ...wait, kind: "item", hasTimeout: false });
}

// ---- interrupts and threads ----

/** Times that an interrupt fires at most, when nobody says. */
const MAX_FIRED = 1;

function register(call: Call, row: RuntimeRow): void {
	const { machine, at } = call;
	const handler = functionArg(call, row.fn);
	const thread = functionArg(call, row.thread);
	if ((handler === null || handler.fn === NONE) && (thread === null || thread.fn === NONE)) {
		machine.note(`${row.name}(): its handler is not known here, it will not be called`, at);
		return;
	}
	const data = row.data === undefined ? undefined : argValue(call, row.data);
	const source: Source = {
		name: handler?.name ?? thread!.name,
		fn: handler?.fn ?? NONE,
		args: [unknown("irq", "irq"), data ?? unknown("dev_id", "dev_id")],
		threadFn: thread?.fn ?? NONE,
		runs: runsOf(call, row, row.fn),
		cpu: machine.state.cpu,
		left: MAX_FIRED,
		at: null,
	};
	machine.update({ sources: [...machine.state.sources, source] });
}

function unregister(call: Call, row: RuntimeRow): void {
	const { machine } = call;
	const data = row.data === undefined ? undefined : argValue(call, row.data);
	const isTheirs = (source: Source) =>
		data !== undefined && source.args[1] !== undefined && textOf(source.args[1]) === textOf(data);
	machine.update({ sources: machine.state.sources.map((one) => (isTheirs(one) ? { ...one, left: 0 } : one)) });
}

const FIRST_THREAD_PID = 200;

function startThread(call: Call, row: RuntimeRow): Value | undefined {
	const { machine, at } = call;
	const given = functionArg(call, row.fn);
	if (given === null || given.fn === NONE) {
		machine.note(`${row.name}(): the thread's function is not known here, it does not run`, at);
		return undefined;
	}
	const { world, state } = machine;
	const context = contextRow(world, runsOf(call, row, row.fn));
	if (context === undefined) return undefined;
	const data = row.data === undefined ? undefined : argValue(call, row.data);
	const index = state.tasks.length;
	const args = data === undefined ? [] : [data];
	const about = { comm: given.name, pid: FIRST_THREAD_PID + index, cpu: state.cpu, firstId: index * IDS_PER_TASK };
	const calling = { fn: given.fn, args, context, kind: "task", label: context.label } as const;
	const { task } = newTask(world, calling, about);
	// One that is only created waits for its first wake-up.
	machine.update({ tasks: [...state.tasks, { ...task, status: row.does === "start" ? "runnable" : "parked" }] });
	machine.isUnsettled = true;
	const name = `${given.name}/${about.pid}`;
	return { kind: "pointer", place: { key: `T${index}`, text: `*${name}`, pointer: name } };
}

// ---- waiting and waking ----

function initialise(call: Call, row: RuntimeRow): void {
	const { machine } = call;
	const place = objectOf(call, row);
	if (place === undefined) return;
	const count = row.count === undefined ? ZERO : (argValue(call, row.count) ?? ZERO);
	if (row.on === "counter") write(machine, counterOf(place), count);
	else if (count.kind === "int") machine.update({ counts: machine.state.counts.set(place.key, count.value) });
}

function waitFor(call: Call, row: RuntimeRow): Value | undefined {
	const place = objectOf(call, row);
	if (place === undefined) return undefined;
	return row.on === "completion" ? waitForCompletion(call, row, place) : waitForEvent(call, row, place);
}

const COMPLETED_FOR_ALL = 1_000_000;

function waitForCompletion(call: Call, row: RuntimeRow, place: Place): Value | undefined {
	const { machine, at } = call;
	const count = machine.state.counts.get(place.key) ?? 0;
	const before = waited(machine);
	if (count > 0) {
		const left = count >= COMPLETED_FOR_ALL ? count : count - 1;
		machine.update({ counts: machine.state.counts.set(place.key, left) });
		return row.hasTimeout ? int(1) : ZERO;
	}
	if (before?.isWoken) return ZERO;
	if (isAlone(machine)) {
		// Nobody that this run knows completes it: it is taken to be completed from outside.
		waitAWhile(call);
		return row.hasTimeout ? undefined : ZERO;
	}
	const wait = { isSpinning: false, key: place.key, by: row.name, at, mode: "exclusive", until: 0 } as const;
	const hasTimeout = row.hasTimeout === true;
	if (before === null) checkScheduling(call);
	block(machine, { ...wait, kind: "completion", text: addressText(place), hasTimeout });
	return undefined;
}

/** Is there one task only, and nothing that could run beside it? */
function isAlone({ state }: Machine): boolean {
	const nTasks = state.tasks.filter((task) => !isKswapd(task)).length;
	return nTasks <= state.cpus.length + 1 && state.items.length === 0 && state.sources.length === 0;
}

function waitForEvent(call: Call, row: RuntimeRow, place: Place): Value | undefined {
	const { machine, at } = call;
	const before = waited(machine);
	if (isTrue(call, row)) return row.hasTimeout ? int(1) : ZERO;
	if (before?.isWoken && row.hasTimeout) return ZERO;
	if (isAlone(machine)) {
		waitAWhile(call);
		return row.hasTimeout ? undefined : ZERO;
	}
	const wait = { isSpinning: false, key: place.key, by: row.name, at, mode: "exclusive", until: 0 } as const;
	if (before === null) checkScheduling(call);
	block(machine, { ...wait, kind: "event", text: place.text, hasTimeout: row.hasTimeout === true });
	return undefined;
}

function isTrue(call: Call, row: RuntimeRow): boolean {
	const { machine } = call;
	const condition = row.condition === undefined ? undefined : argValue(call, row.condition);
	if (condition === undefined) return true;
	const known = machine.truth(condition);
	if (known !== undefined) return known;
	const answer = askWhether(call, { kind: "condition", text: textOf(condition), isOptional: false }, true);
	if (condition.kind === "unknown") machine.learn(condition, answer);
	return answer;
}

function signal(call: Call, row: RuntimeRow): void {
	const { machine } = call;
	const place = objectOf(call, row);
	if (place === undefined) return;
	const isAll = row.does === "signal-all";
	machine.lapse();
	machine.isUnsettled = true;
	if (row.on === "thread") wakeTask(machine, place.key);
	else if (row.on === "completion") {
		const count = machine.state.counts.get(place.key) ?? 0;
		const next = isAll ? COMPLETED_FOR_ALL : count + 1;
		machine.update({ counts: machine.state.counts.set(place.key, next) });
	} else wakeWaiters(machine, place.key);
}

function wakeTask(machine: Machine, key: string): void {
	const index = key.startsWith("T") ? Number(key.slice(1)) : -1;
	const task = machine.state.tasks[index];
	if (task?.status === "parked" && task.serves === "") machine.updateTaskAt(index, { status: "runnable" });
}

/** Waiters look at their conditions anew. */
function wakeWaiters(machine: Machine, key: string): void {
	machine.state.tasks.forEach((task, index) => {
		const wait = task.frames[task.frames.length - 1]?.wait;
		if (task.status !== "blocked" || wait?.kind !== "event" || wait.key !== key) return;
		wake(machine, index);
		if (machine.world.isRt) requestResched(machine, task.cpu);
	});
}

// ---- memory and counters ----

function free(call: Call, row: RuntimeRow): void {
	const { machine, at } = call;
	const value = row.object === undefined ? undefined : argValue(call, row.object);
	if (value === undefined || machine.truth(value) === false) return;
	const place = argTarget(call, row.object!)!;
	if (row.after !== "grace-period") {
		freeObject(machine, { key: place.key, by: row.name, at });
		return;
	}
	addItem(machine, {
		kind: "memory",
		key: place.key,
		label: row.name,
		fn: NONE,
		args: [],
		runs: row.runs ?? "",
		queue: "",
		cpu: machine.state.cpu,
		gracePeriod: requestGracePeriod(machine),
		isDelayed: false,
	});
}

function counterOf(place: Place): Place {
	return { key: `${place.key}.counter`, text: place.pointer ?? place.text };
}

function add(call: Call, row: RuntimeRow): Value | undefined {
	const { machine } = call;
	const place = objectOf(call, row);
	if (place === undefined) return undefined;
	const counter = counterOf(place);
	const old = read(machine, counter);
	const now = row.by === 0 ? old : applyBinary(BinaryOp.Add, old, int(row.by ?? 1));
	if (row.by !== 0) write(machine, counter, now);
	switch (row.gives) {
		case "new":
			return now;
		case "old":
			return old;
		case "is-zero":
			return now.kind === "int" ? int(now.value === 0 ? 1 : 0) : applyBinary(BinaryOp.Eq, now, ZERO);
		default:
			return undefined;
	}
}
