// Checks rows that come from outside (a project's .might-sleep.json) against the schema: which tables there are,
// which columns each has, which are required, what values they take. One message names the first wrong place.
import { firstError, isRecord } from "../base/shape.js";
import type { CallbackRow, Rows } from "./schema.js";

export type Checked = { readonly ok: true; readonly value: Rows } | { readonly ok: false; readonly error: string };

/** Says what is wrong with a value, and where below it; undefined when it is right. */
type Check = (value: unknown, path: string) => string | undefined;

const text: Check = (value, path) =>
	typeof value === "string" && value !== "" ? undefined : `${path}: must be a text`;
const integer: Check = (value, path) => (Number.isSafeInteger(value) ? undefined : `${path}: must be an integer`);
const bool: Check = (value, path) => (typeof value === "boolean" ? undefined : `${path}: must be true or false`);
const textOrInteger: Check = (value, path) =>
	text(value, path) === undefined || integer(value, path) === undefined
		? undefined
		: `${path}: must be a text or an integer`;

function oneOf(...allowed: readonly string[]): Check {
	return (value, path) =>
		typeof value === "string" && allowed.includes(value) ? undefined : `${path}: must be one of ${allowed.join(", ")}`;
}

function list(of: Check, length?: number): Check {
	return (value, path) => {
		if (!Array.isArray(value)) return `${path}: must be a list`;
		if (length !== undefined && value.length !== length) return `${path}: must have ${length} entries`;
		return firstError(value.map((entry, i) => () => of(entry, `${path}[${i}]`)));
	};
}

type Columns = Readonly<Record<string, Check>>;

/** An object with these columns, required and optional, and no others. */
function record(required: Columns, optional: Columns = {}): Check {
	const columns = new Map([...Object.entries(required), ...Object.entries(optional)]);
	return (value, path) => {
		if (!isRecord(value)) return `${path}: must be an object`;
		for (const name of Object.keys(value)) if (!columns.has(name)) return `${path}.${name}: there is no such column`;
		for (const name of Object.keys(required)) if (!(name in value)) return `${path}.${name}: is missing`;
		return firstError(
			Object.entries(value).map(
				([name, cell]) =>
					() =>
						columns.get(name)?.(cell, `${path}.${name}`),
			),
		);
	};
}

const version = list(integer, 2);
const VERSIONS = { versions: record({}, { since: version, until: version }) };
const argTests = list(
	record(
		{ arg: integer, is: oneOf("nonzero", "zero", "gfp-blocks", "has-bits", "lacks-bits", "equals") },
		{ bits: text, value: textOrInteger },
	),
);

const lockKind = oneOf(
	"raw_spinlock",
	"spinlock",
	"rwlock",
	"bit_spinlock",
	"seqlock",
	"local_lock",
	"mutex",
	"rt_mutex",
	"ww_mutex",
	"rwsem",
	"percpu_rwsem",
	"semaphore",
);
const spinsOrSleeps = oneOf("spins", "sleeps");
const sectionKind = oneOf(
	"preempt",
	"irq",
	"bh",
	"rcu",
	"rcu_bh",
	"rcu_sched",
	"srcu",
	"rcu_tasks_trace",
	"migrate",
	"nmi",
	"hardirq",
	"softirq",
	"fpu",
	"pagefault",
	"noio",
	"nofs",
	"memalloc",
	"non_block",
	"queue_frozen",
	"queue_quiesced",
	"transaction",
	"unsettled",
);
const allocFamily = oneOf("slab", "page-address", "page-exact", "vmalloc", "kvmalloc", "dma", "mempool");
const insideSection = oneOf("atomic", "rcu", "scope", "sleepable", "unchecked");
const reclaimLevel = oneOf("fs", "io", "any");

/** A row: its own columns, and those that every row has. */
const row = (required: Columns, optional: Columns = {}): Check =>
	record({ source: text, ...required }, { ...VERSIONS, ...optional });
const named = (required: Columns = {}, optional: Columns = {}): Check => row({ name: text, ...required }, optional);

const CALLBACK_KINDS: Readonly<Record<CallbackRow["via"], Columns>> = {
	arg: { name: text, arg: integer },
	field: { struct: text, field: text },
	definer: { name: text, fn: text },
};
const CALLBACK_CONDITIONS: Columns = {
	when: argTests,
	whenField: record(
		{ field: text, is: oneOf("nonzero", "zero", "has-bits", "lacks-bits", "equals") },
		{ struct: text, bits: text, value: textOrInteger },
	),
	certainty: oneOf("always", "may"),
};
const callback: Check = (value, path) => {
	const via = isRecord(value) ? value.via : undefined;
	const columns = Object.entries(CALLBACK_KINDS).find(([kind]) => kind === via)?.[1];
	if (columns === undefined) return `${path}.via: must be one of ${Object.keys(CALLBACK_KINDS).join(", ")}`;
	return row({ via: text, runs: text, ...columns }, CALLBACK_CONDITIONS)(value, path);
};

