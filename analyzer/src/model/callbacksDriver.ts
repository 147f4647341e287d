// Callbacks of the driver model: probe and its like on every bus, power management, notifiers, firmware tables,
// tracing and low-level processor hooks. Device classes are in callbacksDevice.ts.
import { arg, type Conditions, definers, MAY, ops } from "./callbackRow.js";
import { equals, since, until } from "./row.js";
import type { CallbackRow } from "./schema.js";

const DD = "drivers/base/dd.c:really_probe";

const buses: readonly CallbackRow[] = [
	...ops("device_driver", "process", DD, "probe sync_state remove shutdown suspend resume coredump"),
	...ops("bus_type", "process", "include/linux/device/bus.h", "match uevent probe sync_state remove shutdown online"),
	...ops("bus_type", "process", "include/linux/device/bus.h", "offline suspend resume dma_configure dma_cleanup"),
	...ops("class", "process", "include/linux/device/class.h", "dev_uevent devnode class_release dev_release"),
	...ops("class", "process", "include/linux/device/class.h", "shutdown_pre"),
	...ops("device_type", "process", "include/linux/device.h", "uevent devnode release"),
	...ops("platform_driver", "process", DD, "probe remove shutdown suspend resume"),
	...ops("platform_driver", "process", DD, "remove_new", since(6, 1)),
	...ops("pci_driver", "process", DD, "probe remove suspend resume shutdown sriov_configure"),
	...ops("pci_driver", "process", DD, "sriov_set_msix_vec_count sriov_get_vf_total_msix"),
	...ops("pci_error_handlers", "process", "drivers/pci/pcie/err.c", "error_detected mmio_enabled slot_reset"),
	...ops("pci_error_handlers", "process", "drivers/pci/pcie/err.c", "reset_prepare reset_done resume"),
	...ops("usb_driver", "process", DD, "probe disconnect unlocked_ioctl suspend resume reset_resume pre_reset"),
	...ops("usb_driver", "process", DD, "post_reset"),
	...ops("usb_device_driver", "process", DD, "probe disconnect suspend resume"),
	...ops("i2c_driver", "process", DD, "probe remove shutdown alert command detect"),
	...ops("i2c_driver", "process", DD, "probe_new", until(6, 5)),
	...ops("spi_driver", "process", DD, "probe remove shutdown"),
	...ops("virtio_driver", "process", DD, "validate probe scan remove freeze restore"),
	...ops("virtio_driver", "irqs-off", "drivers/virtio/virtio.c:virtio_config_changed", "config_changed"),
	...ops("amba_driver", "process", DD, "probe remove shutdown"),
	...ops("serdev_device_driver", "process", DD, "probe remove"),
	...ops("mdio_driver", "process", DD, "probe remove shutdown"),
	...ops("hv_driver", "process", DD, "probe remove shutdown suspend resume"),
	...ops("xenbus_driver", "process", DD, "probe otherend_changed remove suspend resume"),
	...ops("auxiliary_driver", "process", DD, "probe remove shutdown suspend resume"),
	...ops("sdio_driver", "process", DD, "probe remove"),
	...ops("mmc_driver", "process", DD, "probe remove shutdown"),
	...ops("pnp_driver", "process", DD, "probe remove shutdown suspend resume"),
	...ops("pcmcia_driver", "process", DD, "probe remove suspend resume"),
	...ops("parport_driver", "process", DD, "probe detach match_port"),
	...ops("ssb_driver", "process", DD, "probe remove suspend resume shutdown"),
	...ops("bcma_driver", "process", DD, "probe remove suspend resume shutdown"),
	...ops("isa_driver", "process", DD, "match probe remove shutdown suspend resume"),
	...ops("mei_cl_driver", "process", DD, "probe remove"),
	...ops("rpmsg_driver", "process", DD, "probe remove"),
	...ops("greybus_driver", "process", DD, "probe disconnect"),
	...ops("nd_device_driver", "process", DD, "probe remove shutdown notify"),
	...ops("mcb_driver", "process", DD, "probe remove shutdown"),
	...ops("zorro_driver", "process", DD, "probe remove"),
	...ops("dio_driver", "process", DD, "probe remove"),
	...ops("mdev_driver", "process", DD, "probe remove"),
	...ops("acpi_device_ops", "process", "drivers/acpi/bus.c:acpi_device_probe", "add remove notify"),
	...ops("component_ops", "process", "drivers/base/component.c", "bind unbind"),
	...ops("component_master_ops", "process", "drivers/base/component.c", "bind unbind"),
];

