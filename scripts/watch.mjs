// Rebuilds on every change: tsc watches the sources, esbuild what tsc writes.

import { spawn } from "node:child_process";
import { ROOT } from "./steps.mjs";

const children = [
	spawn("npx", ["tsc", "-b", "--watch", "--preserveWatchOutput"], { cwd: ROOT, stdio: "inherit" }),
	spawn(process.execPath, ["scripts/bundle.mjs", "--watch"], { cwd: ROOT, stdio: "inherit" }),
];
for (const child of children) {
	child.once("exit", (code) => {
		for (const other of children) other.kill();
		process.exitCode = code ?? 1;
	});
}
