// The kernel crate (rust/kernel): locks and their guards, RCU, waiting, allocation, and the traits whose functions the
// kernel calls back. A method is named by its type and its own name; argument 0 is what it is called on. What the
// crate's other functions do is inferred from their bodies, through the functions of C that they call.
import { arg, type Conditions, MAY, ops } from "./callbackRow.js";
import { blocks, type LoneLock, pairLocks, pairSections } from "./row.js";
import type {
	AssertionRow,
	CallbackRow,
	LockKind,
	LockRow,
	NeutralRow,
	SectionRow,
	SleepRow,
	ValueRow,
} from "./schema.js";

const LOCK_RS = "rust/kernel/sync/lock.rs";

/** The operations of a lock type: its guard is what `lock` gives, and releases it when it is dropped. */
function family(type: string, lock: LockKind, source: string, sleeps: boolean): LockRow[] {
	const row = (name: string, does: LoneLock["does"]): LoneLock => ({
		...{ name, lock, arg: 0, does, mode: "exclusive", irq: "none", source },
		sleeps: sleeps && does === "acquire",
		...(does === "try" ? { success: "nonzero" as const } : {}),
	});
	return pairLocks([
		row(`${type}::lock`, "acquire"),
		row(`${type}::try_lock`, "try"),
		row(`${type}Guard::drop`, "release"),
	]);
}

const IRQ_RS = "rust/kernel/sync/lock/spinlock.rs";
/** Taken with interrupts off: by its own doing, or with the token that says they are. */
const irqLocks: readonly LockRow[] = [
	...pairLocks([
		{ ...irqLock("SpinLockIrq::lock", "acquire"), irq: "off" },
		{ ...irqLock("SpinLockIrqGuard::drop", "release"), irq: "on" },
	]),
	...pairLocks([irqLock("SpinLockIrq::lock_with", "acquire"), irqLock("SpinLockIrqWithGuard::drop", "release")]),
];

function irqLock(name: string, does: LoneLock["does"]): LoneLock {
	return { name, lock: "spinlock", arg: 0, does, mode: "exclusive", irq: "none", sleeps: false, source: IRQ_RS };
}

const XARRAY_RS = "rust/kernel/xarray.rs";

export const rustLocks: readonly LockRow[] = [
	...family("SpinLock", "spinlock", "rust/kernel/sync/lock/spinlock.rs", false),
	...family("RawSpinLock", "raw_spinlock", "rust/kernel/sync/lock/spinlock.rs", false),
	...family("Mutex", "mutex", "rust/kernel/sync/lock/mutex.rs", true),
	...family("XArray", "spinlock", XARRAY_RS, false),
	...irqLocks,
];

/** A guard stands for its lock. */
export const rustValues: readonly ValueRow[] = rustLocks
	.filter((row) => row.does !== "release")
	.map(({ name }) => ({ name, gives: "identity", arg: 0, source: LOCK_RS }));

const RCU_RS = "rust/kernel/sync/rcu.rs";
const SRCU_RS = "rust/kernel/sync/srcu.rs";
/** Attributes of functions, as https://github.com/Rust-for-Linux/klint has them; the front end turns them into calls. */
const KLINT = "rust/kernel/lib.rs";
const INTERRUPT_RS = "rust/kernel/interrupt.rs";
const section = (
	name: string,
	kind: SectionRow["section"],
	does: SectionRow["does"],
	source: string,
): Omit<SectionRow, "pairs"> => ({ name, section: kind, does, source });
export const rustSections: readonly SectionRow[] = [
	...pairSections([
		section("rcu::read_lock", "rcu", "enter", RCU_RS),
		section("RcuGuard::new", "rcu", "enter", RCU_RS),
		section("RcuGuard::drop", "rcu", "exit", RCU_RS),
	]),
	...pairSections([
		section("Srcu::read_lock", "srcu", "enter", SRCU_RS),
		section("SrcuGuard::drop", "srcu", "exit", SRCU_RS),
	]),
	...pairSections([
		section("klint::preempt_enter", "preempt", "enter", KLINT),
		section("klint::preempt_exit", "preempt", "exit", KLINT),
	]),
	...pairSections([
		section("interrupt::local_interrupt_disable", "irq", "off", INTERRUPT_RS),
		section("LocalInterruptDisabled::drop", "irq", "on", INTERRUPT_RS),
	]),
];

