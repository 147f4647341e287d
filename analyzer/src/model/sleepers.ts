// Functions that sleep, or that check that the caller may. Locks that sleep are rows of locks.ts; allocators,
// which sleep as their gfp mask says, are rows of alloc.ts.
import { blocks, nonzero, since, until } from "./row.js";
import type { SleepRow } from "./schema.js";

type Columns = Partial<Pick<SleepRow, "when" | "note" | "defersIn" | "unlessFlagged" | "versions">>;

function sleeper(how: SleepRow["how"]) {
	return (name: string, source: string, columns: Columns = {}): SleepRow => ({ name, how, ...columns, source });
}
const waits = sleeper("waits");
const checks = sleeper("checks");
const faults = sleeper("faults");
const grace = sleeper("grace-period");

const KERNEL_H = "include/linux/kernel.h";
const assertions: readonly SleepRow[] = [
	checks("might_sleep", KERNEL_H),
	checks("__might_sleep", "kernel/sched/core.c"),
	checks("__might_resched", "kernel/sched/core.c"),
	checks("might_resched", KERNEL_H),
	checks("might_sleep_if", KERNEL_H, { when: [nonzero(0)] }),
	checks("might_alloc", "include/linux/sched/mm.h", { when: [blocks(0)] }),
	checks("might_fault", "include/linux/kernel.h"),
];

const SCHED = "kernel/sched/core.c";
const TIMER = "kernel/time/timer.c";
const scheduling: readonly SleepRow[] = [
	waits("schedule", SCHED, { note: "gives up the CPU" }),
	waits("preempt_schedule", SCHED),
	waits("schedule_preempt_disabled", SCHED),
	waits("io_schedule", SCHED, { note: "waits for I/O" }),
	waits("io_schedule_timeout", SCHED, { note: "waits for I/O" }),
	waits("schedule_timeout", TIMER, { note: "sleeps for a time" }),
	waits("schedule_timeout_interruptible", TIMER, { note: "sleeps for a time" }),
	waits("schedule_timeout_killable", TIMER, { note: "sleeps for a time" }),
	waits("schedule_timeout_uninterruptible", TIMER, { note: "sleeps for a time" }),
	waits("schedule_timeout_idle", TIMER, { note: "sleeps for a time" }),
	waits("schedule_hrtimeout", "kernel/time/hrtimer.c"),
	waits("schedule_hrtimeout_range", "kernel/time/hrtimer.c"),
	waits("schedule_hrtimeout_range_clock", "kernel/time/hrtimer.c"),
	waits("yield", SCHED),
	waits("cond_resched", "include/linux/sched.h", { note: "may give up the CPU" }),
	waits("__cond_resched", SCHED),
	waits("cond_resched_tasks_rcu_qs", "include/linux/rcupdate.h"),
	waits("msleep", TIMER, { note: "sleeps for a time" }),
	waits("msleep_interruptible", TIMER, { note: "sleeps for a time" }),
	waits("ssleep", "include/linux/delay.h", { note: "sleeps for a time" }),
	waits("fsleep", "include/linux/delay.h", { note: "sleeps for a time, except for a few microseconds" }),
	waits("usleep_range", "include/linux/delay.h", { note: "sleeps for a time" }),
	waits("usleep_range_state", TIMER, { note: "sleeps for a time" }),
	waits("usleep_idle_range", "include/linux/delay.h", { note: "sleeps for a time" }),
];

