// npm run bench:fixes -- TREE [--count N] [--seed S] [--rule ID] [--out FILE]: of each kind of fix that findings of high
// and medium confidence are offered, N at random are made in memory and the files analysed again. Is the finding gone,
// and is there none that was not there? Fixes over many files are made in the tests of the server alone.

import { type Analysis, type Edit, type Finding, type ReadText, type Snapshot, unitOf } from "@might-sleep/analyzer";
import { lowerBytes } from "@might-sleep/server/host/lowering";
import { readBytes } from "@might-sleep/server/host/roots";
import { indexTree, openTree, type Tree } from "@might-sleep/server/host/treeIndex";
import { applyEdits } from "../harness/edits.js";
import { type FixTrial, fixLines, kindOfFix } from "../harness/fixReport.js";
import { isMended } from "../harness/mended.js";
import { generator } from "../harness/random.js";
import { countOption, readScriptArguments, runScript, storeFile, writeStored } from "../harness/script.js";

const USAGE = "npm run bench:fixes -- TREE [--count N] [--seed S] [--rule ID] [--out FILE]";
const SHAPE = 1;
/** Of more files, a snapshot is not what an editor shows right after the edit. */
const MAX_FILES = 4;

interface OfferedFix {
	readonly finding: Finding;
	readonly kind: string;
	readonly title: string;
	readonly isPreferred: boolean;
	/** null: worked out when it is chosen */
	readonly edits: readonly Edit[] | null;
	readonly key: string;
}

await runScript(async () => {
	const { tree: root, options } = readScriptArguments(USAGE, process.argv.slice(2), ["count", "seed", "rule", "out"]);
	const count = countOption(USAGE, options, "count", 40);
	const seed = countOption(USAGE, options, "seed", 1);
	const tree = openTree({ root, profile: "default", jobs: 0, cache: true, trusted: true, kernelTree: null });
	const { analysis, store } = await indexTree(tree, {});
	await store();
	const snapshot = analysis.snapshot();
	const read: ReadText = (path) => readBytes(path, root)?.toString("latin1") ?? null;
	const rule = options.get("rule");
	const findings = snapshot.findings.filter(
		(one) => one.confidence !== "low" && (rule === undefined || one.rule === rule),
	);
	const byKind = groupByKind(findings.flatMap((finding) => fixesOf(snapshot, finding, read)));
	const random = generator(seed);
	const trials: FixTrial[] = [];
	for (const [kind, fixes] of [...byKind].sort(([a], [b]) => (a < b ? -1 : 1))) {
		const drawn = shuffled(fixes, random).slice(0, count);
		for (const fix of drawn) trials.push({ ...tried(tree, analysis, snapshot, fix, read), nOffered: fixes.length });
		process.stderr.write(`${kind}: ${drawn.length} of ${fixes.length}\n`);
	}
	for (const line of fixLines(trials)) console.log(line);
	const file = storeFile("fixes", root, options.get("out"));
	writeStored(file, { shape: SHAPE, root, seed, trials });
	console.log(`stored in ${file}`);
});

/** The fixes in a finding, and those that it is offered; one of each title. */
function fixesOf(snapshot: Snapshot, finding: Finding, read: ReadText): OfferedFix[] {
	const found = new Map<string, OfferedFix>();
	for (const { title, preferred, edits } of finding.fixes)
		found.set(title, { finding, kind: kindOfFix(finding, title), title, isPreferred: preferred, edits, key: "" });
	for (const { title, preferred, edits, key, ...offer } of snapshot.offersAt(finding, read)) {
		if (offer.finding !== finding.id || offer.refused !== undefined || found.has(title)) continue;
		found.set(title, { finding, kind: kindOfFix(finding, title), title, isPreferred: preferred, edits, key });
	}
	return [...found.values()];
}

function groupByKind(fixes: readonly OfferedFix[]): Map<string, OfferedFix[]> {
	const groups = new Map<string, OfferedFix[]>();
	for (const fix of fixes) groups.set(fix.kind, [...(groups.get(fix.kind) ?? []), fix]);
	return groups;
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
	const mixed = [...items];
	for (let i = mixed.length - 1; i > 0; i--) {
		const other = Math.floor(random() * (i + 1));
		[mixed[i], mixed[other]] = [mixed[other]!, mixed[i]!];
	}
	return mixed;
}

function tried(
	tree: Tree,
	analysis: Analysis,
	snapshot: Snapshot,
	fix: OfferedFix,
	read: ReadText,
): Omit<FixTrial, "nOffered"> {
	const { finding, kind, title, isPreferred } = fix;
	const { id, rule, confidence, file, line } = finding;
	const about = { kind, title, isPreferred, id, rule, confidence, file, line };
	const answer = fix.edits === null ? snapshot.editsOf(finding, fix.key, read) : { edits: fix.edits };
	if ("refused" in answer) return { ...about, outcome: "refused", fresh: [], note: answer.refused };
	const paths = [...new Set(answer.edits.map((edit) => edit.file))];
	if (paths.length > MAX_FILES) return { ...about, outcome: "many files", fresh: [], note: `${paths.length} files` };
	// What an edit elsewhere means to the finding's own file shows when that is looked at again, too.
	const looked = [...new Set([...paths, file])];
	const texts = looked.map((path) => read(path)!);
	const put = (changed: readonly string[]) => {
		looked.forEach((path, i) => {
			const lowered = lowerBytes(path, Buffer.from(changed[i]!, "latin1"), { ...tree, store: null });
			if (!("problem" in lowered)) analysis.setUnit(path, unitOf(lowered.flat));
		});
		return analysis.snapshot().findings.filter((one) => looked.includes(one.file));
	};
	// What an edit that changes nothing shows: of a few files a snapshot knows less than of the whole.
	const before = put(texts.map((text) => `${text}\n`));
	const after = put(texts.map((text, i) => `${applyEdits(text, looked[i]!, latin1(answer.edits))}\n\n`));
	put(texts);
	const known = new Set(before.map((one) => one.id));
	const fresh = after.filter((one) => !known.has(one.id));
	// Before all is known anew, a finding by way of other files may not be seen: nothing is to be learned then.
	const wasSeen = before.some((one) => one.id === finding.id);
	const outcome = !wasSeen ? "not seen" : isMended(finding, before, after) ? "gone" : "still there";
	return {
		...about,
		outcome,
		fresh: fresh.map(({ rule, confidence, line, message }) => ({ rule, confidence, line, message })),
		note: "",
	};
}

/** Texts of a file are one character a byte here. */
function latin1(edits: readonly Edit[]): Edit[] {
	return edits.map((edit) => ({ ...edit, newText: Buffer.from(edit.newText).toString("latin1") }));
}
