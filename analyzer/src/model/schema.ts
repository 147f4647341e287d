// The row types of the kernel model. Every kernel fact the analysis or the simulator uses is a row of one
// of these types, with the document or header it comes from in `source`. Rows are plain data: a project's
// own rows (.might-sleep.json) have the same shape and pass the same checks (compile.ts).

/** Where a fact comes from: a file of the kernel tree, with a line or symbol where that helps. */
export type Source = string;

/** Kernel versions a row holds for, as [major, minor], both bounds included; missing bounds are open. */
export interface Versions {
	readonly since?: readonly [number, number];
	readonly until?: readonly [number, number];
}

interface RowBase {
	readonly source: Source;
	readonly versions?: Versions;
}

/**
 * A test on the arguments of a call, decided where the call is made.
 * `gfp-blocks`: the mask has __GFP_DIRECT_RECLAIM. `has-bits`/`lacks-bits`: `bits` names constants of the tree, joined by `|`.
 */
export interface ArgTest {
	readonly arg: number;
	readonly is: "nonzero" | "zero" | "gfp-blocks" | "has-bits" | "lacks-bits" | "equals";
	readonly bits?: string;
	/** for `equals`: an integer or the name of a constant */
	readonly value?: number | string;
}

// ---- locks ----

export type LockKind =
	| "raw_spinlock"
	| "spinlock"
	| "rwlock"
	| "bit_spinlock"
	| "seqlock"
	| "local_lock"
	| "mutex"
	| "rt_mutex"
	| "ww_mutex"
	| "rwsem"
	| "percpu_rwsem"
	| "semaphore";

export interface LockKindRow extends RowBase {
	readonly kind: LockKind;
	/** typedefs and struct tags of such locks; none where the lock is a bit of something else */
	readonly types: readonly string[];
	/** "spins": holding it is atomic; "sleeps": taking it may sleep and holding it is not atomic */
	readonly is: "spins" | "sleeps";
	/** the same under PREEMPT_RT */
	readonly onRt: "spins" | "sleeps";
	/** taking it raises preempt_count (without RT) */
	readonly preempt: boolean;
}

/** What an operation does with interrupts or bottom halves besides the lock. */
export type IrqEffect = "none" | "off" | "on" | "save" | "restore" | "bh-off" | "bh-on";

export interface LockRow extends RowBase {
	readonly name: string;
	readonly lock: LockKind;
	/** argument that is (a pointer to) the lock; NONE (-1): the operation names one global lock, `global` */
	readonly arg: number;
	readonly global?: string;
	/** acquire: on return it is held. try: held iff the result is as `success` says. release. */
	readonly does: "acquire" | "try" | "release";
	readonly success?: "nonzero" | "zero";
	readonly mode: "exclusive" | "shared";
	readonly irq: IrqEffect;
	/** argument that keeps the saved irq flags */
	readonly flagsArg?: number;
	/** it says that another lock of its class may be held: spin_lock_nested() and its like */
	readonly nested?: boolean;
	/** the call itself may sleep (mutex_lock; spin_lock does not) */
	readonly sleeps: boolean;
	/** names of the operations that end what this one begins, the plain partner first; for a release: that begin it */
	readonly pairs: readonly string[];
}

/** A class of locks (`struct.field`) that lockdep is told to leave alone, or variable of that name. */
export interface LockClassRow extends RowBase {
	readonly name: string;
	readonly validated: boolean;
}

// ---- sections: preemption, interrupts, bottom halves, RCU, allocation scopes ----

export type SectionKind =
	| "preempt"
	| "irq"
	| "bh"
	| "rcu"
	| "rcu_bh"
	| "rcu_sched"
	| "srcu"
	| "rcu_tasks_trace"
	| "migrate"
	| "nmi"
	| "hardirq"
	| "softirq"
	| "fpu"
	| "pagefault"
	| "noio"
	| "nofs"
	| "memalloc"
	| "non_block"
	| "queue_frozen"
	| "queue_quiesced"
	| "transaction"
	| "unsettled";

/**
 * What reclaim must not do for an allocation, because it may come back to the code that allocates: enter a file
 * system, start I/O (and so enter a file system), or run at all.
 */
export type ReclaimLevel = "fs" | "io" | "any";

