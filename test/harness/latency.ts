// How long a language server with a whole tree takes to answer: to the first hover and to the complete index, then
// hovers and edits with their diagnostics, in files and at places that a seed draws.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { walkTree } from "@might-sleep/server/host/walk";
import { LspClient } from "./lspClient.js";
import { MemorySampler } from "./processTree.js";
import { generator } from "./random.js";

/** A whole tree on a slow machine. */
const INDEX_MS = 900_000;

export interface Quantiles {
	readonly p50: number;
	readonly p95: number;
	readonly max: number;
}

/** All in milliseconds. */
export interface Latency {
	/** from the start of the process */
	readonly toFirstHover: number;
	readonly toIndex: number;
	readonly hover: Quantiles;
	readonly edit: Quantiles;
	/** of the server's processes together */
	readonly peakBytes: number | null;
}

interface Drawn {
	readonly path: string;
	readonly text: string;
	/** those on which a call ends */
	readonly lines: readonly number[];
}

/** Measures `count` hovers and edits. Null when the tree has no file with a call. */
export async function measureLatency(
	tree: string,
	count: number,
	env: Readonly<Record<string, string>> = {},
): Promise<Latency | null> {
	const places = new Places(tree);
	const first = places.draw();
	if (first === null) return null;
	const start = performance.now();
	const client = await LspClient.start({ folder: tree, env, capabilities: { textDocument: { diagnostic: {} } } });
	const memory = new MemorySampler(client.pid);
	try {
		client.open(first.path, first.text);
		await hoverAt(client, first, first.lines[0]!);
		const toFirstHover = performance.now() - start;
		await client.ready(INDEX_MS);
		const toIndex = performance.now() - start;
		const hovers: number[] = [];
		const edits: number[] = [];
		for (let i = 0; i < count; i++) {
			const place = places.draw()!;
			const { hover, edit } = await measurePlace(client, place, places.lineOf(place), i);
			hovers.push(hover);
			edits.push(edit);
		}
		await client.stop();
		return { toFirstHover, toIndex, hover: quantiles(hovers), edit: quantiles(edits), peakBytes: memory.stop() };
	} finally {
		memory.stop();
		client.kill();
	}
}

/** Values at the middle, at 95 % and at the end, to a tenth. */
export function quantiles(values: readonly number[]): Quantiles {
	const sorted = [...values].sort((a, b) => a - b);
	const at = (share: number) =>
		Math.round(10 * (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0)) / 10;
	return { p50: at(0.5), p95: at(0.95), max: at(1) };
}

/** Places of a tree, the same ones in each run. */
class Places {
	private readonly files: readonly string[];
	private readonly random = generator(20_261_127);

	constructor(private readonly tree: string) {
		const { files } = walkTree(tree, { followLinks: false });
		this.files = files.map((file) => file.path).filter((path) => path.endsWith(".c"));
	}

	/** A file with calls; null when a thousand draws find none. */
	draw(): Drawn | null {
		for (let i = 0; i < 1000 && this.files.length > 0; i++) {
			const path = this.files[Math.floor(this.random() * this.files.length)]!;
			const text = readFileSync(join(this.tree, path), "utf8");
			const lines = text.split("\n").flatMap((line, at) => (/^\t+\w+\(.*\);$/.test(line) ? [at] : []));
			if (lines.length > 0) return { path, text, lines };
		}
		return null;
	}

	lineOf({ lines }: Drawn): number {
		return lines[Math.floor(this.random() * lines.length)]!;
	}
}

function hoverAt(client: LspClient, { path, text }: Drawn, line: number): Promise<unknown> {
	const character = text.split("\n")[line]!.search(/\S/) + 1;
	const textDocument = { uri: client.uri(path) };
	return client.request("textDocument/hover", { textDocument, position: { line, character } });
}

async function measurePlace(
	client: LspClient,
	place: Drawn,
	line: number,
	round: number,
): Promise<{ hover: number; edit: number }> {
	const { path, text } = place;
	const textDocument = { uri: client.uri(path) };
	client.open(path, text);
	await client.request("textDocument/diagnostic", { textDocument });
	const hover = await timed(() => hoverAt(client, place, line));
	const rows = text.split("\n");
	const edited = [...rows.slice(0, line), "\tmsleep(1);", ...rows.slice(line)].join("\n");
	const edit = await timed(() => {
		client.change(path, round + 2, edited);
		return client.request("textDocument/diagnostic", { textDocument });
	});
	client.change(path, round + 3, text);
	client.notify("textDocument/didClose", { textDocument });
	await client.request("textDocument/diagnostic", { textDocument });
	return { hover, edit };
}

async function timed(act: () => Promise<unknown>): Promise<number> {
	const begin = performance.now();
	await act();
	return performance.now() - begin;
}
