// The grammar: tree-sitter's runtime and its Rust grammar, both as WebAssembly whose bytes the host brings.
// One parser serves all files of a thread.
import { Language, type Node, Parser } from "web-tree-sitter";

/** The two WebAssembly modules: tree-sitter's runtime, and tree-sitter-rust. */
export interface RustWasm {
	readonly runtime: Uint8Array;
	readonly grammar: Uint8Array;
}

let parser: Parser | null = null;

/** Makes the front end for Rust usable in this thread. Called once, before `lowerRust`. */
export async function loadRust(wasm: RustWasm): Promise<void> {
	if (parser !== null) return;
	await Parser.init({ wasmBinary: wasm.runtime });
	const made = new Parser();
	made.setLanguage(await Language.load(wasm.grammar));
	parser = made;
}

/** Has `loadRust` been called? */
export function isRustLoaded(): boolean {
	return parser !== null;
}

/** Steps of the parser that a byte may cost, and what any text may: broken input is given up, not searched through. */
const STEPS_PER_BYTE = 1 / 20;
const FREE_STEPS = 2000;

/** Hands the syntax tree of a text to `read`; undefined when the text costs too much, or there is no parser. */
export function withSyntax<T>(text: string, read: (root: Node) => T): T | undefined {
	if (parser === null) return undefined;
	let steps = FREE_STEPS + text.length * STEPS_PER_BYTE;
	let tree: ReturnType<Parser["parse"]> = null;
	try {
		// the runtime asks after every hundred or so of its steps; an answer of true ends the parse
		tree = parser.parse(text, null, { progressCallback: () => --steps < 0 });
		return tree === null ? undefined : read(tree.rootNode);
	} finally {
		if (tree === null) parser.reset();
		else tree.delete();
	}
}
