// The shape of the code as tests: which part may import which, how large a file may grow, what does not
// belong where. Each table below is the rule itself; to change the rule, change the table.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { test } from "node:test";
import { findComponents } from "@might-sleep/analyzer/base/scc";
import ts from "typescript";
import { forEachNode, lineOf, readSourceFiles, repositoryRoot } from "./harness/sourceFiles.js";

/** Parts of the analyzer and the parts each may import; a part may always import itself. */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
	/** the public data: no part needs another to speak of places, steps and findings */
	api: [],
	base: [],
	source: ["base"],
	ir: ["base", "source"],
	c: ["base", "source", "ir"],
	rust: ["base", "source", "ir"],
	model: ["base", "ir"],
	flow: ["api", "base", "ir", "model"],
	cache: ["base", "ir", "model", "flow"],
	fixes: ["api", "base", "ir", "model", "flow"],
	/** what the source says of its own contexts, and what denies it */
	statements: ["api", "base", "ir", "model", "flow"],
	rules: ["api", "base", "ir", "model", "flow", "fixes", "statements"],
	sim: ["api", "base", "ir", "model"],
	/** the solved state against what the source says of itself */
	oracle: ["api", "base", "ir", "model", "flow", "statements"],
	/** what a snapshot answers: rules and flow in the terms of api */
	query: ["api", "base", "ir", "model", "flow", "fixes", "rules", "oracle"],
	/** analysis.ts, index.ts */
	top: [
		"api",
		"base",
		"source",
		"ir",
		"c",
		"rust",
		"model",
		"flow",
		"cache",
		"fixes",
		"rules",
		"oracle",
		"query",
		"sim",
	],
};

/** Packages and the packages of this repository each may import. */
const PACKAGE_IMPORTS: Readonly<Record<string, readonly string[]>> = {
	analyzer: [],
	server: ["analyzer"],
	client: ["server"],
	test: ["analyzer", "server", "client"],
};

/** Packages from outside that only some places may import; a place is a path prefix. */
const RESTRICTED_PACKAGES: readonly { readonly package: RegExp; readonly places: readonly string[] }[] = [
	{ package: /^vscode$/, places: ["client/src/", "test/vscode/"] },
	{ package: /^vscode-languageclient(\/|$)/, places: ["client/src/"] },
	{
		package: /^vscode-(languageserver|jsonrpc)/,
		places: ["server/src/lsp/", "server/src/features/", "server/src/server.ts", "test/"],
	},
	{ package: /^@vscode\/debug(adapter|protocol)/, places: ["server/src/debug/", "test/"] },
	{ package: /^typescript$/, places: ["test/"] },
	{ package: /^web-tree-sitter$/, places: ["analyzer/src/rust/"] },
	{ package: /^node:/, places: ["server/", "client/", "test/", "analyzer/test/"] },
];

const MAX_FILE_LINES = 800;
const MAX_FUNCTION_LINES = 80;
const MAX_OPENING_COMMENT_LINES = 8;

/** `path` or `path#function`: opcode switches and tables that read better in one piece. Say why beside each. */
const SIZE_EXEMPT: ReadonlySet<string> = new Set([]);

/** `path "literal"`: literals that happen to be a kernel name but mean something else. Say what beside each. */
const LITERAL_EXEMPT: ReadonlySet<string> = new Set([]);

/** Columns of the model whose values are words of the schema, for code to switch on. */
const VOCABULARY_COLUMNS = ["lock", "section", "does", "irq", "how", "asks", "gives", "asserts", "fails", "family"];

/** What ES2023 itself offers of time, chance, the host and its language; the rest does not compile (types: []). */
const IMPURE_GLOBALS = new Set(["Date", "globalThis", "WeakRef", "FinalizationRegistry", "Intl"]);
const IMPURE_MEMBERS = new Set(["localeCompare", "toLocaleString", "toLocaleLowerCase", "toLocaleUpperCase"]);

/** Ways to leave a test out. */
const SKIPS = new Set(["skip", "todo", "only"]);

