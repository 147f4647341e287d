// What code asks of the machine that a simulator knows exactly and the analysis has no use for: counts, the CPU, whether
// another task is wanted, whether anybody holds a lock; and devices, of which it knows nothing, whatever memory says.
import type { Source } from "./schema.js";

export interface MachineQuestion {
	readonly asks:
		| "preempt-count"
		| "hardirq-count"
		| "softirq-count"
		/** a softirq is served, as opposed to held off */
		| "serves-softirq"
		| "rcu-depth"
		/** a reader of any kind, or what counts as one */
		| "rcu-any"
		| "rcu-bh"
		| "rcu-sched"
		| "need-resched"
		| "cpu"
		/** the lock that argument 0 points to is held by somebody */
		| "locked"
		/** a register of a device: not what was written there */
		| "device";
	readonly source: Source;
}

function asked(asks: MachineQuestion["asks"], source: Source, names: string): [string, MachineQuestion][] {
	return names.split(" ").map((name) => [name, { asks, source }]);
}

const IO = "include/asm-generic/io.h";
const PREEMPT = "include/linux/preempt.h";
const UPDATE = "kernel/rcu/update.c";

export const machineQuestions: ReadonlyMap<string, MachineQuestion> = new Map([
	...asked("preempt-count", "include/asm-generic/preempt.h", "preempt_count"),
	...asked("hardirq-count", PREEMPT, "hardirq_count"),
	...asked("softirq-count", PREEMPT, "softirq_count"),
	...asked("serves-softirq", PREEMPT, "in_serving_softirq"),
	...asked("rcu-depth", "include/linux/rcupdate.h", "rcu_preempt_depth"),
	...asked("rcu-any", UPDATE, "rcu_read_lock_any_held"),
	...asked("rcu-bh", UPDATE, "rcu_read_lock_bh_held"),
	...asked("rcu-sched", UPDATE, "rcu_read_lock_sched_held"),
	...asked("need-resched", "include/linux/sched.h", "need_resched"),
	...asked("cpu", "include/linux/smp.h", "smp_processor_id raw_smp_processor_id get_cpu"),
	...asked("locked", "include/linux/spinlock.h", "spin_is_locked raw_spin_is_locked"),
	...asked("locked", "include/linux/mutex.h", "mutex_is_locked"),
	...asked("locked", "include/linux/rwsem.h", "rwsem_is_locked"),
	...asked("device", IO, "readb readw readl readq readb_relaxed readw_relaxed readl_relaxed readq_relaxed"),
	...asked("device", IO, "__raw_readb __raw_readw __raw_readl __raw_readq inb inw inl inb_p inw_p inl_p"),
	...asked("device", IO, "ioread8 ioread16 ioread32 ioread64 ioread16be ioread32be ioread64be"),
	...asked("device", "arch/powerpc/include/asm/io.h", "in_8 in_le16 in_le32 in_be16 in_be32"),
]);
