// Texts that no disk has: code that the machine runs by itself. Clients ask for them by number.

import { kswapdPath, kswapdText } from "@might-sleep/analyzer";
import type { DebugProtocol } from "@vscode/debugprotocol";
import { OTHER_INTERRUPT_PATH, OTHER_INTERRUPT_TEXT } from "./otherInterrupt.js";
import { relativeTo } from "./paths.js";

interface OwnText {
	/** as the run names it */
	readonly path: string;
	readonly name: string;
	readonly text: string;
}

/** The number is the place in this list, from 1. */
const OWN_TEXTS: readonly OwnText[] = [
	{ path: OTHER_INTERRUPT_PATH, name: "interrupt.c", text: OTHER_INTERRUPT_TEXT },
	{ path: kswapdPath, name: "kswapd.c", text: kswapdText },
];

/** null: a file */
export function ownSource(path: string): DebugProtocol.Source | null {
	const index = OWN_TEXTS.findIndex((one) => one.path === path);
	if (index < 0) return null;
	return { name: OWN_TEXTS[index]!.name, sourceReference: index + 1, origin: "of the simulator" };
}

export function ownText(reference: number | undefined): string | null {
	return OWN_TEXTS[(reference ?? 0) - 1]?.text ?? null;
}

/** The path of a client's source as the run names it; null when it has none. */
export function pathOfSource(root: string, source: DebugProtocol.Source): string | null {
	const own = OWN_TEXTS[(source.sourceReference ?? 0) - 1];
	if (own !== undefined) return own.path;
	return source.path === undefined ? null : relativeTo(root, source.path);
}
