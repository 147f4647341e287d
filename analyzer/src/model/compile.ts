// Puts the tables together: the built-in rows, project rows (checked), and the model of one kernel version.
import { allocators } from "./alloc.js";
import { callbacks } from "./callbacks.js";
import {
	assertions,
	cores,
	noReturns,
	predicates,
	sectionKinds,
	sections,
	settled,
	spans,
	values,
} from "./contexts.js";
import { entries } from "./entries.js";
import { gfp } from "./gfp.js";
import { guards } from "./guards.js";
import { lockClasses, lockKinds, locks } from "./locks.js";
import { maskFaults } from "./maskFaults.js";
import { memory } from "./memory.js";
import { neutrals } from "./neutrals.js";
import { references } from "./references.js";
import { reserves } from "./reserves.js";
import { runContexts } from "./runContexts.js";
import { runtime } from "./runtime.js";
import {
	rustAssertions,
	rustCallbacks,
	rustLocks,
	rustNeutrals,
	rustSections,
	rustSleepers,
	rustValues,
} from "./rust.js";
import { rustAllocators, spellings } from "./rustAlloc.js";
import { rustTypes } from "./rustTypes.js";
import type {
	CallbackRow,
	EntryRow,
	GfpRow,
	GuardRow,
	LockClassRow,
	MemoryRow,
	Model,
	Primitive,
	ReferenceRow,
	Rows,
	RuntimeRow,
	RustTypeRow,
	SettledRow,
	SpanRow,
	SpellingRow,
	Versions,
} from "./schema.js";
import { sleepers } from "./sleepers.js";

export { checkRows } from "./check.js";

export const builtinRows: Rows = {
	lockKinds,
	locks: [...locks, ...rustLocks],
	sectionKinds,
	sections: [...sections, ...rustSections],
	spans,
	sleepers: [...sleepers, ...rustSleepers],
	allocators: [...allocators, ...rustAllocators],
	predicates,
	values: [...values, ...rustValues],
	references,
	memory,
	settled,
	assertions: [...assertions, ...rustAssertions],
	noReturns,
	neutrals: [...neutrals, ...rustNeutrals],
	runContexts,
	entries,
	callbacks: [...callbacks, ...rustCallbacks],
	guards,
	gfp,
	reserves,
	maskFaults,
	cores,
	rustTypes,
	spellings,
	runtime,
	lockClasses,
};

/** Columns of `Primitive` and the table each is filled from. */
const PRIMITIVE_TABLES = {
	lock: "locks",
	section: "sections",
	sleep: "sleepers",
	alloc: "allocators",
	predicate: "predicates",
	value: "values",
	assertion: "assertions",
	noReturn: "noReturns",
	neutral: "neutrals",
} as const satisfies Partial<Record<keyof Primitive, keyof Rows>>;

type Version = readonly [number, number];

const isBefore = (a: Version, b: Version): boolean => a[0] < b[0] || (a[0] === b[0] && a[1] < b[1]);

/** Does a row with these bounds hold for this version? */
export function holdsFor(versions: Versions | undefined, version: Version): boolean {
	if (versions?.since && isBefore(version, versions.since)) return false;
	return !(versions?.until && isBefore(versions.until, version));
}

