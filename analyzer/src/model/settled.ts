// What variables are once the system runs, as the tree's own headers define their values.

import { treeConstant } from "../ir/consts.js";
import type { Program } from "../ir/program.js";
import type { Model } from "./schema.js";

/** By name; those whose value the tree does not define are left out. */
export function settledValues(program: Program, model: Model): Map<string, number> {
	const found = new Map<string, number>();
	for (const { name, is } of model.settled.values()) {
		const value = typeof is === "number" ? is : treeConstant(program, is);
		if (value !== undefined) found.set(name, value);
	}
	return found;
}
