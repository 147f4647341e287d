// The walk of bad trees: everything odd is said once and skipped.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { walkTree } from "../src/host/walk.js";
import { tempFolder } from "./tempFolder.js";

const paths = (root: string, followLinks = true) => walkTree(root, { followLinks }).files.map((file) => file.path);

test("C files, headers and Rust, and no others", (t) => {
	const root = tempFolder(t, {
		"b.c": "",
		"a/x.h": "",
		"a/x.S": "",
		"a/x.mod.c": "",
		".git/objects/y.c": "",
		"node_modules/z/z.c": "",
		"a/rust.rs": "",
	});
	assert.deepEqual(paths(root), ["a/rust.rs", "a/x.h", "b.c"]);
});

test("links that loop are said once; links inside the tree are not read twice", (t) => {
	const root = tempFolder(t, { "a/x.c": "" });
	symlinkSync(".", join(root, "here"));
	symlinkSync("..", join(root, "a/up"));
	symlinkSync("self", join(root, "self"));
	symlinkSync("a", join(root, "again"));
	symlinkSync("nowhere", join(root, "gone.c"));
	symlinkSync("a/x.c", join(root, "y.c"));
	const { files, problems } = walkTree(root, { followLinks: true });
	assert.deepEqual(
		files.map((file) => file.path),
		["a/x.c"],
	);
	assert.deepEqual(problems.map((problem) => problem.path).sort(), ["a/up", "here", "self"]);
});

test("links that leave the tree are followed only when allowed", (t) => {
	const outside = tempFolder(t, { "far.c": "", "sub/deep.c": "" });
	const root = tempFolder(t, { "near.c": "" });
	symlinkSync(outside, join(root, "out"));
	symlinkSync(join(outside, "far.c"), join(root, "one.c"));
	assert.deepEqual(paths(root), ["near.c", "one.c", "out/far.c", "out/sub/deep.c"]);
	assert.deepEqual(paths(root, false), ["near.c"]);
});

test("a named pipe with a source's name is no source", (t) => {
	const root = tempFolder(t, { "a.c": "" });
	execFileSync("mkfifo", [join(root, "pipe.c")]);
	assert.deepEqual(paths(root), ["a.c"]);
});

test("userland code of a kernel tree is counted, not read", (t) => {
	const root = tempFolder(t, {
		Kbuild: "",
		Kconfig: "",
		MAINTAINERS: "",
		"kernel/fork.c": "",
		"tools/perf/a.c": "",
		"tools/perf/b.h": "",
		"scripts/mod/c.c": "",
	});
	const found = walkTree(root, { followLinks: true });
	assert.deepEqual(
		found.files.map((file) => file.path),
		["kernel/fork.c"],
	);
	assert.deepEqual(Object.fromEntries(found.excluded), { scripts: 1, tools: 2 });
});

test("the output folder of a build is skipped", (t) => {
	const root = tempFolder(t, { "a.c": "", "build/.config": "", "build/gen.c": "" });
	symlinkSync("..", join(root, "build/source"));
	assert.deepEqual(paths(root), ["a.c"]);
});

test("a folder that is not there is said", (t) => {
	const root = join(tempFolder(t), "missing");
	const { files, problems } = walkTree(root, { followLinks: true });
	assert.equal(files.length, 0);
	assert.match(problems[0]!.text, /ENOENT/);
	mkdirSync(root);
	assert.equal(walkTree(root, { followLinks: true }).problems.length, 0);
});
