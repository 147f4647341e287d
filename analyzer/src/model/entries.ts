// Functions whose name says in which context they are entered: where the kernel starts and ends, what every
// architecture provides for a core that calls it in one way only, and what reclaim waits for more, or less, than it seems.
import type { EntryRow } from "./schema.js";

const entry = (name: string, runs: string, source: string): EntryRow => ({ name, runs, source });

export const entries: readonly EntryRow[] = [
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
