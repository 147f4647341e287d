// What a rule is, and how its findings are built. A rule reads the solved state and reports; it owns no dataflow.

import type { Confidence, ContextInfo, Finding, Fix, Place, RelatedStep, ReplayPlan, Severity, Step } from "../api.js";
import { fingerprint } from "../base/hash.js";
import type { Steps } from "../base/steps.js";
import type { Solved } from "../flow/solved.js";
import type { FnId } from "../ir/program.js";

export type Rule = RuleFacts & (WholeRule | FunctionRule);

interface RuleFacts {
	/** as users write it: `sleep-in-atomic` */
	readonly id: string;
	readonly severity: Severity;
	/** one line for lists and SARIF */
	readonly title: string;
	/** its preferred fix needs no second look where the finding is certain: many may be made at once */
	readonly fixesAll?: true;
}

/** A rule that looks at the solved state as a whole. */
interface WholeRule {
	check(solved: Solved, report: (draft: Draft) => void): Steps<void>;
}

/** A rule that looks at one live function after another; null: at none. */
interface FunctionRule {
	eachFunction(solved: Solved, report: (draft: Draft) => void): Look | null;
}
type Look = (fn: FnId) => void;

/** A finding before it has an id. */
export interface Draft {
	readonly start: Place;
	readonly end: Place;
	readonly function: string;
	/** where it is not that of the rule */
	readonly severity?: Severity;
	readonly confidence: Confidence;
	readonly message: string;
	readonly context: ContextInfo | null;
	readonly enter: readonly Step[];
	readonly sleep: readonly Step[];
	readonly related: readonly RelatedStep[];
	readonly fixes: readonly Fix[];
	/** what the finding is about, without lines: part of the fingerprint */
	readonly key: string;
	/** how the simulator gets to the splat that the finding predicts; left out: it predicts none, or a pointer is on the way */
	readonly replay?: ReplayPlan | null;
}

/** What rules have found. */
export interface Report {
	readonly findings: Finding[];
	/** by id of the finding */
	readonly plans: Map<string, ReplayPlan>;
}

/** Functions looked at between the steps of a rule. */
export const STEP = 512;

/** Runs rules over the solved state. Sorted by file, line, column, rule. */
export function* runRules(rules: readonly Rule[], solved: Solved): Steps<Report> {
	const findings: Finding[] = [];
	const plans = new Map<string, ReplayPlan>();
	const seen = new Map<string, number>();
	const draftsOf = new Map<Rule, Draft[]>(rules.map((rule) => [rule, []]));
	const looks: Look[] = [];
	for (const [rule, drafts] of draftsOf) {
		const report = (draft: Draft) => void drafts.push(draft);
		if ("check" in rule) yield* rule.check(solved, report);
		else {
			const look = rule.eachFunction(solved, report);
			if (look !== null) looks.push(look);
		}
	}
	if (looks.length > 0) yield* lookAtFunctions(solved, looks);
	for (const [rule, drafts] of draftsOf) {
		drafts.sort((a, b) => comparePlaces(a.start, b.start));
		for (const draft of drafts) {
			const key = `${rule.id}|${draft.start.file}|${draft.function}|${draft.key}`;
			const ordinal = seen.get(key) ?? 0;
			seen.set(key, ordinal + 1);
			const id = fingerprint(`${key}|${ordinal}`);
			findings.push(toFinding(rule, draft, id));
			if (draft.replay) plans.set(id, draft.replay);
		}
	}
	return { findings: findings.sort(compareFindings), plans };
}

/** One walk for all: what is known of a function is at hand then. */
function* lookAtFunctions({ fns, world }: Solved, looks: readonly Look[]): Steps<void> {
	let seen = 0;
	for (const fn of fns) {
		if (++seen % STEP === 0) yield;
		if (world.program.isLive(fn)) for (let i = 0; i < looks.length; i++) looks[i]!(fn);
	}
}

/** By file, line, column, rule, message. */
export function compareFindings(a: Finding, b: Finding): number {
	return comparePlaces(a, b) || compareText(a.rule, b.rule) || compareText(a.message, b.message);
}

function toFinding(rule: Rule, draft: Draft, id: string): Finding {
	const { start, end, function: name, confidence, message, context, enter, sleep, related, fixes } = draft;
	return {
		id,
		rule: rule.id,
		severity: draft.severity ?? rule.severity,
		confidence,
		file: start.file,
		line: start.line,
		column: start.column,
		endLine: end.line,
		endColumn: end.column,
		function: name,
		message,
		context,
		enter,
		sleep,
		related,
		fixes,
	};
}

export function comparePlaces(a: Place, b: Place): number {
	return compareText(a.file, b.file) || a.line - b.line || a.column - b.column;
}

function compareText(a: string, b: string): number {
	return a < b ? -1 : a > b ? 1 : 0;
}
