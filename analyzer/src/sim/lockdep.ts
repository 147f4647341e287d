// Lockdep: classes of locks, the order in which they are taken, and their use in and outside interrupts. What
// may deadlock on some other day is reported when it is first seen, before the lock is taken.

import { EXPR_SIZE, ExprKind } from "../ir/ops.js";
import type { FnId } from "../ir/program.js";
import { memberOf } from "../ir/typing.js";
import { unitName } from "../ir/unit.js";
import {
	type Dependency,
	type HeldLock,
	hardirqNesting,
	isMacroFrame,
	isServingSoftirq,
	type Machine,
	softirqCount,
} from "./machine.js";
import { circularLocking, inconsistentLockState, irqInversion, recursiveClass, Usage } from "./splats.js";

/** Checks a lock that is about to be taken against all that was taken before. */
export function noteAcquire(
	machine: Machine,
	lock: HeldLock,
	how: { readonly isTry: boolean; readonly isNested: boolean },
): void {
	const { config, model } = machine.world;
	if (!config.proveLocking || model.lockClasses.get(lock.lockClass)?.validated === false) return;
	if (!how.isTry) {
		if (!how.isNested) checkRecursion(machine, lock);
		noteOrder(machine, lock);
	}
	noteUsage(machine, lock);
}

/** Locks that are held while interrupts are turned on are taken with them on. */
export function noteIrqsOn(machine: Machine): void {
	if (!machine.world.config.proveLocking) return;
	for (const lock of machine.task.locks) if (!lock.assumed) noteUsage(machine, lock);
}

// ---- classes ----

/**
 * Class of the lock that an argument names: its variable, or the struct and field that it is. Once an object has
 * one it keeps it, whatever the pointer is called through which it is reached later.
 */
export function classOf(machine: Machine, depth: number, expr: number | undefined, key: string): string {
	const known = machine.state.classes.get(key);
	if (known !== undefined) return known;
	const named = expr === undefined ? null : memberName(machine, depth, expr);
	const found = named ?? key;
	machine.update({ classes: machine.state.classes.set(key, found) });
	return found;
}

function memberName(machine: Machine, depth: number, expr: number): string | null {
	const { program } = machine.world;
	const { fn, macroArgs } = machine.task.frames[depth]!;
	const { exprs } = program.unit(program.fnFile(fn));
	const kind = exprs[expr * EXPR_SIZE];
	const a = exprs[expr * EXPR_SIZE + 1]!;
	if (kind === ExprKind.Local && macroArgs !== null && isMacroFrame(machine.world, machine.task, depth)) {
		return a < macroArgs.length ? memberName(machine, depth - 1, macroArgs[a]!) : null;
	}
	if (kind === ExprKind.AddrOf) return memberName(machine, depth, a);
	return kind === ExprKind.Field ? structAndField(machine, fn, expr) : null;
}

function structAndField(machine: Machine, fn: FnId, expr: number): string | null {
	const { program } = machine.world;
	const owner = memberOf(program, fn, expr)?.owner;
	if (owner === undefined) return null;
	const unit = program.unit(program.fnFile(fn));
	return `${program.names.text(owner.name)}.${unitName(unit, unit.exprs[expr * EXPR_SIZE + 2]!)}`;
}

/** Two objects of one class: nothing says that they are always taken in one order. */
function checkRecursion(machine: Machine, lock: HeldLock): void {
	const held = machine.task.locks.find((one) => one.lockClass === lock.lockClass && one.key !== lock.key);
	if (held === undefined || (held.mode === "shared" && lock.mode === "shared")) return;
	machine.splatOnce(`recursive ${lock.lockClass}`, recursiveClass(machine, lock, held));
}

// ---- order ----

