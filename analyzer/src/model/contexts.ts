// What changes, asks about and asserts the context besides locks: sections (preemption, interrupts, bottom
// halves, RCU, allocation scopes), predicates, followed values, assertions, ends of a path.
import { type LoneSection, pairSections, since } from "./row.js";
import type {
	AssertionRow,
	CoreRow,
	NoReturnRow,
	PredicateRow,
	SectionKind,
	SectionKindRow,
	SectionRow,
	SettledRow,
	SpanRow,
	ValueRow,
} from "./schema.js";

const LOCKTYPES = "Documentation/locking/locktypes.rst";
const FS_IO = "Documentation/core-api/gfp_mask-from-fs-io.rst";

export const sectionKinds: readonly SectionKindRow[] = [
	{ kind: "preempt", inside: "atomic", onRt: "atomic", source: "include/linux/preempt.h" },
	{ kind: "irq", inside: "atomic", onRt: "atomic", source: "include/linux/irqflags.h" },
	{ kind: "bh", inside: "atomic", onRt: "sleepable", source: "include/linux/bottom_half.h" },
	{ kind: "rcu", inside: "rcu", onRt: "rcu", source: "Documentation/RCU/checklist.rst" },
	{ kind: "rcu_bh", inside: "rcu", onRt: "rcu", source: "Documentation/RCU/checklist.rst" },
	{ kind: "rcu_sched", inside: "rcu", onRt: "rcu", source: "Documentation/RCU/checklist.rst" },
	{ kind: "srcu", inside: "sleepable", onRt: "sleepable", source: "Documentation/RCU/checklist.rst" },
	{ kind: "rcu_tasks_trace", inside: "sleepable", onRt: "sleepable", source: "include/linux/rcupdate_trace.h" },
	{ kind: "migrate", inside: "sleepable", onRt: "sleepable", source: LOCKTYPES },
	{ kind: "nmi", inside: "atomic", onRt: "atomic", source: "include/linux/hardirq.h" },
	{ kind: "hardirq", inside: "atomic", onRt: "atomic", source: "include/linux/hardirq.h" },
	{ kind: "softirq", inside: "atomic", onRt: "sleepable", source: "include/linux/preempt.h" },
	{ kind: "fpu", inside: "atomic", onRt: "atomic", source: "arch/x86/kernel/fpu/core.c:kernel_fpu_begin_mask" },
	{ kind: "pagefault", inside: "sleepable", onRt: "sleepable", source: "include/linux/uaccess.h:pagefault_disable" },
	{ kind: "noio", inside: "scope", onRt: "scope", source: FS_IO },
	{ kind: "nofs", inside: "scope", onRt: "scope", source: FS_IO },
	{ kind: "memalloc", inside: "scope", onRt: "scope", source: "include/linux/sched/mm.h:memalloc_noreclaim_save" },
	{ kind: "non_block", inside: "atomic", onRt: "atomic", source: "include/linux/kernel.h:non_block_start" },
	{
		kind: "unsettled",
		inside: "unchecked",
		onRt: "unchecked",
		label: "the system does not run",
		source: "kernel/sched/core.c:__might_resched",
	},
	{
		kind: "queue_frozen",
		inside: "scope",
		onRt: "scope",
		reclaim: "io",
		label: "the queue is frozen",
		source: "block/blk-mq.c:blk_mq_freeze_queue",
	},
	{
		kind: "queue_quiesced",
		inside: "scope",
		onRt: "scope",
		reclaim: "io",
		label: "the queue is quiesced",
		source: "block/blk-mq.c:blk_mq_quiesce_queue",
	},
	{
		kind: "transaction",
		inside: "scope",
		onRt: "scope",
		reclaim: "fs",
		label: "a transaction of the file system is open",
		source: FS_IO,
	},
];

type SectionColumns = Partial<Pick<LoneSection, "flagsArg" | "also" | "versions">>;

function family(section: SectionKind, source: string) {
	return (name: string, does: LoneSection["does"], columns: SectionColumns = {}): LoneSection => ({
		name,
		section,
		does,
		...columns,
		source,
	});
}

/** The saved state is argument 0, or what the call returns. */
const FLAGS: SectionColumns = { flagsArg: 0 };
const RESULT: SectionColumns = { flagsArg: -2 };

