// Everything that must hold: installs what is missing, builds, lints, then runs all tests under node's test
// runner, those in a real VS Code included. Names of test files as arguments run only these.

import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { build, compiled, install, packExtension, ROOT, status } from "./steps.mjs";

install();
build();
const wanted = process.argv.slice(2);
const files = testFiles().filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)));
if (files.length === 0) {
	console.error(`no test file matches ${wanted.join(" ")}`);
	process.exit(2);
}
const lint = wanted.length === 0 ? status("npm", ["run", "--silent", "lint"]) : 0;
if (files.some((file) => file.includes("/vscode/"))) await prepareVsCode();
const tests = status(process.execPath, [
	"--enable-source-maps",
	"--test",
	"--test-reporter=spec",
	"--test-concurrency=2",
	...files,
]);
if (lint !== 0) console.error("lint failed, see above");
process.exit(tests || lint);

/** The compiled tests of all parts; those in VS Code first, for they take longest. */
function testFiles() {
	const found = ["analyzer/out", "server/out", "client/out", "test/out"].flatMap((folder) => filesBelow(folder));
	const tests = found.filter((file) => file.endsWith(".test.js")).sort();
	return [...tests.filter((file) => file.includes("/vscode/")), ...tests.filter((file) => !file.includes("/vscode/"))];
}

function filesBelow(folder) {
	return readdirSync(join(ROOT, folder), { withFileTypes: true, recursive: true })
		.filter((entry) => entry.isFile())
		.map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}

/** What the tests in VS Code need, fetched before the clock of a test runs. */
async function prepareVsCode() {
	packExtension();
	rmSync(join(ROOT, "test/screenshots"), { recursive: true, force: true });
	try {
		const [{ installHost }, { findChromium }] = [await compiled("vscode/host.js"), await compiled("vscode/browser.js")];
		installHost(console.log);
		findChromium(console.log);
	} catch (error) {
		console.error(error.message);
		process.exit(2);
	}
}
