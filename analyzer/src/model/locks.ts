// Locks: what each kind of lock means for the context, and the operations that take and release one.
// Wrappers with an ordinary body (lock_sock, rtnl_lock, task_rq_lock, mmap_read_lock) have no rows: they are analysed.
import { type LoneLock, pairLocks, since } from "./row.js";
import type { IrqEffect, LockClassRow, LockKind, LockKindRow, LockRow } from "./schema.js";

const LOCKTYPES = "Documentation/locking/locktypes.rst";

export const lockKinds: readonly LockKindRow[] = [
	{
		kind: "raw_spinlock",
		types: ["raw_spinlock_t", "raw_spinlock"],
		is: "spins",
		onRt: "spins",
		preempt: true,
		source: LOCKTYPES,
	},
	{
		kind: "spinlock",
		types: ["spinlock_t", "spinlock"],
		is: "spins",
		onRt: "sleeps",
		preempt: true,
		source: LOCKTYPES,
	},
	{ kind: "rwlock", types: ["rwlock_t"], is: "spins", onRt: "sleeps", preempt: true, source: LOCKTYPES },
	{
		kind: "bit_spinlock",
		types: [],
		is: "spins",
		onRt: "spins",
		preempt: true,
		source: "include/linux/bit_spinlock.h",
	},
	{
		kind: "seqlock",
		types: ["seqlock_t"],
		is: "spins",
		onRt: "sleeps",
		preempt: true,
		source: "Documentation/locking/seqlock.rst",
	},
	{ kind: "local_lock", types: ["local_lock_t"], is: "spins", onRt: "sleeps", preempt: true, source: LOCKTYPES },
	{ kind: "mutex", types: ["mutex"], is: "sleeps", onRt: "sleeps", preempt: false, source: LOCKTYPES },
	{ kind: "rt_mutex", types: ["rt_mutex"], is: "sleeps", onRt: "sleeps", preempt: false, source: LOCKTYPES },
	{ kind: "ww_mutex", types: ["ww_mutex"], is: "sleeps", onRt: "sleeps", preempt: false, source: LOCKTYPES },
	{ kind: "rwsem", types: ["rw_semaphore"], is: "sleeps", onRt: "sleeps", preempt: false, source: LOCKTYPES },
	{
		kind: "percpu_rwsem",
		types: ["percpu_rw_semaphore"],
		is: "sleeps",
		onRt: "sleeps",
		preempt: false,
		source: LOCKTYPES,
	},
	{ kind: "semaphore", types: ["semaphore"], is: "sleeps", onRt: "sleeps", preempt: false, source: LOCKTYPES },
];

/** lockdep_set_novalidate_class(): their order is the caller's own affair. */
export const lockClasses: readonly LockClassRow[] = [
	{ name: "device.mutex", validated: false, source: "drivers/base/core.c:device_initialize" },
	{ name: "btree.lock", validated: false, source: "drivers/md/bcache/btree.c:mca_bucket_alloc" },
	{ name: "btree.write_lock", validated: false, source: "drivers/md/bcache/btree.c:mca_bucket_alloc" },
];

type Columns = Partial<Pick<LoneLock, "arg" | "flagsArg" | "versions" | "success" | "sleeps">>;
type Does = LoneLock["does"];

/** Makes the row constructor of one family; saved flags follow the lock, a try succeeds with a nonzero result. */
function family(lock: LockKind, mode: LoneLock["mode"], source: string, defaults: Columns = {}) {
	return (name: string, does: Does, irq: IrqEffect = "none", columns: Columns = {}): LoneLock => {
		const arg = columns.arg ?? defaults.arg ?? 0;
		const sleeps = columns.sleeps ?? (does === "acquire" && (defaults.sleeps ?? false));
		const keepsFlags = irq === "save" || irq === "restore";
		return {
			name,
			lock,
			arg,
			does,
			...(does === "try" ? { success: columns.success ?? "nonzero" } : {}),
			mode,
			irq,
			...(keepsFlags ? { flagsArg: columns.flagsArg ?? arg + 1 } : {}),
			sleeps,
			...(/_nest(ed|_lock)$/.test(name) ? { nested: true } : {}),
			...(columns.versions ? { versions: columns.versions } : {}),
			source,
		};
	};
}