export interface SectionKindRow extends RowBase {
	readonly kind: SectionKind;
	/**
	 * may code in it sleep? "rcu": no, and breaking it is rcu-blocking; "scope": yes, but it restricts allocation;
	 * "unchecked": the kernel does not look
	 */
	readonly inside: "atomic" | "rcu" | "scope" | "sleepable" | "unchecked";
	/** the same under PREEMPT_RT */
	readonly onRt: "atomic" | "rcu" | "scope" | "sleepable" | "unchecked";
	/** allocation in it must not recurse into what is held up */
	readonly reclaim?: ReclaimLevel;
	/** what is the matter in it, as a person says it */
	readonly label?: string;
}

export interface SectionRow extends RowBase {
	readonly name: string;
	readonly section: SectionKind;
	/** enter/exit count; off/on and save/restore do not nest except by their flags; `reset` ends every level (preempt_enable_no_resched counts as exit) */
	readonly does: "enter" | "exit" | "save" | "restore" | "off" | "on";
	/** argument that keeps the saved state; RESULT (-2): the result does */
	readonly flagsArg?: number;
	/** further sections entered or left with it, in the same way (kernel_fpu_begin also disables preemption) */
	readonly also?: readonly SectionKind[];
	readonly pairs: readonly string[];
}

/** A function whose body is looked into, and which begins or ends a section that nothing in its body shows. */
export interface SpanRow extends RowBase {
	readonly name: string;
	readonly section: SectionKind;
	readonly does: "enter" | "exit";
	/** what it returns when it has begun; without it always has */
	readonly succeeds?: "zero" | "pointer";
}

// ---- sleeping ----

export interface SleepRow extends RowBase {
	readonly name: string;
	/** "waits": gives up the CPU, always or perhaps; "checks": might_sleep() and its like; "faults": user access; "grace-period": waits for RCU readers */
	readonly how: "waits" | "checks" | "faults" | "grace-period";
	/** it sleeps only where all of these hold */
	readonly when?: readonly ArgTest[];
	/** what the kernel prints or what a person calls it, e.g. "waits for a grace period" */
	readonly note?: string;
	/** sleeps only when called from process context with interrupts on, else defers (vfree in 6.1: in_interrupt() defers) */
	readonly defersIn?: "interrupt" | "atomic";
	/** pm_runtime and its like: does not sleep for a device for which `function` was called with it */
	readonly unlessFlagged?: string;
	/** "may": only for some of what it is given, and its caller may know (kvfree of what kmalloc gave) */
	readonly certainty?: "may";
	/** argument that is a lock, or stands for one, which is not held while it sleeps */
	readonly releases?: number;
	/** it waits for nothing, and only lets others run: easily forgotten in code that also runs where it may not */
	readonly yields?: true;
	/** it does not sleep where what argument `arg` points to has been made by a call of one of these (names with blanks between, their argument 0), and of no other maker */
	readonly unlessMade?: { readonly arg: number; readonly by: string; readonly others: string };
}

/** What some allocators have in common in the masks they take. */
export type AllocFamily = "slab" | "page-address" | "page-exact" | "vmalloc" | "kvmalloc" | "dma" | "mempool";

export interface AllocRow extends RowBase {
	readonly name: string;
	/** index of the gfp_t argument; NONE (-1): none. Without the argument the allocator uses `implicit` */
	readonly gfp: number;
	readonly implicit?: string;
	/** vmalloc family: sleeps whatever the mask says */
	readonly alwaysSleeps?: boolean;
	/** argument that names the size, for the simulator; NONE when none */
	readonly size?: number;
	/** argument that names the order of the block of pages; without one, and without a size, it is one page or object */
	readonly order?: number;
	/** argument that is the pool which keeps elements for when there is no memory, or the name of the one that all share */
	readonly pool?: number | string;
	/** function that frees the result */
	readonly freedBy?: string;
	/** "null": NULL on failure; "err": ERR_PTR; "errno": negative int */
	readonly fails: "null" | "err" | "errno" | "never";
	readonly family?: AllocFamily;
	/** a method that adds one element: what asks for room beforehand, and what then adds without allocating, since when */
	readonly ahead?: {
		readonly room: string;
		readonly within: string;
		readonly since: readonly [number, number];
	};
	/** what it gives is zero all over */
	readonly cleared?: true;
	/** a mask of 0 says that there is room already, and nothing is to be allocated */
	readonly zero?: "no-allocation";
}

