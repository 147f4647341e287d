// The WebAssembly that reads Rust: beside the bundled scripts, in the published package's folder, or where npm put it.
// Loaded in each thread that comes to a file of Rust, so that trees without any do not wait for it.

import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadRust } from "@might-sleep/analyzer";

const RUNTIME = "web-tree-sitter/web-tree-sitter.wasm";
const GRAMMAR = "tree-sitter-rust/tree-sitter-rust.wasm";

let loading: Promise<void> | null = null;

/** Makes Rust readable in this thread, as far as its grammar is there; files are reported when it is not. */
export function loadRustGrammar(): Promise<void> {
	loading ??= load();
	return loading;
}

async function load(): Promise<void> {
	const [runtime, grammar] = rustGrammarFiles();
	if (runtime === undefined || grammar === undefined) return;
	try {
		await loadRust({ runtime: readFileSync(runtime), grammar: readFileSync(grammar) });
	} catch {
		// the files of Rust say that they are not read
	}
}

/** The runtime and the grammar; what is not found is left out. */
export function rustGrammarFiles(): string[] {
	return [RUNTIME, GRAMMAR].flatMap((name) => find(name) ?? []);
}

function find(name: string): string | null {
	const base = name.slice(name.indexOf("/") + 1);
	const here = dirname(fileURLToPath(import.meta.url));
	for (const path of [join(here, base), join(here, "../../../dist", base)]) if (existsSync(path)) return path;
	try {
		return fileURLToPath(import.meta.resolve(name));
	} catch {
		return null;
	}
}