const WAIT_H = "include/linux/wait.h";
const EVENT: Columns = { note: "waits for an event" };
const events: readonly SleepRow[] = [
	waits("wait_event", WAIT_H, EVENT),
	waits("wait_event_timeout", WAIT_H, EVENT),
	waits("wait_event_interruptible", WAIT_H, EVENT),
	waits("wait_event_interruptible_timeout", WAIT_H, EVENT),
	waits("wait_event_interruptible_exclusive", WAIT_H, EVENT),
	waits("wait_event_killable", WAIT_H, EVENT),
	waits("wait_event_killable_timeout", WAIT_H, EVENT),
	waits("wait_event_killable_exclusive", WAIT_H, EVENT),
	waits("wait_event_freezable", WAIT_H, EVENT),
	waits("wait_event_freezable_timeout", WAIT_H, EVENT),
	waits("wait_event_freezable_exclusive", WAIT_H, EVENT),
	waits("wait_event_idle", WAIT_H, EVENT),
	waits("wait_event_idle_timeout", WAIT_H, EVENT),
	waits("wait_event_idle_exclusive", WAIT_H, EVENT),
	waits("wait_event_hrtimeout", WAIT_H, EVENT),
	waits("wait_event_interruptible_hrtimeout", WAIT_H, EVENT),
	waits("wait_event_cmd", WAIT_H, EVENT),
	waits("io_wait_event", WAIT_H, EVENT),
	waits("wait_woken", "kernel/sched/wait.c", EVENT),
	waits("wait_on_bit", "include/linux/wait_bit.h", EVENT),
	waits("wait_on_bit_io", "include/linux/wait_bit.h", EVENT),
	waits("wait_on_bit_timeout", "include/linux/wait_bit.h", EVENT),
	waits("wait_on_bit_action", "include/linux/wait_bit.h", EVENT),
	waits("wait_on_bit_lock", "include/linux/wait_bit.h", EVENT),
	waits("wait_on_bit_lock_io", "include/linux/wait_bit.h", EVENT),
	waits("wait_var_event", "include/linux/wait_bit.h", EVENT),
	waits("wait_var_event_timeout", "include/linux/wait_bit.h", EVENT),
	waits("wait_var_event_killable", "include/linux/wait_bit.h", EVENT),
	waits("wait_var_event_interruptible", "include/linux/wait_bit.h", EVENT),
];

const COMPLETION = "kernel/sched/completion.c";
const COMPLETES: Columns = { note: "waits for a completion" };
const completions: readonly SleepRow[] = [
	waits("wait_for_completion", COMPLETION, COMPLETES),
	waits("wait_for_completion_timeout", COMPLETION, COMPLETES),
	waits("wait_for_completion_interruptible", COMPLETION, COMPLETES),
	waits("wait_for_completion_interruptible_timeout", COMPLETION, COMPLETES),
	waits("wait_for_completion_killable", COMPLETION, COMPLETES),
	waits("wait_for_completion_killable_timeout", COMPLETION, COMPLETES),
	waits("wait_for_completion_state", COMPLETION, { ...COMPLETES, ...since(6, 2) }),
	waits("wait_for_completion_io", COMPLETION, COMPLETES),
	waits("wait_for_completion_io_timeout", COMPLETION, COMPLETES),
];

const CHECKLIST = "Documentation/RCU/checklist.rst";
const PERIOD: Columns = { note: "waits for a grace period" };
const gracePeriods: readonly SleepRow[] = [
	grace("synchronize_rcu", CHECKLIST, PERIOD),
	grace("synchronize_rcu_expedited", CHECKLIST, PERIOD),
	grace("synchronize_net", "net/core/dev.c", PERIOD),
	grace("synchronize_srcu", CHECKLIST, PERIOD),
	grace("synchronize_srcu_expedited", CHECKLIST, PERIOD),
	grace("synchronize_rcu_tasks", "kernel/rcu/tasks.h", PERIOD),
	grace("synchronize_rcu_tasks_rude", "kernel/rcu/tasks.h", PERIOD),
	grace("synchronize_rcu_tasks_trace", "kernel/rcu/tasks.h", PERIOD),
	grace("synchronize_rcu_mult", "include/linux/rcupdate_wait.h", PERIOD),
	grace("cond_synchronize_rcu", "kernel/rcu/tree.c", PERIOD),
	grace("cond_synchronize_rcu_expedited", "kernel/rcu/tree_exp.h", PERIOD),
	grace("rcu_barrier", CHECKLIST, PERIOD),
	grace("srcu_barrier", CHECKLIST, PERIOD),
	grace("rcu_barrier_tasks", "kernel/rcu/tasks.h", PERIOD),
	grace("rcu_barrier_tasks_trace", "kernel/rcu/tasks.h", PERIOD),
];

