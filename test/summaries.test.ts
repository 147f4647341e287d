// What is known of whole functions (snapshots) and of places in them (hovers).

import { test } from "node:test";
import { checkHover, checkSummary } from "./harness/check.js";
import { fixturePaths, loadFixture } from "./harness/load.js";

test("summaries", async (t) => {
	for (const path of fixturePaths("summaries", ".c")) {
		await t.test(path, () => checkSummary(loadFixture("summaries", path), "summaries", path));
	}
});

test("hovers", async (t) => {
	for (const path of [...fixturePaths("hover", ".c"), ...fixturePaths("hover", ".rs")]) {
		await t.test(path, () => checkHover(loadFixture("hover", path)));
	}
});