/** Enters that what is held comes before this lock; reports when it came after it already. */
export function noteOrder(machine: Machine, lock: HeldLock): void {
	const level = irqContext(machine);
	for (const held of machine.task.locks) {
		if (held.assumed || held.lockClass === lock.lockClass || held.irqContext !== level) continue;
		const before = machine.state.dependencies.get(held.lockClass) ?? NO_DEPENDENCIES;
		if (before.some(({ to }) => to === lock.lockClass)) continue;
		const circle = pathBetween(machine, lock.lockClass, held.lockClass);
		if (circle !== null) {
			const splat = circularLocking(machine, { lock, held, circle });
			machine.splatOnce(`circular ${held.lockClass} ${lock.lockClass}`, splat);
		}
		const added: Dependency = {
			from: held.lockClass,
			fromText: held.text,
			to: lock.lockClass,
			text: lock.text,
			at: lock.at,
		};
		const dependencies = machine.state.dependencies.set(held.lockClass, [...before, added]);
		machine.update({ dependencies });
		checkInversion(machine, lock, "order");
	}
}

const NO_DEPENDENCIES: readonly Dependency[] = [];

/** Interrupts have chains of their own. */
export function irqContext(machine: Machine): number {
	const { world, cpu, task } = machine;
	if (hardirqNesting(world, cpu) > 0) return 2;
	return isServingSoftirq(world, cpu, task) ? 1 : 0;
}

/** The shortest way from one class to another along what was seen, or null. */
function pathBetween(machine: Machine, from: string, to: string): readonly Dependency[] | null {
	const cameBy = new Map<string, Dependency | null>([[from, null]]);
	const queue = [from];
	for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
		for (const dependency of machine.state.dependencies.get(next) ?? NO_DEPENDENCIES) {
			if (cameBy.has(dependency.to)) continue;
			cameBy.set(dependency.to, dependency);
			if (dependency.to === to) return wayTo(cameBy, to);
			queue.push(dependency.to);
		}
	}
	return null;
}

function wayTo(cameBy: ReadonlyMap<string, Dependency | null>, to: string): Dependency[] {
	const way: Dependency[] = [];
	for (let step = cameBy.get(to); step; step = cameBy.get(step.from)) way.unshift(step);
	return way;
}

/** Classes that a class leads to, or that lead to it; itself included. */
function reachable(machine: Machine, from: string, backwards: boolean): Set<string> {
	const all = backwards ? [...machine.state.dependencies.entries()].flatMap(([, list]) => list) : [];
	const seen = new Set([from]);
	for (const next of seen) {
		const steps = backwards
			? all.filter(({ to }) => to === next).map((step) => step.from)
			: (machine.state.dependencies.get(next) ?? NO_DEPENDENCIES).map(({ to }) => to);
		for (const step of steps) seen.add(step);
	}
	return seen;
}

// ---- use in interrupts ----

interface UsageRule {
	readonly now: Usage;
	readonly nowText: string;
	/** earlier use that does not go with it */
	readonly before: Usage;
	readonly beforeText: string;
}

const RULES: readonly UsageRule[] = [
	{ now: Usage.InHardirq, nowText: "IN-HARDIRQ-W", before: Usage.HardirqOn, beforeText: "HARDIRQ-ON-W" },
	{ now: Usage.HardirqOn, nowText: "HARDIRQ-ON-W", before: Usage.InHardirq, beforeText: "IN-HARDIRQ-W" },
	{ now: Usage.InHardirq, nowText: "IN-HARDIRQ-W", before: Usage.HardirqOnRead, beforeText: "HARDIRQ-ON-R" },
	{ now: Usage.HardirqOnRead, nowText: "HARDIRQ-ON-R", before: Usage.InHardirq, beforeText: "IN-HARDIRQ-W" },
	{ now: Usage.InHardirqRead, nowText: "IN-HARDIRQ-R", before: Usage.HardirqOn, beforeText: "HARDIRQ-ON-W" },
	{ now: Usage.HardirqOn, nowText: "HARDIRQ-ON-W", before: Usage.InHardirqRead, beforeText: "IN-HARDIRQ-R" },
	{ now: Usage.InSoftirq, nowText: "IN-SOFTIRQ-W", before: Usage.SoftirqOn, beforeText: "SOFTIRQ-ON-W" },
	{ now: Usage.SoftirqOn, nowText: "SOFTIRQ-ON-W", before: Usage.InSoftirq, beforeText: "IN-SOFTIRQ-W" },
	{ now: Usage.InSoftirq, nowText: "IN-SOFTIRQ-W", before: Usage.SoftirqOnRead, beforeText: "SOFTIRQ-ON-R" },
	{ now: Usage.SoftirqOnRead, nowText: "SOFTIRQ-ON-R", before: Usage.InSoftirq, beforeText: "IN-SOFTIRQ-W" },
	{ now: Usage.InSoftirqRead, nowText: "IN-SOFTIRQ-R", before: Usage.SoftirqOn, beforeText: "SOFTIRQ-ON-W" },
	{ now: Usage.SoftirqOn, nowText: "SOFTIRQ-ON-W", before: Usage.InSoftirqRead, beforeText: "IN-SOFTIRQ-R" },
];

