// The kernel's own words for what goes wrong. Texts follow kernel/sched/core.c, kernel/locking/lockdep.c,
// kernel/workqueue.c, kernel/time/timer.c and kernel/irq/handle.c; addresses become source places, which
// say more.

import type { Dependency, Frame, Freed, HeldLock, Machine, Section } from "./machine.js";
import { hardirqNesting, isMacroFrame, isServingSoftirq, softirqCount } from "./machine.js";
import type { Splat, SplatKind } from "./outcome.js";
import type { SourcePlace } from "./world.js";

/** preempt_count as the kernel prints it: unsigned, need_resched bit included. */
export function hexCount(machine: Machine): string {
	return machine.cpu.preemptCount.toString(16);
}

/** preempt_count as `%08x`. */
export function paddedCount(count: number): string {
	return count.toString(16).padStart(8, "0");
}

function finish(machine: Machine, splat: Omit<Splat, "text">, lines: readonly string[]): Splat {
	return { ...splat, text: [...lines, ...callTrace(machine)].join("\n") };
}

function placeText(at: SourcePlace): string {
	return `${at.path}:${at.line}`;
}

function who(machine: Machine): string {
	return `${machine.task.comm}/${machine.task.pid}`;
}

export function sleepingInAtomic(machine: Machine, at: SourcePlace, expectedCount: number, expectedRcu: number): Splat {
	const { task, cpu } = machine;
	const isAtomic = cpu.preemptCount !== 0 ? 1 : 0;
	const title = `BUG: sleeping function called from invalid context at ${placeText(at)}`;
	const lines = [
		title,
		`in_atomic(): ${isAtomic}, irqs_disabled(): ${cpu.irqsOn ? 0 : 1}, non_block: ${task.nonBlock}, pid: ${task.pid}, name: ${task.comm}`,
		`preempt_count: ${hexCount(machine)}, expected: ${expectedCount.toString(16)}`,
	];
	if (machine.world.config.preemptRcu) lines.push(`RCU nest depth: ${task.rcuDepth}, expected: ${expectedRcu}`);
	if (machine.world.config.proveLocking) lines.push(...heldLockLines(machine));
	const disabledAt = preemptionDisabledAt(machine);
	if (disabledAt !== null && isAtomic) lines.push("Preemption disabled at:", ` ${disabledAt}`);
	return finish(machine, { kind: "sleep-in-atomic", title, at }, lines);
}

export function schedulingWhileAtomic(machine: Machine, at: SourcePlace): Splat {
	const title = `BUG: scheduling while atomic: ${who(machine)}/0x${paddedCount(machine.cpu.preemptCount)}`;
	return finish(machine, { kind: "scheduling-while-atomic", title, at }, [title, ...heldLockLines(machine)]);
}

export function assumingAtomic(machine: Machine, at: SourcePlace): Splat {
	const { task, cpu } = machine;
	const title = `BUG: assuming atomic context at ${placeText(at)}`;
	const state = `in_atomic(): ${cpu.preemptCount !== 0 ? 1 : 0}, irqs_disabled(): ${cpu.irqsOn ? 0 : 1}, pid: ${task.pid}, name: ${task.comm}`;
	return finish(machine, { kind: "assertion", title, at }, [title, state, ...heldLockLines(machine)]);
}

/** lockdep_rcu_suspicious(). */
export function suspiciousRcu(machine: Machine, at: SourcePlace, what: string): Splat {
	const lines = [
		...banner(machine, "WARNING: suspicious RCU usage"),
		`${placeText(at)} ${what}!`,
		"",
		"other info that might help us debug this:",
		"",
		"",
		"rcu_scheduler_active = 2, debug_locks = 1",
		...heldLockLines(machine),
		"",
		"stack backtrace:",
	];
	return finish(machine, { kind: "rcu-usage", title: `WARNING: suspicious RCU usage: ${what}`, at }, lines);
}

export function recursiveLocking(machine: Machine, next: HeldLock, held: HeldLock): Splat {
	const lines = [
		...banner(machine, "WARNING: possible recursive locking detected"),
		`${who(machine)} is trying to acquire lock:`,
		lockLine(machine, next),
		"",
		"but task is already holding lock:",
		lockLine(machine, held),
		"",
		"other info that might help us debug this:",
		" Possible unsafe locking scenario:",
		"",
		"       CPU0",
		"       ----",
		`  lock(${held.text});`,
		`  lock(${next.text});`,
		"",
		" *** DEADLOCK ***",
		"",
		...heldLockLines(machine),
		"",
		"stack backtrace:",
	];
	const title = "WARNING: possible recursive locking detected";
	return finish(machine, { kind: "recursive-lock", title, at: next.at }, lines);
}

