// What the `Context:` section of a kernel-doc comment says, as facts that can be compared. It is prose; what is
// not understood says nothing, and a fact with a condition on it ("if @gfp allows") is left out.

export interface ContextLine {
	/** "process": never entered from an interrupt; "interrupt": from one too, or only; null: not said */
	readonly level: "process" | "interrupt" | null;
	/** what it says of sleeping; that an interrupt may enter it says that it does not */
	readonly sleeps: "may" | "never" | null;
	readonly areIrqsOff: boolean;
	/** names of locks (the last field) that the caller holds */
	readonly held: readonly string[];
}

const NMI_ASIDE = /(?:,? but )?\bnot[- ](?:in |from )?nmi\b(?: interrupts?)?(?: context)?/g;
const CONDITION = /\b(?:if|unless|depending|in case|providing|provided|as long|until|when|while|but|except)\b/;
const NOT_INTERRUPT =
	/(?:!|\bnot |\bnon[- ]|\bnever )(?:be |to be |run |called |from |in |suitable from |an |the )*(?:in_interrupt|interrupt|irq|isr|atomic|bh|softirq|hardirq)/;
const INTERRUPT =
	/\b(?:soft ?irq|hard ?irq|irq handler|interrupt)\b(?![- ](?:safe|disabled|enabled|may|will|must))|^irq\b/;
const PROCESS = /\b(?:process|task|user|thread|work ?queue) context\b|^(?:process|task|user)\b|\bkernel thread\b/;
const ANY = /^(?:can be (?:invoked|called) from )?any(?: context)?(?=\s*(?:[.;(]|$))/;
const NEVER_SLEEPS =
	/\b(?:can't|cannot|can not|must not|may not|should not|does not|doesn't|won't|never) (?:sleep|block)|\bnon-?blocking\b|^atomic\b/;
const MAY_SLEEP = /\b(?:may|might|can|able to|permits to)[ _]sleep\b|^sleeps?\b|\bsleeps\b/;
const IRQS_OFF =
	/\b(?:irqs?|interrupts)(?: are)? (?:blocked|off|disabled)\b|\binterrupts to be disabled\b|\birq-?locked\b/;
const LOCK_NAME = /\b(?:((?:[a-z_]\w*(?:->|\.))+\w+)|([a-z]\w*_(?:lock|mutex|mtx|sem|rwsem)))\b(?!\()/g;
const HOLDS =
	/\b(?:held|holds|holding|hold|owns)\b|\bwith\b.*\bacquired\b|\b(?:caller|calling function) should acquire\b/;
const HOLDS_NOT =
	/^(?:acquires|grabs|holds|locks|takes)\b|\bnot (?:be )?h[eo]ld\b|\bmay be held\b|\breturns? with\b|\beither\b|\bor\b|\bfrequently\b|\bwhile\b/;

/** Reads the text of a section. */
export function readContextLine(text: string): ContextLine {
	const words = text.toLowerCase().replace(/\s+/g, " ").trim().replace(NMI_ASIDE, "");
	const sentences = words.split(/(?<=[.;])\s+/);
	const held: string[] = [];
	let sleeps: ContextLine["sleeps"] = null;
	let areIrqsOff = false;
	for (const sentence of sentences) {
		held.push(...heldLocks(sentence));
		if (CONDITION.test(sentence) || /\bcaller may not\b/.test(sentence)) continue;
		if (NEVER_SLEEPS.test(sentence)) sleeps ??= "never";
		else if (MAY_SLEEP.test(sentence)) sleeps ??= "may";
		if (IRQS_OFF.test(sentence) && !/\b(?:may|enables|disables)\b/.test(sentence)) areIrqsOff = true;
	}
	const level = CONDITION.test(sentences[0] ?? "") ? null : levelOf(words);
	if (level === "interrupt" && !MAY_SLEEP.test(words)) sleeps ??= "never";
	return { level, sleeps, areIrqsOff, held: [...new Set(held)] };
}

function levelOf(words: string): ContextLine["level"] {
	if (ANY.test(words)) return "interrupt";
	if (NOT_INTERRUPT.test(words)) return "process";
	if (INTERRUPT.test(words)) return "interrupt";
	return PROCESS.test(words) ? "process" : null;
}

/** Locks that a sentence says the caller holds. */
function heldLocks(sentence: string): string[] {
	if (!HOLDS.test(sentence) || HOLDS_NOT.test(sentence)) return [];
	return [...sentence.matchAll(LOCK_NAME)].map((match) => (match[1] ?? match[2]!).split(/->|\./).at(-1)!);
}