const preempt = family("preempt", "include/linux/preempt.h");
const cpu = family("preempt", "include/linux/smp.h:get_cpu");
const percpu = family("preempt", "include/linux/percpu-defs.h");
const migrate = family("migrate", "include/linux/preempt.h");
const preemption = [
	...pairSections([
		preempt("preempt_disable", "enter"),
		preempt("preempt_disable_notrace", "enter"),
		preempt("preempt_enable", "exit"),
		preempt("preempt_enable_notrace", "exit"),
		preempt("preempt_enable_no_resched", "exit"),
		preempt("preempt_enable_no_resched_notrace", "exit"),
		preempt("sched_preempt_enable_no_resched", "exit"),
	]),
	...pairSections([cpu("get_cpu", "enter"), cpu("put_cpu", "exit")]),
	...pairSections([percpu("get_cpu_var", "enter"), percpu("put_cpu_var", "exit")]),
	...pairSections([percpu("get_cpu_ptr", "enter"), percpu("put_cpu_ptr", "exit")]),
	...pairSections([migrate("migrate_disable", "enter"), migrate("migrate_enable", "exit")]),
];

const irq = family("irq", "include/linux/irqflags.h");
const interrupts = [
	...pairSections([
		irq("local_irq_disable", "off"),
		irq("raw_local_irq_disable", "off"),
		irq("arch_local_irq_disable", "off"),
		irq("local_irq_enable", "on"),
		irq("raw_local_irq_enable", "on"),
		irq("arch_local_irq_enable", "on"),
	]),
	...pairSections([
		irq("local_irq_save", "save", FLAGS),
		irq("raw_local_irq_save", "save", FLAGS),
		irq("arch_local_irq_save", "save", RESULT),
		irq("local_irq_restore", "restore", FLAGS),
		irq("raw_local_irq_restore", "restore", FLAGS),
		irq("arch_local_irq_restore", "restore", FLAGS),
	]),
];

/** Counted in preempt_count: they nest. */
const counted = pairSections([
	family("preempt", "include/linux/interrupt_rc.h")("local_interrupt_disable", "enter", since(7, 1)),
	family("preempt", "include/linux/interrupt_rc.h")("local_interrupt_enable", "exit", since(7, 1)),
]);

const bh = family("bh", "include/linux/bottom_half.h");
const bottomHalves = pairSections([
	bh("local_bh_disable", "enter"),
	bh("__local_bh_disable_ip", "enter"),
	bh("local_bh_enable", "exit"),
	bh("local_bh_enable_ip", "exit"),
	bh("__local_bh_enable_ip", "exit"),
	bh("_local_bh_enable", "exit"),
	family("bh", "kernel/softirq.c")("__local_bh_enable", "exit"),
]);

const rcu = family("rcu", "include/linux/rcupdate.h");
const rcuBh = family("rcu_bh", "include/linux/rcupdate.h");
const rcuSched = family("rcu_sched", "include/linux/rcupdate.h");
const srcu = family("srcu", "include/linux/srcu.h");
const rcuTrace = family("rcu_tasks_trace", "include/linux/rcupdate_trace.h");
const readers = [
	...pairSections([
		rcu("rcu_read_lock", "enter"),
		rcu("__rcu_read_lock", "enter"),
		rcu("rcu_read_unlock", "exit"),
		rcu("__rcu_read_unlock", "exit"),
	]),
	...pairSections([
		rcuBh("rcu_read_lock_bh", "enter", { also: ["bh"] }),
		rcuBh("rcu_read_unlock_bh", "exit", { also: ["bh"] }),
	]),
	...pairSections([
		rcuSched("rcu_read_lock_sched", "enter", { also: ["preempt"] }),
		rcuSched("rcu_read_lock_sched_notrace", "enter", { also: ["preempt"] }),
		rcuSched("rcu_read_unlock_sched", "exit", { also: ["preempt"] }),
		rcuSched("rcu_read_unlock_sched_notrace", "exit", { also: ["preempt"] }),
	]),
	...pairSections([
		srcu("srcu_read_lock", "enter"),
		srcu("srcu_read_lock_nmisafe", "enter", since(6, 2)),
		srcu("srcu_read_lock_notrace", "enter"),
		srcu("srcu_read_unlock", "exit"),
		srcu("srcu_read_unlock_nmisafe", "exit", since(6, 2)),
		srcu("srcu_read_unlock_notrace", "exit"),
	]),
	...pairSections([rcuTrace("rcu_read_lock_trace", "enter"), rcuTrace("rcu_read_unlock_trace", "exit")]),
];

