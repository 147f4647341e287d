// What calls do to the simulated machine besides the context: functions that are called later (work, timers,
// tasklets, interrupts, RCU callbacks, threads), what tasks wait for and who wakes them, what frees memory.
import { since, until } from "./row.js";
import type { RuntimeKind, RuntimeRow } from "./schema.js";

type Columns = Omit<RuntimeRow, "name" | "on" | "does" | "source">;

function on(kind: RuntimeKind, source: string) {
	return (names: string, does: RuntimeRow["does"], columns: Columns = {}): RuntimeRow[] =>
		names.split(" ").map((name) => ({ name, on: kind, does, ...columns, source }));
}

const work = on("work", "include/linux/workqueue.h");
const WORKS: Columns = { runs: "kworker" };
const works: readonly RuntimeRow[] = [
	...work("INIT_WORK INIT_WORK_ONSTACK", "bind", { object: 0, fn: 1, ...WORKS }),
	...work("INIT_DELAYED_WORK INIT_DELAYED_WORK_ONSTACK INIT_DEFERRABLE_WORK", "bind", { object: 0, fn: 1, ...WORKS }),
	...work("schedule_work", "queue", { object: 0, ...WORKS }),
	...work("schedule_work_on queue_work", "queue", { object: 1, ...WORKS }),
	...work("queue_work_on", "queue", { object: 2, ...WORKS }),
	...work("schedule_delayed_work", "queue", { object: 0, after: "time", ...WORKS }),
	...work("queue_delayed_work mod_delayed_work", "queue", { object: 1, after: "time", ...WORKS }),
	...work("flush_work flush_delayed_work cancel_work_sync cancel_delayed_work_sync", "flush", { object: 0 }),
	...work("cancel_work cancel_delayed_work", "cancel", { object: 0 }),
];

const timer = on("timer", "kernel/time/timer.c");
const hrtimer = on("hrtimer", "kernel/time/hrtimer.c");
const timers: readonly RuntimeRow[] = [
	...timer("timer_setup timer_setup_on_stack", "bind", { object: 0, fn: 1, runs: "timer" }),
	...timer("mod_timer add_timer mod_timer_pending add_timer_on timer_reduce", "queue", {
		object: 0,
		after: "time",
		runs: "timer",
	}),
	...timer("del_timer", "cancel", { object: 0, ...until(6, 14) }),
	...timer("timer_delete", "cancel", { object: 0, ...since(6, 2) }),
	...timer("del_timer_sync", "flush", { object: 0, ...until(6, 14) }),
	...timer("timer_delete_sync timer_shutdown_sync", "flush", { object: 0, ...since(6, 2) }),
	...hrtimer("hrtimer_setup", "bind", { object: 0, fn: 1, runs: "hrtimer", ...since(6, 13) }),
	...hrtimer("hrtimer_start hrtimer_start_range_ns hrtimer_restart", "queue", {
		object: 0,
		after: "time",
		runs: "hrtimer",
	}),
	...hrtimer("hrtimer_try_to_cancel", "cancel", { object: 0 }),
	...hrtimer("hrtimer_cancel", "flush", { object: 0 }),
];

const tasklet = on("tasklet", "kernel/softirq.c");
const irqWork = on("irq-work", "kernel/irq_work.c");
const softirqs: readonly RuntimeRow[] = [
	...tasklet("tasklet_setup", "bind", { object: 0, fn: 1, runs: "tasklet" }),
	...tasklet("tasklet_init", "bind", { object: 0, fn: 1, data: 2, runs: "tasklet" }),
	...tasklet("tasklet_schedule tasklet_hi_schedule", "queue", { object: 0, runs: "tasklet" }),
	...tasklet("tasklet_kill", "flush", { object: 0 }),
	...irqWork("init_irq_work", "bind", { object: 0, fn: 1, runs: "irq-work" }),
	...irqWork("irq_work_queue", "queue", { object: 0, runs: "irq-work" }),
	...irqWork("irq_work_sync", "flush", { object: 0 }),
];

const irq = on("irq", "kernel/irq/manage.c");
const interrupts: readonly RuntimeRow[] = [
	...irq("request_irq", "register", { fn: 1, data: 4, runs: "hardirq" }),
	...irq("request_threaded_irq", "register", { fn: 1, thread: 2, data: 5, runs: "hardirq" }),
	...irq("devm_request_irq", "register", { fn: 2, data: 5, runs: "hardirq" }),
	...irq("devm_request_threaded_irq", "register", { fn: 2, thread: 3, data: 6, runs: "hardirq" }),
	...irq("free_irq", "unregister", { data: 1 }),
	...irq("devm_free_irq", "unregister", { data: 2 }),
];

const thread = on("thread", "kernel/kthread.c");
const threads: readonly RuntimeRow[] = [
	...thread("kthread_run", "start", { fn: 0, data: 1, runs: "kthread" }),
	...thread("kthread_create", "create", { fn: 0, data: 1, runs: "kthread" }),
	...thread("wake_up_process", "signal", { object: 0 }),
];

