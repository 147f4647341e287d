// What the kernel crate of the tree at hand has.

import type { World } from "../flow/world.js";
import { NONE } from "../ir/ops.js";
import type { FnId } from "../ir/program.js";
import { FnField } from "../ir/unit.js";
import { KERNEL_CRATE } from "../model/rustAlloc.js";

/**
 * Does the crate have a function with a parameter `index`, as the code of `fn` sees it? Its definition says; without the
 * crate's sources the version does.
 */
export function hasFunction(
	world: World,
	fn: FnId,
	name: string,
	index: number,
	since: readonly [number, number],
): boolean {
	const { program, model } = world;
	const { fn: definition } = program.rust.meaningOf(program.fnFile(fn), name);
	if (definition !== NONE) return program.fnField(definition, FnField.ParamCount) > index;
	const [major, minor] = model.version;
	const isNewer = major > since[0] || (major === since[0] && minor >= since[1]);
	return isNewer && !program.paths.some((path, file) => path.startsWith(KERNEL_CRATE) && program.hasUnit(file));
}
