// Edits as people make them, drawn by a generator: each turns a text into another one. Some change places only, some a
// body, some what a function does to others.

export type Random = () => number;

/** By kind. What cannot be done to a text leaves it as it is. */
export const EDITS: Readonly<Record<string, (text: string, random: Random) => string>> = {
	comment: (text, random) => withLine(text, random, () => true, one(["/* a note */", "", "// another"], random)),
	number: (text, random) => replaceOne(text, random, /\b\d+\b/g, () => String(Math.floor(20 * random()))),
	string: (text, random) => replaceOne(text, random, /"[a-z0-9]+"/g, () => '"other"'),
	statement: (text, random) => withLine(text, random, isStatement, one(STATEMENTS, random)),
	call: (text, random) => withLine(text, random, isStatement, one(CALLS, random)),
	remove: (text, random) => replaceOne(text, random, /^\t+[^\n]*;\n/gm, () => ""),
	repeat: (text, random) => replaceOne(text, random, /^\t+[^\n]*;\n/gm, (line) => line + line),
	flag: (text) =>
		text.includes("GFP_KERNEL") ? text.replace("GFP_KERNEL", "GFP_ATOMIC") : text.replace("GFP_ATOMIC", "GFP_KERNEL"),
	local: (text, random) => renameOne(text, random, /\b(?:int|long|struct \w+ \*)\s?(\w+)(?: = [^;]*)?;/g),
	function: (text, random) => renameOne(text, random, /^(?:static )?(?:int|void) (\w+)\(/gm),
	/** its file comes to another place among others */
	grow: (text) => `${text}/* ${"more ".repeat(text.length / 4)} */\n`,
	lock: (text) => text.replace(/spin_(un)?lock\(/, "mutex_$1lock("),
	wrap: (text, random) =>
		replaceOne(text, random, CALL, (line) => `\tspin_lock(&n->lock);\n${line}\tspin_unlock(&n->lock);\n`),
	unwrap: (text, random) =>
		replaceOne(text, random, /\t(spin|mutex)_lock\((.*)\);\n([\s\S]*?)\t\1_unlock\(\2\);\n/g, (found) =>
			found.replace(/^.*\n/, "").replace(/.*\n$/, ""),
		),
	callee: (text, random) =>
		replaceOne(text, random, CALL, (line) => line.replace(/\w+\(/, `${ownFunction(text, random)}(`)),
	callback: (text, random) =>
		replaceOne(text, random, /(?<=\.\w+ = |request_irq\(.*?, |setup\(.*?, )\w+(?=,)/g, () => ownFunction(text, random)),
	prototype: (text, random) =>
		replaceOne(text, random, /^(?:static inline |extern )?(?:int|void)(?= \w+\()/gm, (found) =>
			found.endsWith("int") ? found.replace("int", "void") : found.replace("void", "int"),
		),
};

const STATEMENTS = ["\tint fresh = 3;", "\tspare++;", "\tn->state = 4;", "\tif (n->state)\n\t\tn->irq = 2;"];
const CALLS = [
	"\tmsleep(5);",
	"\tcpu_relax();",
	"\tudelay(3);",
	'\tpr_info("x");',
	"\tcore1_run(n);",
	"\tspin_lock(&n->lock);",
	"\tmutex_lock(&n->guard);",
	"\tkfree(kmalloc(3, GFP_KERNEL));",
];

/** A call that is a statement. */
const CALL = /^\t+\w+\(.*\);\n/gm;

/** A function that a text defines. */
function ownFunction(text: string, random: Random): string {
	const found = [...text.matchAll(/^(?:static )?(?:inline )?(?:int|void|irqreturn_t) (\w+)\(/gm)];
	return found.length === 0 ? "nobody" : one(found, random)[1]!;
}

/** One of a list. */
export function one<T>(list: readonly T[], random: Random): T {
	return list[Math.floor(random() * list.length)]!;
}

function isStatement(line: string): boolean {
	return /^\t+.*;\s*$/.test(line);
}

/** With a line more before one for which the test holds. */
function withLine(text: string, random: Random, isPlace: (line: string) => boolean, fresh: string): string {
	const lines = text.split("\n");
	const places = lines.flatMap((line, i) => (isPlace(line) ? [i] : []));
	if (places.length === 0) return text;
	lines.splice(one(places, random), 0, fresh);
	return lines.join("\n");
}

function replaceOne(text: string, random: Random, what: RegExp, by: (found: string) => string): string {
	const found = [...text.matchAll(what)];
	if (found.length === 0) return text;
	const match = one(found, random);
	return text.slice(0, match.index) + by(match[0]) + text.slice(match.index + match[0].length);
}

/** Another name, everywhere in the text, for what the first group of a pattern finds. */
function renameOne(text: string, random: Random, what: RegExp): string {
	const found = [...text.matchAll(what)];
	if (found.length === 0) return text;
	const name = one(found, random)[1]!;
	return text.replaceAll(new RegExp(`(?<![.>])\\b${name}\\b`, "g"), `${name}_too`);
}
