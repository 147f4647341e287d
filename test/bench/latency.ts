// How long a language server with a whole tree takes to answer: node test/out/bench/latency.js TREE [COUNT]
// prints JSON: milliseconds from the start to the first hover and to the complete index, and p50, p95 and maximum of
// COUNT (default 100) hovers and edits with their diagnostics, in files and at places that a seed draws.

import { readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { walkTree } from "@might-sleep/server/host/walk";
import { LspClient } from "../harness/lspClient.js";
import { generator } from "../harness/random.js";

/** A whole tree on a slow machine. */
const INDEX_MS = 600_000;

const [treeArgument, countText = "100"] = process.argv.slice(2);
if (treeArgument === undefined || !statSync(treeArgument, { throwIfNoEntry: false })?.isDirectory()) {
	console.error("usage: node test/out/bench/latency.js TREE [COUNT]");
	process.exit(2);
}
const tree = resolve(treeArgument);
const count = Number(countText);
const files = walkTree(tree, { followLinks: false }).files.filter((file) => file.path.endsWith(".c"));
const random = generator(20_261_127);

const start = performance.now();
const client = await LspClient.start({ folder: tree, capabilities: { textDocument: { diagnostic: {} } } });
const first = draw();
await openAndHover(first);
const toFirstHover = performance.now() - start;
await client.ready(INDEX_MS);
const toIndex = performance.now() - start;
const hovers: number[] = [];
const edits: number[] = [];
for (let i = 0; i < count; i++) await measure(draw(), i);
console.log(JSON.stringify({ toFirstHover, toIndex, hover: figures(hovers), edit: figures(edits) }, null, "\t"));
await client.stop();

/** A file and the lines of it on which a call ends. */
function draw(): { path: string; text: string; lines: number[] } {
	for (;;) {
		const { path } = files[Math.floor(random() * files.length)]!;
		const text = readFileSync(join(tree, path), "utf8");
		const lines = text.split("\n").flatMap((line, i) => (/^\t+\w+\(.*\);$/.test(line) ? [i] : []));
		if (lines.length > 0) return { path, text, lines };
	}
}

async function openAndHover({ path, text, lines }: ReturnType<typeof draw>): Promise<void> {
	client.open(path, text);
	await hoverAt(path, text, lines[0]!);
}

function hoverAt(path: string, text: string, line: number): Promise<unknown> {
	const character = text.split("\n")[line]!.search(/\S/) + 1;
	const textDocument = { uri: client.uri(path) };
	return client.request("textDocument/hover", { textDocument, position: { line, character } });
}

async function measure({ path, text, lines }: ReturnType<typeof draw>, round: number): Promise<void> {
	client.open(path, text);
	await client.request("textDocument/diagnostic", { textDocument: { uri: client.uri(path) } });
	const line = lines[Math.floor(random() * lines.length)]!;
	hovers.push(await timed(() => hoverAt(path, text, line)));
	const rows = text.split("\n");
	const edited = [...rows.slice(0, line), "\tmsleep(1);", ...rows.slice(line)].join("\n");
	edits.push(
		await timed(() => {
			client.change(path, round + 2, edited);
			return client.request("textDocument/diagnostic", { textDocument: { uri: client.uri(path) } });
		}),
	);
	client.change(path, round + 3, text);
	client.notify("textDocument/didClose", { textDocument: { uri: client.uri(path) } });
	await client.request("textDocument/diagnostic", { textDocument: { uri: client.uri(path) } });
}

async function timed(act: () => Promise<unknown>): Promise<number> {
	const begin = performance.now();
	await act();
	return performance.now() - begin;
}

function figures(values: readonly number[]) {
	const sorted = [...values].sort((a, b) => a - b);
	const at = (share: number) =>
		Math.round(10 * sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!) / 10;
	return { p50: at(0.5), p95: at(0.95), max: at(1) };
}