/** A try that waits: interruptible and killable forms return zero when they got the lock. */
const WAITS: Columns = { success: "zero", sleeps: true };

const spin = family("spinlock", "exclusive", "include/linux/spinlock.h");
const spinlocks = pairLocks([
	spin("spin_lock", "acquire"),
	spin("spin_lock_irqsave", "acquire", "save"),
	spin("spin_lock_irq", "acquire", "off"),
	spin("spin_lock_bh", "acquire", "bh-off"),
	spin("spin_lock_nested", "acquire"),
	spin("spin_lock_nest_lock", "acquire"),
	spin("spin_lock_irqsave_nested", "acquire", "save"),
	spin("spin_lock_bh_nested", "acquire", "bh-off"),
	spin("spin_trylock", "try"),
	spin("spin_trylock_irqsave", "try", "save"),
	spin("spin_trylock_irq", "try", "off"),
	spin("spin_trylock_bh", "try", "bh-off"),
	spin("atomic_dec_and_lock", "try", "none", { arg: 1 }),
	spin("_atomic_dec_and_lock", "try", "none", { arg: 1 }),
	spin("atomic_dec_and_lock_irqsave", "try", "save", { arg: 1 }),
	spin("refcount_dec_and_lock", "try", "none", { arg: 1 }),
	spin("refcount_dec_and_lock_irqsave", "try", "save", { arg: 1 }),
	spin("spin_unlock", "release"),
	spin("spin_unlock_irqrestore", "release", "restore"),
	spin("spin_unlock_irq", "release", "on"),
	spin("spin_unlock_bh", "release", "bh-on"),
]);

/** Disabling counts, and so nests without flags. */
const countedSpinlocks = pairLocks([
	spin("spin_lock_irq_disable", "acquire", "none", since(7, 1)),
	spin("spin_trylock_irq_disable", "try", "none", since(7, 1)),
	spin("spin_unlock_irq_enable", "release", "none", since(7, 1)),
]);

const raw = family("raw_spinlock", "exclusive", "include/linux/spinlock.h");
const rawSpinlocks = pairLocks([
	raw("raw_spin_lock", "acquire"),
	raw("raw_spin_lock_irqsave", "acquire", "save"),
	raw("raw_spin_lock_irq", "acquire", "off"),
	raw("raw_spin_lock_bh", "acquire", "bh-off"),
	raw("raw_spin_lock_nested", "acquire"),
	raw("raw_spin_lock_nest_lock", "acquire"),
	raw("raw_spin_lock_irqsave_nested", "acquire", "save"),
	raw("raw_spin_trylock", "try"),
	raw("raw_spin_trylock_irqsave", "try", "save"),
	raw("raw_spin_trylock_irq", "try", "off"),
	raw("raw_spin_trylock_bh", "try", "bh-off"),
	raw("atomic_dec_and_raw_lock", "try", "none", { arg: 1, ...since(6, 8) }),
	raw("atomic_dec_and_raw_lock_irqsave", "try", "save", { arg: 1, ...since(6, 8) }),
	raw("raw_spin_unlock", "release"),
	raw("raw_spin_unlock_irqrestore", "release", "restore"),
	raw("raw_spin_unlock_irq", "release", "on"),
	raw("raw_spin_unlock_bh", "release", "bh-on"),
]);