const PM = "Documentation/power/runtime_pm.rst";
const RESTART_PREPARE = (mode: number): Conditions => ({ when: [equals(mode, "SYS_OFF_MODE_RESTART_PREPARE")] });
const POWER_PREPARE = (mode: number): Conditions => ({ when: [equals(mode, "SYS_OFF_MODE_POWER_OFF_PREPARE")] });
const power: readonly CallbackRow[] = [
	...ops("dev_pm_ops", "process", "Documentation/driver-api/pm/devices.rst", "prepare complete suspend resume"),
	...ops("dev_pm_ops", "process", "Documentation/driver-api/pm/devices.rst", "freeze thaw poweroff restore"),
	...ops("dev_pm_ops", "process", "Documentation/driver-api/pm/devices.rst", "suspend_late resume_early freeze_late"),
	...ops("dev_pm_ops", "process", "Documentation/driver-api/pm/devices.rst", "thaw_early poweroff_late"),
	...ops("dev_pm_ops", "process", "Documentation/driver-api/pm/devices.rst", "restore_early suspend_noirq"),
	...ops("dev_pm_ops", "process", "Documentation/driver-api/pm/devices.rst", "resume_noirq freeze_noirq thaw_noirq"),
	...ops("dev_pm_ops", "process", "Documentation/driver-api/pm/devices.rst", "poweroff_noirq restore_noirq"),
	...ops("dev_pm_ops", "process", PM, "runtime_suspend runtime_resume runtime_idle"),
	...definers("SET_SYSTEM_SLEEP_PM_OPS SET_RUNTIME_PM_OPS", "process", "include/linux/pm.h", "{0} {1}"),
	...definers("SIMPLE_DEV_PM_OPS UNIVERSAL_DEV_PM_OPS", "process", "include/linux/pm.h", "{1} {2}"),
	...definers("DEFINE_SIMPLE_DEV_PM_OPS DEFINE_RUNTIME_DEV_PM_OPS", "process", "include/linux/pm.h", "{1} {2}"),
	...ops("generic_pm_domain", "process", "drivers/base/power/domain.c:genpd_lock", "power_on power_off"),
	...ops("generic_pm_domain", "process", "drivers/base/power/domain.c:genpd_lock", "set_performance_state"),
	...ops("generic_pm_domain", "process", "drivers/base/power/domain.c:genpd_lock", "attach_dev detach_dev"),
	...ops("syscore_ops", "suspended", "drivers/base/syscore.c:syscore_suspend", "suspend resume"),
	...ops("syscore_ops", "process", "drivers/base/syscore.c:syscore_shutdown", "shutdown"),
	arg("register_sys_off_handler", 2, "process", "kernel/reboot.c:do_kernel_restart_prepare", RESTART_PREPARE(0)),
	arg("register_sys_off_handler", 2, "process", "kernel/reboot.c:do_kernel_power_off_prepare", POWER_PREPARE(0)),
	arg("register_sys_off_handler", 2, "restart", "kernel/reboot.c:do_kernel_restart"),
	arg("devm_register_sys_off_handler", 3, "process", "kernel/reboot.c:do_kernel_restart_prepare", RESTART_PREPARE(1)),
	arg("devm_register_sys_off_handler", 3, "process", "kernel/reboot.c:do_kernel_power_off_prepare", POWER_PREPARE(1)),
	arg("devm_register_sys_off_handler", 3, "restart", "kernel/reboot.c:do_kernel_restart"),
	arg("devm_register_power_off_handler", 1, "restart", "kernel/reboot.c:do_kernel_power_off"),
	arg("devm_register_restart_handler", 1, "restart", "kernel/reboot.c:do_kernel_restart"),
	arg("register_platform_power_off", 0, "restart", "kernel/reboot.c:do_kernel_power_off"),
	...ops("platform_suspend_ops", "process", "kernel/power/suspend.c", "begin prepare prepare_late wake finish end"),
	...ops("platform_suspend_ops", "process", "kernel/power/suspend.c", "recover"),
	...ops("platform_suspend_ops", "suspended", "kernel/power/suspend.c:suspend_enter", "enter"),
	...ops("cpufreq_driver", "process", "drivers/cpufreq/cpufreq.c", "init verify setpolicy target target_index"),
	...ops("cpufreq_driver", "process", "drivers/cpufreq/cpufreq.c", "get_intermediate target_intermediate get"),
	...ops("cpufreq_driver", "process", "drivers/cpufreq/cpufreq.c", "update_limits bios_limit online offline exit"),
	...ops("cpufreq_driver", "process", "drivers/cpufreq/cpufreq.c", "suspend resume ready set_boost"),
	...ops("cpufreq_driver", "rq-lock", "kernel/sched/cpufreq_schedutil.c:sugov_update_single_freq", "fast_switch"),
	...ops("cpufreq_driver", "rq-lock", "kernel/sched/cpufreq_schedutil.c:sugov_update_single_freq", "adjust_perf"),
	...ops("cpuidle_state", "idle", "drivers/cpuidle/cpuidle.c:cpuidle_enter_state", "enter enter_dead enter_s2idle"),
	...ops("devfreq_dev_profile", "process", "drivers/devfreq/devfreq.c", "target get_dev_status get_cur_freq exit"),
];