/** A gfp mask that says two things at once, or something that its allocator does not take. */
export interface MaskFaultRow extends RowBase {
	/** such allocators only; none: every use of a mask */
	readonly family?: AllocFamily;
	/** the mask is written with this name, whose meaning the bits deny */
	readonly written?: string;
	/** names joined by `|`: all these bits are set */
	readonly has?: string;
	/** names joined by `|`: none of these bits is set */
	readonly lacks?: string;
	/** what is wrong, as a sentence after the mask */
	readonly says: string;
	/** the flag that may go, for it says nothing there */
	readonly drop?: string;
}

// ---- predicates, values and assertions ----

export interface PredicateRow extends RowBase {
	readonly name: string;
	/** What it asks. Context questions are answered from the state; value questions from argument `arg`. */
	readonly asks:
		| "in_atomic"
		| "in_interrupt"
		| "in_hardirq"
		| "in_softirq"
		| "in_task"
		| "in_nmi"
		| "irqs_disabled"
		| "preemptible"
		| "rcu_held"
		| "lock_held"
		| "gfp-blocks"
		| "is-err"
		| "is-err-or-null"
		| "identity"
		| "warn";
	readonly arg?: number;
	/** code that asks this to choose its behaviour is flagged (context-dependent-behaviour) */
	readonly contextual: boolean;
}

/** A function that computes a value the analysis follows; "memory": it tells what is in memory, which nobody knows. */
export interface ValueRow extends RowBase {
	readonly name: string;
	readonly gives: "identity" | "err-ptr" | "negative" | "null" | "nonzero" | "gfp" | "memory";
	readonly arg?: number;
}

/** A variable that has this value whenever the system runs: a condition on it is none, unless it asks for another value. */
export interface SettledRow extends RowBase {
	readonly name: string;
	/** an integer or the name of a constant */
	readonly is: number | string;
}

/** Takes or gives back a reference of the counter that argument `arg` points to; "put" tells, or acts on it, when that was the last. */
export interface ReferenceRow extends RowBase {
	readonly name: string;
	readonly does: "get" | "put";
	readonly arg: number;
	/** of the use of a device: "awake": one reference keeps it awake, so that a further "get" has nothing to do, and the last "put" lets it go; "counted": only counts */
	readonly use?: "awake" | "counted";
}

/** What a function does to memory that argument `at` points to, where that can be told: to all of it, or to the bit of number `bit`. */
export interface MemoryRow extends RowBase {
	readonly name: string;
	/** "tests": gives what is there; "changes": into what is not there; "fills": with `value`, as many bytes as `size` says */
	readonly does: "tests" | "sets" | "clears" | "changes" | "assigns" | "fills";
	readonly at: number;
	readonly bit?: number;
	readonly value?: number;
	readonly size?: number;
}

export interface AssertionRow extends RowBase {
	readonly name: string;
	readonly asserts:
		| "held"
		| "not-held"
		| "may-sleep"
		| "cannot-sleep"
		| "irqs-off"
		| "irqs-on"
		| "preempt-off"
		| "in-softirq"
		| "in-interrupt"
		| "in-task"
		| "acquires"
		| "releases";
	readonly arg?: number;
	/** sparse's annotation on the function instead of a call in it */
	readonly annotates?: boolean;
	/** run context of a function that begins with it; a lock that is held tells by its kind */
	readonly runs?: string;
}

/** Does not return, or stops the path: BUG(), panic(), do_exit(). */
export interface NoReturnRow extends RowBase {
	readonly name: string;
}

/**
 * May be called in every context, never sleeps and leaves the context as it found it, although the body looks
 * otherwise (printk's way to the consoles, kfree's way into the allocator): never looked into.
 */
export interface NeutralRow extends RowBase {
	readonly name: string;
	/** waits without sleeping: what code does where it may not sleep */
	readonly busy?: boolean;
	/** a macro that runs a statement it is given after it has dropped the lock */
	readonly unlocked?: boolean;
	/** "prints": tells a person; "defers": puts work off to another context */
	readonly does?: "prints" | "defers";
	/** after it the task is about to wait, and must not sleep for anything else (`parks`, unless its first argument is zero), or it runs again */
	readonly task?: "parks" | "runs";
}