const nmi = family("nmi", "include/linux/hardirq.h");
const hardirq = family("hardirq", "include/linux/hardirq.h");
const exceptions = [
	...pairSections([nmi("nmi_enter", "enter"), nmi("nmi_exit", "exit")]),
	...pairSections([
		hardirq("irq_enter", "enter"),
		hardirq("irq_enter_rcu", "enter"),
		hardirq("__irq_enter", "enter"),
		hardirq("__irq_enter_raw", "enter"),
		hardirq("irq_exit", "exit"),
		hardirq("irq_exit_rcu", "exit"),
		hardirq("__irq_exit", "exit"),
		hardirq("__irq_exit_raw", "exit"),
	]),
];

const fpu = family("fpu", "arch/x86/kernel/fpu/core.c:kernel_fpu_begin_mask");
const neon = family("fpu", "arch/arm64/kernel/fpsimd.c:kernel_neon_begin");
const dcFpu = family("fpu", "drivers/gpu/drm/amd/display/amdgpu_dm/dc_fpu.c:dc_fpu_begin");
const kmap = family("pagefault", "include/linux/highmem-internal.h:kmap_atomic");
const fault = family("pagefault", "include/linux/uaccess.h");
const PREEMPT: SectionColumns = { also: ["preempt"] };
const access = [
	...pairSections([
		fpu("kernel_fpu_begin", "enter", PREEMPT),
		fpu("kernel_fpu_begin_mask", "enter", PREEMPT),
		fpu("kernel_fpu_end", "exit", PREEMPT),
	]),
	...pairSections([dcFpu("dc_fpu_begin", "enter", PREEMPT), dcFpu("dc_fpu_end", "exit", PREEMPT)]),
	...pairSections([neon("kernel_neon_begin", "enter", PREEMPT), neon("kernel_neon_end", "exit", PREEMPT)]),
	...pairSections([
		kmap("kmap_atomic", "enter", PREEMPT),
		kmap("kmap_atomic_prot", "enter", PREEMPT),
		kmap("kmap_atomic_pfn", "enter", PREEMPT),
		kmap("kunmap_atomic", "exit", PREEMPT),
		kmap("__kunmap_atomic", "exit", PREEMPT),
	]),
	...pairSections([fault("pagefault_disable", "enter"), fault("pagefault_enable", "exit")]),
];

const SCHED_MM = "include/linux/sched/mm.h";
const noio = family("noio", SCHED_MM);
const nofs = family("nofs", SCHED_MM);
const memalloc = family("memalloc", SCHED_MM);
const nonBlock = family("non_block", "include/linux/kernel.h");
const scopes = [
	...pairSections([noio("memalloc_noio_save", "save", RESULT), noio("memalloc_noio_restore", "restore", FLAGS)]),
	...pairSections([nofs("memalloc_nofs_save", "save", RESULT), nofs("memalloc_nofs_restore", "restore", FLAGS)]),
	...pairSections([
		memalloc("memalloc_noreclaim_save", "save", RESULT),
		memalloc("memalloc_noreclaim_restore", "restore", FLAGS),
	]),
	...pairSections([nonBlock("non_block_start", "enter"), nonBlock("non_block_end", "exit")]),
];

export const sections: readonly SectionRow[] = [
	...preemption,
	...interrupts,
	...counted,
	...bottomHalves,
	...readers,
	...exceptions,
	...access,
	...scopes,
];

/** Functions (separated by blanks) that begin or end a section beside what their bodies do. */
function spansOf(section: SectionKind, source: string) {
	return (does: SpanRow["does"], names: string, columns: Pick<SpanRow, "succeeds"> = {}): SpanRow[] =>
		names.split(" ").map((name) => ({ name, section, does, ...columns, source }));
}

const frozen = spansOf("queue_frozen", "block/blk-mq.c:blk_mq_freeze_queue");
const quiesced = spansOf("queue_quiesced", "block/blk-mq.c:blk_mq_quiesce_queue");
const btrfs = spansOf("transaction", "fs/btrfs/transaction.c");
const nilfs = spansOf("transaction", "fs/nilfs2/segment.c");
const reiserfs = spansOf("transaction", "fs/reiserfs/journal.c");
const jfs = spansOf("transaction", "fs/jfs/jfs_txnmgr.c");
const gfs2 = spansOf("transaction", "fs/gfs2/trans.c");
/** With a handle comes the scope; one within another has it already. */
const jbd2 = spansOf("nofs", "fs/jbd2/transaction.c:start_this_handle");
const ZERO = { succeeds: "zero" } as const;
const POINTER = { succeeds: "pointer" } as const;