const sleeper = (name: string, source: string, columns: Partial<SleepRow> = {}): SleepRow => ({
	...{ name, how: "waits", source },
	...columns,
});
const CONDVAR: Partial<SleepRow> = { note: "waits on a condition variable", releases: 1 };
const COMPLETES: Partial<SleepRow> = { note: "waits for a completion" };
const VFREE: Partial<SleepRow> = { note: "frees vmalloc memory", defersIn: "interrupt" };
const KVFREE: Partial<SleepRow> = { note: "may free vmalloc memory", defersIn: "interrupt", certainty: "may" };
const ALLOCATOR_RS = "rust/kernel/alloc/allocator.rs";
const CONDVAR_RS = "rust/kernel/sync/condvar.rs";
export const rustSleepers: readonly SleepRow[] = [
	sleeper("task::might_sleep", "rust/kernel/task.rs", { how: "checks" }),
	sleeper("klint::process_context", KLINT, { how: "checks", note: "says that it is for process context" }),
	sleeper("CondVar::wait", CONDVAR_RS, CONDVAR),
	sleeper("CondVar::wait_interruptible", CONDVAR_RS, CONDVAR),
	sleeper("CondVar::wait_interruptible_freezable", CONDVAR_RS, CONDVAR),
	sleeper("CondVar::wait_interruptible_timeout", CONDVAR_RS, CONDVAR),
	sleeper("Completion::wait_for_completion", "rust/kernel/sync/completion.rs", COMPLETES),
	sleeper("delay::fsleep", "rust/kernel/time/delay.rs", { note: "sleeps for a time" }),
	sleeper("rcu::synchronize_rcu", RCU_RS, { how: "grace-period", note: "waits for a grace period" }),
	sleeper("Srcu::synchronize", SRCU_RS, { how: "grace-period", note: "waits for a grace period" }),
	sleeper("Srcu::synchronize_expedited", SRCU_RS, { how: "grace-period", note: "waits for a grace period" }),
	sleeper("Revocable::revoke", "rust/kernel/revocable.rs", { how: "grace-period", note: "waits for a grace period" }),
	sleeper("XArrayGuard::store", XARRAY_RS, {
		when: [blocks(3)],
		note: "allocates nodes, with the array's lock dropped meanwhile",
		releases: 0,
	}),
	sleeper("VBox::drop", ALLOCATOR_RS, VFREE),
	sleeper("VVec::drop", ALLOCATOR_RS, VFREE),
	sleeper("KVBox::drop", ALLOCATOR_RS, KVFREE),
	sleeper("KVVec::drop", ALLOCATOR_RS, KVFREE),
];

const neutral = (source: string, names: string): NeutralRow[] => names.split(" ").map((name) => ({ name, source }));
export const rustNeutrals: readonly NeutralRow[] = [
	...neutral(ALLOCATOR_RS, "KBox::drop Box::drop KVec::drop Vec::drop CString::drop IntoIter::drop"),
	...neutral("rust/kernel/sync/arc.rs", "Arc::drop UniqueArc::drop ARef::drop"),
	...neutral("rust/kernel/str.rs", "CStr::from_char_ptr CStr::from_bytes_with_nul BStr::from_bytes"),
	...neutral(CONDVAR_RS, "CondVar::notify_one CondVar::notify_all CondVar::notify_sync"),
	...neutral("rust/kernel/task.rs", "current!"),
	...neutral("rust/kernel/workqueue.rs", "Queue::enqueue Queue::enqueue_delayed"),
];

