// What the front end makes of a file: well formed, and printed as the snapshot beside the fixture. The
// miniature kernel and the rules' fixtures, written for other tests, must be well formed too.

import assert from "node:assert/strict";
import { test } from "node:test";
import { verifyUnit } from "@might-sleep/analyzer/ir/verify";
import { checkIr, lower } from "./harness/check.js";
import { fixturePaths, loadFixture, loadMinikernel } from "./harness/load.js";

test("ir", async (t) => {
	for (const path of fixturePaths("ir", ".c")) {
		await t.test(path, () => checkIr(loadFixture("ir", path), "ir", path));
	}
});

test("all other fixtures are read whole and well formed", () => {
	const fixtures = ["rules", "summaries", "hover"].flatMap((folder) => {
		return fixturePaths(folder, ".c").map((path) => loadFixture(folder, path));
	});
	for (const fixture of [...fixtures, loadMinikernel()]) {
		for (const file of fixture.files) {
			const unit = lower(file);
			assert.deepEqual(verifyUnit(unit), [], `${fixture.name}: ${file.path}`);
			const unread = [...unit.unparsed];
			assert.deepEqual(
				unread,
				[],
				`${fixture.name}: ${file.path} is not read whole: ${unread.map((at) => file.text.slice(at, at + 20))}`,
			);
		}
	}
});

test("lowering the same bytes twice gives the same unit", () => {
	for (const file of loadMinikernel().files) assert.deepEqual(lower(file), lower(file), file.path);
});
