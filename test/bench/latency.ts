// How long a language server with a whole tree takes to answer: node test/out/bench/latency.js TREE [--count N]
// prints JSON: milliseconds from the start to the first hover and to the complete index, and p50, p95 and maximum of
// N (default 100) hovers and edits with their diagnostics.

import { measureLatency } from "../harness/latency.js";
import { countOption, readScriptArguments, runScript } from "../harness/script.js";

const USAGE = "npm run bench:latency -- TREE [--count N]";

await runScript(async () => {
	const { tree, options } = readScriptArguments(USAGE, process.argv.slice(2), ["count"]);
	const count = countOption(USAGE, options, "count", 100);
	console.log(JSON.stringify(await measureLatency(tree, count), null, "\t"));
});
