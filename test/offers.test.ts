// What is offered anywhere in the fixtures can be made: the edits fit the text, the file is still read, the finding that
// was to be mended is gone, and none comes that was not there. The fixtures of the rules say what the edits are.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Edit, Finding, Offer, Range, ReadText, Snapshot } from "@might-sleep/analyzer";
import { analyse, lower, unmarked } from "./harness/check.js";
import { applyEdits } from "./harness/edits.js";
import type { Fixture } from "./harness/fixture.js";
import { fixturePaths, loadFixture, loadMinikernel } from "./harness/load.js";
import { isMended } from "./harness/mended.js";

interface Made {
	readonly title: string;
	readonly finding: string | null;
	readonly edits: readonly Edit[];
}

/** Everything that is offered in a fixture, once: for the findings, the functions, and each line's first call. */
function offersIn(fixture: Fixture, snapshot: Snapshot): Made[] {
	const texts = new Map(fixture.files.map((file) => [file.path, Buffer.from(file.text).toString("latin1")]));
	const read: ReadText = (path) => texts.get(path) ?? null;
	const made = new Map<string, Made>();
	for (const range of places(fixture, snapshot)) {
		for (const offer of snapshot.offersAt(range, read)) {
			const edits = editsOf(snapshot, range, offer, read);
			if (edits === null || edits.some((edit) => !texts.has(edit.file))) continue;
			made.set(JSON.stringify([offer.title, edits]), { title: offer.title, finding: offer.finding, edits });
		}
	}
	return [...made.values()];
}

function editsOf(snapshot: Snapshot, range: Range, offer: Offer, read: ReadText): readonly Edit[] | null {
	if (offer.edits !== null) return offer.edits;
	const answer = snapshot.editsOf(range, offer.key, read);
	return "refused" in answer ? null : answer.edits;
}

function places({ files }: Fixture, snapshot: Snapshot): Range[] {
	const own = new Set(files.map((file) => file.path));
	const ranges: Range[] = snapshot.findings.filter((finding) => own.has(finding.file));
	for (const { path, text } of files) {
		if (!path.endsWith(".c") && !path.endsWith(".h")) continue;
		ranges.push(...snapshot.functionsIn(path));
		text.split("\n").forEach((line, i) => {
			const column = line.search(/\w+\(/) + 1;
			if (column > 0) ranges.push({ file: path, line: i + 1, column, endLine: i + 1, endColumn: column });
		});
	}
	return ranges;
}

function ownFindings({ files }: Fixture, snapshot: Snapshot): Finding[] {
	return snapshot.findings.filter((finding) => files.some((file) => file.path === finding.file));
}

function check(fixture: Fixture): number {
	const before = analyse(fixture);
	const had = ownFindings(fixture, before);
	const known = new Set(had.map((finding) => finding.id));
	const made = offersIn(fixture, before);
	for (const { title, finding, edits } of made) {
		const files = fixture.files.map((file) => ({ ...file, text: applyEdits(file.text, file.path, edits) }));
		const where = `${fixture.name}: ${title}`;
		for (const [i, file] of files.entries()) {
			if (file.text === fixture.files[i]!.text) continue;
			const [was, is] = [lower(fixture.files[i]!), lower(file)];
			assert.ok(is.unparsed.length <= was.unparsed.length, `${where}: ${file.path} is not read any more\n${file.text}`);
		}
		const after = ownFindings(fixture, analyse({ ...fixture, files }));
		const fresh = after.filter((one) => !known.has(one.id)).map((one) => `${one.file}:${one.line} ${one.message}`);
		assert.deepEqual(fresh, [], `${where}: findings that were not there\n${files.map(({ text }) => text).join("\n")}`);
		const left = had.filter((one) => one.id === finding && !isMended(one, had, after));
		assert.deepEqual(left, [], `${where}: the finding is still there`);
	}
	return made.length;
}

test("every offer in the fixtures can be made", async (t) => {
	let nOffers = 0;
	for (const path of fixturePaths("rules", ".c")) {
		await t.test(path, () => {
			nOffers += check(unmarked(loadFixture("rules", path)));
		});
	}
	await t.test("the miniature kernel", () => {
		nOffers += check(unmarked(loadMinikernel()));
	});
	assert.ok(nOffers > 300, `${nOffers} offers`);
});
