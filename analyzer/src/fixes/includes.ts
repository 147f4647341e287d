// An #include more in a file, in the order of the alphabet among its like.

import { type Unit, unitName } from "../ir/unit.js";
import type { EditList } from "./edits.js";
import type { SourceText } from "./source.js";

/** Includes the header that a model row cites, where a C file does not name it. */
export function addInclude(edits: EditList, unit: Unit, source: SourceText, cited: string, why: string): void {
	const name = /^include\/([\w/.-]+\.h)/.exec(cited)?.[1];
	if (
		name === undefined ||
		[...unit.includes].some((one) => unitName(unit, one).slice(1).replace(/[>"]$/, "") === name)
	)
		return;
	const lines = [...source.text.matchAll(/^[ \t]*#[ \t]*include[ \t]*<([^>\n]+)>.*\n/gm)];
	const folder = name.slice(0, name.indexOf("/") + 1);
	const like = lines.filter((line) => line[1]!.startsWith(folder));
	const before = like.find((line) => line[1]! > name);
	const last = like.at(-1) ?? lines.at(-1);
	if (before !== undefined) edits.insert(source, before.index, `#include <${name}>\n`, why);
	else if (last !== undefined) edits.insert(source, last.index + last[0].length, `#include <${name}>\n`, why);
}