/** Code below this path asks for its context because it provides what others ask with, or serves every context. */
export interface CoreRow extends RowBase {
	readonly path: string;
}

// ---- callbacks ----

/** The context a callback runs in. */
export interface RunContext {
	/** short name, e.g. "hardirq", "ndo-xmit" */
	readonly id: string;
	/** what a person reads, e.g. "hard interrupt handler" */
	readonly label: string;
	readonly level: "process" | "softirq" | "hardirq" | "nmi";
	readonly irqsOff?: boolean;
	readonly bhOff?: boolean;
	readonly preemptOff?: boolean;
	readonly rcu?: boolean;
	/** page faults are disabled: access to user memory fails instead of sleeping */
	readonly noFault?: boolean;
	/** before the scheduler runs, or after it has stopped for good: the checks for sleeping are off */
	readonly booting?: boolean;
	/** the core kernel calls it itself: no lock of anybody's is held */
	readonly isBare?: boolean;
	/** a spinning lock its caller holds, by the name people know it by */
	readonly spinning?: string;
	/** sleeping locks its caller holds */
	readonly sleeping?: readonly string[];
	readonly scopes?: readonly ("noio" | "nofs" | "memalloc")[];
	/** reclaim, writeback, block layer … : allocation here must not recurse into it */
	readonly reclaim?: ReclaimLevel;
	/**
	 * How likely it is that reclaim waits for the code, always when left out. Reclaim itself comes with PF_MEMALLOC set
	 * and does not recurse: then only others may; of dirty inodes it keeps away.
	 */
	readonly recurses?: "may" | "seldom";
	/** which of the requests that a callback serves reclaim waits for; all when left out */
	readonly requests?: RequestColumns;
	/** reclaim calls it, and so waits for the locks that it takes */
	readonly isReclaim?: boolean;
	/** nobody waits for what it holds up: its own sections begin no path of reclaim */
	readonly isUnused?: boolean;
	/** its caller keeps the device active (runtime power management) */
	readonly active?: boolean;
	/** "may": some callers are atomic, none must be; "seldom": and the code is told when they are */
	readonly certainty?: "may" | "seldom";
	/** under PREEMPT_RT it runs in this other context (by id) */
	readonly onRt?: string;
	readonly source: Source;
}

/** How a callback tells requests that write, for which reclaim waits, from others. */
export interface RequestColumns {
	/** the functions and macros whose result says what is asked */
	readonly asks: readonly string[];
	/** the constant for a request that writes */
	readonly writes: string;
	/** one that reads may hold up one that writes, where both are served */
	readonly together: boolean;
	/** functions whose result is never true of what is handed in, here or in what it is handed to */
	readonly never?: readonly string[];
}

/**
 * A function given to `name` as argument `arg`, put into field `field` of `struct`, or named by a definer
 * macro runs in context `runs` (RunContext.id), or in no other context than its callers' (`runs: "caller"`).
 */
export type CallbackRow = RowBase & {
	readonly runs: string;
	/** conditional rows: the first row whose tests hold decides; `arg` counts the registration's arguments */
	readonly when?: readonly ArgTest[];
	/** conditional on another designated field of the same initialiser, or an assignment to that field near by */
	readonly whenField?: {
		/** the field is one of this other struct: an initialiser or assignment in the same file decides */
		readonly struct?: string;
		readonly field: string;
		readonly is: "nonzero" | "zero" | "has-bits" | "lacks-bits" | "equals";
		readonly bits?: string;
		/** for `equals`: an integer or the name of a constant */
		readonly value?: number | string;
	};
	/** how sure the row is: "may" rows lower the confidence (may run atomic, depending on the caller) */
	readonly certainty?: "always" | "may";
} & (
		| { readonly via: "arg"; readonly name: string; readonly arg: number }
		| { readonly via: "field"; readonly struct: string; readonly field: string }
		/** NAME(args…) at file scope; `fn` builds the function's name: "{0}" is argument 0, e.g. "{0}_show" */
		| { readonly via: "definer"; readonly name: string; readonly fn: string }
	);