function noteUsage(machine: Machine, lock: HeldLock): void {
	const before = machine.state.usage.get(lock.lockClass) ?? 0;
	const now = usageNow(machine, lock.mode === "shared");
	if ((before | now) === before) return;
	machine.update({ usage: machine.state.usage.set(lock.lockClass, before | now) });
	const broken = RULES.find((rule) => (now & rule.now) !== 0 && (before & rule.before) !== 0);
	if (broken === undefined) {
		checkInversion(machine, lock, "usage");
		return;
	}
	const splat = inconsistentLockState(machine, lock, broken.beforeText, broken.nowText);
	machine.splatOnce(`usage ${lock.lockClass} ${broken.nowText}`, splat);
}

interface Irq {
	readonly name: "HARDIRQ" | "SOFTIRQ";
	/** taken in such an interrupt, and with them on */
	readonly inside: number;
	readonly on: number;
}

const IRQS: readonly Irq[] = [
	{
		name: "HARDIRQ",
		inside: Usage.InHardirq | Usage.InHardirqRead,
		on: Usage.HardirqOn | Usage.HardirqOnRead,
	},
	{
		name: "SOFTIRQ",
		inside: Usage.InSoftirq | Usage.InSoftirqRead,
		on: Usage.SoftirqOn | Usage.SoftirqOnRead,
	},
];

/** A lock that interrupts take must not wait for one that is held with interrupts on. */
function checkInversion(machine: Machine, lock: HeldLock, by: "order" | "usage"): void {
	if (machine.state.dependencies.get(lock.lockClass) === undefined && by === "usage" && !hasBefore(machine, lock))
		return;
	for (const irq of IRQS) {
		const before = [...reachable(machine, lock.lockClass, true)];
		const safe = before.find((one) => ((machine.state.usage.get(one) ?? 0) & irq.inside) !== 0);
		if (safe === undefined) continue;
		const after = [...reachable(machine, safe, false)];
		const unsafe = after.find((one) => one !== safe && ((machine.state.usage.get(one) ?? 0) & irq.on) !== 0);
		if (unsafe === undefined) continue;
		const way = pathBetween(machine, safe, unsafe) ?? NO_DEPENDENCIES;
		machine.splatOnce(
			`inversion ${irq.name} ${safe} ${unsafe}`,
			irqInversion(machine, { irq: irq.name, lock, safe, unsafe, way, by }),
		);
	}
}

function hasBefore(machine: Machine, lock: HeldLock): boolean {
	for (const [, list] of machine.state.dependencies.entries()) {
		if (list.some(({ to }) => to === lock.lockClass)) return true;
	}
	return false;
}

function usageNow(machine: Machine, isShared: boolean): number {
	const { world, cpu, task } = machine;
	let bits = 0;
	const inHardirq = hardirqNesting(world, cpu) > 0;
	const inSoftirq = isServingSoftirq(world, cpu, task);
	if (inHardirq) bits |= Usage.InHardirq;
	else if (cpu.irqsOn) bits |= Usage.HardirqOn;
	if (inSoftirq) bits |= Usage.InSoftirq;
	else if (!inHardirq && cpu.irqsOn && softirqCount(world, cpu, task) === 0) bits |= Usage.SoftirqOn;
	return isShared ? bits << 2 : bits;
}