const rawApi = family("raw_spinlock", "exclusive", "include/linux/spinlock_api_smp.h");
/** `_raw_spin_lock_irqsave(lock)` returns the flags. */
const RESULT_FLAGS: Columns = { flagsArg: -2 };
const rawSpinlockApi = pairLocks([
	rawApi("_raw_spin_lock", "acquire"),
	rawApi("_raw_spin_lock_irqsave", "acquire", "save", RESULT_FLAGS),
	rawApi("_raw_spin_lock_irq", "acquire", "off"),
	rawApi("_raw_spin_lock_bh", "acquire", "bh-off"),
	rawApi("_raw_spin_lock_nested", "acquire"),
	rawApi("_raw_spin_lock_nest_lock", "acquire"),
	rawApi("_raw_spin_lock_irqsave_nested", "acquire", "save", RESULT_FLAGS),
	rawApi("_raw_spin_trylock", "try"),
	rawApi("_raw_spin_trylock_bh", "try", "bh-off"),
	rawApi("_raw_spin_unlock", "release"),
	rawApi("_raw_spin_unlock_irqrestore", "release", "restore"),
	rawApi("_raw_spin_unlock_irq", "release", "on"),
	rawApi("_raw_spin_unlock_bh", "release", "bh-on"),
]);

const arch = family("raw_spinlock", "exclusive", "include/asm-generic/qspinlock.h");
const archSpinlocks = pairLocks([
	arch("arch_spin_lock", "acquire"),
	arch("arch_spin_trylock", "try"),
	arch("arch_spin_unlock", "release"),
]);

const runqueue = family("raw_spinlock", "exclusive", "kernel/sched/core.c:raw_spin_rq_lock_nested");
const runqueueLocks = pairLocks([
	runqueue("raw_spin_rq_lock_nested", "acquire"),
	runqueue("raw_spin_rq_lock", "acquire"),
	runqueue("raw_spin_rq_trylock", "try"),
	runqueue("raw_spin_rq_unlock", "release"),
]);

const RWLOCK = "include/linux/rwlock.h";
const read = family("rwlock", "shared", RWLOCK);
const write = family("rwlock", "exclusive", RWLOCK);
const rwlocks = [
	...pairLocks([
		read("read_lock", "acquire"),
		read("read_lock_irqsave", "acquire", "save"),
		read("read_lock_irq", "acquire", "off"),
		read("read_lock_bh", "acquire", "bh-off"),
		read("read_trylock", "try"),
		read("read_unlock", "release"),
		read("read_unlock_irqrestore", "release", "restore"),
		read("read_unlock_irq", "release", "on"),
		read("read_unlock_bh", "release", "bh-on"),
	]),
	...pairLocks([
		write("write_lock", "acquire"),
		write("write_lock_irqsave", "acquire", "save"),
		write("write_lock_irq", "acquire", "off"),
		write("write_lock_bh", "acquire", "bh-off"),
		write("write_lock_nested", "acquire"),
		write("write_trylock", "try"),
		write("write_trylock_irqsave", "try", "save"),
		write("write_unlock", "release"),
		write("write_unlock_irqrestore", "release", "restore"),
		write("write_unlock_irq", "release", "on"),
		write("write_unlock_bh", "release", "bh-on"),
	]),
];

const bit = family("bit_spinlock", "exclusive", "include/linux/bit_spinlock.h", { arg: 1 });
const bitSpinlocks = pairLocks([
	bit("bit_spin_lock", "acquire"),
	bit("bit_spin_trylock", "try"),
	bit("bit_spin_unlock", "release"),
	bit("__bit_spin_unlock", "release"),
]);

const SEQLOCK = "include/linux/seqlock.h";
const seqWrite = family("seqlock", "exclusive", SEQLOCK);
const seqlocks = [
	...pairLocks([
		seqWrite("write_seqlock", "acquire"),
		seqWrite("write_seqlock_irqsave", "acquire", "save"),
		seqWrite("write_seqlock_irq", "acquire", "off"),
		seqWrite("write_seqlock_bh", "acquire", "bh-off"),
		seqWrite("write_sequnlock", "release"),
		seqWrite("write_sequnlock_irqrestore", "release", "restore"),
		seqWrite("write_sequnlock_irq", "release", "on"),
		seqWrite("write_sequnlock_bh", "release", "bh-on"),
	]),
	...pairLocks([
		seqWrite("read_seqlock_excl", "acquire"),
		seqWrite("read_seqlock_excl_irqsave", "acquire", "save"),
		seqWrite("read_seqlock_excl_irq", "acquire", "off"),
		seqWrite("read_seqlock_excl_bh", "acquire", "bh-off"),
		seqWrite("read_sequnlock_excl", "release"),
		seqWrite("read_sequnlock_excl_irqrestore", "release", "restore"),
		seqWrite("read_sequnlock_excl_irq", "release", "on"),
		seqWrite("read_sequnlock_excl_bh", "release", "bh-on"),
	]),
];