/** A guard class of <linux/cleanup.h>, for trees or modules whose headers are not at hand. */
export interface GuardRow extends RowBase {
	readonly name: string;
	/** the primitive its constructor calls on the argument, and its destructor's */
	readonly enter: string;
	readonly exit: string;
}

/** Composition of a GFP name, used when the tree's own header is not at hand. */
export interface GfpRow extends RowBase {
	readonly name: string;
	/** names joined by `|`, or an integer for a bit */
	readonly is: string | number;
	/** what the flag asks of an allocation, as a sentence without its subject */
	readonly says?: string;
}

/** How much of the min watermark an allocation must leave. The first row that fits decides. */
export interface ReserveRow extends RowBase {
	/** names joined by `|`: all these bits are set; a flag that the tree does not have fits nothing */
	readonly has?: string;
	/** names joined by `|`: none of these bits is set */
	readonly lacks?: string;
	/** a constant of the trees whose page allocator counts like this; in others the row says nothing */
	readonly where?: string;
	/** the share that stays, as a fraction */
	readonly keeps: readonly [number, number];
	/** may it take from the blocks that are set aside for it? Only for more than one page */
	readonly highatomic?: boolean;
	readonly says: string;
}

/** A function of this name, or that a variable of this name holds, is entered in this context, whoever defines it: what architectures provide, and where the kernel starts. */
export interface EntryRow extends RowBase {
	readonly name: string;
	/** RunContext.id */
	readonly runs: string;
}

/**
 * A type of Rust that the program may use without its definition. `of` is `Type` (`is`: its name in the model),
 * `Type*` (`is`: what it gives way to when a field or method is not its own) or `Type::f()` (`is`: what that gives);
 * single capitals are parameters.
 */
export interface RustTypeRow extends RowBase {
	readonly of: string;
	readonly is: string;
}

/** An allocation of Rust as it was spelt before allocations took flags. */
export interface SpellingRow extends RowBase {
	readonly name: string;
	/**
	 * What it is called where they do, the newest first, each with the version that it came with. The flags are its last
	 * argument; where it takes none, `written` is the call as it should be, `$` standing for the arguments.
	 */
	readonly now: readonly {
		readonly name: string;
		readonly since: readonly [number, number];
		readonly written?: string;
	}[];
	/** the flags that the old name says, if it says any */
	readonly flags?: string;
	/** a flag that stands for what the name said besides */
	readonly adds?: string;
	/** it is a name that the tree may have, too: old only where the call ends before its flags */
	readonly bare?: true;
}

/** What the simulator's machine keeps: things that are called later, that tasks wait for, or that can be freed. */
export type RuntimeKind =
	| "work"
	| "timer"
	| "hrtimer"
	| "tasklet"
	| "irq-work"
	| "rcu"
	| "irq"
	| "thread"
	| "completion"
	| "wait-queue"
	| "semaphore"
	| "memory"
	| "cpu"
	| "counter";

/**
 * What a call does to the simulated machine besides its context; the analysis has no use for it, and looks into the
 * function's body where there is one.
 */
export interface RuntimeRow extends RowBase {
	readonly name: string;
	readonly on: RuntimeKind;
	/**
	 * bind: names the function of an object; queue: it is to be called; register, unregister: of an interrupt; start: a
	 * thread that runs at once; cancel; flush: waits until it is not queued and does not run; init, wait, signal,
	 * signal-all: of what tasks wait for; free; resched: lets others run if they should; add: changes a counter.
	 */
	readonly does:
		| "bind"
		| "queue"
		| "register"
		| "unregister"
		| "start"
		| "create"
		| "cancel"
		| "flush"
		| "init"
		| "wait"
		| "signal"
		| "signal-all"
		| "free"
		| "resched"
		| "add";
	/** argument that points to the object */
	readonly object?: number;
	/** `object` is the object itself, not its address (wait_event) */
	readonly isPlace?: boolean;
	/** argument with the function that is called; for `register`: `thread` is the one of its thread */
	readonly fn?: number;
	readonly thread?: number;
	/** argument handed to the function; without it the object's address is */
	readonly data?: number;
	/** run context, where no callback row says it */
	readonly runs?: string;
	/** argument that a waiter's condition is */
	readonly condition?: number;
	/** argument that says how many */
	readonly count?: number;
	/** for "add": how much, where no argument says it */
	readonly by?: number;
	/** for "add": what it gives */
	readonly gives?: "nothing" | "new" | "old" | "is-zero";
	/** not at once: after a time, or after a grace period */
	readonly after?: "time" | "grace-period";
	/** waits no longer than a time: gives zero then */
	readonly hasTimeout?: boolean;
}