/** Tests over a real kernel tree: they run with RUN_SLOW=1 where there is one, and may say that there is none. */
const TREE_TESTS: ReadonlySet<string> = new Set(["analyzer/test/modelTree.test.ts"]);

const files = readSourceFiles();
const fileAt = new Map(files.map((file) => [file.path, file]));

test("every import inside the analyzer goes down the layer table", () => {
	const problems: string[] = [];
	for (const file of files) {
		const from = analyzerLayer(file.path);
		if (from === null) continue;
		const allowed = LAYERS[from];
		if (allowed === undefined)
			problems.push(`${file.path}: folder ${from} is not in LAYERS of tidy.test.ts; add it with what it may import`);
		for (const { target, line, specifier } of file.imports) {
			const to = target === null ? null : analyzerLayer(target);
			if (target !== null && to === null)
				problems.push(`${file.path}:${line}: imports ${specifier} from outside the analyzer`);
			if (to === null || to === from || allowed === undefined || allowed.includes(to)) continue;
			problems.push(
				`${file.path}:${line}: ${from} must not import ${to} (${specifier}); move the shared part down, or pass it in`,
			);
		}
	}
	expectNone(problems);
});

test("packages import each other in one direction, by name", () => {
	const problems: string[] = [];
	for (const file of files) {
		const own = file.path.split("/")[0]!;
		for (const { specifier, target, typeOnly, line } of file.imports) {
			const at = `${file.path}:${line}`;
			if (target !== null && target.split("/")[0] !== own) {
				problems.push(
					`${at}: imports ${specifier}; write @might-sleep/${target.split("/")[0]} instead of a path into another package`,
				);
			}
			const named = /^@might-sleep\/([^/]+)(\/.*)?$/.exec(specifier);
			if (named === null) continue;
			const [, name, inside] = named;
			if (!PACKAGE_IMPORTS[own]?.includes(name!)) problems.push(`${at}: ${own} must not import ${name}`);
			if (own === "client" && !typeOnly)
				problems.push(`${at}: the client takes types only from ${name}; write import type`);
			if (own !== "test" && name === "analyzer" && inside !== undefined) {
				problems.push(`${at}: imports ${specifier}; only the analyzer's index is for others, export it there`);
			}
		}
	}
	expectNone(problems);
});

test("packages from outside are declared, and stay where they belong", () => {
	const problems: string[] = [];
	const root = declaredPackages("package.json");
	for (const file of files) {
		const own = declaredPackages(`${file.path.split("/")[0]}/package.json`);
		for (const { specifier, target, line } of file.imports) {
			if (target !== null || specifier.startsWith("@might-sleep/")) continue;
			const at = `${file.path}:${line}`;
			const rule = RESTRICTED_PACKAGES.find((row) => row.package.test(specifier));
			if (rule !== undefined && !rule.places.some((place) => file.path.startsWith(place))) {
				problems.push(`${at}: ${specifier} may be imported in ${rule.places.join(", ")} only`);
			}
			const name = specifier
				.split("/")
				.slice(0, specifier.startsWith("@") ? 2 : 1)
				.join("/");
			const isBuiltIn = specifier.startsWith("node:") || specifier === "vscode";
			if (!isBuiltIn && !own.has(name) && !root.has(name))
				problems.push(`${at}: ${name} is in no package.json of this package`);
		}
	}
	expectNone(problems);
});

test("there are no import cycles, type imports included", () => {
	const index = new Map(files.map((file, i) => [file.path, i]));
	const starts = new Int32Array(files.length + 1);
	const targets: number[] = [];
	files.forEach((file, i) => {
		for (const { target } of file.imports) {
			const to = target === null ? undefined : index.get(target);
			if (to !== undefined) targets.push(to);
		}
		starts[i + 1] = targets.length;
	});
	const components = findComponents({ nNodes: files.length, starts, targets: Int32Array.from(targets) });
	const groups = new Map<number, string[]>();
	components.componentOf.forEach((component, i) => {
		groups.set(component, [...(groups.get(component) ?? []), files[i]!.path]);
	});
	const selfImports = files.filter((file) => file.imports.some(({ target }) => target === file.path));
	expectNone([
		...[...groups.values()]
			.filter((group) => group.length > 1)
			.map((group) => `cycle: ${group.join(" ⇄ ")}; move what they share into a file of its own`),
		...selfImports.map((file) => `${file.path}: imports itself`),
	]);
});

