// What a check of a tree finds: by solving it, or from a run that found it before.

import type { AnalysisStats, Finding } from "@might-sleep/analyzer";
import { Answers, digestsOf, type TreeRun } from "../host/answers.js";
import { folderBytes } from "../host/cacheFolder.js";
import { readBytes } from "../host/roots.js";
import { costOf, type HostStats, hostStats, type Tree } from "../host/treeIndex.js";
import type { Problem } from "../host/walk.js";
import { openFor, type RunSettings, readInto, sayProblems, storedOf, withProgress } from "./solve.js";

export interface TreeResult {
	readonly tree: Tree;
	/** of all confidences, sorted; with the fixes that take the files' texts when these were asked for */
	readonly findings: readonly Finding[];
	readonly stats: AnalysisStats;
	readonly host: HostStats;
	readonly problems: readonly Problem[];
}

/** The findings of a tree. When nothing changed since a run that is in the cache, they are what it found. */
export function resultOf(settings: RunSettings, needsFixes: boolean): Promise<TreeResult> {
	return withProgress(async (progress) => {
		const tree = openFor(settings);
		const answers = new Answers(tree);
		const isEnough = (run: TreeRun | null): run is TreeRun => run !== null && (run.hasFixes || !needsFixes);
		tree.clock.begin("recall findings");
		const unchanged = answers.ofStamps();
		tree.clock.end();
		if (isEnough(unchanged)) {
			progress.clear();
			return recalled(tree, unchanged, tree.files.length, 0);
		}
		const indexed = await readInto(tree, progress);
		const digests = digestsOf(tree, indexed.keys);
		tree.clock.begin("recall findings");
		const same = answers.ofDigests(digests);
		tree.clock.end();
		if (isEnough(same)) {
			const { cacheHits, cacheMisses } = indexed;
			await storedOf(indexed);
			answers.keep(same);
			return recalled(tree, same, cacheHits, cacheMisses);
		}
		const snapshot = indexed.analysis.snapshot();
		progress.clear();
		const stored = await storedOf(indexed);
		const host = hostStats(indexed, stored);
		const { stats } = snapshot;
		const readText = (path: string) => readBytes(path, tree.root)?.toString("latin1") ?? null;
		const findings = needsFixes ? [...snapshot.withFixes(snapshot.findings, readText)] : snapshot.findings;
		const { problems } = tree;
		answers.keep({ findings, hasFixes: needsFixes, stats, problems, digests });
		return { tree, findings, stats, host, problems };
	});
}

function recalled(tree: Tree, run: TreeRun, hits: number, misses: number): TreeResult {
	const { findings, problems } = run;
	sayProblems(tree, problems);
	const bytes = tree.cache?.path ? folderBytes(tree.cache.path) : 0;
	const host = costOf(tree, { hits, misses, bytes });
	return { tree, findings, stats: { ...run.stats, phases: [] }, host, problems };
}
