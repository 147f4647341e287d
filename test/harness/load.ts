// Fixtures on disk: where they are, reading one, comparing with a snapshot beside it. `UPDATE=1` rewrites
// snapshots instead of comparing.

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, extname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { type Fixture, type FixtureFile, parseFixture } from "./fixture.js";
import { repositoryRoot } from "./sourceFiles.js";

export const fixturesRoot = join(repositoryRoot, "test/fixtures");
/** A small tree with Kbuild, Kconfig and MAINTAINERS: a kernel root for all that needs one. */
export const minikernelRoot = join(fixturesRoot, "minikernel/c");

/** Fixtures with this ending below a folder of test/fixtures, in order, as paths relative to it. */
export function fixturePaths(folder: string, extension: string): readonly string[] {
	return filesBelow(join(fixturesRoot, folder))
		.filter((path) => path.endsWith(extension))
		.map((path) => relative(join(fixturesRoot, folder), path).replaceAll("\\", "/"))
		.sort();
}

export function loadFixture(folder: string, path: string): Fixture {
	const text = readFileSync(join(fixturesRoot, folder, path), "utf8");
	return parseFixture(`${folder}/${path}`, text, basename(path));
}

/** What the front end for Rust is loaded with. */
export function readRustWasm(): { readonly runtime: Uint8Array; readonly grammar: Uint8Array } {
	const read = (name: string) => readFileSync(fileURLToPath(import.meta.resolve(name)));
	return {
		runtime: read("web-tree-sitter/web-tree-sitter.wasm"),
		grammar: read("tree-sitter-rust/tree-sitter-rust.wasm"),
	};
}

/** The miniature kernel as one fixture: its C files with the marks in them. */
export function loadMinikernel(): Fixture {
	const parts = minikernelFiles().map(({ path, text }) => parseFixture(`minikernel/${path}`, text, path));
	return {
		name: "minikernel",
		files: parts.flatMap((part) => part.files),
		findings: parts.flatMap((part) => part.findings),
		notes: parts.flatMap((part) => part.notes),
		cursor: null,
		fixed: null,
		alsoFixed: new Map(),
		notOffered: [],
		hover: null,
		profile: "default",
		version: [6, 1],
		mistakes: parts.flatMap((part) => part.mistakes),
	};
}

/** The miniature kernel's sources and headers. */
export function minikernelFiles(): readonly FixtureFile[] {
	return filesBelow(minikernelRoot)
		.filter((path) => path.endsWith(".c") || path.endsWith(".h"))
		.sort()
		.map((path) => ({
			path: relative(minikernelRoot, path).replaceAll("\\", "/"),
			text: readFileSync(path, "utf8"),
			config: new Map<string, string>(),
		}));
}

/** Compares `actual` with the snapshot beside the fixture: `case.c` and `case.<kind>`. */
export function matchSnapshot(folder: string, path: string, kind: string, actual: string): void {
	const file = join(fixturesRoot, folder, `${path.slice(0, -extname(path).length)}.${kind}`);
	if (process.env.UPDATE === "1") {
		writeFileSync(file, actual);
		return;
	}
	assert.ok(
		existsSync(file),
		`${relative(repositoryRoot, file)} is missing; write it with UPDATE=1 npm test, and read it`,
	);
	assert.equal(
		actual,
		readFileSync(file, "utf8"),
		`${relative(repositoryRoot, file)} differs; UPDATE=1 npm test rewrites it`,
	);
}

function filesBelow(folder: string): readonly string[] {
	if (!existsSync(folder)) return [];
	return readdirSync(folder, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.map((entry) => join(entry.parentPath, entry.name));
}