const local = family("local_lock", "exclusive", "include/linux/local_lock.h");
const localLocks = pairLocks([
	local("local_lock", "acquire"),
	local("local_lock_irqsave", "acquire", "save"),
	local("local_lock_irq", "acquire", "off"),
	local("local_unlock", "release"),
	local("local_unlock_irqrestore", "release", "restore"),
	local("local_unlock_irq", "release", "on"),
]);

const SLEEPS: Columns = { sleeps: true };
const mutex = family("mutex", "exclusive", "include/linux/mutex.h", SLEEPS);
const mutexes = pairLocks([
	mutex("mutex_lock", "acquire"),
	mutex("mutex_lock_nested", "acquire"),
	mutex("mutex_lock_nest_lock", "acquire"),
	mutex("_mutex_lock_nest_lock", "acquire"),
	mutex("mutex_lock_io", "acquire"),
	mutex("mutex_lock_io_nested", "acquire"),
	mutex("mutex_lock_interruptible", "try", "none", WAITS),
	mutex("mutex_lock_interruptible_nested", "try", "none", WAITS),
	mutex("mutex_lock_killable", "try", "none", WAITS),
	mutex("mutex_lock_killable_nested", "try", "none", WAITS),
	mutex("mutex_trylock", "try"),
	mutex("atomic_dec_and_mutex_lock", "try", "none", { arg: 1, sleeps: true }),
	mutex("refcount_dec_and_mutex_lock", "try", "none", { arg: 1, sleeps: true }),
	mutex("mutex_unlock", "release"),
]);

const rtMutex = family("rt_mutex", "exclusive", "include/linux/rtmutex.h", SLEEPS);
const rtMutexes = pairLocks([
	rtMutex("rt_mutex_lock", "acquire"),
	rtMutex("rt_mutex_lock_nested", "acquire"),
	rtMutex("rt_mutex_lock_nest_lock", "acquire"),
	rtMutex("rt_mutex_lock_interruptible", "try", "none", WAITS),
	rtMutex("rt_mutex_lock_killable", "try", "none", WAITS),
	rtMutex("rt_mutex_trylock", "try"),
	rtMutex("rt_mutex_unlock", "release"),
]);

const ww = family("ww_mutex", "exclusive", "include/linux/ww_mutex.h", SLEEPS);
const wwMutexes = pairLocks([
	ww("ww_mutex_lock", "try", "none", WAITS),
	ww("ww_mutex_lock_interruptible", "try", "none", WAITS),
	ww("ww_mutex_lock_slow", "acquire"),
	ww("ww_mutex_lock_slow_interruptible", "try", "none", WAITS),
	ww("ww_mutex_trylock", "try"),
	ww("ww_mutex_unlock", "release"),
]);

const RWSEM = "include/linux/rwsem.h";
const down = family("rwsem", "shared", RWSEM, SLEEPS);
const downWrite = family("rwsem", "exclusive", RWSEM, SLEEPS);
const rwsems = [
	...pairLocks([
		down("down_read", "acquire"),
		down("down_read_nested", "acquire"),
		down("down_read_non_owner", "acquire"),
		down("down_read_interruptible", "try", "none", WAITS),
		down("down_read_killable", "try", "none", WAITS),
		down("down_read_killable_nested", "try", "none", WAITS),
		down("down_read_trylock", "try"),
		down("up_read", "release"),
		down("up_read_non_owner", "release"),
	]),
	...pairLocks([
		downWrite("down_write", "acquire"),
		downWrite("down_write_nested", "acquire"),
		downWrite("down_write_nest_lock", "acquire"),
		downWrite("down_write_killable", "try", "none", WAITS),
		downWrite("down_write_killable_nested", "try", "none", WAITS),
		downWrite("down_write_trylock", "try"),
		downWrite("up_write", "release"),
	]),
];