export const spans: readonly SpanRow[] = [
	...frozen("enter", "blk_mq_freeze_queue"),
	...frozen("exit", "blk_mq_unfreeze_queue"),
	// what waits to enter the queue of a dead disk fails
	...spansOf("queue_frozen", "block/genhd.c:blk_mark_disk_dead")("exit", "blk_mark_disk_dead"),
	...quiesced("enter", "blk_mq_quiesce_queue"),
	...quiesced("exit", "blk_mq_unquiesce_queue"),
	...btrfs("enter", "btrfs_start_transaction btrfs_start_transaction_fallback_global_rsv", POINTER),
	...btrfs("enter", "btrfs_join_transaction btrfs_join_transaction_spacecache", POINTER),
	...btrfs("enter", "btrfs_join_transaction_nostart btrfs_attach_transaction", POINTER),
	...btrfs("enter", "btrfs_attach_transaction_barrier", POINTER),
	...btrfs("exit", "btrfs_end_transaction btrfs_end_transaction_throttle"),
	...btrfs("exit", "btrfs_commit_transaction btrfs_commit_transaction_async"),
	...nilfs("enter", "nilfs_transaction_begin", ZERO),
	...nilfs("exit", "nilfs_transaction_commit nilfs_transaction_abort"),
	...reiserfs("enter", "journal_begin", ZERO),
	...reiserfs("exit", "journal_end journal_end_sync"),
	...jfs("enter", "txBegin"),
	...jfs("exit", "txEnd"),
	...gfs2("enter", "gfs2_trans_begin", ZERO),
	...gfs2("exit", "gfs2_trans_end"),
	...jbd2("enter", "jbd2__journal_start jbd2_journal_start ocfs2_start_trans", POINTER),
	...jbd2("enter", "__ext4_journal_start_sb __ext4_journal_start_reserved", POINTER),
	...jbd2("exit", "jbd2_journal_stop __ext4_journal_stop ocfs2_commit_trans"),
];

function question(name: string, asks: PredicateRow["asks"], source: string, arg?: number): PredicateRow {
	return { name, asks, contextual: false, ...(arg === undefined ? {} : { arg }), source };
}
function contextual(name: string, asks: PredicateRow["asks"], source: string): PredicateRow {
	return { name, asks, contextual: true, source };
}

export const predicates: readonly PredicateRow[] = [
	contextual("in_atomic", "in_atomic", "include/linux/preempt.h"),
	contextual("in_interrupt", "in_interrupt", "include/linux/preempt.h"),
	contextual("in_irq", "in_hardirq", "include/linux/preempt.h"),
	contextual("in_hardirq", "in_hardirq", "include/linux/preempt.h"),
	contextual("in_softirq", "in_softirq", "include/linux/preempt.h"),
	contextual("in_serving_softirq", "in_softirq", "include/linux/preempt.h"),
	contextual("in_task", "in_task", "include/linux/preempt.h"),
	question("in_nmi", "in_nmi", "include/linux/preempt.h"),
	contextual("preemptible", "preemptible", "include/linux/preempt.h"),
	contextual("irqs_disabled", "irqs_disabled", "include/linux/irqflags.h"),
	contextual("raw_irqs_disabled", "irqs_disabled", "include/linux/irqflags.h"),
	contextual("arch_irqs_disabled", "irqs_disabled", "include/asm-generic/irqflags.h"),
	question("in_dbg_master", "in_atomic", "include/linux/kgdb.h"),
	question("faulthandler_disabled", "in_atomic", "include/linux/uaccess.h"),
	question("blk_rq_is_poll", "in_task", "block/blk-mq.c:blk_rq_is_poll"),
	question("rcu_read_lock_held", "rcu_held", "include/linux/rcupdate.h"),
	question("gfpflags_allow_blocking", "gfp-blocks", "include/linux/gfp.h", 0),
	question("lockdep_is_held", "lock_held", "include/linux/lockdep.h", 0),
	question("IS_ERR", "is-err", "include/linux/err.h", 0),
	question("IS_ERR_VALUE", "is-err", "include/linux/err.h", 0),
	question("IS_ERR_OR_NULL", "is-err-or-null", "include/linux/err.h", 0),
	question("PTR_ERR_OR_ZERO", "is-err", "include/linux/err.h", 0),
	question("WARN_ON", "warn", "include/asm-generic/bug.h", 0),
	question("WARN_ON_ONCE", "warn", "include/asm-generic/bug.h", 0),
	question("WARN", "warn", "include/asm-generic/bug.h", 0),
	question("WARN_ONCE", "warn", "include/asm-generic/bug.h", 0),
	question("WARN_TAINT", "warn", "include/asm-generic/bug.h", 0),
	question("WARN_TAINT_ONCE", "warn", "include/asm-generic/bug.h", 0),
	question("VM_WARN_ON", "warn", "include/linux/mmdebug.h", 0),
	question("VM_WARN_ON_ONCE", "warn", "include/linux/mmdebug.h", 0),
	question("DEBUG_LOCKS_WARN_ON", "warn", "include/linux/debug_locks.h", 0),
	question("RCU_LOCKDEP_WARN", "warn", "include/linux/rcupdate.h", 0),
];

