// might-sleep context: the contexts of a place or of a function.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ContextReport, Snapshot } from "@might-sleep/analyzer";
import { isCode } from "../host/comments.js";
import { type Command, choice, PROFILES, readArgs, rootOption, UsageError } from "./command.js";
import { nearestFew } from "./near.js";
import { fileInRoot } from "./place.js";
import { type SolvedTree, solveTree } from "./solve.js";
import { reportText } from "./text.js";

const NAME = "context";

export const command: Command = {
	usage: "might-sleep context [--root TREE] [--format text|json] [--profile default|rt] FILE:LINE[:COL] | FUNCTION",
	run: context,
};

/** `FILE:LINE[:COL]` as typed, before the file is looked for. */
interface TypedPlace {
	readonly file: string;
	readonly line: number;
	readonly column: number | undefined;
}

async function context(argv: readonly string[]): Promise<number> {
	const args = readArgs(NAME, argv, {
		root: { type: "string" },
		format: { type: "string" },
		profile: { type: "string" },
	});
	const [what, ...more] = args.positionals;
	if (what === undefined) throw new UsageError(`${NAME}: say which FILE:LINE[:COL] or FUNCTION`);
	if (more.length > 0) throw new UsageError(`${NAME}: unexpected argument '${more[0]}'`);
	const format = choice(NAME, args, "format", ["text", "json"], "text");
	const profile = choice(NAME, args, "profile", PROFILES, "default");
	const root = rootOption(NAME, args);
	const place = typedPlace(what);
	const file = place === null ? null : fileInRoot(NAME, root, place.file);
	const solved = await solveTree({ root, profile, jobs: 0, cache: true });
	const report =
		place === null || file === null
			? ofFunction(solved.snapshot, what, solved)
			: ofPlace(solved.snapshot, file, place, solved);
	process.stdout.write(format === "json" ? `${JSON.stringify(report, null, "\t")}\n` : reportText(report));
	return 0;
}

function typedPlace(text: string): TypedPlace | null {
	const match = /^(.+?):(\d+)(?::(\d+))?$/.exec(text);
	if (!match) {
		// functions of Rust are named `Type::function`
		if (/[/.:]/.test(text) && !/^\w+(::(\w+|\{closure#\d+\}))+$/.test(text))
			throw new UsageError(`${NAME}: '${text}' is neither FILE:LINE[:COL] nor a function's name`);
		return null;
	}
	return { file: match[1]!, line: Number(match[2]), column: match[3] === undefined ? undefined : Number(match[3]) };
}

function ofPlace(snapshot: Snapshot, file: string, place: TypedPlace, solved: SolvedTree): ContextReport {
	if (!solved.indexed.tree.files.some((known) => known.path === file)) {
		throw new UsageError(`${NAME}: ${file} is not among the files that are analysed`);
	}
	const report = snapshot.contextAt(file, place.line, place.column, wordAt(solved.indexed.tree.root, file, place));
	if (report === null) throw new UsageError(`${NAME}: ${file}:${place.line} is outside any function`);
	return report;
}

/** The name at a place of code, which may be that of a flag. */
function wordAt(root: string, file: string, { line, column }: TypedPlace): string | undefined {
	if (column === undefined) return undefined;
	// columns count bytes, as the analysis does
	const whole = readFileSync(join(root, file), "latin1");
	const lines = whole.split("\n");
	const text = lines[line - 1] ?? "";
	const before = /\w*$/.exec(text.slice(0, column - 1))![0];
	const word = before + /^\w*/.exec(text.slice(column - 1))![0];
	const start = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
	return word === "" || !isCode(whole, start + column - 1) ? undefined : word;
}

function ofFunction(snapshot: Snapshot, name: string, solved: SolvedTree): ContextReport {
	const report = snapshot.contextOf(name);
	if (report !== null) return report;
	const near = nearestFew(name, functionNames(snapshot, solved), 3);
	const hint = near.length > 0 ? `; did you mean ${near.map((word) => `'${word}'`).join(", ")}?` : "";
	throw new UsageError(`${NAME}: no function '${name}' in ${solved.indexed.tree.root}${hint}`);
}

function functionNames(snapshot: Snapshot, solved: SolvedTree): Set<string> {
	const names = new Set<string>();
	for (const file of solved.indexed.tree.files)
		for (const info of snapshot.functionsIn(file.path)) names.add(info.name);
	return names;
}
