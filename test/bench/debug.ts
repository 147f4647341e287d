// npm run bench:debug -- TREE [--functions N] [--findings N] [--steps N] [--seed S]: launches random functions and
// findings of a tree through the debug adapter of a language server, as an editor does, steps each to its end or for so
// many steps, and back to its beginning. Prints what a person would stumble over: refusals, sessions that break off, stops
// outside of the function that they name, places that are others on the way back. Exit status 1 when there are any.

import { join } from "node:path";
import { walkTree } from "@might-sleep/server/host/walk";
import { DEBUG_PIPE_METHOD, type DebugPipeResult } from "@might-sleep/server/lsp/protocol";
import { functionRanges, type Walk, walkRun } from "../harness/debugWalk.js";
import { LspClient } from "../harness/lspClient.js";
import { generator } from "../harness/random.js";
import { countOption, readScriptArguments, runScript } from "../harness/script.js";
import { checkTree } from "../harness/wholeTree.js";

const USAGE = "npm run bench:debug -- TREE [--functions N] [--findings N] [--steps N] [--seed S]";
/** A whole tree on a slow machine. */
const INDEX_MS = 900_000;
/** Rules whose findings are followed to a splat. */
const RULES = ["sleep-in-atomic", "gfp-sleeps-in-atomic", "rcu-blocking", "lock-imbalance", "irq-flavour-mismatch"];
/** What a finding whose chain goes through a pointer is refused with. */
const NO_CHAIN = /has no chain to step through/;

interface Walked extends Walk {
	readonly about: string;
	readonly ms: number;
}

await runScript(async () => {
	const known = ["functions", "findings", "steps", "seed"];
	const { tree, options } = readScriptArguments(USAGE, process.argv.slice(2), known);
	const count = (name: string, fallback: number) => countOption(USAGE, options, name, fallback);
	const random = generator(count("seed", 1));
	const draw = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
	const steps = count("steps", 2000);
	progress("checks the tree for findings to follow");
	const ids = await findingsOf(tree);
	progress(`${ids.length} findings; indexes the tree as an editor's server`);
	const server = await LspClient.start({ folder: tree, capabilities: { textDocument: { diagnostic: {} } } });
	try {
		await server.ready(INDEX_MS);
		progress("ready; launches");
		const { pipe } = await server.request<DebugPipeResult>(DEBUG_PIPE_METHOD, {});
		const walk = async (about: string, launch: object): Promise<Walked> => {
			const start = performance.now();
			const walked = { about, ...(await walkRun(pipe, tree, launch, steps)), ms: performance.now() - start };
			progress(`${about}: ${walked.nForwards} steps and ${walked.nBackwards} back in ${seconds(walked.ms)}`);
			return walked;
		};
		const functions = await walkFunctions(tree, count("functions", 100), { draw, walk });
		const findings = await walkFindings(ids, count("findings", 30), { draw, walk });
		const isGood = [print("functions", functions), print("findings", findings), printServer(server.stderr)].every(
			Boolean,
		);
		await server.stop();
		process.exitCode = isGood ? 0 : 1;
	} finally {
		server.kill();
	}
});

interface Means {
	readonly draw: <T>(from: readonly T[]) => T;
	readonly walk: (about: string, launch: object) => Promise<Walked>;
}

/** Ids of the tree's findings that predict a splat. */
async function findingsOf(tree: string): Promise<string[]> {
	const { stdout } = await checkTree(tree, ["--confidence", "medium", ...RULES.flatMap((rule) => ["--rule", rule])]);
	const { findings } = JSON.parse(stdout) as { readonly findings: readonly { readonly id: string }[] };
	return findings.map(({ id }) => id);
}

async function walkFunctions(tree: string, count: number, { draw, walk }: Means): Promise<Walked[]> {
	const files = walkTree(tree, { followLinks: false }).files.filter(({ path }) => path.endsWith(".c"));
	const walks: Walked[] = [];
	while (walks.length < count && files.length > 0) {
		const { path } = draw(files);
		const able = functionRanges(join(tree, path)).filter(({ isRunnable }) => isRunnable);
		if (able.length === 0) continue;
		const { name, line } = draw(able);
		walks.push(await walk(`${path}:${line} ${name}`, { function: name, file: path, line }));
	}
	return walks;
}

/** Those with a chain to follow. */
async function walkFindings(ids: readonly string[], count: number, { draw, walk }: Means): Promise<Walked[]> {
	const walks: Walked[] = [];
	const tried = new Set<string>();
	while (walks.length < count && tried.size < ids.length) {
		const id = draw(ids);
		if (tried.has(id)) continue;
		tried.add(id);
		const walked = await walk(id, { finding: id });
		if (walked.refusal === null || !NO_CHAIN.test(walked.refusal)) walks.push(walked);
	}
	return walks;
}

/** Says on stderr how far it is: it takes minutes. */
function progress(text: string): void {
	process.stderr.write(`[${seconds(performance.now())}] ${text}\n`);
}

function seconds(ms: number): string {
	return `${(ms / 1000).toFixed(1)} s`;
}

/** Prints what came of some launches; false when a person would stumble. */
function print(what: string, walks: readonly Walked[]): boolean {
	const sum = (of: (walk: Walked) => number) => walks.reduce((total, walk) => total + of(walk), 0);
	const stumbles = walks.flatMap(stumblesOf);
	console.log(
		`${walks.length} ${what}: ${sum((walk) => walk.nForwards)} steps forwards, ${sum((walk) => walk.nBackwards)} back`,
	);
	const stops = new Map<string, number>();
	for (const walk of walks) for (const [reason, n] of walk.stops) stops.set(reason, (stops.get(reason) ?? 0) + n);
	const told = [...stops].map(([reason, n]) => `${n} × ${reason}`).join(", ");
	console.log(`    stops that are no steps: ${told === "" ? "none" : told}`);
	console.log(`    ${sum((walk) => walk.nNotes)} times the console names what is not known or not done`);
	const slowest = walks.reduce((most, walk) => Math.max(most, walk.ms), 0);
	console.log(`    ${seconds(sum((walk) => walk.ms))} in all, the slowest ${seconds(slowest)}`);
	console.log(`    ${stumbles.length} stumbles`);
	for (const stumble of stumbles) console.log(`    ${stumble}`);
	return stumbles.length === 0;
}

function stumblesOf({ about, refusal, failure, strays, mismatches }: Walked): string[] {
	return [
		...(refusal === null ? [] : [`${about}: refused: ${refusal}`]),
		...(failure === null ? [] : [`${about}: broke off: ${failure}`]),
		...strays.map((stray) => `${about}: outside of its function: ${stray}`),
		...mismatches.slice(0, 1).map((one) => `${about}: ${mismatches.length} other places on the way back: ${one}`),
	];
}

function printServer(stderr: string): boolean {
	if (stderr !== "") console.log(`the server says: ${stderr}`);
	return stderr === "";
}
