// Every rule's fixtures: what must be found is found, what must not be is not, fixes do what they say.

import { test } from "node:test";
import { checkFindings, checkFix, checkNotOffered } from "./harness/check.js";
import { fixturePaths, loadFixture, loadMinikernel } from "./harness/load.js";

test("rules", async (t) => {
	for (const path of [...fixturePaths("rules", ".c"), ...fixturePaths("rules", ".rs")]) {
		await t.test(path, () => {
			const fixture = loadFixture("rules", path);
			checkFindings(fixture);
			if (fixture.fixed !== null) checkFix(fixture);
			if (fixture.notOffered.length > 0) checkNotOffered(fixture);
		});
	}
});

test("the miniature kernel has the findings that are marked in it, and no others", () => {
	checkFindings(loadMinikernel());
});