const WORKQUEUE = "kernel/workqueue.c";
const WORK: Columns = { note: "waits for queued work" };
const work: readonly SleepRow[] = [
	waits("flush_work", WORKQUEUE, WORK),
	waits("flush_delayed_work", WORKQUEUE, WORK),
	waits("flush_rcu_work", WORKQUEUE, WORK),
	waits("flush_workqueue", WORKQUEUE, WORK),
	waits("__flush_workqueue", WORKQUEUE, WORK),
	waits("flush_scheduled_work", "include/linux/workqueue.h", WORK),
	waits("drain_workqueue", WORKQUEUE, WORK),
	waits("destroy_workqueue", WORKQUEUE, WORK),
	waits("cancel_work_sync", WORKQUEUE, WORK),
	waits("cancel_delayed_work_sync", WORKQUEUE, WORK),
	waits("schedule_on_each_cpu", WORKQUEUE, WORK),
	waits("kthread_flush_work", "kernel/kthread.c", WORK),
	waits("kthread_flush_worker", "kernel/kthread.c", WORK),
	waits("kthread_cancel_work_sync", "kernel/kthread.c", WORK),
	waits("kthread_cancel_delayed_work_sync", "kernel/kthread.c", WORK),
	waits("kthread_destroy_worker", "kernel/kthread.c", WORK),
	waits("tasklet_kill", "kernel/softirq.c", { note: "waits for the tasklet" }),
];

const THREADS: Columns = { note: "waits for the thread" };
const threads: readonly SleepRow[] = [
	waits("kthread_stop", "kernel/kthread.c", THREADS),
	waits("kthread_park", "kernel/kthread.c", THREADS),
	waits("kthread_parkme", "kernel/kthread.c", THREADS),
	waits("kthread_create_on_node", "kernel/kthread.c", THREADS),
	waits("kthread_create", "include/linux/kthread.h", THREADS),
	waits("kthread_run", "include/linux/kthread.h", THREADS),
];

const MANAGE = "kernel/irq/manage.c";
const irqs: readonly SleepRow[] = [
	waits("free_irq", MANAGE, { note: "waits for running handlers" }),
	waits("request_irq", "include/linux/interrupt.h", { note: "allocates with GFP_KERNEL" }),
	waits("request_threaded_irq", MANAGE, { note: "allocates with GFP_KERNEL" }),
	waits("request_any_context_irq", MANAGE, { note: "allocates with GFP_KERNEL" }),
	waits("synchronize_irq", MANAGE, { note: "waits for running handlers" }),
	waits("disable_irq", MANAGE, { note: "waits for running handlers" }),
];

const UACCESS = "include/linux/uaccess.h";
const FAULTS: Columns = { note: "may fault on user memory" };
const userAccess: readonly SleepRow[] = [
	faults("copy_from_user", UACCESS, FAULTS),
	faults("copy_to_user", UACCESS, FAULTS),
	faults("_copy_from_user", UACCESS, FAULTS),
	faults("_copy_to_user", UACCESS, FAULTS),
	faults("__copy_from_user", UACCESS, FAULTS),
	faults("__copy_to_user", UACCESS, FAULTS),
	faults("copy_in_user", UACCESS, { ...FAULTS, ...until(5, 14) }),
	faults("get_user", "include/asm-generic/uaccess.h", FAULTS),
	faults("put_user", "include/asm-generic/uaccess.h", FAULTS),
	faults("clear_user", "include/asm-generic/uaccess.h", FAULTS),
	faults("strncpy_from_user", UACCESS, FAULTS),
	faults("strnlen_user", UACCESS, FAULTS),
	faults("memdup_user", "mm/util.c", FAULTS),
	faults("memdup_user_nul", "mm/util.c", FAULTS),
	faults("vmemdup_user", "mm/util.c", FAULTS),
	faults("strndup_user", "mm/util.c", FAULTS),
];

