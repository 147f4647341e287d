// The chain of a finding for an adapter that has no index at hand: solves the tree, with what the cache holds.

import type { ReplayPlan } from "@might-sleep/analyzer";
import { indexTree, openTree } from "../host/treeIndex.js";

export async function planInTree(root: string, id: string): Promise<ReplayPlan | null> {
	const tree = openTree({ root, profile: "default", jobs: 0, cache: true, trusted: true, kernelTree: null });
	const { analysis, store } = await indexTree(tree, {});
	const plan = analysis.snapshot().replayPlan(id);
	await store();
	return plan;
}
