// Functions whose name says in which context they are entered: where the kernel starts and ends, what every
// architecture provides for a core that calls it in one way only, and what reclaim waits for more, or less, than it seems.
import type { EntryRow } from "./schema.js";

const entry = (name: string, runs: string, source: string): EntryRow => ({ name, runs, source });

/** Of x86: system vectors, and the handler of all device interrupts (arch/x86/include/asm/idtentry.h). */
const VECTORS = [
	"common_interrupt",
	"spurious_interrupt",
	"sysvec_acrn_hv_callback",
	"sysvec_apic_timer_interrupt",
	"sysvec_call_function",
	"sysvec_call_function_single",
	"sysvec_deferred_error",
	"sysvec_error_interrupt",
	"sysvec_hyperv_callback",
	"sysvec_hyperv_reenlightenment",
	"sysvec_hyperv_stimer0",
	"sysvec_irq_move_cleanup",
	"sysvec_irq_work",
	"sysvec_kvm_asyncpf_interrupt",
	"sysvec_kvm_posted_intr_ipi",
	"sysvec_kvm_posted_intr_nested_ipi",
	"sysvec_kvm_posted_intr_wakeup_ipi",
	"sysvec_posted_msi_notification",
	"sysvec_reboot",
	"sysvec_reschedule_ipi",
	"sysvec_spurious_apic_interrupt",
	"sysvec_thermal",
	"sysvec_threshold",
	"sysvec_x86_platform_ipi",
	"sysvec_xen_hvm_callback",
];

export const entries: readonly EntryRow[] = [
	...VECTORS.map((name) => entry(name, "hardirq-always", "arch/x86/include/asm/idtentry.h:DEFINE_IDTENTRY_SYSVEC")),
	entry("exc_nmi", "nmi", "arch/x86/kernel/nmi.c:exc_nmi"),
	entry("__do_softirq", "softirq", "kernel/softirq.c:__do_softirq"),
	entry("handle_softirqs", "softirq", "kernel/softirq.c:handle_softirqs"),
	entry("start_kernel", "boot", "init/main.c:start_kernel"),
	entry("init_IRQ", "boot", "init/main.c:start_kernel"),
	entry("time_init", "boot", "init/main.c:start_kernel"),
	entry("trap_init", "boot", "init/main.c:start_kernel"),
	entry("setup_arch", "boot", "init/main.c:start_kernel"),
	entry("machine_shutdown", "halting", "kernel/kexec_core.c:kernel_kexec"),
	entry("machine_power_off", "halting", "kernel/reboot.c:kernel_power_off"),
	entry("machine_halt", "halting", "kernel/reboot.c:kernel_halt"),
	entry("machine_restart", "halting", "kernel/reboot.c:kernel_restart"),
	entry("_machine_restart", "halting", "arch/mips/kernel/reset.c:machine_restart"),
	entry("_machine_halt", "halting", "arch/mips/kernel/reset.c:machine_halt"),
	entry("pm_power_off", "halting", "kernel/reboot.c:kernel_power_off"),
	entry("arm_pm_restart", "halting", "arch/arm/kernel/reboot.c:machine_restart"),
	entry("swap_writepage", "io-reclaim", "mm/vmscan.c:pageout"),
	entry("shmem_writepage", "io-reclaim", "mm/vmscan.c:pageout"),
	entry("bsg_queue_rq", "passthrough", "block/bsg-lib.c:bsg_setup_queue"),
	entry("elevator_init_mq", "unused-disk", "block/genhd.c:device_add_disk"),
	entry("del_gendisk", "unused-disk", "block/genhd.c:del_gendisk"),
	entry("futex_atomic_cmpxchg_inatomic", "pagefault-off", "kernel/futex/core.c:futex_cmpxchg_value_locked"),
	entry("futex_atomic_cmpxchg_inatomic_local", "pagefault-off", "kernel/futex/core.c:futex_cmpxchg_value_locked"),
	entry("arch_futex_atomic_op_inuser", "pagefault-off", "kernel/futex/waitwake.c:futex_atomic_op_inuser"),
	entry("futex_atomic_op_inuser_local", "pagefault-off", "kernel/futex/waitwake.c:futex_atomic_op_inuser"),
];
