// The judged findings are facts that scripts read: every one is complete, and none is judged twice.

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { ruleIds } from "@might-sleep/analyzer";
import { readCorpus, readPlaces, VERDICTS } from "./harness/corpus.js";

const FOLDER = fileURLToPath(new URL("../corpus", import.meta.url));

test("every judged finding has a place, a verdict and a reason", () => {
	for (const file of readdirSync(FOLDER).filter((name) => name.endsWith(".json"))) {
		const seen = new Set<string>();
		for (const { about, judged } of readCorpus(join(FOLDER, file)).samples) {
			// fewer are enough where they are all of a rule
			assert.ok(judged.length >= 40 || /\ball\b/.test(about), `${file}: ${about}`);
			for (const one of judged) {
				const where = `${file}: ${one.file}:${one.line}`;
				assert.ok(!seen.has(one.id), `${where}: judged twice`);
				seen.add(one.id);
				assert.ok(ruleIds.includes(one.rule) && VERDICTS.includes(one.verdict) && one.line > 0, where);
				assert.ok(one.confidence === undefined || one.confidence === "medium", where);
				assert.ok(one.reason.length > 20 && !one.reason.includes("\n"), `${where}: needs a reason in one line`);
			}
		}
	}
});

test("every known place has a file, lines and what sleeps there, and is named once", () => {
	const folder = join(FOLDER, "places");
	for (const file of readdirSync(folder)) {
		const seen = new Set<string>();
		for (const place of readPlaces(join(folder, file)).places) {
			const where = `${file}: ${place.file}:${place.lines.join()}`;
			assert.ok(place.lines.length > 0 && place.lines.every((line) => line > 0), where);
			assert.ok(place.function !== "" && place.call !== "" && place.context !== "", where);
			assert.ok(!seen.has(where), `${where}: named twice`);
			seen.add(where);
		}
	}
});
