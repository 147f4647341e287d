// Findings of a real tree that a person has judged against its source, in test/corpus: facts, no source.

import { readFileSync } from "node:fs";

export const VERDICTS = ["real", "defensible", "wrong", "wrong-chain"] as const;

/**
 * A judged finding. `real`: the kernel's rules are broken; `defensible`: its own checks would complain there, though
 * it hardly happens or is meant; `wrong-chain`: it happens to hold, but not for the reason that was shown.
 */
export interface Judged {
	readonly id: string;
	readonly rule: string;
	/** with which it was drawn, high when left out */
	readonly confidence?: "medium";
	readonly file: string;
	readonly line: number;
	readonly function: string;
	readonly verdict: (typeof VERDICTS)[number];
	readonly reason: string;
}

export interface Sample {
	/** what was drawn, from how many findings */
	readonly about: string;
	/** by which the tree was checked, the default one when left out */
	readonly profile?: "rt";
	readonly judged: readonly Judged[];
}

export interface Corpus {
	readonly tree: string;
	readonly samples: readonly Sample[];
}

export function readCorpus(file: string): Corpus {
	return JSON.parse(readFileSync(file, "utf8")) as Corpus;
}

/** Is a confidence that of a judged finding when it was drawn, or a higher one? "not reported" is the lowest of all. */
export function isBelieved({ confidence }: Judged, now: string): boolean {
	return now === "high" || now === confidence;
}

/** Does the finding hold, for the reason that was shown? */
export function holds({ verdict }: Judged): boolean {
	return verdict === "real" || verdict === "defensible";
}
