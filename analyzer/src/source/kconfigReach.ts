// Which symbols of a tree's Kconfig may be on when it is configured for one architecture. The answer errs on the side of
// "may": a symbol that is left out cannot be on there, whatever else is chosen.

import { addTo } from "../base/lists.js";
import {
	ALWAYS,
	and,
	type Condition,
	type ConditionalName,
	type KconfigEntry,
	type KconfigFile,
} from "./kconfigFile.js";

/** What a name of the tree is parsed to; null: there is no such file. */
export type ReadKconfig = (path: string) => KconfigFile | null;

/** The symbols that may be on when some are, with the CONFIG_ that sources write. */
export function possibleSymbols(
	read: ReadKconfig,
	architecture: string,
	given: readonly string[],
): ReadonlySet<string> {
	const entries: KconfigEntry[] = [];
	collect(read, "Kconfig", architecture, ALWAYS, new Set(), entries);
	const selectors = new Map<string, ConditionalName[]>();
	for (const { name, when, selects } of entries) {
		for (const selected of selects) {
			const by = and({ kind: "symbol", name }, and(when, selected.when));
			addTo(selectors, selected.name, { name, when: by });
		}
	}
	const possible = new Set(given);
	for (let isStable = false; !isStable; ) {
		isStable = true;
		for (const { name, when, on } of entries) {
			if (possible.has(name) || !mayHold(when, possible)) continue;
			const isSelected = () => selectors.get(name)?.some((by) => mayHold(by.when, possible)) ?? false;
			if (!mayHold(on, possible) && !isSelected()) continue;
			possible.add(name);
			isStable = false;
		}
	}
	return new Set([...possible].map((name) => `CONFIG_${name}`));
}

export function mayHold(condition: Condition, possible: ReadonlySet<string>): boolean {
	switch (condition.kind) {
		case "always":
			return true;
		case "never":
			return false;
		case "symbol":
			return possible.has(condition.name);
		case "and":
			return mayHold(condition.left, possible) && mayHold(condition.right, possible);
		case "or":
			return mayHold(condition.left, possible) || mayHold(condition.right, possible);
	}
}

/** The entries of a file and of all that it sources, each with the conditions around it. */
function collect(
	read: ReadKconfig,
	path: string,
	architecture: string,
	around: Condition,
	open: Set<string>,
	entries: KconfigEntry[],
): void {
	const file = open.has(path) ? null : read(path);
	if (file === null) return;
	open.add(path);
	for (const entry of file.entries) entries.push({ ...entry, when: and(around, entry.when) });
	for (const { name, when } of file.sources) {
		const target = name.replace(/\$\((SRCARCH|ARCH|HEADER_ARCH)\)|\$(SRCARCH|ARCH)\b/g, architecture);
		collect(read, target, architecture, and(around, when), open, entries);
	}
	open.delete(path);
}
