// Packs the built extension into might-sleep.vsix. The bundles hold every dependency, so none is packed.

import { fileURLToPath } from "node:url";
import { createVSIX } from "@vscode/vsce";

const root = fileURLToPath(new URL("..", import.meta.url));
await createVSIX({
	cwd: root,
	packagePath: process.argv[2] ?? "might-sleep.vsix",
	dependencies: false,
	allowMissingRepository: true,
	// there is no public address to write into the links
	rewriteRelativeLinks: false,
});