const TABLES: Readonly<Record<keyof Rows, Check>> = {
	lockKinds: row({ kind: lockKind, types: list(text), is: spinsOrSleeps, onRt: spinsOrSleeps, preempt: bool }),
	locks: named(
		{
			lock: lockKind,
			arg: integer,
			does: oneOf("acquire", "try", "release"),
			mode: oneOf("exclusive", "shared"),
			irq: oneOf("none", "off", "on", "save", "restore", "bh-off", "bh-on"),
			sleeps: bool,
			pairs: list(text),
		},
		{ global: text, success: oneOf("nonzero", "zero"), flagsArg: integer, nested: bool },
	),
	sectionKinds: row(
		{ kind: sectionKind, inside: insideSection, onRt: insideSection },
		{ reclaim: reclaimLevel, label: text },
	),
	sections: named(
		{ section: sectionKind, does: oneOf("enter", "exit", "save", "restore", "off", "on"), pairs: list(text) },
		{ flagsArg: integer, also: list(sectionKind) },
	),
	spans: named({ section: sectionKind, does: oneOf("enter", "exit") }, { succeeds: oneOf("zero", "pointer") }),
	sleepers: named(
		{ how: oneOf("waits", "checks", "faults", "grace-period") },
		{
			when: argTests,
			note: text,
			defersIn: oneOf("interrupt", "atomic"),
			unlessFlagged: text,
			certainty: oneOf("may"),
			releases: integer,
			yields: bool,
			unlessMade: record({ arg: integer, by: text, others: text }),
		},
	),
	allocators: named(
		{ gfp: integer, fails: oneOf("null", "err", "errno", "never") },
		{
			implicit: text,
			alwaysSleeps: bool,
			size: integer,
			order: integer,
			pool: textOrInteger,
			freedBy: text,
			ahead: record({ room: text, within: text, since: version }),
			family: allocFamily,
			cleared: bool,
			zero: oneOf("no-allocation"),
		},
	),
	predicates: named(
		{
			asks: oneOf(
				"in_atomic",
				"in_interrupt",
				"in_hardirq",
				"in_softirq",
				"in_task",
				"in_nmi",
				"irqs_disabled",
				"preemptible",
				"rcu_held",
				"lock_held",
				"gfp-blocks",
				"is-err",
				"is-err-or-null",
				"identity",
				"warn",
			),
			contextual: bool,
		},
		{ arg: integer },
	),
	values: named(
		{ gives: oneOf("identity", "err-ptr", "negative", "null", "nonzero", "gfp", "memory") },
		{ arg: integer },
	),
	settled: named({ is: textOrInteger }),
	memory: named(
		{ does: oneOf("tests", "sets", "clears", "changes", "assigns", "fills"), at: integer },
		{ bit: integer, value: integer, size: integer },
	),
	references: named({ does: oneOf("get", "put"), arg: integer }, { use: oneOf("awake", "counted") }),
	assertions: named(
		{
			asserts: oneOf(
				"held",
				"not-held",
				"may-sleep",
				"cannot-sleep",
				"irqs-off",
				"irqs-on",
				"preempt-off",
				"in-softirq",
				"in-interrupt",
				"in-task",
				"acquires",
				"releases",
			),
		},
		{ arg: integer, annotates: bool, runs: text },
	),
	noReturns: named(),
	neutrals: named({}, { busy: bool, unlocked: bool, does: oneOf("prints", "defers"), task: oneOf("parks", "runs") }),
	runContexts: record(
		{ id: text, label: text, level: oneOf("process", "softirq", "hardirq", "nmi"), source: text },
		{
			irqsOff: bool,
			bhOff: bool,
			preemptOff: bool,
			rcu: bool,
			spinning: text,
			sleeping: list(text),
			scopes: list(oneOf("noio", "nofs", "memalloc")),
			reclaim: reclaimLevel,
			recurses: oneOf("may", "seldom"),
			requests: record({ asks: list(text), writes: text, together: bool }, { never: list(text) }),
			isReclaim: bool,
			isUnused: bool,
			noFault: bool,
			booting: bool,
			active: bool,
			isBare: bool,
			certainty: oneOf("may", "seldom"),
			onRt: text,
		},
	),
	entries: named({ runs: text }),
	callbacks: callback,
	guards: named({ enter: text, exit: text }),
	gfp: named({ is: textOrInteger }, { says: text }),
	reserves: row({ keeps: list(integer), says: text }, { has: text, lacks: text, where: text, highatomic: bool }),
	maskFaults: row({ says: text }, { family: allocFamily, written: text, has: text, lacks: text, drop: text }),
	cores: row({ path: text }),
	lockClasses: named({ validated: bool }),
	runtime: named(
		{
			on: oneOf(
				"work",
				"timer",
				"hrtimer",
				"tasklet",
				"irq-work",
				"rcu",
				"irq",
				"thread",
				"completion",
				"wait-queue",
				"semaphore",
				"memory",
				"cpu",
				"counter",
			),
			does: oneOf(
				"bind",
				"queue",
				"register",
				"unregister",
				"start",
				"create",
				"cancel",
				"flush",
				"init",
				"wait",
				"signal",
				"signal-all",
				"free",
				"resched",
				"add",
			),
		},
		{
			object: integer,
			isPlace: bool,
			fn: integer,
			thread: integer,
			data: integer,
			runs: text,
			condition: integer,
			count: integer,
			by: integer,
			gives: oneOf("nothing", "new", "old", "is-zero"),
			after: oneOf("time", "grace-period"),
			hasTimeout: bool,
		},
	),
	rustTypes: row({ of: text, is: text }),
	spellings: named(
		{ now: list(record({ name: text, since: version }, { written: text })) },
		{ flags: text, adds: text, bare: bool },
	),
};

/** Checks a parsed .might-sleep.json's rows; a table that is not there is empty. */
export function checkRows(json: unknown): Checked {
	if (!isRecord(json)) return { ok: false, error: "rows: must be an object of tables" };
	for (const name of Object.keys(json))
		if (!(name in TABLES)) return { ok: false, error: `${name}: there is no such table` };
	const error = firstError(
		Object.entries(TABLES).map(
			([name, check]) =>
				() =>
					list(check)(json[name] ?? [], name),
		),
	);
	if (error !== undefined) return { ok: false, error };
	const tables = Object.keys(TABLES).map((name) => [name, json[name] ?? []]);
	// the checks above are what makes this a value of the type
	return { ok: true, value: Object.fromEntries(tables) as Rows };
}
