// Callbacks of the core kernel: interrupts, timers, work, threads, RCU, other CPUs, module entry points.
// Subsystems follow in callbacks<Subsystem>.ts; a row here or there has the same meaning.
import { arg, type Conditions, definers, ops } from "./callbackRow.js";
import { blockCallbacks } from "./callbacksBlock.js";
import { deviceCallbacks } from "./callbacksDevice.js";
import { driverCallbacks } from "./callbacksDriver.js";
import { fsCallbacks } from "./callbacksFs.js";
import { mediaCallbacks } from "./callbacksMedia.js";
import { netCallbacks } from "./callbacksNet.js";
import { usbCallbacks } from "./callbacksUsb.js";
import { wirelessCallbacks } from "./callbacksWireless.js";
import { hasBits, since } from "./row.js";
import type { CallbackRow } from "./schema.js";

const MANAGE = "kernel/irq/manage.c:request_threaded_irq";
const DEVRES = "kernel/irq/devres.c";
/** Handlers that PREEMPT_RT leaves in the hard interrupt, by the argument with the IRQF_ flags. */
const unthreaded = (flags: number): Conditions => ({
	when: [hasBits(flags, "IRQF_NO_THREAD|IRQF_PERCPU|IRQF_ONESHOT")],
});
const interrupts: readonly CallbackRow[] = [
	arg("request_irq", 1, "hardirq-always", MANAGE, unthreaded(2)),
	arg("request_irq", 1, "hardirq", MANAGE),
	arg("request_threaded_irq", 1, "hardirq-always", MANAGE, unthreaded(3)),
	arg("request_threaded_irq", 1, "hardirq", MANAGE),
	arg("request_threaded_irq", 2, "irq-thread", MANAGE),
	arg("request_any_context_irq", 1, "hardirq", "kernel/irq/manage.c:request_any_context_irq", { certainty: "may" }),
	arg("request_percpu_irq", 1, "hardirq-always", "kernel/irq/manage.c:__request_percpu_irq"),
	arg("__request_percpu_irq", 1, "hardirq-always", "kernel/irq/manage.c:__request_percpu_irq"),
	arg("request_nmi", 1, "nmi", "kernel/irq/manage.c:request_nmi"),
	arg("request_percpu_nmi", 1, "nmi", "kernel/irq/manage.c:request_percpu_nmi"),
	arg("devm_request_irq", 2, "hardirq-always", DEVRES, unthreaded(3)),
	arg("devm_request_irq", 2, "hardirq", DEVRES),
	arg("devm_request_threaded_irq", 2, "hardirq-always", DEVRES, unthreaded(4)),
	arg("devm_request_threaded_irq", 2, "hardirq", DEVRES),
	arg("devm_request_threaded_irq", 3, "irq-thread", DEVRES),
	arg("devm_request_any_context_irq", 2, "hardirq", DEVRES, { certainty: "may" }),
	arg("pci_request_irq", 2, "hardirq", "drivers/pci/irq.c:pci_request_irq"),
	arg("pci_request_irq", 3, "irq-thread", "drivers/pci/irq.c:pci_request_irq"),
	arg("irq_set_chained_handler", 1, "hardirq-always", "kernel/irq/chip.c:__irq_do_set_handler"),
	arg("irq_set_chained_handler_and_data", 1, "hardirq-always", "kernel/irq/chip.c:__irq_do_set_handler"),
	arg("register_nmi_handler", 1, "nmi", "arch/x86/kernel/nmi.c:nmi_handle"),
	...ops("irq_affinity_notify", "kworker", "kernel/irq/manage.c:irq_affinity_notify", "notify"),
	...ops("gpio_irq_chip", "hardirq-always", "drivers/gpio/gpiolib.c:gpiochip_add_irqchip", "parent_handler"),
	...ops("irqaction", "irq-thread", "include/linux/interrupt.h", "thread_fn"),
	...ops("irqaction", "hardirq", "kernel/irq/handle.c:__handle_irq_event_percpu", "handler"),
];

