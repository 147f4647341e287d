// Where npm put the WebAssembly that the front end for Rust is loaded with: tree-sitter's runtime and its grammar.

import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

export const rustWasm = [
	require.resolve("web-tree-sitter/web-tree-sitter.wasm"),
	require.resolve("tree-sitter-rust/tree-sitter-rust.wasm"),
];
