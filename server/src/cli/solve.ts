// What check, context, stats and index share: read the tree, solve it, and say on stderr what was skipped.

import type { Profile, Snapshot } from "@might-sleep/analyzer";
import { type IndexedTree, indexTree, openTree, type Stored } from "../host/treeIndex.js";
import { Progress } from "./progress.js";

/** More skipped files than this are counted only. */
const MAX_PROBLEMS_SHOWN = 20;

export interface RunSettings {
	readonly root: string;
	readonly profile: Profile;
	readonly jobs: number;
	readonly cache: boolean;
}

export interface ReadTree {
	readonly indexed: IndexedTree;
	readonly stored: Stored;
}

export interface SolvedTree extends ReadTree {
	readonly snapshot: Snapshot;
}

/** Reads the tree without solving it. */
export async function readTree(settings: RunSettings): Promise<ReadTree> {
	return withProgress(async (progress) => {
		const indexed = await readInto(settings, progress);
		return { indexed, stored: await storedOf(indexed) };
	});
}

export async function solveTree(settings: RunSettings): Promise<SolvedTree> {
	return withProgress(async (progress) => {
		const indexed = await readInto(settings, progress);
		const snapshot = indexed.analysis.snapshot();
		progress.clear();
		return { indexed, snapshot, stored: await storedOf(indexed) };
	});
}

async function withProgress<T>(work: (progress: Progress) => Promise<T>): Promise<T> {
	const progress = new Progress();
	try {
		return await work(progress);
	} finally {
		progress.clear();
	}
}

async function readInto(settings: RunSettings, progress: Progress): Promise<IndexedTree> {
	const tree = openTree({ ...settings, trusted: true, kernelTree: null });
	const indexed = await indexTree(tree, { onProgress: progress.report });
	progress.clear();
	sayProblems(indexed);
	return indexed;
}

/** Waits until what was read is in the cache. */
async function storedOf({ stored }: IndexedTree): Promise<Stored> {
	const result = await stored;
	if (result.problem !== null) complain(`what was read is not cached: ${result.problem}`);
	return result;
}

function sayProblems({ tree }: IndexedTree): void {
	if (tree.files.length === 0) complain(`no C files in ${tree.root}`);
	for (const problem of tree.problems.slice(0, MAX_PROBLEMS_SHOWN))
		complain(`skipped ${problem.path}: ${problem.text}`);
	const more = tree.problems.length - MAX_PROBLEMS_SHOWN;
	if (more > 0) complain(`skipped ${more} more`);
}

function complain(text: string): void {
	process.stderr.write(`might-sleep: ${text}\n`);
}
