// Attributes: what `cfg` leaves out, and what else decides how an item is read.
import { NONE } from "../ir/ops.js";
import { configState } from "../source/kconfig.js";
import type { Lowering } from "./state.js";
import { textOf } from "./syntax.js";

export interface Attributes {
	/** the configuration takes the item */
	readonly isTaken: boolean;
	/** C may call it by its name */
	readonly isExported: boolean;
	/** `expect` and the like of klint, as the tool knows them: name → argument */
	readonly klint: ReadonlyMap<string, string>;
}

export const NO_ATTRIBUTES: Attributes = { isTaken: true, isExported: false, klint: new Map() };

/** What the attribute nodes before an item say. */
export function attributesOf(r: Lowering, nodes: readonly number[]): Attributes {
	if (nodes.length === 0) return NO_ATTRIBUTES;
	const klint = new Map<string, string>();
	let isExported = false;
	for (const node of nodes) {
		const text = textOf(r.syntax, node);
		if (/^#\[\s*(unsafe\s*\(\s*)?(no_mangle|export_name)\b/.test(text) || /^#\[\s*(macros::)?export\s*\]/.test(text))
			isExported = true;
		readKlint(text, klint);
	}
	return { isTaken: nodes.every((node) => isTaken(r, node)), isExported, klint };
}

/** `#[klint::preempt_count(adjust = 1, expect = 0..)]` and `#[klint::atomic_context_only]` */
function readKlint(text: string, found: Map<string, string>): void {
	const match = /^#\[\s*(?:cfg_attr\s*\([^,]*,\s*)?klint::(\w+)\s*(?:\(([^)]*)\))?/.exec(text);
	if (match === null) return;
	if (match[1] !== "preempt_count") {
		found.set(`klint::${match[1]}`, "");
		return;
	}
	for (const part of (match[2] ?? "").split(",")) {
		const [name = "", value = ""] = part.split("=");
		if (name.trim() !== "") found.set(`klint::${name.trim()}`, value.trim());
	}
}

/** Does the configuration take what an attribute stands before? Only `cfg` leaves anything out. */
export function isTaken(r: Lowering, node: number): boolean {
	const match = /^#\[\s*cfg\s*\((.*)\)\s*\]$/s.exec(textOf(r.syntax, node));
	return match === null || holds(r, match[1]!.trim());
}

function holds(r: Lowering, predicate: string): boolean {
	const call = /^(not|all|any)\s*\((.*)\)$/s.exec(predicate);
	if (call !== null) {
		const inner = splitList(call[2]!);
		if (call[1] === "not") return !inner.every((part) => holds(r, part));
		return call[1] === "all" ? inner.every((part) => holds(r, part)) : inner.some((part) => holds(r, part));
	}
	if (predicate.startsWith("CONFIG_")) return configState(r.config, predicate.split(/[\s=]/)[0]!) > 0;
	return !/^(test|testlib|doc|doctest|MODULE)$/.test(predicate);
}

function splitList(text: string): string[] {
	const found: string[] = [];
	let depth = 0;
	let from = 0;
	for (let i = 0; i <= text.length; i++) {
		if (text[i] === "(") depth++;
		else if (text[i] === ")") depth--;
		if (i < text.length && (text[i] !== "," || depth > 0)) continue;
		const part = text.slice(from, i).trim();
		if (part !== "") found.push(part);
		from = i + 1;
	}
	return found;
}

/** Writes the annotations of a function; answers how many there are. */
export function addAnnotations(r: Lowering, attributes: Attributes, start: number): number {
	let count = 0;
	for (const [name, argument] of attributes.klint) {
		if (count > 0 || !isAtomicOnly(name, argument)) continue;
		r.builder.annotations.push3(r.builder.nameOf("klint::atomic_context_only"), NONE, start);
		count++;
	}
	return count;
}

/** May the function not be entered with a preemption count of zero? */
function isAtomicOnly(name: string, argument: string): boolean {
	return /^klint::atomic_context(_only)?$/.test(name) || (name === "klint::expect" && /^[1-9]/.test(argument));
}

/** May it be entered with a preemption count of zero only? */
export function expectsProcess({ klint }: Attributes): boolean {
	const expected = klint.get("klint::expect") ?? "";
	return (
		klint.has("klint::process_context") || klint.has("klint::process_context_only") || /^0(\.\.(1|=0))?$/.test(expected)
	);
}

/** By how much it changes the preemption count. */
export function adjustOf({ klint }: Attributes): number {
	const value = Number(klint.get("klint::adjust") ?? 0);
	return Number.isInteger(value) ? Math.max(-MAX_ADJUST, Math.min(MAX_ADJUST, value)) : 0;
}

const MAX_ADJUST = 4;
