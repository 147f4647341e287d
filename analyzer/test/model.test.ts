// The tables of the kernel model: every row has the schema's shape, names are unique for each kernel version,
// what rows refer to exists, conditional rows have an end; and GFP masks evaluate as the headers compose them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { builtinRows, checkRows, compileModel, holdsFor, mergeRows } from "../src/model/compile.js";
import {
	blocks,
	COMMON_NAMES,
	gfpBits,
	gfpMask,
	mayFs,
	mayIo,
	type Resolve,
	usesReserve,
	withFallback,
} from "../src/model/gfp.js";
import { kswapdThread } from "../src/model/kswapd.js";
import type { CallbackRow, Rows, Versions } from "../src/model/schema.js";

/** Versions that rows of the tables begin or end with, and what is around them. */
const VERSIONS = [5, 6, 7].flatMap((major) => Array.from({ length: 20 }, (_, minor) => [major, minor] as const));

const overlap = (a: { versions?: Versions }, b: { versions?: Versions }): boolean =>
	VERSIONS.some((version) => holdsFor(a.versions, version) && holdsFor(b.versions, version));

const NAMED_TABLES = [
	"locks",
	"sections",
	"sleepers",
	"allocators",
	"predicates",
	"values",
	"assertions",
	"noReturns",
	"neutrals",
	"guards",
	"gfp",
] as const satisfies readonly (keyof Rows)[];

test("every built-in row has the schema's shape", () => {
	const checked = checkRows(JSON.parse(JSON.stringify(builtinRows)));
	assert.deepEqual(checked.ok ? [] : [checked.error], []);
});

test("no name has two rows in one table for one kernel version", () => {
	const problems: string[] = [];
	for (const table of NAMED_TABLES) {
		const seen = new Map<string, { versions?: Versions }[]>();
		for (const row of builtinRows[table]) {
			const others = seen.get(row.name) ?? [];
			if (others.some((other) => overlap(other, row))) problems.push(`${table}: ${row.name}`);
			seen.set(row.name, [...others, row]);
		}
	}
	assert.deepEqual(problems, []);
});

const callbackKey = (row: CallbackRow): string =>
	row.via === "field"
		? `${row.struct}.${row.field}`
		: row.via === "arg"
			? `${row.name}/${row.arg}`
			: `${row.name} ${row.fn}`;

test("of several rows for one callback only the last is unconditional", () => {
	const problems: string[] = [];
	const seen = new Map<string, CallbackRow[]>();
	for (const row of builtinRows.callbacks) {
		const key = `${row.via} ${callbackKey(row)}`;
		const others = seen.get(key) ?? [];
		const hidden = others.some((other) => !other.when && !other.whenField && overlap(other, row));
		if (hidden) problems.push(key);
		seen.set(key, [...others, row]);
	}
	assert.deepEqual(problems, []);
});

test("a function that is neutral is nothing else", () => {
	const neutral = new Set(builtinRows.neutrals.map((row) => row.name));
	for (const table of NAMED_TABLES) {
		if (table === "neutrals" || table === "guards" || table === "gfp") continue;
		assert.deepEqual(
			builtinRows[table].map((row) => row.name).filter((name) => neutral.has(name)),
			[],
			table,
		);
	}
});

test("partners exist and name each other", () => {
	for (const table of [builtinRows.locks, builtinRows.sections]) {
		const rows = new Map(table.map((row) => [row.name, row]));
		for (const row of table) {
			assert.notEqual(row.pairs.length, 0, `${row.name} has no partner`);
			for (const name of row.pairs) {
				const partner = rows.get(name);
				assert.ok(partner, `${row.name}: ${name} has no row`);
				assert.ok(partner.pairs.includes(row.name), `${name} does not name ${row.name}`);
			}
		}
	}
});

test("guards begin and end with rows", () => {
	const names = new Set([...builtinRows.locks, ...builtinRows.sections].map((row) => row.name));
	for (const guard of builtinRows.guards) {
		assert.ok(names.has(guard.enter), `${guard.name}: ${guard.enter}`);
		assert.ok(names.has(guard.exit), `${guard.name}: ${guard.exit}`);
	}
});

test("contexts that rows name exist, and each is used", () => {
	const ids = new Set(builtinRows.runContexts.map((row) => row.id));
	assert.equal(ids.size, builtinRows.runContexts.length);
	const used = new Set<string>();
	for (const row of [...builtinRows.callbacks, ...builtinRows.entries]) used.add(row.runs);
	for (const row of builtinRows.assertions) if (row.runs) used.add(row.runs);
	for (const row of builtinRows.runContexts) if (row.onRt) used.add(row.onRt);
	used.add(kswapdThread.runs);
	used.delete("caller");
	assert.deepEqual([...used].sort(), [...ids].sort());
});

test("every kind of lock and section in use has a row", () => {
	const locks = new Set(builtinRows.lockKinds.map((row) => row.kind));
	for (const row of builtinRows.locks) assert.ok(locks.has(row.lock), row.name);
	const sections = new Set(builtinRows.sectionKinds.map((row) => row.kind));
	for (const row of builtinRows.sections)
		for (const kind of [row.section, ...(row.also ?? [])]) assert.ok(sections.has(kind), row.name);
});

