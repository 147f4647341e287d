// Prints the IR of a C file, or of one function of it: node test/out/bench/printIr.js FILE [FUNCTION]
// Problems that the verifier finds follow on stderr. For developers of the front end and of the flow.

import { readFileSync } from "node:fs";
import { lowerC } from "@might-sleep/analyzer";
import { printFunction, printUnit } from "@might-sleep/analyzer/ir/print";
import { FN_SIZE, FnField, unitName } from "@might-sleep/analyzer/ir/unit";
import { verifyUnit } from "@might-sleep/analyzer/ir/verify";
import { defaultConfig } from "@might-sleep/analyzer/source/kconfig";

const [path, wanted] = process.argv.slice(2);
if (path === undefined) {
	console.error("usage: node test/out/bench/printIr.js FILE [FUNCTION]");
	process.exit(2);
}

const unit = lowerC(path, readFileSync(path), defaultConfig);
if (wanted === undefined) console.log(printUnit(unit));
else {
	const found = functionsNamed(wanted);
	for (const fn of found) console.log(printFunction(unit, fn));
	if (found.length === 0) {
		console.error(`${path} defines no ${wanted}`);
		process.exitCode = 1;
	}
}
for (const problem of verifyUnit(unit)) {
	console.error(problem);
	process.exitCode = 1;
}

function functionsNamed(name: string): readonly number[] {
	const fns: number[] = [];
	for (let fn = 0; fn * FN_SIZE < unit.fns.length; fn++) {
		if (unitName(unit, unit.fns[fn * FN_SIZE + FnField.Name]!) === name) fns.push(fn);
	}
	return fns;
}
