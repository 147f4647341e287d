// The contexts that the kernel calls back into code in; callback tables refer to them by id.
import type { RunContext } from "./schema.js";

type Columns = Omit<RunContext, "id" | "label" | "level" | "source">;

function level(of: RunContext["level"], base: Columns = {}) {
	return (id: string, label: string, source: string, columns: Columns = {}): RunContext => ({
		id,
		label,
		level: of,
		...base,
		...columns,
		source,
	});
}
const process = level("process");
const softirq = level("softirq");
const hardirq = level("hardirq", { irqsOff: true });
const nmi = level("nmi", { irqsOff: true });

const NETDEVICES = "Documentation/networking/netdevices.rst";
const LOCKING = "Documentation/filesystems/locking.rst";

export const runContexts: readonly RunContext[] = [
	// ---- plain ----
	process("process", "process context", "Documentation/kernel-hacking/hacking.rst"),
	process("kthread", "kernel thread", "kernel/kthread.c"),
	process("irq-thread", "threaded interrupt handler", "kernel/irq/manage.c:irq_thread"),
	process("kworker", "work item in a kworker", "kernel/workqueue.c:process_one_work"),
	process("initcall", "module or boot initialisation", "init/main.c:do_one_initcall"),
	softirq("softirq", "softirq", "kernel/softirq.c:__do_softirq", { onRt: "process-bh" }),
	softirq("timer", "timer callback (softirq)", "kernel/time/timer.c:call_timer_fn", { onRt: "process-bh" }),
	softirq("tasklet", "tasklet (softirq)", "kernel/softirq.c:tasklet_action_common", { onRt: "process-bh" }),
	softirq("rcu-callback", "RCU callback (softirq)", "Documentation/RCU/checklist.rst", { onRt: "process-bh" }),
	hardirq("hardirq", "hard interrupt handler", "kernel/irq/handle.c:__handle_irq_event_percpu", { onRt: "irq-thread" }),
	hardirq("hardirq-always", "hard interrupt, also under PREEMPT_RT", "kernel/irq/handle.c:__handle_irq_event_percpu"),
	hardirq("hrtimer", "hrtimer callback (hard interrupt)", "kernel/time/hrtimer.c:__run_hrtimer", { onRt: "softirq" }),
	hardirq("irq-work", "irq_work callback (hard interrupt)", "kernel/irq_work.c:irq_work_single", { onRt: "kthread" }),
	hardirq("ipi", "function call on another CPU, interrupts off", "kernel/smp.c:smp_call_function_many_cond"),
	process("stopper", "stop_machine callback, interrupts off", "kernel/stop_machine.c:multi_cpu_stop", {
		irqsOff: true,
		preemptOff: true,
	}),
	nmi("nmi", "NMI handler", "arch/x86/kernel/nmi.c:nmi_handle"),
	process("process-bh", "process context with bottom halves off (PREEMPT_RT)", "kernel/softirq.c"),
	process("irqs-off", "called with interrupts off", "Documentation/kernel-hacking/locking.rst", { irqsOff: true }),
	process("preempt-off", "called with preemption off", "include/linux/preempt.h", { preemptOff: true }),
	process("rcu-reader", "called under rcu_read_lock()", "Documentation/RCU/checklist.rst", { rcu: true }),
	process("atomic", "called from any context, so also from an atomic one", "Documentation/kernel-hacking/locking.rst", {
		preemptOff: true,
	}),
	// ---- network ----
	process("rtnl", "process context under rtnl_lock()", NETDEVICES, { sleeping: ["rtnl_mutex"] }),
	softirq("ndo-xmit", "transmit: bottom halves off, tx lock held", NETDEVICES, {
		bhOff: true,
		rcu: true,
		spinning: "txq->_xmit_lock",
	}),
	softirq("ndo-tx-timeout", "transmit watchdog: softirq, tx lock held", NETDEVICES, {
		bhOff: true,
		spinning: "dev->tx_global_lock",
	}),
	process("ndo-rx-mode", "address list update: bottom halves off, address lock held", NETDEVICES, {
		bhOff: true,
		spinning: "dev->addr_list_lock",
	}),
	softirq("napi", "NAPI poll (softirq)", "net/core/dev.c:__napi_poll", { onRt: "process-bh" }),
	// ---- reclaim ----
	process("reclaim", "memory reclaim", "mm/vmscan.c:do_shrink_slab", { reclaim: "fs" }),
	// ---- file systems ----
	process("inode-lock", "process context, inode lock held", LOCKING, { sleeping: ["inode->i_rwsem"] }),
];
