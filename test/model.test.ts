// The kernel model's tables agree with themselves: every reference has its row, every pair two ends, every
// fact a source. Whether a row is true of a kernel is for its source to say.

import assert from "node:assert/strict";
import { test } from "node:test";
import { compileModel, builtinRows as rows } from "@might-sleep/analyzer/model/compile";
import { gfpMask } from "@might-sleep/analyzer/model/gfp";
import type { ArgTest, IrqEffect, Rows } from "@might-sleep/analyzer/model/schema";

type Version = readonly [number, number];
const VERSIONS: readonly Version[] = [
	[5, 10],
	[6, 1],
	[6, 12],
	[7, 0],
];
const models = VERSIONS.map((version) => compileModel(rows, version));
const model = models[1]!;

test("every row names its source in the kernel tree", () => {
	for (const [table, list] of Object.entries(rows) as [keyof Rows, readonly { source: string }[]][]) {
		for (const row of list) {
			assert.match(row.source, /^[\w./,+-]+(\/|\.(c|h|rst|txt|rs))/, `${table}: ${JSON.stringify(row).slice(0, 120)}`);
		}
	}
});

test("a name stands once in a table for each kernel version", () => {
	for (const table of [
		"locks",
		"sections",
		"allocators",
		"predicates",
		"values",
		"assertions",
		"noReturns",
		"neutrals",
		"guards",
		"gfp",
	] as const) {
		for (const version of VERSIONS) {
			const seen = new Set<string>();
			for (const row of rows[table]) {
				if (!covers(row, version)) continue;
				assert.ok(!seen.has(row.name), `${table}: ${row.name} twice for ${version.join(".")}`);
				seen.add(row.name);
			}
		}
	}
});

test("what ends a lock begins it in turn", () => {
	for (const lock of rows.locks) {
		assert.ok(lock.pairs.length > 0, `${lock.name} has no partner`);
		for (const name of lock.pairs) {
			const partner = rows.locks.find((row) => row.name === name);
			assert.ok(partner !== undefined, `${lock.name}: its partner ${name} is no lock row`);
			assert.equal(partner.does === "release", lock.does !== "release", `${lock.name} and ${name} do the same`);
			assert.equal(partner.lock, lock.lock, `${lock.name} and ${name} are of different kinds`);
		}
	}
});

test("the plain partner undoes what a lock does to interrupts", () => {
	const undo: Readonly<Record<IrqEffect, IrqEffect>> = {
		none: "none",
		off: "on",
		on: "off",
		save: "restore",
		restore: "save",
		"bh-off": "bh-on",
		"bh-on": "bh-off",
	};
	for (const { lock } of model.primitives.values()) {
		if (lock === undefined) continue;
		const partner = model.primitives.get(lock.pairs[0]!)!.lock!;
		assert.equal(partner.irq, undo[lock.irq], `${lock.name} (${lock.irq}) and ${partner.name} (${partner.irq})`);
		const saves = lock.irq === "save" || lock.irq === "restore";
		assert.equal(lock.flagsArg !== undefined, saves, `${lock.name}: flagsArg`);
		assert.equal(lock.success !== undefined, lock.does === "try", `${lock.name}: success`);
		assert.equal(lock.global !== undefined, lock.arg < 0, `${lock.name}: global instead of an argument`);
	}
});

test("only sleeping locks sleep when they are taken", () => {
	for (const { lock } of model.primitives.values()) {
		if (lock?.sleeps !== true) continue;
		assert.equal(model.lockKinds.get(lock.lock)?.is, "sleeps", lock.name);
	}
	const plain = model.primitives.get("spin_lock")?.lock;
	assert.ok(plain !== undefined && !plain.sleeps);
	assert.ok(model.primitives.get("mutex_lock")?.lock?.sleeps);
	assert.ok(!model.primitives.get("mutex_trylock")?.lock?.sleeps);
});

test("sections begin and end", () => {
	const undo = { enter: "exit", exit: "enter", off: "on", on: "off", save: "restore", restore: "save" } as const;
	for (const section of rows.sections) {
		assert.ok(model.sectionKinds.has(section.section), `${section.name}: no kind ${section.section}`);
		for (const kind of section.also ?? []) assert.ok(model.sectionKinds.has(kind), `${section.name}: no kind ${kind}`);
		for (const name of section.pairs) {
			const partner = rows.sections.find((row) => row.name === name);
			assert.ok(partner !== undefined, `${section.name}: its partner ${name} is no section row`);
			assert.equal(partner.section, section.section, `${section.name} and ${name}`);
			assert.equal(partner.does, undo[section.does], `${section.name} and ${name}`);
		}
		if (section.does === "save" || section.does === "restore") {
			assert.ok(section.flagsArg !== undefined, `${section.name}: what keeps the saved state`);
		}
	}
});

test("every kind of lock and section that a row names exists", () => {
	for (const row of rows.locks) assert.ok(model.lockKinds.has(row.lock), `${row.name}: no kind ${row.lock}`);
	for (const kind of ["spinlock", "raw_spinlock", "mutex"] as const) assert.ok(model.lockKinds.has(kind));
	assert.equal(model.lockKinds.get("spinlock")?.onRt, "sleeps");
	assert.equal(model.lockKinds.get("raw_spinlock")?.onRt, "spins");
});

