// Bundles what tsc built: the extension (CommonJS, as VS Code loads it), the server with its threads, the
// panel's page, the walkthrough's pages, and the suite that the tests run inside the extension host. `--watch` goes on as tsc writes.

import { copyFileSync, mkdirSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, context } from "esbuild";
import { rustWasm } from "./rustWasm.mjs";
import { serverBundles } from "./serverBundles.mjs";
import { writeWalkthrough } from "./walkthrough.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const watching = process.argv.includes("--watch");

const common = {
	absWorkingDir: root,
	bundle: true,
	platform: "node",
	target: "node20",
	sourcemap: true,
	minifySyntax: true,
	logLevel: "warning",
	external: ["vscode"],
};

/** Some dependencies are CommonJS and call require(), which an ES module has not. */
const banner = {
	js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
};

/** What a bundle knows of the code that it is made of; one that is made anew all the time has to look for itself. */
async function versions() {
	if (watching) return {};
	const { buildVersion, frontEndVersion } = await import("../server/out/src/host/frontEndVersion.js");
	return {
		BUNDLED_FRONT_END_VERSION: JSON.stringify(frontEndVersion()),
		BUNDLED_BUILD_VERSION: JSON.stringify(buildVersion()),
	};
}

const bundles = [
	{
		...common,
		entryPoints: { extension: "client/out/src/extension.js" },
		outdir: "dist",
		format: "cjs",
		outExtension: { ".js": ".cjs" },
	},
	{
		...common,
		entryPoints: serverBundles,
		outdir: "dist",
		format: "esm",
		banner,
		define: await versions(),
	},
	{
		...common,
		// the panel's page runs in a browser, whatever VS Code it is in
		platform: "browser",
		target: "es2022",
		entryPoints: { panel: "client/webview/out/main.js" },
		outdir: "dist",
		format: "iife",
	},
	{
		...common,
		entryPoints: { panel: "client/webview/style.css" },
		outdir: "dist",
		sourcemap: false,
	},
	{
		...common,
		entryPoints: { suite: "test/out/vscode/suite/index.js" },
		outdir: "test/out",
		format: "cjs",
		outExtension: { ".js": ".cjs" },
	},
];

for (const options of bundles) {
	if (watching) await (await context(options)).watch();
	else await build(options);
}

// the front end for Rust looks for its grammar beside the scripts
mkdirSync(join(root, "dist"), { recursive: true });
for (const path of rustWasm) copyFileSync(path, join(root, "dist", basename(path)));
writeWalkthrough(root);
