// What belongs together is complete: a rule has a page, fixtures of both kinds and a setting, and the other way round.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ruleIds } from "@might-sleep/analyzer";
import { fixturePaths, fixturesRoot, loadFixture } from "./harness/load.js";
import { repositoryRoot } from "./harness/sourceFiles.js";

const ids = [...ruleIds].sort();
const SECTIONS = ["What", "Why", "Example", "Fix", "When to ignore it", "Configuration"];

test("every rule has a page, and every page a rule", () => {
	const pages = readdirSync(join(repositoryRoot, "docs/rules"))
		.filter((name) => name.endsWith(".md") && name !== "TEMPLATE.md")
		.map((name) => name.slice(0, -".md".length))
		.sort();
	assert.deepEqual(pages, ids);
});

test("every page has the sections of the template", () => {
	for (const id of [...ids, "TEMPLATE"]) {
		const text = readFileSync(join(repositoryRoot, `docs/rules/${id}.md`), "utf8");
		const headings = text.split("\n").filter((line) => line.startsWith("## "));
		assert.deepEqual(
			headings,
			SECTIONS.map((section) => `## ${section}`),
			`docs/rules/${id}.md`,
		);
		assert.equal(text.split("\n")[0], `# ${id === "TEMPLATE" ? "rule-id" : id}`);
		if (id !== "TEMPLATE") assert.match(text, /Documentation\//, `docs/rules/${id}.md names no document of the kernel`);
	}
});

test("every rule has fixtures that fail and fixtures that pass, and every folder a rule", () => {
	const folders = readdirSync(join(fixturesRoot, "rules")).sort();
	assert.deepEqual(folders, ids);
	for (const id of ids) {
		const paths = [...fixturePaths(`rules/${id}`, ".c"), ...fixturePaths(`rules/${id}`, ".rs")];
		const fixtures = paths.map((path) => loadFixture(`rules/${id}`, path));
		assert.ok(
			fixtures.some((f) => f.findings.some((mark) => mark.rule === id)),
			`rules/${id} marks nothing`,
		);
		const text = fixtures.flatMap((f) => f.files.map((file) => file.text)).join("\n");
		assert.match(text, /_ok\(/, `rules/${id} has no function that must not be reported`);
	}
});

test("every rule can be set in the editor, with its page's severity", () => {
	const manifest = JSON.parse(readFileSync(join(repositoryRoot, "package.json"), "utf8"));
	const settings = manifest.contributes.configuration.properties["might-sleep.rules"].properties;
	assert.deepEqual(Object.keys(settings).sort(), ids);
	for (const id of ids) {
		const page = readFileSync(join(repositoryRoot, `docs/rules/${id}.md`), "utf8");
		assert.equal(/^Severity: (\w+)/m.exec(page)?.[1], settings[id].default, `${id}: page and setting differ`);
	}
});