const PERCPU = "include/linux/percpu-rwsem.h";
const percpuRead = family("percpu_rwsem", "shared", PERCPU, SLEEPS);
const percpuWrite = family("percpu_rwsem", "exclusive", PERCPU, SLEEPS);
const percpuRwsems = [
	...pairLocks([
		percpuRead("percpu_down_read", "acquire"),
		percpuRead("percpu_down_read_trylock", "try"),
		percpuRead("percpu_up_read", "release"),
	]),
	...pairLocks([percpuWrite("percpu_down_write", "acquire"), percpuWrite("percpu_up_write", "release")]),
];

const semaphore = family("semaphore", "exclusive", "include/linux/semaphore.h", SLEEPS);
const semaphores = pairLocks([
	semaphore("down", "acquire"),
	semaphore("down_interruptible", "try", "none", WAITS),
	semaphore("down_killable", "try", "none", WAITS),
	semaphore("down_timeout", "try", "none", WAITS),
	semaphore("down_trylock", "try", "none", { success: "zero" }),
	semaphore("up", "release"),
]);

/** Locks that the operation itself names. */
const GLOBAL: Columns = { arg: -1 };
const consoleLock = family("semaphore", "exclusive", "kernel/printk/printk.c:console_lock", SLEEPS);
const preload = family("local_lock", "exclusive", "lib/radix-tree.c:__radix_tree_preload", GLOBAL);
const clkPrepare = family("mutex", "exclusive", "drivers/clk/clk.c", SLEEPS);
const clkEnable = family("spinlock", "exclusive", "drivers/clk/clk.c", GLOBAL);
const lru = family("spinlock", "exclusive", "mm/memcontrol.c:folio_lruvec_lock", GLOBAL);
const globals = [
	...pairLocks([
		lru("folio_lruvec_lock", "acquire"),
		lru("folio_lruvec_lock_irq", "acquire", "off"),
		lru("folio_lruvec_lock_irqsave", "acquire", "save", { flagsArg: 1 }),
		lru("unlock_page_lruvec", "release"),
		lru("unlock_page_lruvec_irq", "release", "on"),
		lru("unlock_page_lruvec_irqrestore", "release", "restore", { flagsArg: 1 }),
	]).map((row) => ({ ...row, global: "lru_lock" })),
	...pairLocks([
		clkPrepare("clk_prepare_lock", "acquire", "none", GLOBAL),
		clkPrepare("clk_prepare_unlock", "release", "none", GLOBAL),
	]).map((row) => ({ ...row, global: "prepare_lock" })),
	...pairLocks([
		clkEnable("clk_enable_lock", "acquire", "save", { flagsArg: -2 }),
		clkEnable("clk_enable_unlock", "release", "restore", { flagsArg: 0 }),
	]).map((row) => ({ ...row, global: "enable_lock" })),
	...pairLocks([
		consoleLock("console_lock", "acquire", "none", GLOBAL),
		consoleLock("console_trylock", "try", "none", GLOBAL),
		consoleLock("console_unlock", "release", "none", GLOBAL),
	]).map((row) => ({ ...row, global: "console_sem" })),
	...pairLocks([
		preload("radix_tree_preload", "try", "none", { success: "zero" }),
		preload("radix_tree_maybe_preload", "try", "none", { success: "zero" }),
		preload("idr_preload", "acquire"),
		preload("radix_tree_preload_end", "release"),
		preload("idr_preload_end", "release"),
	]).map((row) => ({ ...row, global: "radix_tree_preloads" })),
];

export const locks: readonly LockRow[] = [
	...spinlocks,
	...countedSpinlocks,
	...rawSpinlocks,
	...rawSpinlockApi,
	...archSpinlocks,
	...runqueueLocks,
	...rwlocks,
	...bitSpinlocks,
	...seqlocks,
	...localLocks,
	...mutexes,
	...rtMutexes,
	...wwMutexes,
	...rwsems,
	...percpuRwsems,
	...semaphores,
	...globals,
];