test("relative imports name files that exist", () => {
	const problems: string[] = [];
	for (const file of files) {
		for (const { specifier, target, line } of file.imports) {
			if (target === null || fileAt.has(target)) continue;
			problems.push(`${file.path}:${line}: ${specifier} is no file of this repository (imports end in .js)`);
		}
	}
	expectNone(problems);
});

test("the analyzer is pure", () => {
	const config = ts.readConfigFile(join(repositoryRoot, "analyzer/tsconfig.json"), ts.sys.readFile);
	const parsed = ts.parseJsonConfigFileContent(config.config, ts.sys, join(repositoryRoot, "analyzer"));
	assert.deepEqual(
		parsed.options.types,
		[],
		"analyzer/tsconfig.json must keep types: [] so that nothing of Node compiles",
	);
	assert.deepEqual(
		parsed.options.lib,
		["lib.es2023.d.ts"],
		"analyzer/tsconfig.json must keep lib: ES2023, without the DOM",
	);
	const problems: string[] = [];
	for (const file of files) {
		if (!file.path.startsWith("analyzer/src/")) continue;
		forEachNode(file, (node) => {
			const name = impureName(node);
			if (name !== null)
				problems.push(
					`${file.path}:${lineOf(file, node)}: uses ${name}; time, chance, the language and storage of the host come in as arguments`,
				);
		});
	}
	expectNone(problems);
});

test("files and functions stay within their size", () => {
	const problems: string[] = [];
	const used = new Set<string>();
	const check = (key: string, lines: number, limit: number, place: string, advice: string): void => {
		if (lines <= limit) return;
		if (SIZE_EXEMPT.has(key)) used.add(key);
		else problems.push(`${place}: ${lines} lines, the limit is ${limit}; ${advice}`);
	};
	for (const file of files) {
		const lines = file.text.split("\n").length - 1;
		check(file.path, lines, MAX_FILE_LINES, file.path, "split it by what changes together");
		forEachNode(file, (node) => {
			const name = functionName(node);
			if (name === null) return;
			const first = lineOf(file, node);
			const last = file.tree.getLineAndCharacterOfPosition(node.end).line + 1;
			check(
				`${file.path}#${name}`,
				last - first + 1,
				MAX_FUNCTION_LINES,
				`${file.path}:${first} ${name}`,
				"give its steps names",
			);
		});
	}
	for (const key of SIZE_EXEMPT)
		if (!used.has(key)) problems.push(`SIZE_EXEMPT: ${key} is within the limit now; remove it`);
	expectNone(problems);
});

test("files open with a comment that says what they are for", () => {
	const problems: string[] = [];
	for (const file of files) {
		const lines = openingComment(file.text);
		if (lines === 0)
			problems.push(
				`${file.path}: open it with 1–${MAX_OPENING_COMMENT_LINES} lines: what it is for, what is not in it`,
			);
		else if (lines > MAX_OPENING_COMMENT_LINES)
			problems.push(`${file.path}: its opening comment has ${lines} lines, ${MAX_OPENING_COMMENT_LINES} is the limit`);
	}
	expectNone(problems);
});

test("no default exports, no barrels, no any", () => {
	const problems: string[] = [];
	for (const file of files) {
		const statements = file.tree.statements;
		const onlyExports =
			statements.length > 0 && statements.every((s) => ts.isExportDeclaration(s) && s.moduleSpecifier !== undefined);
		if (onlyExports && file.path !== "analyzer/src/index.ts") {
			problems.push(
				`${file.path}: only re-exports; import from the files themselves (analyzer/src/index.ts is the one surface)`,
			);
		}
		forEachNode(file, (node) => {
			const at = `${file.path}:${lineOf(file, node)}`;
			if (ts.isExportAssignment(node) || hasDefaultModifier(node)) problems.push(`${at}: default export; name it`);
			if (node.kind === ts.SyntaxKind.AnyKeyword) problems.push(`${at}: any; say what it is, or unknown and narrow it`);
		});
	}
	expectNone(problems);
});

