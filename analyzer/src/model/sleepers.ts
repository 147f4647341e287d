// Functions that sleep, or that check that the caller may. Locks that sleep are rows of locks.ts; allocators,
// which sleep as their gfp mask says, are rows of alloc.ts.
import { blocks, lacksBits, nonzero, since, zero } from "./row.js";
import type { SleepRow } from "./schema.js";

type Columns = Partial<
	Pick<SleepRow, "when" | "note" | "defersIn" | "unlessFlagged" | "unlessMade" | "certainty" | "yields" | "versions">
>;

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
];

const SCHED = "kernel/sched/core.c";
const TIMER = "kernel/time/timer.c";
const scheduling: readonly SleepRow[] = [
	waits("schedule", SCHED, { note: "gives up the CPU" }),
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
	waits("cond_resched", "include/linux/sched.h", { note: "may give up the CPU", yields: true }),
	waits("__cond_resched", SCHED, { yields: true }),
	waits("cond_resched_tasks_rcu_qs", "include/linux/rcupdate.h", { yields: true }),
	waits("msleep", TIMER, { note: "sleeps for a time" }),
	waits("msleep_interruptible", TIMER, { note: "sleeps for a time" }),
	waits("ssleep", "include/linux/delay.h", { note: "sleeps for a time" }),
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
	waits("io_wait_event", WAIT_H, EVENT),
	waits("wait_woken", "kernel/sched/wait.c", EVENT),
	waits("wait_on_bit", "include/linux/wait_bit.h", EVENT),
	waits("wait_on_bit_io", "include/linux/wait_bit.h", EVENT),
	waits("wait_on_bit_timeout", "include/linux/wait_bit.h", EVENT),
	waits("wait_on_bit_action", "include/linux/wait_bit.h", EVENT),
	waits("wait_on_bit_lock", "include/linux/wait_bit.h", EVENT),
	waits("wait_on_bit_lock_io", "include/linux/wait_bit.h", EVENT),
	waits("out_of_line_wait_on_bit", "kernel/sched/wait_bit.c", EVENT),
	waits("out_of_line_wait_on_bit_timeout", "kernel/sched/wait_bit.c", EVENT),
	waits("out_of_line_wait_on_bit_lock", "kernel/sched/wait_bit.c", EVENT),
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
	// not for itself: the thread that takes a CPU down parks on that CPU
	waits("kthread_park", "kernel/kthread.c", { ...THREADS, certainty: "may" }),
	waits("kthread_parkme", "kernel/kthread.c", THREADS),
	waits("kthread_create_on_node", "kernel/kthread.c", THREADS),
	waits("kthread_create", "include/linux/kthread.h", THREADS),
	waits("kthread_run", "include/linux/kthread.h", THREADS),
	waits("stop_machine", "kernel/stop_machine.c", THREADS),
	waits("stop_machine_cpuslocked", "kernel/stop_machine.c", THREADS),
	waits("stop_one_cpu", "kernel/stop_machine.c", THREADS),
	waits("call_usermodehelper_exec", "kernel/umh.c", { note: "starts a program" }),
	waits("__request_module", "kernel/kmod.c", { note: "loads a module" }),
	waits("async_synchronize_full", "kernel/async.c", THREADS),
	waits("async_synchronize_cookie", "kernel/async.c", THREADS),
];

