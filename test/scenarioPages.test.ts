// The pages of docs/scenarios, the scenarios, and the walkthrough that opens them, against each other: every scenario
// has its one page, every run that a page quotes is the run that `might-sleep simulate` prints.

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { simulate } from "@might-sleep/server/cli/simulate";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const PAGES = join(ROOT, "docs/scenarios");
const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");

const scenarios = readdirSync(join(ROOT, "scenarios"))
	.filter((name) => name.endsWith(".json") && name !== "scenario.schema.json")
	.map((name) => name.slice(0, -".json".length))
	.sort();
const pages = readdirSync(PAGES)
	.filter((name) => name !== "README.md")
	.sort()
	.map((name) => ({ name, text: readFileSync(join(PAGES, name), "utf8") }));

/** Scenarios that a page is about: those of its table. */
function scenariosOf(text: string): string[] {
	return [...text.matchAll(/^\| \[([a-z-]+)\]\(\.\.\/\.\.\/scenarios\/\1\.json\)/gm)].map((match) => match[1]!);
}

interface Excerpt {
	readonly args: readonly string[];
	/** quoted lines, in runs of neighbours: what lies between is left out */
	readonly parts: readonly (readonly string[])[];
}

const COMMAND = /^\$ might-sleep simulate (.+)$/;

/** The runs that a page quotes. */
function excerptsOf(text: string): Excerpt[] {
	return [...text.matchAll(/^( *)```console\n([\s\S]*?)^\1```$/gm)].map(([, indent = "", block = ""]) => {
		const [first = "", ...lines] = block
			.split("\n")
			.slice(0, -1)
			.map((line) => line.slice(indent.length));
		const args = COMMAND.exec(first)?.[1]?.split(" ");
		assert.ok(args, `a console block begins with its command: ${first}`);
		const parts: string[][] = [[]];
		for (const line of lines) {
			if (line === "…") parts.push([]);
			else parts.at(-1)!.push(line);
		}
		return { args, parts: parts.filter((part) => part.length > 0) };
	});
}

const runs = new Map<string, Promise<readonly string[]>>();

/** The lines of a run, made once. */
function linesOf(args: readonly string[]): Promise<readonly string[]> {
	const key = args.join(" ");
	const made = runs.get(key) ?? simulate(args.map(toDisk)).then(({ text }) => text.split("\n"));
	runs.set(key, made);
	return made;
}

/** Pages write paths from the top of the repository. */
function toDisk(arg: string): string {
	return arg.startsWith("scenarios/") ? join(ROOT, arg) : arg;
}

test("every scenario has its one page, and pages name scenarios that are there", () => {
	const named = pages.flatMap(({ text }) => scenariosOf(text));
	assert.deepEqual([...named].sort(), scenarios);
});

test("the list of pages is complete, with their titles and scenarios", () => {
	const index = readFileSync(join(PAGES, "README.md"), "utf8");
	const rows = [...index.matchAll(/^\|[^|]+\| \[(.+?)\]\(([a-z-]+\.md)\) +\| (.+?) +\|$/gm)].map(
		([, title, name, cells = ""]) => ({
			title,
			name,
			of: [...cells.matchAll(/`([a-z-]+)`/g)].map((match) => match[1]),
		}),
	);
	const wanted = pages.map(({ name, text }) => ({
		title: /^# (.+)$/m.exec(text)?.[1],
		name,
		of: scenariosOf(text),
	}));
	const byName = (a: { name?: string | undefined }, b: { name?: string | undefined }) =>
		String(a.name) < String(b.name) ? -1 : 1;
	assert.deepEqual(rows.sort(byName), wanted.sort(byName));
});