test("names say what things are", () => {
	const problems: string[] = [];
	for (const file of files) {
		const name = basename(file.path).replace(/(\.test|\.unit)?\.m?ts$/, "");
		if (!/^[a-z][A-Za-z0-9]*$/.test(name)) problems.push(`${file.path}: name it in camelCase after its main export`);
		forEachNode(file, (node) => {
			if (!ts.isClassDeclaration(node) && !ts.isInterfaceDeclaration(node) && !ts.isTypeAliasDeclaration(node)) return;
			const declared = node.name?.text ?? "";
			const at = `${file.path}:${lineOf(file, node)}`;
			if (/(Manager|Helper|Impl|Utils?\d*)$/.test(declared))
				problems.push(`${at}: ${declared}: say what it does instead`);
			if (/^I[A-Z][a-z]/.test(declared) && ts.isInterfaceDeclaration(node))
				problems.push(`${at}: ${declared}: no I before interfaces`);
		});
	}
	expectNone(problems);
});

test("no test is skipped or run alone", () => {
	const problems: string[] = [];
	for (const file of files) {
		if (!file.path.endsWith(".test.ts") || TREE_TESTS.has(file.path)) continue;
		forEachNode(file, (node) => {
			const isMethod = ts.isPropertyAccessExpression(node) && SKIPS.has(node.name.text) && isTestName(node.expression);
			const isOption =
				ts.isPropertyAssignment(node) &&
				SKIPS.has(node.name.getText()) &&
				ts.isCallExpression(node.parent.parent) &&
				isTestName(node.parent.parent.expression);
			if (isMethod || isOption)
				problems.push(
					`${file.path}:${lineOf(file, node)}: a skipped test says nothing; fix it or assert the known wrong result as FN_/FP_`,
				);
		});
	}
	expectNone(problems);
});