test("argument tests can be decided", () => {
	const check = (name: string, tests: readonly ArgTest[] | undefined): void => {
		for (const item of tests ?? []) {
			assert.ok(item.arg >= 0, `${name}: argument ${item.arg}`);
			const needsBits = item.is === "has-bits" || item.is === "lacks-bits";
			assert.equal(item.bits !== undefined, needsBits, `${name}: bits`);
			assert.equal(item.value !== undefined, item.is === "equals", `${name}: value`);
			if (item.bits !== undefined)
				assert.match(item.bits, /^\w+(\s*\|\s*\w+)*$/, `${name}: bits are names joined by |`);
		}
	};
	for (const row of rows.sleepers) check(row.name, row.when);
	for (const row of rows.callbacks) check(JSON.stringify(row), row.when);
});

test("callbacks run in contexts that exist, atomic ones by a reason", () => {
	for (const row of rows.callbacks) {
		assert.ok(row.runs === "caller" || model.runContexts.has(row.runs), `no context ${row.runs}`);
		if (row.via === "definer") assert.match(row.fn, /\{\d\}/, `${row.name}: fn has no {0}`);
	}
	for (const context of rows.runContexts) {
		assert.ok(
			context.onRt === undefined || model.runContexts.has(context.onRt),
			`${context.id}: no context ${context.onRt}`,
		);
		if (context.level === "hardirq" || context.level === "nmi") {
			assert.ok(context.irqsOff !== false, `${context.id}: interrupts are off in ${context.level}`);
		}
	}
	assert.equal(new Set(rows.runContexts.map((context) => context.id)).size, rows.runContexts.length);
});

test("a conditional callback row has another to fall back on, or is the exception", () => {
	for (const [key, group] of [...model.argCallbacks, ...model.fieldCallbacks]) {
		group.slice(0, -1).forEach((row, i) => {
			const isConditional = row.when !== undefined || row.whenField !== undefined;
			assert.ok(isConditional, `${key}: row ${i} always holds, so the rows after it never do`);
		});
	}
});

test("guards use primitives of the model", () => {
	for (const guard of model.guards.values()) {
		assert.ok(model.primitives.has(guard.enter), `${guard.name}: ${guard.enter} is no row`);
		assert.ok(model.primitives.has(guard.exit), `${guard.name}: ${guard.exit} is no row`);
	}
});

test("flags are made of flags, down to bits, without circles", () => {
	for (const { gfp } of models) {
		const bitsOf = (name: string): number => {
			const mask = gfpMask(name, (part) => gfp.get(part)?.is);
			assert.ok(mask !== undefined, `${name} cannot be taken apart: a part has no row, or holds itself`);
			return mask.bits;
		};
		for (const name of gfp.keys()) bitsOf(name);
		const reclaim = bitsOf("__GFP_DIRECT_RECLAIM");
		assert.notEqual(reclaim, 0);
		for (const name of ["GFP_KERNEL", "GFP_NOFS", "GFP_NOIO"]) assert.notEqual(bitsOf(name) & reclaim, 0, name);
		for (const name of ["GFP_ATOMIC", "GFP_NOWAIT"]) assert.equal(bitsOf(name) & reclaim, 0, name);
		assert.notEqual(bitsOf("GFP_ATOMIC") & bitsOf("__GFP_HIGH"), 0);
	}
});

test("allocators say where their mask is and how they fail", () => {
	for (const row of rows.allocators) {
		assert.ok(row.gfp >= -1, `${row.name}: gfp ${row.gfp}`);
		if (row.implicit !== undefined) assert.ok(model.gfp.has(row.implicit), `${row.name}: ${row.implicit} is no flag`);
		if (row.gfp < 0)
			assert.ok(row.implicit !== undefined || row.alwaysSleeps === true, `${row.name}: no mask and no implicit one`);
	}
	assert.equal(model.primitives.get("kmalloc")?.alloc?.gfp, 1);
});

test("version bounds select rows", () => {
	const at = (version: Version) => compileModel(rows, version).gfp.get("GFP_ATOMIC")?.is;
	assert.notEqual(at([6, 1]), undefined);
	const bounded = [...rows.gfp, ...rows.locks, ...rows.callbacks].filter((row) => row.versions !== undefined);
	assert.ok(bounded.length > 0, "no row depends on the version");
	for (const { versions } of bounded) {
		if (versions?.since === undefined || versions.until === undefined) continue;
		assert.ok(compare(versions.since, versions.until) <= 0, JSON.stringify(versions));
	}
});

function covers(row: { readonly versions?: { since?: Version; until?: Version } }, version: Version): boolean {
	const { since, until } = row.versions ?? {};
	return (since === undefined || compare(since, version) <= 0) && (until === undefined || compare(version, until) <= 0);
}

function compare(a: Version, b: Version): number {
	return a[0] - b[0] || a[1] - b[1];
}
