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

/** A call that sleeps in atomic context, found without this analysis. */
export interface KnownPlace {
	readonly file: string;
	readonly function: string;
	/** of the call that is made in the context, and of the calls on from there, as far as they are in the file */
	readonly lines: readonly number[];
	/** what sleeps, or the mask that lets it */
	readonly call: string;
	/** what takes the lock or opens the section, or which handler it is */
	readonly context: string;
}

export interface KnownPlaces {
	readonly tree: string;
	/** how they were found */
	readonly about: string;
	readonly places: readonly KnownPlace[];
}

export function readPlaces(file: string): KnownPlaces {
	return JSON.parse(readFileSync(file, "utf8")) as KnownPlaces;
}

interface Reported {
	readonly rule: string;
	readonly confidence: string;
	readonly file: string;
	readonly line: number;
	readonly sleep: readonly { readonly file: string; readonly line: number }[];
}

/** Lines that a finding may be off, as a call spans several. */
const NEAR = 2;
const SLEEPING = ["sleep-in-atomic", "gfp-sleeps-in-atomic", "rcu-blocking"];
const ORDER = ["high", "medium", "low"];

/** By file and line: the best confidence of the sleeping rules' findings there, at their place or on the way to what sleeps. */
export function confidenceByLine(findings: readonly Reported[]): Map<string, string> {
	const best = new Map<string, string>();
	for (const { rule, confidence, file, line, sleep } of findings) {
		if (!SLEEPING.includes(rule)) continue;
		for (const at of [{ file, line }, ...sleep]) {
			const key = `${at.file}:${at.line}`;
			if (rankOf(confidence) < rankOf(best.get(key))) best.set(key, confidence);
		}
	}
	return best;
}

/** With which confidence a place is reported; "not reported" when it is not. */
export function confidenceOf({ file, lines }: KnownPlace, byLine: ReadonlyMap<string, string>): string {
	let best: string | undefined;
	for (const line of lines) {
		for (let off = -NEAR; off <= NEAR; off++) {
			const here = byLine.get(`${file}:${line + off}`);
			if (rankOf(here) < rankOf(best)) best = here;
		}
	}
	return best ?? "not reported";
}

function rankOf(confidence: string | undefined): number {
	return confidence === undefined ? ORDER.length : ORDER.indexOf(confidence);
}
