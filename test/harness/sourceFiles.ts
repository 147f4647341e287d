// The repository's own TypeScript, parsed: what tidy asks about imports, declarations and literals. Facts
// come from the compiler's syntax tree, never from text search.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

/** The root of the checkout. */
export const repositoryRoot = resolve(fileURLToPath(new URL("../../..", import.meta.url)));

export interface SourceFile {
	/** relative to the root, with `/` */
	readonly path: string;
	readonly text: string;
	readonly tree: ts.SourceFile;
	readonly imports: readonly Import[];
}

export interface Import {
	/** as written */
	readonly specifier: string;
	/** path of the file it names, for relative imports; null for packages */
	readonly target: string | null;
	readonly typeOnly: boolean;
	readonly line: number;
}

const SKIPPED_FOLDERS = new Set(["node_modules", "out", "dist", "fixtures", ".git", ".vscode-test", "coverage"]);
const PACKAGES = ["analyzer", "server", "client", "test"];

/** All TypeScript files of the four packages, in path order. */
export function readSourceFiles(): readonly SourceFile[] {
	const paths: string[] = [];
	for (const name of PACKAGES) walk(join(repositoryRoot, name), paths);
	return paths
		.filter((path) => /\.m?ts$/.test(path) && !path.endsWith(".d.ts"))
		.map((path) => relative(repositoryRoot, path).replaceAll("\\", "/"))
		.sort()
		.map(readSourceFile);
}

/** Line (from 1) of a node. */
export function lineOf(file: SourceFile, node: ts.Node): number {
	return file.tree.getLineAndCharacterOfPosition(node.getStart(file.tree)).line + 1;
}

/** Calls `visit` on every node of the file, parents first. */
export function forEachNode(file: SourceFile, visit: (node: ts.Node) => void): void {
	const walkNode = (node: ts.Node): void => {
		visit(node);
		ts.forEachChild(node, walkNode);
	};
	walkNode(file.tree);
}

function walk(folder: string, into: string[]): void {
	for (const entry of readdirSync(folder, { withFileTypes: true })) {
		const path = join(folder, entry.name);
		if (entry.isDirectory()) {
			if (!SKIPPED_FOLDERS.has(entry.name)) walk(path, into);
		} else into.push(path);
	}
}

function readSourceFile(path: string): SourceFile {
	const text = readFileSync(join(repositoryRoot, path), "utf8");
	const tree = ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true, ts.ScriptKind.TS);
	const imports: Import[] = [];
	const add = (node: ts.Node, specifier: string, typeOnly: boolean): void => {
		const line = tree.getLineAndCharacterOfPosition(node.getStart(tree)).line + 1;
		imports.push({ specifier, target: resolveRelative(path, specifier), typeOnly, line });
	};
	const visit = (node: ts.Node): void => {
		if (ts.isImportDeclaration(node)) add(node, specifierText(node.moduleSpecifier), isTypeOnlyImport(node));
		else if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined) {
			add(node, specifierText(node.moduleSpecifier), node.isTypeOnly);
		} else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
			add(node, specifierText(node.argument.literal), true);
		} else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
			const [argument] = node.arguments;
			if (argument !== undefined) add(node, specifierText(argument), false);
		}
		ts.forEachChild(node, visit);
	};
	visit(tree);
	return { path, text, tree, imports };
}

function specifierText(node: ts.Node): string {
	return ts.isStringLiteralLike(node) ? node.text : "";
}

/** `import type …`, or every name in the braces is `type`. */
function isTypeOnlyImport(node: ts.ImportDeclaration): boolean {
	const clause = node.importClause;
	if (clause === undefined) return false;
	if (clause.isTypeOnly) return true;
	const bindings = clause.namedBindings;
	if (clause.name !== undefined || bindings === undefined || !ts.isNamedImports(bindings)) return false;
	return bindings.elements.length > 0 && bindings.elements.every((element) => element.isTypeOnly);
}

function resolveRelative(from: string, specifier: string): string | null {
	if (!specifier.startsWith(".")) return null;
	const path = join(dirname(from), specifier).replaceAll("\\", "/");
	const source = path.replace(/\.js$/, ".ts").replace(/\.mjs$/, ".mts");
	return existsSync(join(repositoryRoot, source)) ? source : path;
}