const PM = "drivers/base/power/runtime.c";
const IRQ_SAFE: Columns = { unlessFlagged: "pm_runtime_irq_safe", note: "resumes or suspends the device" };
const devices: readonly SleepRow[] = [
	waits("pm_runtime_get_sync", "include/linux/pm_runtime.h", IRQ_SAFE),
	waits("pm_runtime_put_sync", "include/linux/pm_runtime.h", IRQ_SAFE),
	waits("pm_runtime_put_sync_suspend", "include/linux/pm_runtime.h", IRQ_SAFE),
	waits("pm_runtime_put_sync_autosuspend", "include/linux/pm_runtime.h", IRQ_SAFE),
	waits("pm_runtime_resume", "include/linux/pm_runtime.h", IRQ_SAFE),
	waits("pm_runtime_suspend", "include/linux/pm_runtime.h", IRQ_SAFE),
	waits("pm_runtime_idle", "include/linux/pm_runtime.h", IRQ_SAFE),
	waits("pm_runtime_barrier", PM),
	waits("clk_prepare", "include/linux/clk.h", { note: "takes the clock's mutex" }),
	waits("clk_unprepare", "include/linux/clk.h", { note: "takes the clock's mutex" }),
	waits("regulator_enable", "drivers/regulator/core.c", { note: "takes the regulator's mutex" }),
	waits("regulator_disable", "drivers/regulator/core.c", { note: "takes the regulator's mutex" }),
	waits("napi_disable", "net/core/dev.c", { note: "waits for NAPI" }),
	waits("gpiod_set_value_cansleep", "drivers/gpio/gpiolib.c", { note: "a GPIO that may sleep" }),
	waits("gpiod_get_value_cansleep", "drivers/gpio/gpiolib.c", { note: "a GPIO that may sleep" }),
	waits("request_firmware", "drivers/base/firmware_loader/main.c", { note: "loads a file" }),
	waits("i2c_transfer", "drivers/i2c/i2c-core-base.c", { note: "waits for the bus" }),
	waits("spi_sync", "drivers/spi/spi.c", { note: "waits for the bus" }),
	waits("usb_control_msg", "drivers/usb/core/message.c", { note: "waits for the transfer" }),
	waits("usb_bulk_msg", "drivers/usb/core/message.c", { note: "waits for the transfer" }),
	waits("device_register", "drivers/base/core.c", { note: "takes the device's mutex" }),
	waits("remove_proc_entry", "fs/proc/generic.c", { note: "waits for users of the entry" }),
];

const POLLS: Columns = { note: "sleeps between two reads" };
const polls: readonly SleepRow[] = [
	waits("read_poll_timeout", "include/linux/iopoll.h", { ...POLLS, when: [nonzero(3)] }),
	waits("readx_poll_timeout", "include/linux/iopoll.h", { ...POLLS, when: [nonzero(4)] }),
	waits("readb_poll_timeout", "include/linux/iopoll.h", { ...POLLS, when: [nonzero(3)] }),
	waits("readw_poll_timeout", "include/linux/iopoll.h", { ...POLLS, when: [nonzero(3)] }),
	waits("readl_poll_timeout", "include/linux/iopoll.h", { ...POLLS, when: [nonzero(3)] }),
	waits("readq_poll_timeout", "include/linux/iopoll.h", { ...POLLS, when: [nonzero(3)] }),
	waits("readl_relaxed_poll_timeout", "include/linux/iopoll.h", { ...POLLS, when: [nonzero(3)] }),
];

export const sleepers: readonly SleepRow[] = [
	...assertions,
	...scheduling,
	...events,
	...completions,
	...gracePeriods,
	...work,
	...threads,
	...irqs,
	...userAccess,
	...devices,
	...polls,
];