const MANAGE = "kernel/irq/manage.c";
const irqs: readonly SleepRow[] = [
	waits("free_irq", MANAGE, { note: "waits for running handlers" }),
	waits("request_irq", "include/linux/interrupt.h", { note: "allocates with GFP_KERNEL" }),
	waits("request_threaded_irq", MANAGE, { note: "allocates with GFP_KERNEL" }),
	waits("request_any_context_irq", MANAGE, { note: "allocates with GFP_KERNEL" }),
	waits("synchronize_irq", MANAGE, { note: "waits for running handlers" }),
	waits("disable_irq", MANAGE, { note: "waits for running handlers" }),
	waits("handle_nested_irq", "kernel/irq/chip.c", { note: "runs a threaded handler" }),
	waits("free_percpu_irq", MANAGE, { note: "waits for running handlers" }),
	waits("request_percpu_irq", "include/linux/interrupt.h", { note: "allocates with GFP_KERNEL" }),
	waits("tasklet_disable", "include/linux/interrupt.h", { note: "waits for the tasklet" }),
	waits("tasklet_unlock_wait", "kernel/softirq.c", { note: "waits for the tasklet" }),
	waits("irq_work_sync", "kernel/irq_work.c", { note: "waits for the irq_work" }),
];

const GUP = "mm/gup.c";
const UACCESS = "include/linux/uaccess.h";
const FAULTS: Columns = { note: "may fault on user memory" };
const userAccess: readonly SleepRow[] = [
	faults("might_fault", KERNEL_H, FAULTS),
	faults("copy_from_user", UACCESS, FAULTS),
	faults("copy_to_user", UACCESS, FAULTS),
	faults("_copy_from_user", UACCESS, FAULTS),
	faults("_copy_to_user", UACCESS, FAULTS),
	faults("__copy_from_user", UACCESS, FAULTS),
	faults("__copy_to_user", UACCESS, FAULTS),
	faults("fault_in_readable", GUP, FAULTS),
	faults("fault_in_writeable", GUP, FAULTS),
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

// What an iterator is of, only who has made it knows: pages and kernel memory do not fault.
const ITER = "lib/iov_iter.c";
const UIO = "include/linux/uio.h";
const iterates = (arg: number): Columns => ({
	...FAULTS,
	certainty: "may",
	unlessMade: {
		arg,
		by: "iov_iter_kvec iov_iter_bvec iov_iter_xarray iov_iter_pipe iov_iter_discard",
		others: "iov_iter_init iov_iter_ubuf import_iovec import_single_range import_ubuf",
	},
});
const iterators: readonly SleepRow[] = [
	faults("copy_to_iter", UIO, iterates(2)),
	faults("copy_from_iter", UIO, iterates(2)),
	faults("copy_from_iter_full", UIO, iterates(2)),
	faults("copy_from_iter_nocache", UIO, iterates(2)),
	faults("_copy_to_iter", ITER, iterates(2)),
	faults("_copy_from_iter", ITER, iterates(2)),
	faults("_copy_from_iter_nocache", ITER, iterates(2)),
	faults("_copy_from_iter_flushcache", ITER, iterates(2)),
	faults("_copy_mc_to_iter", ITER, iterates(2)),
	faults("copy_page_to_iter", ITER, iterates(3)),
	faults("copy_page_from_iter", ITER, iterates(3)),
	faults("csum_and_copy_to_iter", ITER, iterates(3)),
	faults("csum_and_copy_from_iter", ITER, iterates(3)),
	faults("hash_and_copy_to_iter", ITER, iterates(3)),
	faults("iov_iter_zero", ITER, iterates(1)),
];

const VMALLOC = "mm/vmalloc.c";
const FILEMAP = "mm/filemap.c";
const FOLIO: Columns = { note: "waits for the page" };
const memory: readonly SleepRow[] = [
	waits("vfree", VMALLOC, { defersIn: "interrupt", note: "frees vmalloc memory" }),
	waits("kvfree", "mm/util.c", { defersIn: "interrupt", certainty: "may", note: "may free vmalloc memory" }),
	waits("vunmap", VMALLOC, { note: "unmaps vmalloc memory" }),
	waits("ioremap", "Documentation/driver-api/device-io.rst", { note: "allocates with GFP_KERNEL" }),
	waits("ioremap_wc", "Documentation/driver-api/device-io.rst", { note: "allocates with GFP_KERNEL" }),
	waits("ioremap_cache", "Documentation/driver-api/device-io.rst", { note: "allocates with GFP_KERNEL" }),
	waits("ioremap_np", "Documentation/driver-api/device-io.rst", { note: "allocates with GFP_KERNEL" }),
	waits("iounmap", "mm/vmalloc.c:remove_vm_area", { note: "unmaps vmalloc memory" }),
	waits("kfree_rcu_mightsleep", "include/linux/rcupdate.h", since(6, 3)),
	waits("kvfree_rcu_mightsleep", "include/linux/rcupdate.h", since(6, 3)),
	waits("lock_page", "include/linux/pagemap.h", FOLIO),
	waits("folio_lock", "include/linux/pagemap.h", FOLIO),
	waits("__folio_lock", FILEMAP, FOLIO),
	waits("__folio_lock_killable", FILEMAP, FOLIO),
	waits("folio_wait_bit", FILEMAP, FOLIO),
	waits("folio_wait_bit_killable", FILEMAP, FOLIO),
	waits("folio_wait_locked", "include/linux/pagemap.h", FOLIO),
	waits("wait_on_page_locked", "include/linux/pagemap.h", FOLIO),
	waits("folio_wait_writeback", "mm/page-writeback.c", FOLIO),
	waits("wait_on_page_writeback", "mm/folio-compat.c", FOLIO),
	faults("get_user_pages", GUP, FAULTS),
	faults("get_user_pages_remote", GUP, FAULTS),
	faults("get_user_pages_unlocked", GUP, FAULTS),
	faults("get_user_pages_fast", GUP, FAULTS),
	faults("pin_user_pages", GUP, FAULTS),
	faults("pin_user_pages_remote", GUP, FAULTS),
	faults("pin_user_pages_unlocked", GUP, FAULTS),
	faults("pin_user_pages_fast", GUP, FAULTS),
	waits("unpin_user_pages_dirty_lock", GUP, { ...FOLIO, when: [nonzero(2)] }),
	waits("set_page_dirty_lock", "mm/folio-compat.c", FOLIO),
	waits("access_process_vm", "mm/memory.c", FAULTS),
];

const COMPONENT = "sound/soc/soc-component.c";
/** The register map of a component, or the component itself, has a mutex or a spinlock. */
const REGISTERS: Columns = { certainty: "may", note: "takes the mutex of the component's registers" };
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
	waits("__pm_runtime_resume", PM, { ...IRQ_SAFE, when: [lacksBits(1, "RPM_ASYNC")] }),
	waits("__pm_runtime_suspend", PM, { ...IRQ_SAFE, when: [lacksBits(1, "RPM_ASYNC")] }),
	waits("__pm_runtime_idle", PM, { ...IRQ_SAFE, when: [lacksBits(1, "RPM_ASYNC")] }),
	waits("pm_runtime_barrier", PM),
	waits("pm_runtime_force_suspend", PM),
	waits("pm_runtime_force_resume", PM),
	waits("clk_prepare", "include/linux/clk.h", { note: "takes the clock's mutex" }),
	waits("clk_unprepare", "include/linux/clk.h", { note: "takes the clock's mutex" }),
	waits("regulator_enable", "drivers/regulator/core.c", { note: "takes the regulator's mutex" }),
	waits("regulator_disable", "drivers/regulator/core.c", { note: "takes the regulator's mutex" }),
	waits("regulator_force_disable", "drivers/regulator/core.c", { note: "takes the regulator's mutex" }),
	waits("regulator_bulk_enable", "drivers/regulator/core.c", { note: "takes the regulators' mutexes" }),
	waits("regulator_bulk_disable", "drivers/regulator/core.c", { note: "takes the regulators' mutexes" }),
	waits("regulator_is_enabled", "drivers/regulator/core.c", { note: "takes the regulator's mutex" }),
	waits("regulator_set_voltage", "drivers/regulator/core.c", { note: "takes the regulator's mutex" }),
	waits("regulator_get_voltage", "drivers/regulator/core.c", { note: "takes the regulator's mutex" }),
	waits("regulator_set_load", "drivers/regulator/core.c", { note: "takes the regulator's mutex" }),
	waits("regulator_get", "drivers/regulator/core.c", { note: "takes the regulators' list mutex" }),
	waits("regulator_put", "drivers/regulator/core.c", { note: "takes the regulators' list mutex" }),
	waits("napi_disable", "net/core/dev.c", { note: "waits for NAPI" }),
	// what users send is for the kernel's sockets, whose functions the callback rows have; no portid of a user's is theirs
	waits("netlink_unicast", "net/netlink/af_netlink.c", { note: "waits for room in the socket", when: [zero(3)] }),
	waits("gpiod_set_value_cansleep", "drivers/gpio/gpiolib.c", { note: "a GPIO that may sleep" }),
	waits("gpiod_get_value_cansleep", "drivers/gpio/gpiolib.c", { note: "a GPIO that may sleep" }),
	waits("gpiod_get_raw_value_cansleep", "drivers/gpio/gpiolib.c", { note: "a GPIO that may sleep" }),
	waits("gpiod_set_raw_value_cansleep", "drivers/gpio/gpiolib.c", { note: "a GPIO that may sleep" }),
	waits("gpiod_get_array_value_cansleep", "drivers/gpio/gpiolib.c", { note: "GPIOs that may sleep" }),
	waits("gpiod_set_array_value_cansleep", "drivers/gpio/gpiolib.c", { note: "GPIOs that may sleep" }),
	waits("gpio_get_value_cansleep", "include/linux/gpio.h", { note: "a GPIO that may sleep" }),
	waits("gpio_set_value_cansleep", "include/linux/gpio.h", { note: "a GPIO that may sleep" }),
	waits("firmware_request_nowarn", "drivers/base/firmware_loader/main.c", { note: "loads a file" }),
	waits("request_firmware_direct", "drivers/base/firmware_loader/main.c", { note: "loads a file" }),
	waits("request_firmware_into_buf", "drivers/base/firmware_loader/main.c", { note: "loads a file" }),
	waits("request_firmware", "drivers/base/firmware_loader/main.c", { note: "loads a file" }),
	waits("i2c_transfer", "drivers/i2c/i2c-core-base.c", { note: "waits for the bus" }),
	waits("__i2c_transfer", "drivers/i2c/i2c-core-base.c", { note: "waits for the bus" }),
	waits("i2c_smbus_xfer", "drivers/i2c/i2c-core-smbus.c", { note: "waits for the bus" }),
	waits("__i2c_smbus_xfer", "drivers/i2c/i2c-core-smbus.c", { note: "waits for the bus" }),
	waits("spi_sync_locked", "drivers/spi/spi.c", { note: "waits for the bus" }),
	waits("spi_mem_exec_op", "drivers/spi/spi-mem.c", { note: "waits for the bus" }),
	waits("spi_sync", "drivers/spi/spi.c", { note: "waits for the bus" }),
	waits("usb_control_msg", "drivers/usb/core/message.c", { note: "waits for the transfer" }),
	waits("usb_bulk_msg", "drivers/usb/core/message.c", { note: "waits for the transfer" }),
	waits("usb_interrupt_msg", "drivers/usb/core/message.c", { note: "waits for the transfer" }),
	waits("usb_set_interface", "drivers/usb/core/message.c", { note: "waits for the transfer" }),
	waits("usb_clear_halt", "drivers/usb/core/message.c", { note: "waits for the transfer" }),
	waits("usb_sg_wait", "drivers/usb/core/message.c", { note: "waits for the transfer" }),
	waits("usb_kill_urb", "drivers/usb/core/urb.c", { note: "waits for the request" }),
	waits("usb_poison_urb", "drivers/usb/core/urb.c", { note: "waits for the request" }),
	waits("usb_kill_anchored_urbs", "drivers/usb/core/urb.c", { note: "waits for the requests" }),
	waits("usb_reset_device", "drivers/usb/core/hub.c", { note: "waits for the device" }),
	waits("usb_autopm_get_interface", "drivers/usb/core/driver.c", { note: "resumes the device" }),
	waits("usb_autopm_put_interface", "drivers/usb/core/driver.c", { note: "may suspend the device" }),
	waits("dma_fence_wait", "include/linux/dma-fence.h", { note: "waits for the fence" }),
	waits("dma_fence_wait_timeout", "drivers/dma-buf/dma-fence.c", { note: "waits for the fence" }),
	waits("dmaengine_terminate_sync", "include/linux/dmaengine.h", { note: "waits for the channel" }),
	waits("dmaengine_synchronize", "include/linux/dmaengine.h", { note: "waits for the channel" }),
	waits("blk_mq_quiesce_queue", "block/blk-mq.c", { note: "waits for a grace period" }),
	waits("blk_mq_alloc_request", "block/blk-mq.c", {
		when: [lacksBits(2, "BLK_MQ_REQ_NOWAIT")],
		note: "waits for a free request",
	}),
	waits("blk_execute_rq", "block/blk-mq.c", { note: "waits for the request" }),
	waits("submit_bio_wait", "block/bio.c", { note: "waits for the I/O" }),
	waits("crypto_alloc_shash", "crypto/shash.c", { note: "loads the algorithm" }),
	waits("crypto_alloc_ahash", "crypto/ahash.c", { note: "loads the algorithm" }),
	waits("crypto_alloc_skcipher", "crypto/skcipher.c", { note: "loads the algorithm" }),
	waits("crypto_alloc_aead", "crypto/aead.c", { note: "loads the algorithm" }),
	waits("snd_soc_component_read", COMPONENT, REGISTERS),
	waits("snd_soc_component_write", COMPONENT, REGISTERS),
	waits("snd_soc_component_update_bits", COMPONENT, REGISTERS),
	waits("device_add", "drivers/base/core.c", { note: "takes the device's mutex" }),
	waits("device_del", "drivers/base/core.c", { note: "takes the device's mutex" }),
	waits("device_unregister", "drivers/base/core.c", { note: "takes the device's mutex" }),
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
	waits("readb_relaxed_poll_timeout", "include/linux/iopoll.h", { ...POLLS, when: [nonzero(3)] }),
	waits("readw_relaxed_poll_timeout", "include/linux/iopoll.h", { ...POLLS, when: [nonzero(3)] }),
	waits("readl_relaxed_poll_timeout", "include/linux/iopoll.h", { ...POLLS, when: [nonzero(3)] }),
	waits("readq_relaxed_poll_timeout", "include/linux/iopoll.h", { ...POLLS, when: [nonzero(3)] }),
	waits("regmap_read_poll_timeout", "include/linux/regmap.h", { ...POLLS, when: [nonzero(4)] }),
	waits("regmap_field_read_poll_timeout", "include/linux/regmap.h", { ...POLLS, when: [nonzero(3)] }),
	waits("phy_read_poll_timeout", "include/linux/phy.h", { ...POLLS, when: [nonzero(4)] }),
	waits("phy_read_mmd_poll_timeout", "include/linux/phy.h", { ...POLLS, when: [nonzero(5)] }),
	waits("snd_sof_dsp_read_poll_timeout", "sound/soc/sof/ops.h", { ...POLLS, when: [nonzero(5)] }),
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
	...iterators,
	...memory,
	...devices,
	...polls,
];

/** What a fix inserts to say that a function may sleep: always, under a condition, and the condition that a mask allows it. */
export const SAYS_SLEEPING = {
	always: "might_sleep",
	when: "might_sleep_if",
	maskAllows: "gfpflags_allow_blocking",
} as const;
