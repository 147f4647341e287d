// What one Kconfig file says, flat: which symbols it defines, what each depends on, what turns it on, what it selects,
// and which other files it sources. Conditions are kept only as far as they can be wrong for sure: what a negation, a
// comparison or a macro comes to is not told, and counts as possible. Texts of prompts and help are not kept.

/** When something may hold. */
export type Condition =
	| { readonly kind: "always" }
	| { readonly kind: "never" }
	| { readonly kind: "symbol"; readonly name: string }
	| { readonly kind: "and" | "or"; readonly left: Condition; readonly right: Condition };

export interface ConditionalName {
	readonly name: string;
	readonly when: Condition;
}

/** One definition of a symbol; a symbol may have several. */
export interface KconfigEntry extends ConditionalName {
	/** the prompt is shown, or a default turns it on */
	readonly on: Condition;
	readonly selects: readonly ConditionalName[];
}

export interface KconfigFile {
	readonly entries: readonly KconfigEntry[];
	/** names of other files, from the root of the tree */
	readonly sources: readonly ConditionalName[];
}

export const ALWAYS: Condition = { kind: "always" };
const NEVER: Condition = { kind: "never" };

const TAB = 8;

export function and(left: Condition, right: Condition): Condition {
	if (left.kind === "always" || right.kind === "never") return right;
	if (right.kind === "always" || left.kind === "never") return left;
	return { kind: "and", left, right };
}

export function or(left: Condition, right: Condition): Condition {
	if (left.kind === "never" || right.kind === "always") return right;
	if (right.kind === "never" || left.kind === "always") return left;
	return { kind: "or", left, right };
}

/** The entry, menu or choice that the attributes of the next lines belong to. */
interface Owner {
	readonly name: string;
	/** false for a menu, a choice or a comment */
	readonly isSymbol: boolean;
	when: Condition;
	on: Condition;
	readonly selects: ConditionalName[];
}

export function parseKconfig(text: string): KconfigFile {
	const entries: KconfigEntry[] = [];
	const sources: ConditionalName[] = [];
	const blocks: { when: Condition }[] = [];
	let owner: Owner | null = null;
	const around = () => blocks.reduce((when, block) => and(when, block.when), ALWAYS);
	const open = (name: string, isSymbol: boolean): Owner => ({
		name,
		isSymbol,
		when: ALWAYS,
		on: NEVER,
		selects: [],
	});
	const close = () => {
		if (owner?.isSymbol) entries.push({ ...owner, when: and(around(), owner.when) });
		owner = null;
	};
	for (const line of statementLines(text)) {
		const [, word, rest] = /^\s*(\S+)\s*(.*)$/.exec(line)!;
		switch (word) {
			case "config":
			case "menuconfig":
				close();
				owner = open(rest!.trim(), true);
				break;
			case "menu":
			case "choice":
				close();
				owner = open("", false);
				blocks.push(owner);
				break;
			case "if":
				close();
				blocks.push({ when: parseCondition(rest!) });
				break;
			case "endif":
			case "endmenu":
			case "endchoice":
				close();
				blocks.pop();
				break;
			case "source":
				close();
				sources.push({ name: rest!.replace(/^"|"\s*$/g, ""), when: around() });
				break;
			case "comment":
			case "mainmenu":
				close();
				owner = open("", false);
				break;
			default:
				if (owner !== null) addAttribute(owner, word!, rest!);
		}
	}
	close();
	return { entries, sources };
}

function addAttribute(owner: Owner, word: string, rest: string): void {
	const [value, condition] = cutCondition(rest);
	const when = condition === null ? ALWAYS : parseCondition(condition);
	switch (word) {
		case "depends":
			owner.when = and(owner.when, parseCondition(rest.replace(/^on\b/, "")));
			break;
		case "select":
		case "imply":
			owner.selects.push({ name: value.trim(), when });
			break;
		case "default":
		case "def_bool":
		case "def_tristate":
			owner.on = or(owner.on, and(parseCondition(value), when));
			break;
		case "prompt":
		case "bool":
		case "tristate":
		case "string":
		case "int":
		case "hex":
			if (value.trim() !== "") owner.on = or(owner.on, when);
			break;
		default:
	}
}

/** Lines that say something: without comments and help texts, those that go on put together. */
function* statementLines(text: string): Generator<string> {
	const lines = text.replace(/\\\r?\n/g, " ").split(/\r?\n/);
	for (let at = 0; at < lines.length; at++) {
		const line = lines[at]!;
		if (/^\s*(#|$)/.test(line)) continue;
		if (/^\s*(---)?help(---)?\s*$/.test(line)) at = endOfHelp(lines, at + 1) - 1;
		else yield line;
	}
}

/** A help text goes on as long as its lines are indented as far as its first one. */
function endOfHelp(lines: readonly string[], start: number): number {
	let at = start;
	while (at < lines.length && lines[at]!.trim() === "") at++;
	const indent = at < lines.length ? indentOf(lines[at]!) : 0;
	if (indent === 0) return at;
	while (at < lines.length && (lines[at]!.trim() === "" || indentOf(lines[at]!) >= indent)) at++;
	return at;
}

function indentOf(line: string): number {
	let width = 0;
	for (const char of line) {
		if (char === "\t") width += TAB - (width % TAB);
		else if (char === " ") width++;
		else break;
	}
	return width;
}

/** `VALUE if CONDITION`, where the value may be a string that has the word in it. */
function cutCondition(rest: string): [string, string | null] {
	const match = /^((?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^"'])*?)\bif\b(.*)$/.exec(rest);
	return match === null ? [rest, null] : [match[1]!, match[2]!];
}

/** What cannot be read may hold. */
export function parseCondition(text: string): Condition {
	const tokens =
		text.match(/"[^"]*"|'[^']*'|\$\((?:[^()]|\([^()]*\))*\)|\|\||&&|!=|[<>]=?|[=!()]|[^\s=!()&|<>"']+/g) ?? [];
	let at = 0;
	const parseOr = (): Condition => {
		let left = parseAnd();
		while (tokens[at] === "||" && ++at) left = or(left, parseAnd());
		return left;
	};
	const parseAnd = (): Condition => {
		let left = parseOne();
		while (tokens[at] === "&&" && ++at) left = and(left, parseOne());
		return left;
	};
	const parseOne = (): Condition => {
		const token = tokens[at++];
		if (token === "!") {
			parseOne();
			return ALWAYS;
		}
		if (token === "(") {
			const inner = parseOr();
			if (tokens[at] === ")") at++;
			return inner;
		}
		const left = atom(token ?? "");
		if (!/^([<>]=?|!?=)$/.test(tokens[at] ?? "")) return left;
		const compares = tokens[at++];
		const value = tokens[at++];
		return compares === "=" && (value === "y" || value === "m") ? left : ALWAYS;
	};
	return tokens.length === 0 ? ALWAYS : parseOr();
}

function atom(token: string): Condition {
	if (token === "n" || token === '"n"') return NEVER;
	if (token === "y" || token === "m" || !/^[A-Z_][A-Za-z0-9_]*$/.test(token)) return ALWAYS;
	return { kind: "symbol", name: token };
}