const TIMER = "kernel/time/timer.c:call_timer_fn";
const HRTIMER = "kernel/time/hrtimer.c:__run_hrtimer";
const SOFTIRQ = "kernel/softirq.c:__do_softirq";
const TASKLET = "kernel/softirq.c:tasklet_action_common";
const IRQ_WORK = "kernel/irq_work.c:irq_work_single";
const WORKQUEUE = "kernel/workqueue.c:process_one_work";
const deferred: readonly CallbackRow[] = [
	arg("timer_setup", 1, "timer", TIMER),
	arg("timer_setup_on_stack", 1, "timer", TIMER),
	arg("init_timer_key", 1, "timer", TIMER),
	arg("timer_init_key", 1, "timer", TIMER, since(6, 16)),
	...definers("DEFINE_TIMER", "timer", TIMER, "{1}"),
	...ops("hrtimer", "hrtimer", HRTIMER, "function"),
	arg("alarm_init", 2, "hrtimer", "kernel/time/alarmtimer.c:alarmtimer_fired"),
	...ops("alarm", "hrtimer", "kernel/time/alarmtimer.c:alarmtimer_fired", "function"),
	arg("hrtimer_setup", 1, "softirq", HRTIMER, { when: [hasBits(3, "HRTIMER_MODE_SOFT")], ...since(6, 13) }),
	arg("hrtimer_setup", 1, "hardirq-always", HRTIMER, { when: [hasBits(3, "HRTIMER_MODE_HARD")], ...since(6, 13) }),
	arg("hrtimer_setup", 1, "hrtimer", HRTIMER, since(6, 13)),
	arg("hrtimer_setup_on_stack", 1, "hrtimer", HRTIMER, since(6, 13)),
	arg("tasklet_setup", 1, "tasklet", TASKLET),
	arg("tasklet_init", 1, "tasklet", TASKLET),
	...definers("DECLARE_TASKLET DECLARE_TASKLET_DISABLED DECLARE_TASKLET_OLD", "tasklet", TASKLET, "{1}"),
	arg("open_softirq", 1, "softirq", SOFTIRQ),
	arg("init_irq_work", 1, "irq-work", IRQ_WORK),
	...definers("DEFINE_IRQ_WORK", "irq-work", IRQ_WORK, "{1}"),
	arg("INIT_WORK", 1, "kworker", WORKQUEUE),
	arg("INIT_WORK_ONSTACK", 1, "kworker", WORKQUEUE),
	arg("INIT_DELAYED_WORK", 1, "kworker", WORKQUEUE),
	arg("INIT_DELAYED_WORK_ONSTACK", 1, "kworker", WORKQUEUE),
	arg("INIT_DEFERRABLE_WORK", 1, "kworker", WORKQUEUE),
	arg("INIT_RCU_WORK", 1, "kworker", WORKQUEUE),
	...definers("DECLARE_WORK DECLARE_DELAYED_WORK DECLARE_DEFERRABLE_WORK", "kworker", WORKQUEUE, "{1}"),
	arg("kthread_create", 0, "kthread", "kernel/kthread.c"),
	arg("kthread_run", 0, "kthread", "kernel/kthread.c"),
	arg("kthread_create_on_node", 0, "kthread", "kernel/kthread.c"),
	arg("kthread_create_on_cpu", 0, "kthread", "kernel/kthread.c"),
	arg("kthread_init_work", 1, "kthread", "kernel/kthread.c"),
	arg("kthread_init_delayed_work", 1, "kthread", "kernel/kthread.c"),
	arg("call_rcu", 1, "rcu-callback", "kernel/rcu/tree.c:rcu_do_batch"),
	arg("call_srcu", 2, "rcu-callback", "kernel/rcu/srcutree.c:srcu_invoke_callbacks"),
	arg("call_rcu_tasks", 1, "rcu-callback", "kernel/rcu/tasks.h:rcu_tasks_invoke_cbs"),
	arg("call_rcu_tasks_trace", 1, "rcu-callback", "kernel/rcu/tasks.h:rcu_tasks_invoke_cbs"),
	arg("call_rcu_hurry", 1, "rcu-callback", "Documentation/RCU/checklist.rst", since(6, 2)),
	arg("percpu_ref_init", 1, "rcu-callback", "lib/percpu-refcount.c:percpu_ref_switch_to_atomic_rcu"),
	arg("percpu_ref_kill_and_confirm", 1, "rcu-callback", "lib/percpu-refcount.c:percpu_ref_call_confirm_rcu"),
	arg("percpu_ref_switch_to_atomic", 1, "rcu-callback", "lib/percpu-refcount.c:percpu_ref_call_confirm_rcu"),
	arg("init_waitqueue_func_entry", 1, "irqs-off", "kernel/sched/wait.c:__wake_up_common"),
	...ops("wait_queue_entry", "irqs-off", "kernel/sched/wait.c:__wake_up_common", "func"),
	...ops("timer_list", "timer", TIMER, "function"),
	...ops("work_struct", "kworker", WORKQUEUE, "func"),
	...ops("kthread_work", "kthread", "kernel/kthread.c:kthread_worker_fn", "func"),
	...ops("tasklet_struct", "tasklet", TASKLET, "func callback"),
	...ops("irq_work", "irq-work", IRQ_WORK, "func"),
	arg("IRQ_WORK_INIT", 0, "irq-work", IRQ_WORK),
	arg("IRQ_WORK_INIT_HARD", 0, "hardirq-always", IRQ_WORK),
	arg("IRQ_WORK_INIT_LAZY", 0, "irq-work", IRQ_WORK),
	arg("__WORK_INITIALIZER", 1, "kworker", WORKQUEUE),
	arg("__TIMER_INITIALIZER", 0, "timer", TIMER),
];