/** Two locks of one class, nothing says in which order. */
export function recursiveClass(machine: Machine, next: HeldLock, held: HeldLock): Splat {
	const splat = recursiveLocking(machine, next, held);
	return {
		...splat,
		text: splat.text.replace(
			" *** DEADLOCK ***\n",
			" *** DEADLOCK ***\n\n May be due to missing lock nesting notation\n",
		),
	};
}

/** print_circular_bug(). `circle` leads from the new lock to one that is held. */
export function circularLocking(
	machine: Machine,
	what: { readonly lock: HeldLock; readonly held: HeldLock; readonly circle: readonly Dependency[] },
): Splat {
	const { lock, held, circle } = what;
	const title = "WARNING: possible circular locking dependency detected";
	const chain = circle
		.toReversed()
		.flatMap((step, i) => [
			`-> #${circle.length - i} (${step.text}):`,
			`       ${step.at.function} (${placeText(step.at)}), while ${step.fromText} was held`,
		]);
	const lines = [
		...banner(machine, title),
		`${who(machine)} is trying to acquire lock:`,
		lockLine(machine, lock),
		"",
		"but task is already holding lock:",
		lockLine(machine, held),
		"",
		"which lock already depends on the new lock.",
		"",
		"the existing dependency chain (in reverse order) is:",
		...chain,
		`-> #0 (${lock.text}):`,
		`       ${lock.at.function} (${placeText(lock.at)})`,
		"",
		"other info that might help us debug this:",
		" Possible unsafe locking scenario:",
		"",
		"       CPU0                    CPU1",
		"       ----                    ----",
		`  lock(${held.text});`,
		`                               lock(${lock.text});`,
		`                               lock(${held.text});`,
		`  lock(${lock.text});`,
		"",
		" *** DEADLOCK ***",
		"",
		...heldLockLines(machine),
		"",
		"stack backtrace:",
	];
	return finish(machine, { kind: "circular-lock", title, at: lock.at }, lines);
}

export interface Inversion {
	readonly irq: "HARDIRQ" | "SOFTIRQ";
	readonly lock: HeldLock;
	/** class that the interrupt takes, and one that is held with it on */
	readonly safe: string;
	readonly unsafe: string;
	/** how the first leads to the second */
	readonly way: readonly Dependency[];
	/** what brought it up: a new order, or a new use */
	readonly by: "order" | "usage";
}

/** print_bad_irq_dependency(), print_irq_inversion_bug(). */
export function irqInversion(machine: Machine, what: Inversion): Splat {
	const { irq, lock, way, by } = what;
	const title =
		by === "order"
			? `WARNING: ${irq}-safe -> ${irq}-unsafe lock order detected`
			: "WARNING: possible irq lock inversion dependency detected";
	const safe = way[0]?.fromText ?? what.safe;
	const unsafe = way.at(-1)?.text ?? what.unsafe;
	const lines = [
		...banner(machine, title),
		`${who(machine)} is trying to acquire:`,
		lockLine(machine, lock),
		"",
		`${safe} is ${irq.toLowerCase()}-safe: it was taken in such an interrupt,`,
		`and leads to ${unsafe}, which is ${irq.toLowerCase()}-unsafe: it was taken with them on.`,
		...way.map((step) => ` ${step.text} after ${step.fromText}: ${step.at.function} (${placeText(step.at)})`),
		"",
		"other info that might help us debug this:",
		" Possible interrupt unsafe locking scenario:",
		"",
		"       CPU0                    CPU1",
		"       ----                    ----",
		`  lock(${unsafe});`,
		"                               local_irq_disable();",
		`                               lock(${safe});`,
		`                               lock(${unsafe});`,
		"  <Interrupt>",
		`    lock(${safe});`,
		"",
		" *** DEADLOCK ***",
		"",
		...heldLockLines(machine),
		"",
		"stack backtrace:",
	];
	return finish(machine, { kind: "irq-inversion", title, at: lock.at }, lines);
}