test("links of the pages lead somewhere", () => {
	for (const { name, text } of [...pages, { name: "README.md", text: read("docs/scenarios/README.md") }]) {
		for (const [, link = ""] of text.matchAll(/\]\((?!https?:)([^)#]+)/g)) {
			assert.ok(existsSync(join(PAGES, link)), `${name}: ${link}`);
		}
	}
});

for (const { name, text } of pages) {
	test(`${name} quotes runs as they are`, async () => {
		const excerpts = excerptsOf(text);
		assert.ok(excerpts.length > 0);
		for (const { args, parts } of excerpts) {
			const lines = await linesOf(args);
			let at = 0;
			for (const part of parts) {
				const found = indexOfPart(lines, part, at);
				assert.ok(found >= 0, `${name}: ${args.join(" ")} does not print, in this order:\n${part.join("\n")}`);
				at = found + part.length;
			}
		}
	});
}

function indexOfPart(lines: readonly string[], part: readonly string[], from: number): number {
	for (let at = from; at + part.length <= lines.length; at++) {
		if (part.every((line, i) => lines[at + i] === line)) return at;
	}
	return -1;
}

test("what a scenario comes to is on its page", async () => {
	for (const { name, text } of pages) {
		for (const scenario of scenariosOf(text)) {
			const args = [`scenarios/${scenario}.json`];
			const quoted = excerptsOf(text)
				.filter((excerpt) => excerpt.args.join(" ") === args.join(" "))
				.flatMap(({ parts }) => parts.flat());
			const telling = (await linesOf(args)).filter((line) =>
				/\| .*(BUG:|WARNING: |failure:|left )|^deadlock/.test(line),
			);
			if (telling.length === 0) continue;
			assert.ok(
				telling.some((line) => quoted.includes(line)),
				`${name} says nothing of ${scenario}: ${telling[0]}`,
			);
		}
	}
});

// ---- the walkthrough ----

interface Step {
	readonly title: string;
	readonly description: string;
	readonly media: { readonly markdown: string };
}
interface Manifest {
	readonly contributes: {
		readonly commands: readonly { readonly command: string }[];
		readonly walkthroughs: readonly { readonly steps: readonly Step[] }[];
	};
}

const manifest = JSON.parse(read("package.json")) as Manifest;
const steps = manifest.contributes.walkthroughs.flatMap((walkthrough) => walkthrough.steps);

/** The commands that a step's links run, with their arguments. */
function linksOf({ description }: Step): { readonly command: string; readonly args: readonly unknown[] }[] {
	return [...description.matchAll(/\]\(command:([\w.-]+)(?:\?([^)]+))?\)/g)].map(([, command = "", args = "[]"]) => {
		return { command, args: JSON.parse(decodeURIComponent(args)) as readonly unknown[] };
	});
}

test("the walkthrough has a step for each page, which opens its scenarios", () => {
	const commands = manifest.contributes.commands.map(({ command }) => command);
	const shown = steps.map(({ title, media }) => ({ title, page: media.markdown }));
	const wanted = pages.map(({ name, text }) => ({
		title: /^# (.+)$/m.exec(text)?.[1],
		page: `dist/walkthrough/${name}`,
	}));
	const byPage = (a: { page: string }, b: { page: string }) => (a.page < b.page ? -1 : 1);
	assert.deepEqual([...shown].sort(byPage), wanted.sort(byPage));
	for (const step of steps) {
		const page = pages.find(({ name }) => step.media.markdown.endsWith(`/${name}`))!;
		const opened = linksOf(step).map(({ command, args: [what] }) => {
			assert.ok(commands.includes(command), command);
			return typeof what === "string" ? what : (what as { readonly shipped: string }).shipped;
		});
		assert.deepEqual([...new Set(opened)].sort(), scenariosOf(page.text).sort());
	}
});

test("its pages are those of the documents, and their links open copies", () => {
	const link = /\]\(command:might-sleep\.openShipped\?([^)]+)\)/g;
	for (const { name, text } of pages) {
		const shown = read(`dist/walkthrough/${name}`);
		const back = shown.replaceAll(link, (_, args: string) => {
			const [path] = JSON.parse(decodeURIComponent(args)) as [string];
			// what the command accepts
			assert.match(path, /^(docs|scenarios)(\/[\w-]+)+\.\w+$/, name);
			assert.ok(existsSync(join(ROOT, path)), `${name}: ${path}`);
			return `](${relative("docs/scenarios", path)})`;
		});
		assert.equal(back, text.replaceAll(/(\]\((?!https?:)[^)#]+)#[^)]*\)/g, "$1)"));
		assert.match(shown, link, name);
	}
});

test("the package holds scenarios, sources and pages", () => {
	const packed = read(".vscodeignore").split("\n");
	for (const line of ["!scenarios/*.json", "!scenarios/src/*", "!docs/scenarios/*.md", "!dist/walkthrough/*.md"]) {
		assert.ok(packed.includes(line), line);
	}
});