function value(name: string, gives: ValueRow["gives"], source: string, arg?: number): ValueRow {
	return { name, gives, ...(arg === undefined ? {} : { arg }), source };
}

/** Functions that tell what is in memory: a flag, a counter, whether the last reference went, what has been put there before. */
function memory(names: string, source: string): readonly ValueRow[] {
	return names.split(" ").map((name) => value(name, "memory", source));
}

const ATOMIC = "include/linux/atomic/atomic-instrumented.h";

export const values: readonly ValueRow[] = [
	...memory("test_bit test_and_set_bit test_and_clear_bit test_and_change_bit", "include/linux/bitops.h"),
	...memory("__test_and_set_bit __test_and_clear_bit __test_and_change_bit", "include/linux/bitops.h"),
	...memory("atomic_read atomic_long_read atomic64_read atomic_dec_and_test atomic_long_dec_and_test", ATOMIC),
	...memory("atomic64_dec_and_test atomic_sub_and_test atomic_long_sub_and_test atomic_inc_and_test", ATOMIC),
	...memory("atomic_inc_not_zero atomic_long_inc_not_zero atomic64_inc_not_zero atomic_add_unless", ATOMIC),
	...memory("atomic_dec_if_positive atomic_inc_return atomic_dec_return atomic_add_return atomic_sub_return", ATOMIC),
	...memory("atomic_cmpxchg atomic_xchg cmpxchg xchg", ATOMIC),
	...memory("refcount_read refcount_dec_and_test refcount_sub_and_test", "include/linux/refcount.h"),
	...memory("refcount_inc_not_zero refcount_add_not_zero", "include/linux/refcount.h"),
	...memory("devres_find", "drivers/base/devres.c:devres_find"),
	value("ERR_PTR", "err-ptr", "include/linux/err.h", 0),
	value("ERR_CAST", "err-ptr", "include/linux/err.h", 0),
	value("PTR_ERR", "negative", "include/linux/err.h", 0),
	value("likely", "identity", "include/linux/compiler.h", 0),
	value("unlikely", "identity", "include/linux/compiler.h", 0),
	value("__builtin_expect", "identity", "include/linux/compiler.h", 0),
	value("READ_ONCE", "identity", "include/asm-generic/rwonce.h", 0),
	value("data_race", "identity", "include/linux/compiler.h", 0),
	value("rcu_dereference", "identity", "include/linux/rcupdate.h", 0),
	value("rcu_dereference_protected", "identity", "include/linux/rcupdate.h", 0),
	value("rcu_dereference_check", "identity", "include/linux/rcupdate.h", 0),
	value("rcu_dereference_raw", "identity", "include/linux/rcupdate.h", 0),
	value("rcu_dereference_bh", "identity", "include/linux/rcupdate.h", 0),
	value("rcu_dereference_sched", "identity", "include/linux/rcupdate.h", 0),
	value("rcu_access_pointer", "identity", "include/linux/rcupdate.h", 0),
	value("srcu_dereference", "identity", "include/linux/srcu.h", 0),
	value("smp_load_acquire", "identity", "include/asm-generic/barrier.h", 0),
	value("current_gfp_context", "gfp", "include/linux/sched/mm.h", 0),
	value("mapping_gfp_constraint", "gfp", "include/linux/pagemap.h", 1),
];