export function badUnlockBalance(machine: Machine, name: string, at: SourcePlace): Splat {
	const title = "WARNING: bad unlock balance detected!";
	const lines = [
		...banner(machine, title),
		`${who(machine)} is trying to release lock (${name}) at:`,
		`${at.function} (${placeText(at)})`,
		"but there are no more locks to release!",
		"",
		"other info that might help us debug this:",
		...heldLockLines(machine),
		"",
		"stack backtrace:",
	];
	return finish(machine, { kind: "unlock-balance", title, at }, lines);
}

export function inconsistentLockState(machine: Machine, lock: HeldLock, before: string, now: string): Splat {
	const { world, cpu, task } = machine;
	const hard = hardirqNesting(world, cpu);
	const soft = softirqCount(world, cpu, task);
	const title = "WARNING: inconsistent lock state";
	const context = `[HC${hard > 0 ? 1 : 0}[${hard}]:SC${isServingSoftirq(world, cpu, task) ? 1 : 0}[${soft}]:HE${cpu.irqsOn ? 1 : 0}:SE${soft === 0 ? 1 : 0}]`;
	const lines = [
		...banner(machine, title),
		`inconsistent {${before}} -> {${now}} usage.`,
		`${who(machine)} ${context} takes:`,
		lockLine(machine, lock),
		"",
		"other info that might help us debug this:",
		" Possible unsafe locking scenario:",
		"",
		"       CPU0",
		"       ----",
		`  lock(${lock.text});`,
		"  <Interrupt>",
		`    lock(${lock.text});`,
		"",
		" *** DEADLOCK ***",
		"",
		...heldLockLines(machine),
		"",
		"stack backtrace:",
	];
	return finish(machine, { kind: "lock-state", title, at: lock.at }, lines);
}

/** print_report() of KASAN. */
export function useAfterFree(
	machine: Machine,
	what: { readonly at: SourcePlace; readonly kind: "Read" | "Write"; readonly text: string; readonly freed: Freed },
): Splat {
	const { at, freed } = what;
	const title = `BUG: KASAN: use-after-free in ${at.function} at ${placeText(at)}`;
	const lines = [
		"==================================================================",
		title,
		`${what.kind} of ${what.text} by task ${who(machine)}`,
		`Freed by task ${freed.who}:`,
		` ${freed.by}() in ${freed.at.function} (${placeText(freed.at)})`,
		"",
	];
	return finish(machine, { kind: "use-after-free", title, at }, lines);
}

/** WARN() and its like: `what` is the message, or the condition that held. */
export function warning(machine: Machine, kind: SplatKind, what: string, at: SourcePlace): Splat {
	const { cpu, task } = machine;
	const header = `WARNING: CPU: ${cpu.id} PID: ${task.pid} at ${placeText(at)} ${at.function}`;
	return finish(machine, { kind, title: what, at }, ["------------[ cut here ]------------", what, header]);
}

/**
 * What the surrounding kernel says when the entry function comes back in another context than it was called
 * in: on the way to user space, or in the code that runs handlers and callbacks.
 */
export function leakSplats(machine: Machine, name: string, at: SourcePlace): Splat[] {
	const { cpu } = machine;
	const { entry } = machine.activation;
	const splats = entry.level === "process" ? leaksToUser(machine, at) : [];
	if (entry.level !== "process" && cpu.preemptCount !== entry.preemptCount) {
		const counts = `${paddedCount(entry.preemptCount)} -> ${paddedCount(cpu.preemptCount)}`;
		splats.push(warning(machine, "leak", `${entry.id}: ${name} preempt leak: ${counts}`, at));
	}
	if (cpu.irqsOn !== entry.irqsOn) {
		const what = cpu.irqsOn ? `irq handler ${name} enabled interrupts` : `${name} left IRQs disabled`;
		splats.push(warning(machine, "leak", what, at));
	}
	return splats;
}

/** lockdep_sys_exit(), then the scheduler at the next chance. */
function leaksToUser(machine: Machine, at: SourcePlace): Splat[] {
	const { cpu, task, world } = machine;
	const { entry } = machine.activation;
	const splats: Splat[] = [];
	const nReaders = task.sections.filter(({ kind }) => READERS.has(kind)).length;
	if (world.config.proveLocking && task.locks.length + nReaders > entry.nLocks) {
		const title = "WARNING: lock held when returning to user space!";
		const leaver = `${who(machine)} is leaving the kernel with locks still held!`;
		const lines = [...banner(machine, title), leaver, ...heldLockLines(machine)];
		splats.push(finish(machine, { kind: "leak", title, at }, lines));
	}
	if (cpu.preemptCount !== entry.preemptCount) splats.push({ ...schedulingWhileAtomic(machine, at), kind: "leak" });
	return splats;
}

