// Copies what the published server carries besides its code: the rules' pages and the WebAssembly that reads Rust.

import { copyFileSync, cpSync, mkdirSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { rustWasm } from "./rustWasm.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
cpSync(join(root, "docs/rules"), join(root, "server/docs/rules"), { recursive: true });
mkdirSync(join(root, "server/wasm"), { recursive: true });
for (const path of rustWasm) copyFileSync(path, join(root, "server/wasm", basename(path)));