test("rows of a project are checked with the place of the first mistake", () => {
	const errorOf = (json: unknown): string => {
		const checked = checkRows(json);
		return checked.ok ? "" : checked.error;
	};
	const sleeper = { name: "my_wait", how: "waits", source: "drivers/my.c" };
	assert.equal(errorOf({ sleepers: [sleeper] }), "");
	assert.equal(errorOf([]), "rows: must be an object of tables");
	assert.equal(errorOf(null), "rows: must be an object of tables");
	assert.equal(errorOf({ sleeper: [] }), "sleeper: there is no such table");
	assert.equal(errorOf({ sleepers: {} }), "sleepers: must be a list");
	assert.equal(
		errorOf({ sleepers: [{ ...sleeper, how: "naps" }] }),
		"sleepers[0].how: must be one of waits, checks, faults, grace-period",
	);
	assert.equal(errorOf({ sleepers: [sleeper, { name: "x", how: "waits" }] }), "sleepers[1].source: is missing");
	assert.equal(errorOf({ sleepers: [{ ...sleeper, color: 1 }] }), "sleepers[0].color: there is no such column");
	assert.equal(errorOf({ callbacks: [{ via: "smoke" }] }), "callbacks[0].via: must be one of arg, field, definer");
	assert.equal(
		errorOf({ sleepers: [{ ...sleeper, versions: { since: [6] } }] }),
		"sleepers[0].versions.since: must have 2 entries",
	);
});

test("a project's rows win over the built-in ones", () => {
	const checked = checkRows({
		sleepers: [{ name: "msleep", how: "checks", source: "mine" }],
		callbacks: [{ via: "field", struct: "file_operations", field: "read", runs: "atomic", source: "mine" }],
	});
	assert.ok(checked.ok);
	const model = compileModel(mergeRows(builtinRows, checked.value), [6, 1]);
	assert.equal(model.primitives.get("msleep")?.sleep?.source, "mine");
	assert.deepEqual(
		model.fieldCallbacks.get("file_operations/read")?.map((row) => row.runs),
		["atomic", "process"],
	);
});

test("one name may be several things", () => {
	const { primitives } = compileModel(builtinRows, [6, 1]);
	const mightSleep = primitives.get("might_sleep");
	assert.equal(mightSleep?.sleep?.how, "checks");
	assert.equal(mightSleep?.assertion?.asserts, "may-sleep");
});

test("version bounds include both ends", () => {
	const versions: Versions = { since: [6, 1], until: [6, 5] };
	const holds = (major: number, minor: number): boolean => holdsFor(versions, [major, minor]);
	assert.deepEqual(
		[holds(6, 0), holds(6, 1), holds(6, 5), holds(6, 6), holds(7, 0), holds(5, 19)],
		[false, true, true, false, false, false],
	);
});

const fallback = (version: readonly [number, number]): Resolve =>
	withFallback(() => undefined, compileModel(builtinRows, version).gfp);

test("masks of the built-in table have the bits of the headers", () => {
	const bitsOf = (version: readonly [number, number], text: string): number | undefined =>
		gfpMask(text, fallback(version))?.bits;
	assert.equal(bitsOf([6, 1], "GFP_KERNEL"), 0xcc0);
	assert.equal(bitsOf([6, 1], "GFP_ATOMIC"), 0xa20);
	assert.equal(bitsOf([6, 12], "GFP_ATOMIC"), 0x820);
	assert.equal(bitsOf([6, 1], "GFP_NOWAIT"), 0x800);
	assert.equal(bitsOf([6, 12], "GFP_NOWAIT"), 0x2800);
	assert.equal(bitsOf([7, 0], "GFP_NOFS | __GFP_ZERO"), 0xd40);
	assert.equal(bitsOf([6, 1], "GFP_KERNEL & ~__GFP_DIRECT_RECLAIM"), 0x8c0);
	assert.equal(bitsOf([6, 1], "GFP_KERNEL & ~(__GFP_IO | __GFP_FS)"), 0xc00);
	assert.equal(bitsOf([6, 1], "my_flags | GFP_KERNEL"), undefined);
	assert.equal(bitsOf([6, 1], "GFP_KERNEL |"), undefined);
	assert.equal(bitsOf([6, 1], ""), undefined);
});

test("the tree's own header comes first, in the spellings headers use", () => {
	const header: Readonly<Record<string, string | number>> = {
		___GFP_IO: "0x40u",
		___GFP_LAST_BIT: 4,
		__GFP_IO: "((__force gfp_t)___GFP_IO)",
		___GFP_DIRECT_RECLAIM: "BIT(___GFP_LAST_BIT)",
		__GFP_DIRECT_RECLAIM: "((__force gfp_t)___GFP_DIRECT_RECLAIM) ",
		__GFP_SHIFTED: "(1 << 3)",
		LOOP: "LOOP | 1",
	};
	const resolve = withFallback((name) => header[name], compileModel(builtinRows, [6, 1]).gfp);
	assert.equal(gfpMask("__GFP_IO | __GFP_DIRECT_RECLAIM", resolve)?.bits, 0x50);
	assert.deepEqual(gfpMask("__GFP_IO | __GFP_DIRECT_RECLAIM", resolve)?.names, ["__GFP_IO", "__GFP_DIRECT_RECLAIM"]);
	assert.equal(gfpMask("__GFP_SHIFTED", resolve)?.bits, 8);
	assert.equal(gfpMask("LOOP", resolve), undefined);
});

test("questions about a mask", () => {
	const resolve = fallback([6, 1]);
	const of = gfpBits(resolve);
	const answers = COMMON_NAMES.map((name) => {
		const bits = gfpMask(name, resolve)!.bits;
		return [name, blocks(bits, of), mayIo(bits, of), mayFs(bits, of), usesReserve(bits, of)];
	});
	assert.deepEqual(answers, [
		["GFP_KERNEL", true, true, true, false],
		["GFP_NOFS", true, true, false, false],
		["GFP_NOIO", true, false, false, false],
		["GFP_NOWAIT", false, false, false, false],
		["GFP_ATOMIC", false, false, false, true],
	]);
});
