// Copies what the published server carries besides its code: the bundles that it runs, the rules' pages and the
// WebAssembly that reads Rust.

import { copyFileSync, cpSync, mkdirSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { rustWasm } from "./rustWasm.mjs";
import { serverBundles } from "./serverBundles.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
cpSync(join(root, "docs/rules"), join(root, "server/docs/rules"), { recursive: true });
mkdirSync(join(root, "server/dist"), { recursive: true });
const scripts = Object.keys(serverBundles).map((name) => join(root, `dist/${name}.js`));
for (const path of [...scripts, ...rustWasm]) copyFileSync(path, join(root, "server/dist", basename(path)));
