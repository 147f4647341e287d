// npm run corpus -- TREE: what has become of the judged findings of test/corpus in this build: those that hold should
// still be reported, wrong ones not, or believed less; and how many of the known places are reported.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
	confidenceByLine,
	confidenceOf,
	holds,
	isBelieved,
	type Judged,
	readCorpus,
	readPlaces,
} from "../harness/corpus.js";
import { readScriptArguments, runScript, ScriptError } from "../harness/script.js";
import { checkTree } from "../harness/wholeTree.js";

const USAGE = "npm run corpus -- TREE";
const FOLDER = fileURLToPath(new URL("../../corpus", import.meta.url));

await runScript(async () => {
	const { tree } = readScriptArguments(USAGE, process.argv.slice(2), []);
	const file = join(FOLDER, `${versionOf(tree)}.json`);
	if (!existsSync(file)) throw new ScriptError(`no findings of Linux ${versionOf(tree)} are judged in ${FOLDER}`);
	const corpus = readCorpus(file);
	const profiles = new Map<string, Checked>();
	for (const { about, judged, profile = "default" } of corpus.samples) {
		const checked = profiles.get(profile) ?? (await check(tree, profile));
		profiles.set(profile, checked);
		const now = (one: Judged) => checked.byId.get(one.id) ?? "not reported";
		const good = judged.filter(holds);
		const bad = judged.filter((one) => !holds(one));
		console.log(`${about}\n  held ${good.length} of ${judged.length} (${percent(good.length, judged.length)})`);
		console.log(`  of those that hold, now: ${tally(good.map(now))}`);
		console.log(`  of the others, now: ${tally(bad.map(now))}`);
		for (const one of good.filter((other) => !isBelieved(other, now(other)))) print("lost", one, now(one));
		for (const one of bad.filter((other) => isBelieved(other, now(other)))) print("still there", one, now(one));
	}
	const known = join(FOLDER, "places", `${versionOf(tree)}.json`);
	const checked = profiles.get("default");
	if (checked !== undefined && existsSync(known)) printPlaces(known, checked);
});

function printPlaces(file: string, { byLine }: Checked): void {
	const { about, places } = readPlaces(file);
	const now = places.map((place) => confidenceOf(place, byLine));
	console.log(`${about}\n  of ${places.length} places, now: ${tally(now)}`);
	places.forEach((place, i) => {
		if (now[i] === "high") return;
		console.log(`    ${now[i]}: ${place.file}:${place.lines[0]} ${place.function}: ${place.call} (${place.context})`);
	});
}

/** The version that a tree's Makefile says. */
function versionOf(tree: string): string {
	const makefile = readFileSync(join(tree, "Makefile"), "utf8");
	return ["VERSION", "PATCHLEVEL", "SUBLEVEL"]
		.map((name) => new RegExp(`^${name} = (\\d+)$`, "m").exec(makefile)?.[1] ?? "?")
		.join(".");
}

function print(what: string, { file, line, rule, reason }: Judged, now: string): void {
	console.log(`    ${what}: ${file}:${line} ${rule} (${now}): ${reason}`);
}

function percent(part: number, of: number): string {
	return `${((part / of) * 100).toFixed(1)} %`;
}

function tally(values: readonly string[]): string {
	const counts = new Map<string, number>();
	for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
	return [...counts].map(([value, count]) => `${count} ${value}`).join(", ") || "none";
}

/** Confidences in the tree as it is checked now: by finding, and by file and line. */
interface Checked {
	readonly byId: ReadonlyMap<string, string>;
	readonly byLine: ReadonlyMap<string, string>;
}

async function check(tree: string, profile: string): Promise<Checked> {
	const { stdout } = await checkTree(tree, ["--profile", profile]);
	const { findings } = JSON.parse(stdout) as {
		findings: ({ id: string } & Parameters<typeof confidenceByLine>[0][number])[];
	};
	return {
		byId: new Map(findings.map(({ id, confidence }) => [id, confidence])),
		byLine: confidenceByLine(findings),
	};
}