/** States that a CPU passes on its way up or down with interrupts off: kernel/cpu.c:cpuhp_is_atomic_state. */
const STARTING = [
	"SCHED RCUTREE_DYING CPU_PM IRQ_GIC IRQ_HIP04 IRQ_APPLE_AIC IRQ_ARMADA_XP IRQ_BCM2836 IRQ_MIPS_GIC IRQ_RISCV",
	"IRQ_LOONGARCH IRQ_EIOINTC IRQ_AVECINTC IRQ_SIFIVE_PLIC IRQ_RISCV_IMSIC IRQ_RISCV_SBI_IPI ARM_MVEBU_COHERENCY",
	"MICROCODE_LOADER PERF_X86_AMD_UNCORE PERF_X86 PERF_X86_AMD_IBS PERF_X86_CQM PERF_X86_CSTATE PERF_XTENSA",
	"MIPS_OP_LOONGSON3 ARM_VFP ARM64_DEBUG_MONITORS PERF_ARM_HW_BREAKPOINT PERF_ARM_ACPI PERF_ARM PERF_RISCV",
	"ARM_L2X0 EXYNOS4_MCT_TIMER ARM_ARCH_TIMER ARM_ARCH_TIMER_EVTSTRM ARM_GLOBAL_TIMER JCORE_TIMER ARM_TWD QCOM_TIMER",
	"TEGRA_TIMER ARMADA_TIMER MARCO_TIMER MIPS_GIC_TIMER ARC_TIMER REALTEK_TIMER RISCV_TIMER CLINT_TIMER CSKY_TIMER",
	"TI_GP_TIMER HYPERV_TIMER KVM KVM_ARM_VGIC_INIT KVM_ARM_VGIC KVM_ARM_TIMER DUMMY_TIMER ARM_XEN ARM_XEN_RUNSTATE",
	"ARM_CORESIGHT ARM_CORESIGHT_CTI ARM64_ISNDEP CACHECTRL SMPCFD_DYING HRTIMERS_DYING TICK_DYING X86_TBOOT_DYING",
	"ARM_CACHE_B15_RAC_DYING",
]
	.flatMap((states) => states.split(" "))
	.map((state) => `CPUHP_AP_${state}${/_(DYING|COHERENCY|LOADER)$/.test(state) ? "" : "_STARTING"}`);
const CPUHP = "kernel/cpu.c:cpuhp_invoke_callback";
const hotplug: readonly CallbackRow[] = [
	["cpuhp_setup_state", "cpuhp_setup_state_cpuslocked", "cpuhp_setup_state_nocalls"],
	["cpuhp_setup_state_nocalls_cpuslocked", "cpuhp_setup_state_multi"],
]
	.flat()
	.flatMap((name) => [2, 3].map((callback) => ({ name, callback })))
	.flatMap(({ name, callback }) => [
		...STARTING.map((state) => arg(name, callback, "irqs-off", CPUHP, { when: [equals(0, state)] })),
		arg(name, callback, "process", CPUHP),
	]);

