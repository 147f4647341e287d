// What an edit means to the whole tree, found out in steps: the findings are those of a cold run on the edited
// texts, byte for byte; also when edits come in between, and when they are taken back.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Analysis, builtinRows, createAnalysis, type Finding, type Unit } from "@might-sleep/analyzer";
import { lower } from "./harness/check.js";
import { generator } from "./harness/random.js";
import { driverPath, headerPath, syntheticTree } from "./harness/syntheticTree.js";

const OPTIONS = { rows: builtinRows, profile: "default", version: [6, 1] } as const;
/** Large enough for edits to be redone by themselves. */
const texts: Record<string, string> = {
	...syntheticTree({ seed: 5, drivers: 330, functions: 11 }),
	"include/linux/unused.h": "#define PATIENCE 1\n",
	"drivers/port/state.rs":
		"use kernel::sync::{Mutex, SpinLock};\npub struct State {\n\tpub inner: SpinLock<u32>,\n\tpub config: Mutex<u32>,\n}\n",
	"drivers/port/user.rs":
		"use crate::state::State;\nfn settle(state: &State) {\n\tlet guard = state.inner.lock();\n\twait(state);\n}\n" +
		"fn wait(state: &State) {\n\tlet config = state.config.lock();\n}\n",
	"drivers/parts/pool.c": "static void pool_wait(struct node *n)\n{\n\tmsleep(1);\n}\n",
	"drivers/parts/queue.c":
		"void queue_add(struct node *n)\n{\n\tspin_lock(&n->lock);\n\tpool_wait(n);\n\tspin_unlock(&n->lock);\n}\n",
	"drivers/parts/all.c": "int parts;\n",
};
const sources = Object.keys(texts).filter((path) => /\.([ch]|rs)$/.test(path));
const units = new Map<string, Unit>(sources.map((path) => [path, unitOf(path, texts[path]!)]));

function unitOf(path: string, text: string): Unit {
	return lower({ path, text, config: new Map() });
}

/** The findings of a cold run, with some texts replaced; null removes a file. */
function cold(changes: Readonly<Record<string, string | null>>): string {
	const analysis = createAnalysis(OPTIONS);
	for (const [path, unit] of units) if (!(path in changes)) analysis.setUnit(path, unit);
	apply(analysis, changes);
	return JSON.stringify(analysis.snapshot().findings);
}

function apply(analysis: Analysis, changes: Readonly<Record<string, string | null>>): void {
	for (const [path, text] of Object.entries(changes)) {
		if (text === null) analysis.removeUnit(path);
		else analysis.setUnit(path, unitOf(path, text));
	}
}

function warm(): Analysis {
	const analysis = createAnalysis(OPTIONS);
	for (const [path, unit] of units) analysis.setUnit(path, unit);
	analysis.snapshot();
	return analysis;
}