/** Variables that are settled once the system runs. */
export const settled: readonly SettledRow[] = [
	{ name: "system_state", is: "SYSTEM_RUNNING", source: "include/linux/kernel.h:system_states" },
	{ name: "oops_in_progress", is: 0, source: "lib/bust_spinlocks.c" },
	{ name: "early_boot_irqs_disabled", is: 0, source: "init/main.c" },
	{ name: "static_key_initialized", is: 1, source: "init/main.c:jump_label_init" },
];

type AssertionColumns = Partial<Pick<AssertionRow, "arg" | "annotates" | "runs">>;

function assertion(
	name: string,
	asserts: AssertionRow["asserts"],
	source: string,
	columns: AssertionColumns = {},
): AssertionRow {
	return { name, asserts, ...columns, source };
}
const LOCKDEP = "include/linux/lockdep.h";
const SPARSE = "Documentation/dev-tools/sparse.rst";
const LOCK: AssertionColumns = { arg: 0 };
const ON_FUNCTION: AssertionColumns = { arg: 0, annotates: true };

export const assertions: readonly AssertionRow[] = [
	assertion("lockdep_assert_held", "held", LOCKDEP, LOCK),
	assertion("lockdep_assert_held_write", "held", LOCKDEP, LOCK),
	assertion("lockdep_assert_held_read", "held", LOCKDEP, LOCK),
	assertion("lockdep_assert_held_once", "held", LOCKDEP, LOCK),
	assertion("lockdep_assert_not_held", "not-held", LOCKDEP, LOCK),
	assertion("lockdep_assert_irqs_enabled", "irqs-on", LOCKDEP),
	assertion("lockdep_assert_irqs_disabled", "irqs-off", LOCKDEP, { runs: "irqs-off" }),
	assertion("lockdep_assert_in_irq", "in-interrupt", LOCKDEP, { runs: "hardirq" }),
	assertion("lockdep_assert_preemption_disabled", "preempt-off", LOCKDEP, { runs: "preempt-off" }),
	assertion("lockdep_assert_in_softirq", "in-softirq", LOCKDEP, { runs: "softirq" }),
	assertion("assert_spin_locked", "held", "include/linux/spinlock.h", LOCK),
	assertion("assert_raw_spin_locked", "held", "include/linux/spinlock.h", LOCK),
	assertion("__must_hold", "held", SPARSE, ON_FUNCTION),
	assertion("__acquires", "acquires", SPARSE, ON_FUNCTION),
	assertion("__releases", "releases", SPARSE, ON_FUNCTION),
	assertion("might_sleep", "may-sleep", "include/linux/kernel.h"),
	assertion("__might_sleep", "may-sleep", "kernel/sched/core.c"),
	assertion("__might_resched", "may-sleep", "kernel/sched/core.c"),
	assertion("cant_sleep", "cannot-sleep", "include/linux/kernel.h", { runs: "preempt-off" }),
];

const stops = (name: string, source: string): NoReturnRow => ({ name, source });

export const noReturns: readonly NoReturnRow[] = [
	stops("BUG", "include/asm-generic/bug.h"),
	stops("panic", "kernel/panic.c"),
	stops("nmi_panic", "kernel/panic.c"),
	stops("do_exit", "kernel/exit.c"),
	stops("do_group_exit", "kernel/exit.c"),
	stops("make_task_dead", "kernel/exit.c"),
	stops("kthread_exit", "kernel/kthread.c"),
	stops("kthread_complete_and_exit", "kernel/kthread.c"),
	stops("die", "arch/x86/kernel/dumpstack.c"),
	stops("unreachable", "include/linux/compiler.h"),
	stops("__builtin_unreachable", "include/linux/compiler.h"),
	stops("BUILD_BUG", "include/linux/build_bug.h"),
];

const core = (path: string, source: string): CoreRow => ({ path, source });

/** Where the context is kept, asked for and served whatever it is: interrupts, scheduling, allocation, tracing. */
export const cores: readonly CoreRow[] = [
	core("arch/", "arch/x86/kernel/fpu/core.c:irq_fpu_usable"),
	core("kernel/", "kernel/softirq.c:__local_bh_enable_ip"),
	core("mm/", "mm/vmalloc.c:vfree"),
	core("lib/", "lib/percpu-refcount.c"),
	core("init/", "init/main.c:do_one_initcall"),
	core("include/linux/", "include/linux/preempt.h"),
	core("include/asm-generic/", "include/asm-generic/preempt.h"),
	core("net/core/dev.c", "net/core/dev.c:netif_rx"),
];