const rcu = on("rcu", "kernel/rcu/tree.c");
const callbacks: readonly RuntimeRow[] = [
	...rcu("call_rcu", "queue", { object: 0, fn: 1, after: "grace-period", runs: "rcu-callback" }),
	...rcu("call_rcu_hurry", "queue", {
		object: 0,
		fn: 1,
		after: "grace-period",
		runs: "rcu-callback",
		...since(6, 2),
	}),
	...rcu("rcu_barrier", "flush"),
];

const memory = (names: string, source: string, columns: Columns = {}): RuntimeRow[] =>
	on("memory", source)(names, "free", { object: 0, ...columns });
const frees: readonly RuntimeRow[] = [
	...memory("kfree kfree_sensitive kfree_const", "mm/slab_common.c"),
	...memory("kvfree vfree", "mm/util.c"),
	...memory("kmem_cache_free", "mm/slab.h", { object: 1 }),
	...memory("__free_pages __free_page free_pages free_page free_pages_exact", "mm/page_alloc.c"),
	...memory("mempool_free", "mm/mempool.c"),
	...memory("free_percpu", "mm/percpu.c"),
	...memory("dma_pool_free", "mm/dmapool.c", { object: 1 }),
	...memory("dma_free_coherent", "kernel/dma/mapping.c", { object: 2 }),
	...memory("kfree_rcu kvfree_rcu", "include/linux/rcupdate.h", { after: "grace-period" }),
	...memory("kfree_rcu_mightsleep kvfree_rcu_mightsleep", "include/linux/rcupdate.h", {
		after: "grace-period",
		...since(6, 3),
	}),
];

const completion = on("completion", "kernel/sched/completion.c");
const waitQueue = on("wait-queue", "include/linux/wait.h");
const semaphore = on("semaphore", "kernel/locking/semaphore.c");
const waiting: readonly RuntimeRow[] = [
	...completion("init_completion reinit_completion", "init", { object: 0 }),
	...completion(
		"wait_for_completion wait_for_completion_io wait_for_completion_interruptible wait_for_completion_killable",
		"wait",
		{ object: 0 },
	),
	...completion(
		"wait_for_completion_timeout wait_for_completion_io_timeout wait_for_completion_interruptible_timeout wait_for_completion_killable_timeout",
		"wait",
		{ object: 0, hasTimeout: true },
	),
	...completion("complete", "signal", { object: 0 }),
	...completion("complete_all", "signal-all", { object: 0 }),
	...waitQueue(
		"wait_event wait_event_interruptible wait_event_interruptible_exclusive wait_event_killable wait_event_killable_exclusive wait_event_freezable wait_event_freezable_exclusive wait_event_idle wait_event_idle_exclusive io_wait_event",
		"wait",
		{ object: 0, isPlace: true, condition: 1 },
	),
	...waitQueue(
		"wait_event_timeout wait_event_interruptible_timeout wait_event_killable_timeout wait_event_freezable_timeout wait_event_idle_timeout wait_event_hrtimeout wait_event_interruptible_hrtimeout",
		"wait",
		{ object: 0, isPlace: true, condition: 1, hasTimeout: true },
	),
	...waitQueue("wake_up wake_up_interruptible wake_up_locked wake_up_interruptible_sync", "signal", { object: 0 }),
	...waitQueue("wake_up_all wake_up_interruptible_all wake_up_nr", "signal-all", { object: 0 }),
	...semaphore("sema_init", "init", { object: 0, count: 1 }),
];

const SCHED_H = "include/linux/sched.h";
const rescheduling: readonly RuntimeRow[] = [
	...on("cpu", SCHED_H)("cond_resched __cond_resched", "resched"),
	...on("cpu", "include/linux/rcupdate.h")("cond_resched_tasks_rcu_qs", "resched"),
];

const ATOMIC = "include/linux/atomic/atomic-instrumented.h";
const counter = (names: string, columns: Columns): RuntimeRow[] =>
	on("counter", ATOMIC)(names, "add", { object: 0, ...columns });
const counters: readonly RuntimeRow[] = [
	...on("counter", ATOMIC)("atomic_set atomic_long_set atomic64_set refcount_set", "init", { object: 0, count: 1 }),
	...counter("atomic_read atomic_long_read atomic64_read refcount_read", { by: 0, gives: "new" }),
	...counter("atomic_inc atomic_long_inc atomic64_inc", { by: 1, gives: "nothing" }),
	...counter("atomic_dec atomic_long_dec atomic64_dec", { by: -1, gives: "nothing" }),
	...counter("atomic_inc_return atomic_long_inc_return", { by: 1, gives: "new" }),
	...counter("atomic_dec_return atomic_long_dec_return", { by: -1, gives: "new" }),
	...counter("atomic_dec_and_test atomic_long_dec_and_test", { by: -1, gives: "is-zero" }),
	...counter("refcount_inc", { by: 1, gives: "nothing" }),
	...counter("refcount_dec_and_test", { by: -1, gives: "is-zero" }),
];

export const runtime: readonly RuntimeRow[] = [
	...works,
	...timers,
	...softirqs,
	...interrupts,
	...threads,
	...callbacks,
	...frees,
	...waiting,
	...rescheduling,
	...counters,
];
