// The contexts that the kernel calls back into code in; callback tables refer to them by id.
import type { RequestColumns, RunContext } from "./schema.js";

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
const RESTART = "kernel/reboot.c:do_kernel_restart";
const LOCKING = "Documentation/filesystems/locking.rst";

/** Requests of the block layer: one queue hands on those that read and those that write. */
const REQUESTS: RequestColumns = { asks: ["req_op", "bio_op"], writes: "REQ_OP_WRITE", together: true };
/** Of swap: what is read is waited for by who has faulted, and what is written lies in pages (mm/page_io.c: iov_iter_bvec()). */
const SWAP: RequestColumns = {
	asks: ["iov_iter_rw"],
	writes: "WRITE",
	together: false,
	never: ["user_backed_iter", "iter_is_iovec", "iter_is_ubuf", "iov_iter_is_pipe", "iov_iter_is_kvec"],
};

const BARE: Columns = { isBare: true };

export const runContexts: readonly RunContext[] = [
	// ---- plain ----
	process("process", "process context", "Documentation/kernel-hacking/hacking.rst"),
	process("kthread", "kernel thread", "kernel/kthread.c", BARE),
	process("irq-thread", "threaded interrupt handler", "kernel/irq/manage.c:irq_thread", BARE),
	process("kworker", "work item in a kworker", "kernel/workqueue.c:process_one_work", BARE),
	process("initcall", "module or boot initialisation", "init/main.c:do_one_initcall", BARE),
	softirq("softirq", "softirq", "kernel/softirq.c:__do_softirq", { ...BARE, onRt: "process-bh" }),
	softirq("timer", "timer callback (softirq)", "kernel/time/timer.c:call_timer_fn", { ...BARE, onRt: "process-bh" }),
	softirq("tasklet", "tasklet (softirq)", "kernel/softirq.c:tasklet_action_common", { ...BARE, onRt: "process-bh" }),
	softirq("rcu-callback", "RCU callback (softirq)", "Documentation/RCU/checklist.rst", { ...BARE, onRt: "process-bh" }),
	hardirq("hardirq", "hard interrupt handler", "kernel/irq/handle.c:__handle_irq_event_percpu", {
		...BARE,
		onRt: "irq-thread",
	}),
	hardirq(
		"hardirq-always",
		"hard interrupt, also under PREEMPT_RT",
		"kernel/irq/handle.c:__handle_irq_event_percpu",
		BARE,
	),
	hardirq("hrtimer", "hrtimer callback (hard interrupt)", "kernel/time/hrtimer.c:__run_hrtimer", {
		...BARE,
		onRt: "softirq",
	}),
	hardirq("irq-work", "irq_work callback (hard interrupt)", "kernel/irq_work.c:irq_work_single", {
		...BARE,
		onRt: "kthread",
	}),
	hardirq("ipi", "function call on another CPU, interrupts off", "kernel/smp.c:smp_call_function_many_cond", BARE),
	process("stopper", "stop_machine callback, interrupts off", "kernel/stop_machine.c:multi_cpu_stop", {
		irqsOff: true,
		preemptOff: true,
	}),
	nmi("nmi", "NMI handler", "arch/x86/kernel/nmi.c:nmi_handle", BARE),
	process("process-bh", "process context with bottom halves off (PREEMPT_RT)", "kernel/softirq.c"),
	process("halting", "the system halts or restarts, interrupts off", "kernel/sched/core.c:__might_resched", {
		irqsOff: true,
		booting: true,
	}),
	process("suspended", "the system is suspended, interrupts off", "kernel/power/suspend.c:suspend_enter", {
		irqsOff: true,
		booting: true,
	}),
	process("boot", "boot, before the scheduler runs", "init/main.c:start_kernel", { irqsOff: true, booting: true }),
	process("pagefault-off", "called with page faults disabled", "include/linux/uaccess.h:pagefault_disable", {
		noFault: true,
	}),
	process("irqs-off", "called with interrupts off", "Documentation/kernel-hacking/locking.rst", { irqsOff: true }),
	process("preempt-off", "called with preemption off", "include/linux/preempt.h", { preemptOff: true }),
	process("rcu-reader", "called under rcu_read_lock()", "Documentation/RCU/checklist.rst", { rcu: true }),
	process("atomic", "called from any context, so also from an atomic one", "Documentation/kernel-hacking/locking.rst", {
		preemptOff: true,
		certainty: "may",
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
	softirq(
		"xmit-path",
		"transmit path: bottom halves off, under rcu_read_lock_bh()",
		"net/core/dev.c:__dev_queue_xmit",
		{ bhOff: true, rcu: true },
	),
	softirq("qdisc", "packet scheduler: bottom halves off, qdisc lock held", "net/core/dev.c:__dev_xmit_skb", {
		bhOff: true,
		rcu: true,
		spinning: "qdisc lock",
	}),
	softirq("netfilter", "packet filter: under rcu_read_lock(), often softirq", "include/linux/netfilter.h:nf_hook", {
		rcu: true,
	}),
	softirq(
		"softirq-bh",
		"packet processing: softirq, or process context with bottom halves off",
		"net/ipv4/tcp_ipv4.c:tcp_v4_rcv",
		{ bhOff: true },
	),
	process("sock-lock", "socket spinlock held, bottom halves off", "net/core/sock.c:release_sock", {
		bhOff: true,
		spinning: "sk->sk_lock.slock",
	}),
	process("netpoll", "netpoll: interrupts off", "net/core/netpoll.c:netpoll_poll_dev", { irqsOff: true, rcu: true }),
	softirq("napi", "NAPI poll (softirq)", "net/core/dev.c:__napi_poll", { onRt: "process-bh" }),
	// ---- devices ----
	process("irq-desc", "interrupt descriptor lock held (raw), interrupts off", "kernel/irq/chip.c", {
		irqsOff: true,
		spinning: "desc->lock",
	}),
	process("clk-enable", "clock enable lock held, interrupts off", "drivers/clk/clk.c:clk_enable_lock", {
		irqsOff: true,
		spinning: "enable_lock",
	}),
	process("clk-prepare", "process context under the clock prepare mutex", "drivers/clk/clk.c:clk_prepare_lock", {
		sleeping: ["prepare_lock"],
	}),
	process("fence-lock", "fence lock held, interrupts off", "include/linux/dma-fence.h", {
		irqsOff: true,
		spinning: "fence->lock",
	}),
	process("mbox-lock", "mailbox channel lock held, interrupts off", "drivers/mailbox/mailbox.c:msg_submit", {
		irqsOff: true,
		spinning: "chan->lock",
	}),
	process("event-lock", "input event lock held, interrupts off", "drivers/input/input.c:input_event", {
		irqsOff: true,
		spinning: "dev->event_lock",
	}),
	process("serio-lock", "serio port lock held, interrupts off", "drivers/input/serio/serio.c:serio_interrupt", {
		irqsOff: true,
		spinning: "serio->lock",
	}),
	process("uart-lock", "serial port lock held, interrupts off", "Documentation/driver-api/serial/driver.rst", {
		irqsOff: true,
		spinning: "port->lock",
	}),
	process("flow-lock", "terminal flow lock held, interrupts off", "drivers/tty/tty_io.c:stop_tty", {
		irqsOff: true,
		spinning: "tty->flow.lock",
	}),
	process("tty-write", "terminal output, also from atomic context", "include/linux/tty_driver.h", { preemptOff: true }),
	process(
		"console-write",
		"console output: interrupts off, any context",
		"kernel/printk/printk.c:console_emit_next_record",
		{ irqsOff: true },
	),
	process(
		"sysrq",
		"system request: under rcu_read_lock(), also from an interrupt",
		"drivers/tty/sysrq.c:__handle_sysrq",
		{ rcu: true },
	),
	process(
		"pcm-stream",
		"PCM stream lock held, interrupts off",
		"Documentation/sound/kernel-api/writing-an-alsa-driver.rst",
		{ irqsOff: true, spinning: "PCM stream lock", active: true },
	),
	process("restart", "restart or power-off handler: under rcu_read_lock(), interrupts may be off", RESTART, {
		rcu: true,
		certainty: "may",
	}),
	process("vblank", "vblank lock held, interrupts off", "drivers/gpu/drm/drm_vblank.c:drm_vblank_enable", {
		irqsOff: true,
		spinning: "dev->vblank_time_lock",
		active: true,
	}),
	softirq("usb-complete", "USB request completion (interrupt)", "drivers/usb/core/hcd.c:__usb_hcd_giveback_urb", {
		onRt: "process-bh",
	}),
	process("gadget-complete", "gadget request completion, interrupts off", "include/linux/usb/gadget.h", {
		irqsOff: true,
	}),
	process(
		"gadget-setup",
		"gadget control request, composite lock held",
		"drivers/usb/gadget/composite.c:composite_setup",
		{ spinning: "cdev->lock" },
	),
	// ---- processor ----
	process("rq-lock", "scheduler, run queue lock held, interrupts off", "kernel/sched/sched.h", {
		irqsOff: true,
		spinning: "rq->__lock",
	}),
	process("idle", "idle loop, interrupts off", "drivers/cpuidle/cpuidle.c:cpuidle_enter_state", {
		irqsOff: true,
		preemptOff: true,
	}),
	process("pmu", "performance monitor, interrupts off", "include/linux/perf_event.h", {
		irqsOff: true,
		spinning: "ctx->lock",
	}),
	process("probe", "probe or tracing hook: preemption off, any context", "Documentation/trace/kprobes.rst", {
		preemptOff: true,
	}),
	// ---- reclaim ----
	process("shrinker", "memory reclaim: must not wait for the file system", "mm/vmscan.c:do_shrink_slab", {
		reclaim: "fs",
		isReclaim: true,
	}),
	process("kswapd", "kswapd (PF_MEMALLOC)", "mm/vmscan.c:kswapd", {
		...BARE,
		scopes: ["memalloc"],
	}),
	process("mmu-notifier", "invalidation of pages, also in memory reclaim", "include/linux/mmu_notifier.h", {
		reclaim: "any",
		isReclaim: true,
	}),
	process("fs-reclaim", "eviction, also in memory reclaim: must not wait for the file system", "fs/inode.c:evict", {
		reclaim: "fs",
		recurses: "seldom",
	}),
	process("io-reclaim", "swap: must not wait for I/O", "mm/page_io.c", {
		...{ reclaim: "io", recurses: "may", requests: SWAP },
	}),
	process("writeback", "writeback: must not wait for the file system", "mm/page-writeback.c:do_writepages", {
		reclaim: "fs",
	}),
	process(
		"inode-writeback",
		"writeback of an inode: must not wait for the file system",
		"fs/fs-writeback.c:write_inode",
		{
			reclaim: "fs",
			recurses: "seldom",
		},
	),
	process("rpc-task", "RPC task: must not wait for the file system", "net/sunrpc/sched.c:rpc_async_schedule", {
		reclaim: "fs",
		scopes: ["nofs"],
	}),
	// ---- block ----
	process("block-submit", "submission of block I/O: must not wait for I/O", "block/blk-core.c:__submit_bio", {
		reclaim: "io",
		requests: REQUESTS,
	}),
	process("queue-rq", "dispatch of a block request, under rcu_read_lock()", "block/blk-mq.h:blk_mq_run_dispatch_ops", {
		rcu: true,
		reclaim: "io",
		requests: REQUESTS,
	}),
	process("passthrough", "request of user space, with no disk behind its queue", "block/bsg-lib.c:bsg_setup_queue"),
	process("unused-disk", "a disk that is not used yet, or no more", "block/genhd.c:device_add_disk", {
		isUnused: true,
	}),
	softirq("io-completion", "completion of block I/O (interrupt)", "block/blk-mq.c:blk_mq_complete_request", {
		onRt: "process-bh",
	}),
	process(
		"scsi-eh",
		"SCSI error handler thread: must not wait for I/O",
		"drivers/scsi/scsi_error.c:scsi_error_handler",
		{ reclaim: "io" },
	),
	process("ata-lock", "ATA port lock held, interrupts off", "drivers/ata/libata-scsi.c:ata_scsi_queuecmd", {
		irqsOff: true,
		spinning: "ap->lock",
	}),
	// ---- file systems ----
	process("rcu-walk", "path walk, may be under rcu_read_lock()", LOCKING, { rcu: true, certainty: "seldom" }),
	process("d-lock", "dentry lock held", LOCKING, { spinning: "dentry->d_lock" }),
	process("i-lock", "inode lock held", LOCKING, { spinning: "inode->i_lock" }),
	process("mmap-lock", "process context, mmap_lock held", LOCKING, { sleeping: ["mm->mmap_lock"] }),
	process("pte-lock", "page table lock held", "Documentation/mm/mmu_notifier.rst", { spinning: "page table lock" }),
	process("xprt-lock", "transport lock held, bottom halves may be off", "net/sunrpc/xprt.c", {
		spinning: "xprt->transport_lock",
	}),
];

/** A system call's function: entered from user space by definition, without a registration. */
export const syscallContext: RunContext = process(
	"syscall",
	"system call",
	"arch/x86/entry/common.c:do_syscall_64",
	BARE,
);