const KPROBES = "arch/x86/kernel/kprobes/core.c:kprobe_int3_handler";
const PERF = "include/linux/perf_event.h:pmu";
const CLOCKEVENTS = "kernel/time/clockevents.c:__clockevents_switch_state";
const core: readonly CallbackRow[] = [
	...ops("notifier_block", "process", "include/linux/notifier.h", "notifier_call", MAY),
	...ops("smp_hotplug_thread", "kthread", "kernel/smpboot.c:smpboot_thread_fn", "thread_fn create setup cleanup"),
	...ops("smp_hotplug_thread", "kthread", "kernel/smpboot.c:smpboot_thread_fn", "park unpark"),
	...ops("smp_hotplug_thread", "preempt-off", "kernel/smpboot.c:smpboot_thread_fn", "thread_should_run"),
	...ops("kprobe", "probe", KPROBES, "pre_handler post_handler"),
	...ops("kretprobe", "probe", KPROBES, "handler entry_handler"),
	...ops("ftrace_ops", "probe", "Documentation/trace/ftrace-uses.rst", "func"),
	...ops("fprobe", "probe", "kernel/trace/fprobe.c:fprobe_handler", "entry_handler exit_handler"),
	...ops("trace_event_class", "process", "kernel/trace/trace_events.c:trace_event_reg", "reg"),
	...ops("uprobe_consumer", "process", "kernel/events/uprobes.c:handler_chain", "handler ret_handler"),
	...ops("pmu", "pmu", "kernel/events/core.c:event_sched_in", "add pmu_enable pmu_disable"),
	...ops("pmu", "pmu", "kernel/events/core.c:event_sched_out", "del"),
	...ops("pmu", "pmu", "kernel/events/core.c:perf_adjust_freq_unthr_context", "start stop"),
	...ops("pmu", "pmu", "kernel/events/core.c:__perf_event_read", "read"),
	...ops("pmu", "pmu", "kernel/events/core.c:group_sched_in", "start_txn commit_txn cancel_txn"),
	...ops("pmu", "pmu", "kernel/events/core.c:perf_event_context_sched_out", "sched_task swap_task_ctx"),
	...ops("pmu", "pmu", "kernel/events/core.c:perf_event_addr_filters_sync", "addr_filters_sync"),
	...ops("pmu", "process", PERF, "event_init event_mapped event_unmapped setup_aux free_aux addr_filters_validate"),
	arg("perf_event_create_kernel_counter", 3, "nmi", "kernel/events/core.c:__perf_event_overflow"),
	arg("register_wide_hw_breakpoint", 1, "nmi", "kernel/events/core.c:__perf_event_overflow"),
	...ops("clocksource", "irqs-off", "kernel/time/timekeeping.c:timekeeping_forward_now", "read"),
	...ops("clocksource", "stopper", "kernel/time/timekeeping.c:change_clocksource", "enable disable"),
	...ops("clocksource", "suspended", "kernel/time/timekeeping.c:timekeeping_suspend", "suspend resume"),
	...ops("clock_event_device", "irqs-off", CLOCKEVENTS, "set_next_event set_next_ktime set_state_periodic"),
	...ops("clock_event_device", "irqs-off", CLOCKEVENTS, "set_state_oneshot set_state_oneshot_stopped"),
	...ops("clock_event_device", "irqs-off", CLOCKEVENTS, "set_state_shutdown tick_resume"),
	...ops(
		"clock_event_device",
		"hardirq-always",
		"kernel/time/tick-broadcast.c:tick_receive_broadcast",
		"event_handler",
	),
	...ops("sched_class", "rq-lock", "kernel/sched/sched.h:sched_class", "enqueue_task dequeue_task yield_task"),
	...ops("sched_class", "rq-lock", "kernel/sched/sched.h:sched_class", "pick_next_task put_prev_task set_next_task"),
	...ops("sched_class", "rq-lock", "kernel/sched/sched.h:sched_class", "balance task_tick switched_from switched_to"),
	...ops("sched_class", "rq-lock", "kernel/sched/sched.h:sched_class", "prio_changed update_curr rq_online"),
	...ops("sched_class", "rq-lock", "kernel/sched/sched.h:sched_class", "rq_offline task_woken"),
	...ops("kgdb_io", "irqs-off", "kernel/debug/gdbstub.c:gdbstub_read_wait", "read_char write_char flush"),
	...ops("sysrq_key_op", "sysrq", "drivers/tty/sysrq.c:__handle_sysrq", "handler"),
	...ops("kvm_device_ops", "process", "virt/kvm/kvm_main.c", "create init destroy release set_attr get_attr"),
	...ops("kvm_device_ops", "process", "virt/kvm/kvm_main.c", "has_attr ioctl mmap"),
	arg("acpi_install_notify_handler", 2, "kworker", "drivers/acpi/acpica/evmisc.c:acpi_ev_queue_notify_request"),
	arg("acpi_install_gpe_handler", 3, "hardirq", "drivers/acpi/osl.c:acpi_os_install_interrupt_handler", until(6, 7)),
	arg("acpi_install_gpe_handler", 3, "irq-thread", "drivers/acpi/osl.c:acpi_os_install_interrupt_handler", since(6, 8)),
	arg("acpi_install_address_space_handler", 2, "process", "drivers/acpi/acpica/evregion.c"),
	arg("devm_add_action", 1, "process", "drivers/base/devres.c:devm_action_release"),
	arg("devm_add_action_or_reset", 1, "process", "drivers/base/devres.c:devm_action_release"),
	arg("async_schedule", 0, "kworker", "kernel/async.c:async_run_entry_fn"),
	arg("async_schedule_domain", 0, "kworker", "kernel/async.c:async_run_entry_fn"),
	arg("init_task_work", 1, "process", "kernel/task_work.c:task_work_run"),
	arg("request_firmware_nowait", 6, "kworker", "drivers/base/firmware_loader/main.c:request_firmware_work_func"),
	arg("virtio_find_single_vq", 1, "hardirq", "drivers/virtio/virtio_ring.c:vring_interrupt"),
	...ops("virtqueue_info", "hardirq", "drivers/virtio/virtio_ring.c:vring_interrupt", "callback", since(6, 11)),
	arg("vmbus_open", 5, "tasklet", "drivers/hv/connection.c:vmbus_on_event"),
];

export const driverCallbacks: readonly CallbackRow[] = [...buses, ...power, ...core, ...hotplug];