const headers = [0, 1, 2, 3, 4, 5].map(headerPath);
const pause = headers.find((path) => /msleep\(10\)/.test(texts[path]!))!;
const quiet = headers.find((path) => !/msleep\(10\)/.test(texts[path]!))!;
const EDITS: Readonly<Record<string, Readonly<Record<string, string | null>>>> = {
	"a region becomes a section that may sleep": {
		[driverPath(70)]: texts[driverPath(70)]!.replaceAll(/spin_(lock|unlock)\(&n->lock\)/g, "mutex_$1(&n->guard)"),
	},
	"an inline function of a header begins to sleep": {
		[quiet]: texts[quiet]!.replace(/(_pause\(struct node \*n\)\n\{\n)\t.*/, "$1\tmsleep(77);"),
	},
	"an inline function of a header stops to sleep": {
		[pause]: texts[pause]!.replace(/(_pause\(struct node \*n\)\n\{\n)\t.*/, "$1\tn->state--;"),
	},
	"a lock's wrapper takes it no more": {
		[headerPath(1)]: texts[headerPath(1)]!.replace("\tspin_lock(&n->lock);\n", ""),
	},
	"a function goes": { "lib/core2.c": texts["lib/core2.c"]!.replace("int core2_run", "int core2_walk") },
	"a function comes that has the name of another": {
		[driverPath(3)]: `static void part3_pause(struct node *n)\n{\n\tmsleep(5);\n}\n${texts[driverPath(3)]}`,
	},
	"a constant changes that decides": {
		"include/linux/node.h": `#define GFP_KERNEL 0\n${texts["include/linux/node.h"]}`,
	},
	"a constant is used that nobody used": {
		[driverPath(6)]:
			`${texts[driverPath(6)]}\nint late6(struct node *n)\n{\n\tspin_lock(&n->lock);\n\tif (PATIENCE)\n\t\tmsleep(9);\n\treturn 0;\n}\n`,
	},
	"a member becomes another": {
		"include/linux/node.h": texts["include/linux/node.h"]!.replace("struct mutex guard", "spinlock_t guard"),
		[driverPath(5)]:
			`${texts[driverPath(5)]}\nint more5(struct node *n)\n{\n\tspin_lock(&n->guard);\n\tmsleep(9);\n\treturn 0;\n}\n`,
	},
	"a callback goes and a file, too": {
		[driverPath(9)]: texts[driverPath(9)]!.replace(/\trequest_irq.*\n/, ""),
		[driverPath(10)]: null,
	},
	"a queue is frozen around what another file allocates": {
		"drivers/resize.c":
			"int resize(struct node *n)\n{\n\tblk_mq_freeze_queue(n);\n\tfill_tags(n);\n\tblk_mq_unfreeze_queue(n);\n\treturn 0;\n}\n",
		"lib/tags.c": "void *fill_tags(struct node *n)\n{\n\treturn kmalloc(8, GFP_KERNEL);\n}\n",
	},
	"a field of Rust becomes another": {
		"drivers/port/state.rs": texts["drivers/port/state.rs"]!.replace("inner: SpinLock", "inner: Mutex"),
	},
	"a function of Rust that others call does something else": {
		"drivers/port/user.rs": texts["drivers/port/user.rs"]!.replace("state.config.lock()", "state.config.try_lock()"),
	},
	"a file includes the sources of two others": {
		"drivers/parts/all.c": '#include "pool.c"\n#include "queue.c"\nint parts;\n',
	},
	"a file comes": {
		"drivers/new.c": "int fresh(struct node *n)\n{\n\tspin_lock(&n->lock);\n\treturn core2_run(n);\n}\n",
	},
};

/** The changes that take these back. */
function undone(changes: Readonly<Record<string, string | null>>): Record<string, string | null> {
	return Object.fromEntries(Object.keys(changes).map((path) => [path, texts[path] ?? null]));
}

const reference = cold({});
const analysis = warm();

for (const [what, changes] of Object.entries(EDITS)) {
	test(`${what}: as in a cold run, and as before when it is undone`, () => {
		apply(analysis, changes);
		analysis.snapshot();
		assert.equal(analysis.isComplete, false);
		const expected = cold(changes);
		assert.ok(expected !== reference, "the edit changes something");
		assert.ok(JSON.stringify(analysis.refresh().findings) === expected, "after the edit");
		assert.equal(analysis.isComplete, true);
		apply(analysis, undone(changes));
		analysis.snapshot();
		assert.ok(JSON.stringify(analysis.refresh().findings) === reference, "after the undo");
	});
}

/** Edits that change nothing but places. */
const MOVES: Readonly<Record<string, (text: string) => string>> = {
	"lines move": (text) => `\n\n/* three lines more */\n${text}`,
	"a comment comes into a function": (text) => text.replace("\treturn", "\t/* and\n\t * back */\n\treturn"),
	"a line is indented": (text) => text.replace("\n\t", "\n\t\t"),
};

for (const [what, edit] of Object.entries(MOVES)) {
	test(`${what}: nothing is solved, and all is as in a cold run`, () => {
		for (const path of ["lib/core1.c", headerPath(2), driverPath(40)]) {
			const changes = { [path]: edit(texts[path]!) };
			const { moved: _, ...counts } = analysis.editCounts;
			apply(analysis, changes);
			const expected = JSON.parse(cold(changes)) as Finding[];
			const inFile = (all: readonly Finding[]) => JSON.stringify(all.filter(({ file }) => file === path));
			assert.equal(inFile(analysis.snapshot().findings), inFile(expected), "at once, in the file");
			assert.equal(JSON.stringify(analysis.refresh().findings), JSON.stringify(expected), "in all files");
			// also after something that changes more, and is taken back before it is known what
			apply(analysis, { [path]: texts[path]!.replaceAll(/spin_(un)?lock\(/g, "mutex_$1lock(") });
			analysis.snapshot();
			apply(analysis, undone(changes));
			analysis.snapshot();
			assert.ok(JSON.stringify(analysis.refresh().findings) === reference, `after the undo in ${path}`);
			const { moved: __, ...since } = analysis.editCounts;
			assert.deepEqual(since, counts);
		}
	});
}

/** Edits of bodies that call the same as before: contexts stay. */
const BODIES: Readonly<Record<string, (text: string) => string>> = {
	"a value changes": (text) => text.replace("udelay(1)", "udelay(7)"),
	"a variable comes": (text) => text.replace("\n{\n", "\n{\n\tint more = 3;\n"),
	"a message is written": (text) => text.replace("\n{\n", '\n{\n\tpr_info("here");\n'),
};

for (const [what, edit] of Object.entries(BODIES)) {
	test(`${what}: contexts stay, and all is as in a cold run`, () => {
		for (const path of [headerPath(3), headerPath(4)]) {
			const changes = { [path]: edit(texts[path]!) };
			for (const [now, expected] of [
				[changes, cold(changes)],
				[undone(changes), reference],
			] as const) {
				const { moved: _, ...counts } = analysis.editCounts;
				apply(analysis, now);
				analysis.snapshot();
				// given up half way, and taken up again
				const steps = analysis.refreshSteps();
				for (let left = 40; left > 0; left--) steps.next();
				apply(analysis, now);
				analysis.snapshot();
				assert.ok(JSON.stringify(analysis.refresh().findings) === expected, path);
				const { moved: __, ...since } = analysis.editCounts;
				assert.deepEqual(since, { ...counts, bodies: counts.bodies + 1 });
			}
		}
	});
}

const CALLER = "drivers/caller.c";
const callerText = (body: string) =>
	`int held_call(struct node *n)\n{\n\tspin_lock(&n->lock);\n\t${body}\n\tspin_unlock(&n->lock);\n\treturn 0;\n}\n`;

test("a call into another file, under a lock, is reported at once, and no more when it goes", () => {
	const found = () =>
		analysis.snapshot().findings.filter(({ file, rule }) => file === CALLER && rule.includes("atomic"));
	apply(analysis, { [CALLER]: callerText("n->state++;") });
	assert.equal(found().length, 0);
	for (let round = 0; round < 2; round++) {
		apply(analysis, { [CALLER]: callerText("core2_run(n);") });
		assert.equal(found().length, 1);
		const [{ enter, sleep }] = found() as [Finding];
		assert.deepEqual(
			[...enter, ...sleep].filter(({ file }) => file === CALLER).map(({ line }) => line),
			[3, 4],
		);
		apply(analysis, { [CALLER]: callerText("n->state--;") });
		assert.equal(found().length, 0);
	}
	apply(analysis, { [CALLER]: null });
	assert.ok(JSON.stringify(analysis.refresh().findings) === reference);
});

test("what an edited function hands on is found at once by its calls as they are now, in functions that stay as they were too", () => {
	const driver = (before: string) =>
		`static void calm(struct node *n)\n{\n\tmsleep(3);\n}\n` +
		`static irqreturn_t caller_irq(int irq, void *data)\n{\n${before}\tcore2_run(data);\n\tcalm(data);\n\teach_of(data, calm);\n\treturn IRQ_HANDLED;\n}\n` +
		`int caller_probe(struct node *n)\n{\n\treturn request_irq(n->irq, caller_irq, 0, "caller", n);\n}\n`;
	const each =
		"void each_of(struct node *n, void (*visit)(struct node *))\n{\n\tspin_lock(&n->lock);\n\tvisit(n);\n\tspin_unlock(&n->lock);\n}\n";
	const held = createAnalysis(OPTIONS);
	for (const [path, unit] of units) held.setUnit(path, unit);
	apply(held, { [CALLER]: driver(""), "lib/each.c": each });
	held.refresh();
	// where the callback is registered is known anew with the whole
	const stepsOf = ({ enter, sleep }: Finding) => [...enter, ...sleep].filter(({ note }) => !note.includes("becomes"));
	const here = () =>
		JSON.stringify(
			held
				.snapshot()
				.findings.filter(({ file }) => file === CALLER)
				.map((one) => [one.rule, one.line, one.message, one.confidence, stepsOf(one)]),
		);
	for (const before of ["\tnote_it(data);\n", "\tnote_it(data);\n\tnote_it(data);\n", "", "\tmsleep(1);\n"]) {
		apply(held, { [CALLER]: driver(before) });
		const now = here();
		assert.ok(now.includes("core2_run") && now.includes("calm()"), now);
		held.refresh();
		assert.equal(now, here(), before);
	}
});

test("a path of reclaim goes on through an edited function to what other files call back", () => {
	const callback = (before: string, called: string) =>
		`static int tide_writepages(struct address_space *mapping, struct writeback_control *wbc)\n{\n${before}\treturn ${called}(mapping);\n}\n` +
		"static const struct address_space_operations tide_aops = { .writepages = tide_writepages };\n" +
		"void *tide_room(void)\n{\n\treturn kmalloc(64, GFP_KERNEL);\n}\n";
	const tree = {
		"fs/tide.c": callback("", "tide_push"),
		"lib/push.c": "int tide_push(struct address_space *mapping)\n{\n\treturn tide_room() != NULL;\n}\n",
	};
	const held = createAnalysis(OPTIONS);
	for (const [path, unit] of units) held.setUnit(path, unit);
	apply(held, tree);
	const here = () =>
		held.snapshot().findings.filter(({ file, rule }) => file in tree && rule === "gfp-reclaim-recursion");
	// where the callback is registered is known anew with the whole
	const stepsOf = ({ enter, sleep }: Finding) => [...enter, ...sleep].filter(({ note }) => !note.includes("becomes"));
	const lines = () => here().map((one) => stepsOf(one).map((step) => `${step.file}:${step.line}`));
	const [before] = lines();
	assert.ok(before?.includes("lib/push.c:3"));
	for (const added of ["", "\tif (wbc->busy)\n\t\treturn 0;\n"]) {
		apply(held, { "fs/tide.c": callback(`\ttide_note(1);\n${added}`, "tide_push") });
		const [now] = lines();
		held.refresh();
		assert.deepEqual(now, lines()[0]);
	}
	// The allocation may be in a file that is not edited.
	const paste = "int tide_paste(struct address_space *mapping)\n{\n\tkfree(kmalloc(8, GFP_KERNEL));\n\treturn 0;\n}\n";
	apply(held, { "lib/paste.c": paste });
	for (const before of ["", "\ttide_note(2);\n", ""]) {
		apply(held, { "fs/tide.c": callback(before, "tide_paste") });
		const [now] = lines();
		assert.ok(now?.includes("lib/paste.c:3"), before);
		held.refresh();
		assert.deepEqual(now, lines()[0]);
	}
	apply(held, { "fs/tide.c": callback("", "tide_pull") });
	assert.deepEqual(here(), []);
});

test("a file that is edited without effect keeps its findings at once, chains through other files too", () => {
	const inFile = (all: readonly Finding[], path: string) => JSON.stringify(all.filter(({ file }) => file === path));
	const before = analysis.snapshot().findings;
	const leavesFile = ({ file, enter, sleep }: Finding) => [...enter, ...sleep].some((step) => step.file !== file);
	const paths = new Set(before.filter(leavesFile).map(({ file }) => file));
	assert.ok(paths.size > 50, `${paths.size} files have findings that others have a part in`);
	const random = generator(21);
	for (const path of [...paths].filter((one) => one.endsWith(".c") && random() < 0.25)) {
		for (const text of [`${texts[path]}\n/* no effect */\n`, texts[path]!]) {
			apply(analysis, { [path]: text });
			assert.equal(inFile(analysis.snapshot().findings, path), inFile(before, path), path);
		}
	}
	assert.ok(JSON.stringify(analysis.refresh().findings) === reference);
});

test("edits that come while steps are taken change nothing in the end", () => {
	const random = generator(8);
	const all = Object.values(EDITS);
	let now: Record<string, string | null> = {};
	for (let round = 0; round < 14; round++) {
		const changes = all[Math.floor(random() * all.length)]!;
		const next = random() < 0.4 ? undone(changes) : changes;
		now = { ...now, ...next };
		apply(analysis, next);
		analysis.snapshot();
		const steps = analysis.refreshSteps();
		for (let left = Math.floor(300 * random()); left > 0 && steps.next().done !== true; left--);
	}
	const left = Object.fromEntries(Object.entries(now).filter(([path, text]) => text !== null || path in texts));
	assert.ok(JSON.stringify(analysis.refresh().findings) === cold(left), "after all edits");
	apply(analysis, undone(now));
	analysis.snapshot();
	assert.ok(JSON.stringify(analysis.refresh().findings) === reference, "after all undos");
});

test("a file goes whose function held the lock around what another file does", () => {
	const holder = "void hold(struct node *n)\n{\n\tspin_lock(&n->lock);\n\tpass(n);\n\tspin_unlock(&n->lock);\n}\n";
	const tree = {
		"drivers/holder.c": holder,
		"lib/pass.c": "void pass(struct node *n)\n{\n\twork(n);\n}\n",
		"lib/work.c": "void work(struct node *n)\n{\n\tmsleep(5);\n}\n",
	};
	const held = createAnalysis(OPTIONS);
	for (const [path, unit] of units) held.setUnit(path, unit);
	apply(held, tree);
	const here = () => held.snapshot().findings.filter(({ file }) => file in tree);
	assert.deepEqual(
		here().map(({ file }) => file),
		["drivers/holder.c"],
	);
	apply(held, { "drivers/holder.c": null });
	assert.deepEqual(here(), []);
	// what nobody holds any more is asked of the edited file before all is known anew
	apply(held, { "lib/work.c": `${tree["lib/work.c"]}\n` });
	assert.deepEqual(here(), []);
	apply(held, { "drivers/holder.c": holder.replace("hold", "keep") });
	held.snapshot();
	apply(held, { "lib/pass.c": `${tree["lib/pass.c"]}\n` });
	held.snapshot();
	held.refresh();
	assert.deepEqual(
		here().map((finding) => finding.function),
		["keep"],
	);
});