const SMP = "kernel/smp.c:__flush_smp_call_function_queue";
const otherCpus: readonly CallbackRow[] = [
	arg("smp_call_function", 0, "ipi", SMP),
	arg("smp_call_function_single", 1, "ipi", SMP),
	arg("smp_call_function_many", 1, "ipi", SMP),
	arg("smp_call_function_any", 1, "ipi", SMP),
	arg("on_each_cpu", 0, "ipi", SMP),
	arg("on_each_cpu_mask", 1, "ipi", SMP),
	arg("on_each_cpu_cond", 1, "ipi", SMP),
	arg("on_each_cpu_cond_mask", 1, "ipi", SMP),
	arg("on_each_cpu_cond_mask", 0, "preempt-off", "kernel/smp.c:smp_call_function_many_cond"),
	arg("on_each_cpu_cond", 0, "preempt-off", "kernel/smp.c:smp_call_function_many_cond"),
	...ops("__call_single_data", "ipi", SMP, "func"),
	arg("INIT_CSD", 1, "ipi", SMP),
	arg("smp_call_on_cpu", 1, "kworker", "kernel/smp.c:smp_call_on_cpu_callback"),
	arg("work_on_cpu", 1, "kworker", "kernel/workqueue.c:work_for_cpu_fn"),
	arg("work_on_cpu_safe", 1, "kworker", "kernel/workqueue.c:work_for_cpu_fn"),
	arg("schedule_on_each_cpu", 0, "kworker", "kernel/workqueue.c:schedule_on_each_cpu"),
	arg("stop_one_cpu", 1, "preempt-off", "kernel/stop_machine.c:cpu_stopper_thread"),
	arg("stop_one_cpu_nowait", 1, "preempt-off", "kernel/stop_machine.c:cpu_stopper_thread"),
	arg("stop_machine", 0, "stopper", "kernel/stop_machine.c:multi_cpu_stop"),
	arg("stop_machine_cpuslocked", 0, "stopper", "kernel/stop_machine.c:multi_cpu_stop"),
];

const INIT = "include/linux/init.h";
const PLATFORM = "drivers/base/platform.c:__platform_driver_probe";
const entries: readonly CallbackRow[] = [
	...definers("module_init module_exit", "initcall", "include/linux/module.h", "{0}"),
	...definers(
		"early_initcall pure_initcall core_initcall core_initcall_sync postcore_initcall",
		"initcall",
		INIT,
		"{0}",
	),
	...definers("postcore_initcall_sync arch_initcall arch_initcall_sync subsys_initcall", "initcall", INIT, "{0}"),
	...definers("subsys_initcall_sync fs_initcall fs_initcall_sync rootfs_initcall", "initcall", INIT, "{0}"),
	...definers("device_initcall device_initcall_sync late_initcall late_initcall_sync", "initcall", INIT, "{0}"),
	...definers("__setup early_param", "initcall", INIT, "{1}"),
	...definers("IRQCHIP_DECLARE TIMER_OF_DECLARE CLK_OF_DECLARE CLK_OF_DECLARE_DRIVER", "initcall", INIT, "{2}"),
	...definers(
		"DECLARE_PCI_FIXUP_EARLY DECLARE_PCI_FIXUP_HEADER DECLARE_PCI_FIXUP_FINAL",
		"process",
		"drivers/pci/quirks.c:pci_do_fixups",
		"{2}",
	),
	...definers(
		"DECLARE_PCI_FIXUP_ENABLE DECLARE_PCI_FIXUP_RESUME DECLARE_PCI_FIXUP_SUSPEND",
		"process",
		"drivers/pci/quirks.c:pci_do_fixups",
		"{2}",
	),
	...definers("module_platform_driver_probe builtin_platform_driver_probe", "process", PLATFORM, "{1}"),
	arg("platform_driver_probe", 1, "process", PLATFORM),
	...definers("console_initcall __initcall __exitcall", "initcall", INIT, "{0}"),
	...definers("__uml_exitcall", "halting", "arch/um/kernel/reboot.c:uml_cleanup", "{0}"),
	...ops("machdep_calls", "halting", "arch/powerpc/kernel/setup-common.c:machine_restart", "restart halt"),
	...ops("x86_init_irqs", "boot", "arch/x86/kernel/x86_init.c", "pre_vector_init intr_init intr_mode_select"),
	...ops("x86_init_irqs", "boot", "arch/x86/kernel/time.c:x86_late_time_init", "intr_mode_init"),
	...ops("x86_init_timers", "boot", "arch/x86/kernel/time.c:x86_late_time_init", "timer_init wallclock_init"),
];

export const callbacks: readonly CallbackRow[] = [
	...interrupts,
	...deferred,
	...otherCpus,
	...entries,
	...netCallbacks,
	...wirelessCallbacks,
	...blockCallbacks,
	...fsCallbacks,
	...driverCallbacks,
	...deviceCallbacks,
	...usbCallbacks,
	...mediaCallbacks,
];
