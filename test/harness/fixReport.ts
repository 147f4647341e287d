// What came of fixes that were made over a tree, by kind, and the ones that did not do what they say.

import type { Finding } from "@might-sleep/analyzer";

/** A fix that was made, and what the files showed then. */
export interface FixTrial {
	readonly kind: string;
	readonly title: string;
	readonly isPreferred: boolean;
	/** of the finding */
	readonly id: string;
	readonly rule: string;
	readonly confidence: string;
	readonly file: string;
	readonly line: number;
	readonly outcome: "gone" | "still there" | "refused" | "many files" | "not seen";
	/** findings that were not there before */
	readonly fresh: readonly {
		readonly rule: string;
		readonly confidence: string;
		readonly line: number;
		readonly message: string;
	}[];
	/** why it was not made */
	readonly note: string;
	/** fixes of the kind that the tree's findings are offered */
	readonly nOffered: number;
}

/** The rule and the title of a fix, without the names in it. */
export function kindOfFix({ rule }: Pick<Finding, "rule">, title: string): string {
	const shape = title
		.replace(/\b\w+\(\)/g, "f()")
		.replace(/`[^`]*`/g, "`x`")
		.replace(/"[^"]*"/g, '"…"')
		.replace(/\b(?:__)?GFP_\w+\b/g, "FLAG")
		.replace(/(might_sleep_if)\(.*\)/g, "$1(…)")
		.replace(/\b(use|pass) (?!FLAG)\w+ (on\b|instead\b)/g, "$1 x $2")
		.replace(/ ways: in .*/, " ways")
		.replace(/, not on the way by .*/, ", not on another way")
		.replace(/\bits (?:\d+ callers|caller)\b/g, "its callers")
		.replace(/\d+/g, "N");
	return `${rule}: ${shape}`;
}

/** A line for each kind, and one for each fix that left the finding, or brought one that is shown by default. */
export function fixLines(trials: readonly FixTrial[]): string[] {
	const kinds = new Map<string, FixTrial[]>();
	for (const trial of trials) kinds.set(trial.kind, [...(kinds.get(trial.kind) ?? []), trial]);
	const lines = [...kinds].map(([kind, all]) => kindLine(kind, all));
	const made = trials.filter(isMade);
	lines.push(kindLine("all", trials), `preferred: ${shares(made.filter((one) => one.isPreferred))}`);
	for (const trial of made) {
		const shown = trial.fresh.filter(isShown);
		if (trial.outcome === "gone" && shown.length === 0) continue;
		const what = trial.outcome === "gone" ? "" : ` ${trial.outcome};`;
		const fresh = shown.map(({ rule, confidence, line, message }) => `${rule}/${confidence} ${line} ${message}`);
		lines.push(`${trial.file}:${trial.line} (${trial.confidence}) ${trial.kind}:${what} ${fresh.join("; ")}`.trimEnd());
	}
	return lines;
}

function kindLine(kind: string, all: readonly FixTrial[]): string {
	const made = all.filter(isMade);
	const nPreferred = made.filter((one) => one.isPreferred).length;
	const others = all.length - made.length;
	const left = others > 0 ? `; ${others} not made (${notes(all)})` : "";
	return `${kind}: ${shares(made)}; ${nPreferred} preferred${left}`;
}

function notes(all: readonly FixTrial[]): string {
	return [...new Set(all.filter((one) => !isMade(one)).map(({ outcome }) => outcome))].join(", ");
}

function shares(made: readonly FixTrial[]): string {
	const gone = made.filter(({ outcome }) => outcome === "gone");
	const clean = gone.filter(({ fresh }) => !fresh.some(isShown));
	const spotless = gone.filter(({ fresh }) => fresh.length === 0);
	return `${made.length} made, ${gone.length} mend it, ${clean.length} bring nothing new (${spotless.length} nothing of low confidence either)`;
}

function isMade({ outcome }: FixTrial): boolean {
	return outcome === "gone" || outcome === "still there";
}

function isShown({ confidence }: { readonly confidence: string }): boolean {
	return confidence !== "low";
}