test("kernel names are rows of the model, not literals in flow, rules or sim", async () => {
	const { builtinRows } = await import("@might-sleep/analyzer/model/compile");
	const names = new Set<string>();
	const named = [
		...builtinRows.locks,
		...builtinRows.sections,
		...builtinRows.sleepers,
		...builtinRows.allocators,
		...builtinRows.predicates,
		...builtinRows.values,
		...builtinRows.assertions,
		...builtinRows.noReturns,
		...builtinRows.neutrals,
		...builtinRows.gfp,
	];
	for (const row of named) names.add(row.name);
	for (const row of builtinRows.callbacks) if (row.via !== "field") names.add(row.name);
	// Some questions and kinds of the schema are called like the function that asks or takes them.
	for (const row of named) {
		for (const column of VOCABULARY_COLUMNS) {
			const value = (row as unknown as Readonly<Record<string, unknown>>)[column];
			if (typeof value === "string") names.delete(value);
		}
	}
	assert.ok(names.size > 100, `the model has ${names.size} names; is it read?`);
	const problems: string[] = [];
	const used = new Set<string>();
	for (const file of files) {
		if (!/^analyzer\/src\/(flow|rules|sim)\//.test(file.path)) continue;
		forEachNode(file, (node) => {
			if (!ts.isStringLiteralLike(node) || !names.has(node.text)) return;
			const key = `${file.path} ${JSON.stringify(node.text)}`;
			if (LITERAL_EXEMPT.has(key)) used.add(key);
			else
				problems.push(
					`${file.path}:${lineOf(file, node)}: "${node.text}" is a kernel name; read it from a column of its row`,
				);
		});
	}
	for (const key of LITERAL_EXEMPT)
		if (!used.has(key)) problems.push(`LITERAL_EXEMPT: ${key} does not occur any more; remove it`);
	expectNone(problems);
});

test("the rules above see what they look for", () => {
	assert.ok(files.length > 20, "the walk finds the repository's files");
	assert.equal(analyzerLayer("analyzer/src/flow/state.ts"), "flow");
	assert.equal(analyzerLayer("analyzer/src/index.ts"), "top");
	assert.equal(analyzerLayer("analyzer/src/api.ts"), "api");
	assert.equal(analyzerLayer("server/src/main.ts"), null);
	assert.equal(openingComment("// one\n// two\n\nimport x;\n"), 2);
	assert.equal(openingComment("#!/usr/bin/env node\n// one\n"), 1);
	assert.equal(openingComment("/* one\n two */\ncode"), 2);
	assert.equal(openingComment("import x;\n// late\n"), 0);
});

function expectNone(problems: readonly string[]): void {
	if (problems.length > 0) assert.fail(`${problems.length} to mend:\n  ${problems.join("\n  ")}`);
}

/** The layer of an analyzer source file; null for files of other packages and for its tests. */
function analyzerLayer(path: string): string | null {
	if (!path.startsWith("analyzer/src/")) return null;
	const [first, second] = path.slice("analyzer/src/".length).split("/");
	if (second !== undefined) return first!;
	return first === "api.ts" ? "api" : "top";
}

function declaredPackages(path: string): ReadonlySet<string> {
	const json = JSON.parse(readFileSync(join(repositoryRoot, path), "utf8")) as Record<
		string,
		Record<string, string> | undefined
	>;
	return new Set(
		["dependencies", "devDependencies", "peerDependencies", "optionalDependencies"].flatMap((key) =>
			Object.keys(json[key] ?? {}),
		),
	);
}

/** The impure thing that this node uses, or null. Names after a dot or in a declaration are no globals. */
function impureName(node: ts.Node): string | null {
	if (ts.isPropertyAccessExpression(node)) {
		if (node.expression.getText() === "Math" && node.name.text === "random") return "Math.random";
		return IMPURE_MEMBERS.has(node.name.text) ? node.name.text : null;
	}
	if (!ts.isIdentifier(node) || !IMPURE_GLOBALS.has(node.text)) return null;
	const { parent } = node;
	const isName =
		(ts.isPropertyAccessExpression(parent) && parent.name === node) ||
		((ts.isPropertyAssignment(parent) || ts.isVariableDeclaration(parent) || ts.isPropertySignature(parent)) &&
			parent.name === node) ||
		ts.isQualifiedName(parent);
	return isName ? null : node.text;
}

/** A name for a function-like node with a body, or null for other nodes. Tests' own callbacks have none. */
function functionName(node: ts.Node): string | null {
	if (!ts.isFunctionLike(node) || !("body" in node) || node.body === undefined) return null;
	if (ts.isConstructorDeclaration(node)) return "constructor";
	if (node.name !== undefined) return node.name.getText();
	const { parent } = node;
	return ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent) ? parent.name.getText() : "(anonymous)";
}

/** `test`, `it`, `t`, `t.test` … */
function isTestName(node: ts.Expression): boolean {
	const name = ts.isPropertyAccessExpression(node) ? node.name.text : node.getText();
	return ["test", "it", "t", "describe", "suite"].includes(name);
}

/** Lines of the comment at the start of the text; 0 when there is none. */
function openingComment(text: string): number {
	const lines = text.split("\n");
	let at = lines[0]?.startsWith("#!") ? 1 : 0;
	const first = at;
	if (lines[at]?.startsWith("/*")) {
		while (at < lines.length && !lines[at]!.includes("*/")) at++;
		return at - first + 1;
	}
	while (lines[at]?.startsWith("//")) at++;
	return at - first;
}

function hasDefaultModifier(node: ts.Node): boolean {
	return (
		ts.canHaveModifiers(node) && (ts.getModifiers(node) ?? []).some((m) => m.kind === ts.SyntaxKind.DefaultKeyword)
	);
}