export interface Rows {
	readonly runtime: readonly RuntimeRow[];
	readonly lockClasses: readonly LockClassRow[];
	readonly lockKinds: readonly LockKindRow[];
	readonly locks: readonly LockRow[];
	readonly sectionKinds: readonly SectionKindRow[];
	readonly sections: readonly SectionRow[];
	readonly spans: readonly SpanRow[];
	readonly sleepers: readonly SleepRow[];
	readonly allocators: readonly AllocRow[];
	readonly predicates: readonly PredicateRow[];
	readonly values: readonly ValueRow[];
	readonly references: readonly ReferenceRow[];
	readonly memory: readonly MemoryRow[];
	readonly settled: readonly SettledRow[];
	readonly assertions: readonly AssertionRow[];
	readonly noReturns: readonly NoReturnRow[];
	readonly neutrals: readonly NeutralRow[];
	readonly runContexts: readonly RunContext[];
	readonly entries: readonly EntryRow[];
	readonly callbacks: readonly CallbackRow[];
	readonly guards: readonly GuardRow[];
	readonly gfp: readonly GfpRow[];
	readonly reserves: readonly ReserveRow[];
	readonly maskFaults: readonly MaskFaultRow[];
	readonly cores: readonly CoreRow[];
	readonly rustTypes: readonly RustTypeRow[];
	readonly spellings: readonly SpellingRow[];
}

/** One kernel function or macro may be several things at once (mutex_lock: a lock row and a sleeper). */
export interface Primitive {
	readonly name: string;
	readonly lock?: LockRow;
	readonly section?: SectionRow;
	readonly sleep?: SleepRow;
	readonly alloc?: AllocRow;
	readonly predicate?: PredicateRow;
	readonly value?: ValueRow;
	readonly assertion?: AssertionRow;
	readonly noReturn?: NoReturnRow;
	readonly neutral?: NeutralRow;
}

/** The compiled model: rows of one kernel version, by name. */
export interface Model {
	readonly version: readonly [number, number];
	readonly lockKinds: ReadonlyMap<LockKind, LockKindRow>;
	readonly sectionKinds: ReadonlyMap<SectionKind, SectionKindRow>;
	readonly primitives: ReadonlyMap<string, Primitive>;
	readonly guards: ReadonlyMap<string, GuardRow>;
	/** for the simulator alone, as is the next */
	readonly runtime: ReadonlyMap<string, RuntimeRow>;
	readonly lockClasses: ReadonlyMap<string, LockClassRow>;
	readonly spans: ReadonlyMap<string, SpanRow>;
	readonly references: ReadonlyMap<string, ReferenceRow>;
	readonly memory: ReadonlyMap<string, MemoryRow>;
	readonly settled: ReadonlyMap<string, SettledRow>;
	readonly runContexts: ReadonlyMap<string, RunContext>;
	readonly entries: ReadonlyMap<string, EntryRow>;
	/** rows in table order for one registration function and argument: key `name/arg` */
	readonly argCallbacks: ReadonlyMap<string, readonly CallbackRow[]>;
	/** key `struct/field` */
	readonly fieldCallbacks: ReadonlyMap<string, readonly CallbackRow[]>;
	/** key: macro name */
	readonly definers: ReadonlyMap<string, readonly CallbackRow[]>;
	readonly gfp: ReadonlyMap<string, GfpRow>;
	readonly reserves: readonly ReserveRow[];
	readonly maskFaults: readonly MaskFaultRow[];
	readonly cores: readonly CoreRow[];
	readonly spellings: ReadonlyMap<string, SpellingRow>;
	/** by `of` without arguments */
	readonly rustTypes: ReadonlyMap<string, readonly { readonly pattern: string; readonly is: string }[]>;
}