/** The model of one kernel version. Of two rows for one name the later one wins, so that project rows override. */
export function compileModel(rows: Rows, version: Version): Model {
	const current = <Row extends { readonly versions?: Versions }>(table: readonly Row[]): Row[] =>
		table.filter((row) => holdsFor(row.versions, version));
	const byName = <Row extends { readonly name: string; readonly versions?: Versions }>(table: readonly Row[]) =>
		new Map(current(table).map((row) => [row.name, row]));
	const callbackRows = current(rows.callbacks);
	return {
		version,
		lockKinds: new Map(current(rows.lockKinds).map((row) => [row.kind, row])),
		sectionKinds: new Map(current(rows.sectionKinds).map((row) => [row.kind, row])),
		primitives: compilePrimitives(rows, version),
		guards: byName<GuardRow>(rows.guards),
		runtime: byName<RuntimeRow>(rows.runtime),
		lockClasses: byName<LockClassRow>(rows.lockClasses),
		spans: byName<SpanRow>(rows.spans),
		references: byName<ReferenceRow>(rows.references),
		memory: byName<MemoryRow>(rows.memory),
		settled: byName<SettledRow>(rows.settled),
		runContexts: new Map(rows.runContexts.map((row) => [row.id, row])),
		entries: byName<EntryRow>(rows.entries),
		argCallbacks: grouped(callbackRows, (row) => (row.via === "arg" ? `${row.name}/${row.arg}` : undefined)),
		fieldCallbacks: grouped(callbackRows, (row) => (row.via === "field" ? `${row.struct}/${row.field}` : undefined)),
		definers: grouped(callbackRows, (row) => (row.via === "definer" ? row.name : undefined)),
		gfp: byName<GfpRow>(rows.gfp),
		reserves: current(rows.reserves),
		maskFaults: current(rows.maskFaults),
		cores: current(rows.cores),
		spellings: byName<SpellingRow>(rows.spellings),
		rustTypes: compileRustTypes(current(rows.rustTypes)),
	};
}

/** By the type, or function of a type, without its arguments. */
function compileRustTypes(rows: readonly RustTypeRow[]): Model["rustTypes"] {
	const found = new Map<string, { readonly pattern: string; readonly is: string }[]>();
	for (const { of, is } of rows) {
		const pattern = of.replace(/\*$|(::\w+)?\(\)$/, "");
		const key = of.replace(/<[^>]*>/, "");
		const list = found.get(key);
		if (list) list.push({ pattern, is });
		else found.set(key, [{ pattern, is }]);
	}
	return found;
}

function compilePrimitives(rows: Rows, version: Version): Map<string, Primitive> {
	const primitives = new Map<string, Primitive>();
	for (const [column, table] of Object.entries(PRIMITIVE_TABLES)) {
		for (const row of rows[table]) {
			if (!holdsFor(row.versions, version)) continue;
			primitives.set(row.name, { ...(primitives.get(row.name) ?? { name: row.name }), [column]: row });
		}
	}
	return primitives;
}

function grouped(
	rows: readonly CallbackRow[],
	keyOf: (row: CallbackRow) => string | undefined,
): Map<string, CallbackRow[]> {
	const groups = new Map<string, CallbackRow[]>();
	for (const row of rows) {
		const key = keyOf(row);
		if (key === undefined) continue;
		const group = groups.get(key);
		if (group) group.push(row);
		else groups.set(key, [row]);
	}
	return groups;
}

/** A project's rows before or over the built-in ones: its callbacks are tried first, its names win. */
export function mergeRows(base: Rows, project: Rows): Rows {
	return {
		lockKinds: [...base.lockKinds, ...project.lockKinds],
		locks: [...base.locks, ...project.locks],
		sectionKinds: [...base.sectionKinds, ...project.sectionKinds],
		sections: [...base.sections, ...project.sections],
		spans: [...base.spans, ...project.spans],
		sleepers: [...base.sleepers, ...project.sleepers],
		allocators: [...base.allocators, ...project.allocators],
		predicates: [...base.predicates, ...project.predicates],
		values: [...base.values, ...project.values],
		references: [...base.references, ...project.references],
		memory: [...base.memory, ...project.memory],
		settled: [...base.settled, ...project.settled],
		assertions: [...base.assertions, ...project.assertions],
		noReturns: [...base.noReturns, ...project.noReturns],
		neutrals: [...base.neutrals, ...project.neutrals],
		runContexts: [...base.runContexts, ...project.runContexts],
		entries: [...base.entries, ...project.entries],
		callbacks: [...project.callbacks, ...base.callbacks],
		guards: [...base.guards, ...project.guards],
		gfp: [...base.gfp, ...project.gfp],
		reserves: [...project.reserves, ...base.reserves],
		maskFaults: [...base.maskFaults, ...project.maskFaults],
		cores: [...base.cores, ...project.cores],
		rustTypes: [...project.rustTypes, ...base.rustTypes],
		spellings: [...base.spellings, ...project.spellings],
		runtime: [...base.runtime, ...project.runtime],
		lockClasses: [...base.lockClasses, ...project.lockClasses],
	};
}
