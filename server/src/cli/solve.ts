// What check, context, stats and index share: read the tree, solve it, and say on stderr what was skipped.

import type { Profile, Snapshot } from "@might-sleep/analyzer";
import { type IndexedTree, indexTree, openTree, type Stored, type Tree } from "../host/treeIndex.js";
import type { Problem } from "../host/walk.js";
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
		const indexed = await readInto(openFor(settings), progress);
		return { indexed, stored: await storedOf(indexed) };
	});
}

export async function solveTree(settings: RunSettings): Promise<SolvedTree> {
	return withProgress(async (progress) => {
		const indexed = await readInto(openFor(settings), progress);
		const snapshot = indexed.analysis.snapshot();
		progress.clear();
		return { indexed, snapshot, stored: await storedOf(indexed) };
	});
}

/** Clears the line of progress, whatever happens. */
export async function withProgress<T>(work: (progress: Progress) => Promise<T>): Promise<T> {
	const progress = new Progress();
	try {
		return await work(progress);
	} finally {
		progress.clear();
	}
}

/** Who runs a command on a tree trusts it. */
export function openFor(settings: RunSettings): Tree {
	return openTree({ ...settings, trusted: true, kernelTree: null });
}

export async function readInto(tree: Tree, progress: Progress): Promise<IndexedTree> {
	const indexed = await indexTree(tree, { onProgress: progress.report });
	progress.clear();
	sayProblems(tree, tree.problems);
	return indexed;
}

/** Waits until what was read is in the cache. */
export async function storedOf({ store }: IndexedTree): Promise<Stored> {
	const result = await store();
	if (result.problem !== null) complain(`what was read is not cached: ${result.problem}`);
	return result;
}

export function sayProblems(tree: Tree, problems: readonly Problem[]): void {
	if (tree.files.length === 0) complain(`no C files in ${tree.root}`);
	for (const problem of problems.slice(0, MAX_PROBLEMS_SHOWN)) complain(`skipped ${problem.path}: ${problem.text}`);
	const more = problems.length - MAX_PROBLEMS_SHOWN;
	if (more > 0) complain(`skipped ${more} more`);
}

function complain(text: string): void {
	process.stderr.write(`might-sleep: ${text}\n`);
}