export const rustAssertions: readonly AssertionRow[] = [
	{
		...{ name: "klint::atomic_context_only", asserts: "cannot-sleep", annotates: true, runs: "preempt-off" },
		source: KLINT,
	},
];

const table = (trait: string, runs: string, source: string, fields: string, conditions?: Conditions): CallbackRow[] =>
	ops(trait, runs, source, fields, conditions);
const MQ_RS = "rust/kernel/block/mq/operations.rs";
const CPUFREQ_RS = "rust/kernel/cpufreq.rs";
const PHY_RS = "rust/kernel/net/phy.rs";
/** Traits with a name that others might have too are told by their module. */
export const rustCallbacks: readonly CallbackRow[] = [
	...table("irq::Handler", "hardirq", "rust/kernel/irq/request.rs", "handle"),
	...table("ThreadedHandler", "hardirq", "rust/kernel/irq/request.rs", "handle"),
	...table("ThreadedHandler", "irq-thread", "rust/kernel/irq/request.rs", "handle_threaded"),
	...table("WorkItem", "kworker", "rust/kernel/workqueue.rs", "run"),
	...table("HrTimerCallback", "hrtimer", "rust/kernel/time/hrtimer.rs", "run"),
	...table("Module", "initcall", "rust/kernel/lib.rs", "init"),
	...table("InPlaceModule", "initcall", "rust/kernel/lib.rs", "init"),
	...table("MiscDevice", "process", "rust/kernel/miscdevice.rs", "open release ioctl compat_ioctl mmap show_fdinfo"),
	...table("MiscDevice", "process", "rust/kernel/miscdevice.rs", "read_iter write_iter"),
	...["platform", "pci", "auxiliary", "i2c", "usb"].flatMap((bus) =>
		table(`${bus}::Driver`, "process", `rust/kernel/${bus}.rs`, "probe unbind remove disconnect"),
	),
	...table("mq::Operations", "queue-rq", MQ_RS, "queue_rq commit_rqs"),
	...table("mq::Operations", "io-completion", MQ_RS, "complete"),
	...table("mq::Operations", "rcu-reader", MQ_RS, "poll", MAY),
	...table("cpufreq::Driver", "process", CPUFREQ_RS, "init exit online offline suspend resume ready verify setpolicy"),
	...table("cpufreq::Driver", "process", CPUFREQ_RS, "target target_index get_intermediate target_intermediate get"),
	...table("cpufreq::Driver", "process", CPUFREQ_RS, "update_limits bios_limit set_boost register_em"),
	...table("cpufreq::Driver", "rq-lock", CPUFREQ_RS, "fast_switch adjust_perf"),
	...table("phy::Driver", "process", PHY_RS, "soft_reset probe get_features suspend resume config_aneg read_status"),
	...table("phy::Driver", "process", PHY_RS, "match_phy_device read_mmd write_mmd link_change_notify"),
	...table("PwmOps", "process", "rust/kernel/pwm.rs", "request capture round_waveform_tohw round_waveform_fromhw"),
	...table("PwmOps", "process", "rust/kernel/pwm.rs", "read_waveform write_waveform"),
	...table("opp::ConfigOps", "process", "rust/kernel/opp.rs", "config_clks config_regulators"),
	...table("configfs::GroupOperations", "process", "rust/kernel/configfs.rs", "make_group drop_item"),
	...table("configfs::AttributeOperations", "process", "rust/kernel/configfs.rs", "show store"),
	...table("fwctl::Operations", "process", "rust/kernel/fwctl.rs", "open close info fw_rpc"),
	...table("file::DriverFile", "process", "rust/kernel/drm/file.rs", "open"),
	...table("gem::DriverObject", "process", "rust/kernel/drm/gem/mod.rs", "new open close"),
	arg("Queue::try_spawn", 2, "kworker", "rust/kernel/workqueue.rs"),
];