function banner(machine: Machine, title: string): string[] {
	const { length } = title;
	return ["", "=".repeat(length), title, `${machine.world.model.version.join(".")} Not tainted`, "-".repeat(length)];
}

/** lockdep_print_held_locks(). RCU readers count as locks, as they do for lockdep. */
export function heldLockLines(machine: Machine): string[] {
	const { task, world } = machine;
	if (!world.config.proveLocking) return [];
	const readers = task.sections.filter((section) => READERS.has(section.kind));
	const n = task.locks.length + readers.length;
	if (n === 0) return [`no locks held by ${who(machine)}.`];
	const lines = [
		...task.locks.map((lock, i) => ` #${i}: ${lockLine(machine, lock)}`),
		...readers.map((reader, i) => ` #${task.locks.length + i}: ${readerLine(reader)}`),
	];
	return [`${n} lock${n > 1 ? "s" : ""} held by ${who(machine)}:`, ...lines];
}

const READERS: ReadonlySet<string> = new Set(["rcu", "rcu_bh", "rcu_sched", "srcu"]);

function lockLine(machine: Machine, lock: HeldLock): string {
	const isSpinning = machine.world.model.lockKinds.get(lock.kind)?.is !== "sleeps";
	const usage = usageText(machine.state.usage.get(lock.lockClass) ?? 0);
	const from = lock.assumed ? "held at entry" : `at: ${lock.at.function} (${placeText(lock.at)})`;
	return `(${lock.text}){${usage}}-${isSpinning ? "{2:2}" : "{3:3}"}, ${from}`;
}

function readerLine(reader: Section): string {
	return `(${reader.by}){....}-{1:2}, at: ${reader.at.function} (${placeText(reader.at)})`;
}

/** Lockdep's usage bits of a lock class. */
export const enum Usage {
	/** taken for writing in a hard interrupt, with hard interrupts on; the same for reading, then for soft interrupts */
	InHardirq = 1 << 0,
	HardirqOn = 1 << 1,
	InHardirqRead = 1 << 2,
	HardirqOnRead = 1 << 3,
	InSoftirq = 1 << 4,
	SoftirqOn = 1 << 5,
	InSoftirqRead = 1 << 6,
	SoftirqOnRead = 1 << 7,
}

/** The four characters of lockdep: hardirq write and read, softirq write and read. */
function usageText(bits: number): string {
	let text = "";
	for (let shift = 0; shift < 8; shift += 2) text += ".-+?"[(bits >> shift) & 3];
	return text;
}

/** What raised the count first, of what is still open. */
function preemptionDisabledAt(machine: Machine): string | null {
	const { locks, sections } = machine.task;
	const { lockKinds } = machine.world.model;
	const lock = locks.find((held) => !held.assumed && lockKinds.get(held.kind)?.preempt);
	const section = sections.find((open) => open.kind === "preempt" || open.kind === "bh");
	const at = section?.at ?? lock?.at;
	return at === undefined ? null : `${at.function} (${placeText(at)})`;
}

/** dump_stack(), innermost first; what an interrupt runs stands between marks, as show_trace_log_lvl() has them. */
export function callTrace(machine: Machine): string[] {
	const lines = ["Call Trace:"];
	const { frames } = machine.task;
	let isNew = true;
	for (let depth = frames.length - 1; depth >= 0; depth--) {
		const mark = stackMark(machine, depth);
		if (isNew && mark !== "") lines.push(` <${mark}>`);
		isNew = false;
		if (!isMacroFrame(machine.world, machine.task, depth)) {
			const at = machine.placeOfFrame(depth);
			lines.push(` ${at.function} (${placeText(at)})`);
		}
		if (mark === "" || !startsStack(frames[depth]!)) continue;
		lines.push(` </${mark}>`);
		isNew = true;
	}
	return lines;
}

/** What reclaim calls back runs on the stack of the task that reclaims. */
function startsStack({ activation }: Frame): boolean {
	return activation !== null && activation.kind !== "reclaim";
}

/** The stack that a frame is on, when it is not the task's own. */
function stackMark(machine: Machine, depth: number): string {
	const { frames } = machine.task;
	let base = depth;
	while (!startsStack(frames[base]!)) base--;
	if (base === 0) return "";
	return frames[base]!.activation!.entry.level === "nmi" ? "NMI" : "IRQ";
}
