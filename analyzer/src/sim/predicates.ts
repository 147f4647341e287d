// What the kernel's predicates, value functions and assertions answer from the machine's state.

import { unreachable } from "../base/assert.js";
import type { AssertionRow, PredicateRow, ValueRow } from "../model/schema.js";
import { argTarget, argValue, askWhether, type Call, gfpBlocks } from "./call.js";
import {
	activationDepth,
	hardirqNesting,
	isInInterrupt,
	isInTask,
	type Machine,
	nmiNesting,
	softirqCount,
} from "./machine.js";
import { mightSleep } from "./sleep.js";
import { assumingAtomic, warning } from "./splats.js";
import { int, keyOf, ONE, textOf, unknown, type Value, ZERO } from "./value.js";

type ContextQuestion = Exclude<
	PredicateRow["asks"],
	"lock_held" | "gfp-blocks" | "is-err" | "is-err-or-null" | "identity" | "warn"
>;

/** Questions that need no argument, also for hosts that evaluate them on behalf of a user. */
export function answerContext(machine: Machine, question: ContextQuestion): number {
	const { world, cpu, task } = machine;
	const atomic = cpu.preemptCount !== 0;
	switch (question) {
		case "in_atomic":
			return atomic ? 1 : 0;
		case "in_interrupt":
			return isInInterrupt(world, cpu, task) ? 1 : 0;
		case "in_hardirq":
			return hardirqNesting(world, cpu);
		case "in_softirq":
			return softirqCount(world, cpu, task);
		case "in_task":
			return isInTask(world, cpu, task) ? 1 : 0;
		case "in_nmi":
			return nmiNesting(world, cpu);
		case "irqs_disabled":
			return cpu.irqsOn ? 0 : 1;
		case "preemptible":
			// Always 0 without PREEMPT_COUNT.
			return world.config.preemptCount && !atomic && cpu.irqsOn ? 1 : 0;
		case "rcu_held":
			return task.rcuDepth > 0 || task.sections.some(({ kind }) => kind === "rcu") ? 1 : 0;
	}
}

export function answerPredicate(call: Call, row: PredicateRow): Value {
	const value = argValue(call, row.arg ?? 0);
	switch (row.asks) {
		case "lock_held": {
			const place = argTarget(call, row.arg ?? 0);
			return int(call.machine.task.locks.some((lock) => lock.key === place?.key) ? 1 : 0);
		}
		case "gfp-blocks":
			return value !== undefined && gfpBlocks(call, value) ? ONE : ZERO;
		case "is-err":
			return isError(call, value);
		case "is-err-or-null": {
			if (value !== undefined && call.machine.truth(value) === false) return ONE;
			return isError(call, value);
		}
		case "identity":
			return value ?? ZERO;
		case "warn":
			return warnOn(call, value);
		default:
			return int(answerContext(call.machine, row.asks));
	}
}

const MAX_ERRNO = 4095;

function isError(call: Call, value: Value | undefined): Value {
	if (value === undefined) return ZERO;
	if (value.kind === "int") return int(value.value < 0 && value.value >= -MAX_ERRNO ? 1 : 0);
	if (value.kind !== "unknown") return ZERO;
	const { primitive } = call;
	return unknown(`iserr(${keyOf(value)})`, `${primitive.name}(${textOf(value)})`, value.shared);
}

/** WARN_ON() and its like: what nobody knows does not warn, unless one says so. */
function warnOn(call: Call, condition: Value | undefined): Value {
	const { machine, at, primitive } = call;
	if (condition === undefined) return ZERO;
	const text = `${primitive.name}(${textOf(condition)})`;
	const known = machine.truth(condition);
	const truth = known ?? askWhether(call, { kind: "condition", text, isOptional: true }, false);
	if (known === undefined && condition.kind === "unknown") machine.learn(condition, truth);
	if (truth) machine.splat(warning(machine, "warning", text, at));
	return int(truth ? 1 : 0);
}

export function giveValue(call: Call, row: ValueRow): Value {
	const value = argValue(call, row.arg ?? 0);
	switch (row.gives) {
		case "identity":
		case "gfp":
		case "err-ptr":
			return value ?? ZERO;
		case "negative":
			return value ?? unknown(`negative${call.machine.newId()}`, "an error");
		case "null":
			return ZERO;
		case "memory":
			return unknown(`memory${call.machine.newId()}`, `${row.name}()`);
		case "nonzero": {
			const made = unknown(`nonzero${call.machine.newId()}`, `${row.name}()`);
			call.machine.learn(made, true);
			return made;
		}
	}
}

export function checkAssertion(call: Call, row: AssertionRow): void {
	const { machine, at } = call;
	const { cpu, task, world } = machine;
	const fails = (isBroken: boolean) => {
		if (!isBroken || !world.config.proveLocking) return;
		machine.splatOnce(`assert@${at.path}:${at.line}`, warning(machine, "assertion", `${row.name}() fails`, at));
	};
	switch (row.asserts) {
		case "held":
			assertHeld(call, row);
			return;
		case "not-held":
			fails(heldLock(call, row) !== undefined);
			return;
		case "may-sleep":
			if (call.primitive.sleep === undefined) mightSleep(call);
			return;
		case "cannot-sleep":
			if (!world.config.debugAtomicSleep || !cpu.irqsOn || !world.config.preemptCount) return;
			if (cpu.preemptCount === 0) machine.splat(assumingAtomic(machine, at));
			return;
		case "irqs-off":
			fails(cpu.irqsOn);
			return;
		case "irqs-on":
			fails(!cpu.irqsOn);
			return;
		case "preempt-off":
			fails(world.config.preemptCount && cpu.preemptCount === 0 && cpu.irqsOn);
			return;
		case "in-softirq":
			fails(softirqCount(world, cpu, task) === 0 || hardirqNesting(world, cpu) > 0);
			return;
		case "in-interrupt":
			fails(hardirqNesting(world, cpu) === 0);
			return;
		case "in-task":
			fails(!isInTask(world, cpu, task));
			return;
		case "acquires":
		case "releases":
			// of the whole function: nothing is to check at the call
			return;
		default:
			unreachable(row.asserts);
	}
}

function heldLock(call: Call, row: AssertionRow) {
	const place = argTarget(call, row.arg ?? 0);
	return call.machine.task.locks.find((lock) => lock.key === place?.key);
}

/** A lock that this run never touched is one that the caller of the entry function holds. */
function assertHeld(call: Call, row: AssertionRow): void {
	const { machine, at } = call;
	const place = argTarget(call, row.arg ?? 0);
	if (place === undefined || heldLock(call, row) !== undefined) return;
	const text = textOf({ kind: "pointer", place });
	if (machine.state.classes.get(place.key) === undefined) {
		const about = { lockClass: place.key, irqContext: 0, by: row.name, at, assumed: true };
		const lock = { key: place.key, text, kind: "mutex", mode: "exclusive", ...about } as const;
		machine.updateTask({ locks: [lock, ...machine.task.locks] });
		machine.update({ classes: machine.state.classes.set(place.key, place.key) });
		const depth = activationDepth(machine.task);
		const activation = machine.task.frames[depth]!.activation!;
		const entry = { ...activation.entry, nLocks: activation.entry.nLocks + 1 };
		machine.updateFrame(depth, { activation: { ...activation, entry } });
		machine.note(`${row.name}(${text}): taken as held by the caller of the entry function`, at);
		return;
	}
	if (!machine.world.config.proveLocking) return;
	machine.splatOnce(`assert@${at.path}:${at.line}`, warning(machine, "assertion", `${row.name}(${text}) fails`, at));
}
