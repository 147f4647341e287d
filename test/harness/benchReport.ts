// What `npm run bench` measures, as data, and its comparison with an earlier result as lines of text.

import type { Latency } from "./latency.js";

/** version of the shape of a result */
export const BENCH_SHAPE = 1;

/** Repeated runs of one command. */
export interface Runs {
	/** of each run, in order */
	readonly ms: readonly number[];
	readonly medianMs: number;
	/** the largest sum of RSS over the processes; null where it cannot be read */
	readonly peakBytes: number | null;
}

export interface BenchResult {
	readonly shape: number;
	readonly tree: string;
	readonly machine: { readonly processors: number; readonly model: string; readonly node: string };
	readonly files: number;
	readonly lines: number;
	readonly bytes: number;
	readonly cold: Runs;
	readonly warm: Runs;
	readonly ctags: Runs;
	/** of the cold run in the middle */
	readonly phases: readonly { readonly name: string; readonly ms: number }[];
	/** cold, without a cache, by number of worker threads */
	readonly jobs: readonly { readonly jobs: number; readonly ms: number }[];
	readonly cacheBytes: number;
	/** null: not measured, `latencyProblem` says why */
	readonly latency: Latency | null;
	readonly latencyProblem: string | null;
	/** the runs whose findings are not those of the first, byte for byte */
	readonly differing: readonly string[];
	readonly findings: number;
}

interface Figure {
	readonly name: string;
	readonly value: number;
	readonly unit: "s" | "ms" | "MB" | "times" | "MB/s" | "lines/s";
}

export function median(values: readonly number[]): number {
	const sorted = [...values].sort((a, b) => a - b);
	const middle = sorted.length >> 1;
	return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The result line by line, each figure with its change since the earlier result. */
export function benchLines(result: BenchResult, before: BenchResult | null): string[] {
	const earlier = new Map(before === null ? [] : figuresOf(before).map((figure) => [figure.name, figure.value]));
	const { machine } = result;
	return [
		`${result.tree}: ${result.files.toLocaleString("en")} files, ${result.lines.toLocaleString("en")} lines, ${(result.bytes / 1e6).toFixed(0)} MB`,
		`${machine.processors} processors (${machine.model}), node ${machine.node}`,
		...figuresOf(result).map((figure) => figureLine(figure, earlier.get(figure.name))),
		...(result.latencyProblem === null ? [] : [`language server: not measured: ${result.latencyProblem}`]),
		result.differing.length === 0
			? `findings: ${result.findings}, byte for byte the same cold, warm, and with ${result.jobs.map(({ jobs }) => jobs).join(", ")} jobs`
			: `findings DIFFER from those of the first run: ${result.differing.join(", ")}`,
	];
}

function figureLine({ name, value, unit }: Figure, was: number | undefined): string {
	const text = (figure: number) => (unit === "lines/s" ? figure.toLocaleString("en") : figure.toFixed(digitsOf(unit)));
	const line = `${name.padEnd(44)}${text(value).padStart(11)} ${unit}`;
	if (was === undefined) return line;
	const change = was === 0 ? 0 : (100 * (value - was)) / was;
	return `${line.padEnd(66)}(was ${text(was)}, ${change < 0 ? "-" : "+"}${Math.abs(change).toFixed(1)} %)`;
}

function digitsOf(unit: Figure["unit"]): number {
	return unit === "MB" || unit === "MB/s" ? 0 : unit === "ms" ? 1 : 2;
}

function figuresOf(result: BenchResult): Figure[] {
	const figures: Figure[] = [];
	const add = (name: string, value: number | null | undefined, unit: Figure["unit"]) => {
		if (value !== null && value !== undefined) figures.push({ name, value, unit });
	};
	const seconds = (name: string, ms: number | undefined) => add(name, ms === undefined ? undefined : ms / 1000, "s");
	const mega = (name: string, bytes: number | null | undefined) =>
		add(name, typeof bytes === "number" ? bytes / 1e6 : null, "MB");
	const { cold, warm, ctags, latency } = result;
	seconds("check, cold", cold.medianMs);
	for (const { name, ms } of result.phases) seconds(`  ${name}`, ms);
	add("  throughput", result.bytes / 1e3 / cold.medianMs, "MB/s");
	add("  throughput, lines", Math.round((1000 * result.lines) / cold.medianMs), "lines/s");
	seconds("check, warm", warm.medianMs);
	seconds("ctags -R --languages=C", ctags.medianMs);
	add("check, cold, against ctags", cold.medianMs / ctags.medianMs, "times");
	add("check, warm, against ctags", warm.medianMs / ctags.medianMs, "times");
	for (const { jobs, ms } of result.jobs) seconds(`check without a cache, ${jobs} jobs`, ms);
	mega("memory, cold (sum of RSS of the processes)", cold.peakBytes);
	mega("memory, warm (sum of RSS of the processes)", warm.peakBytes);
	mega("cache on disk", result.cacheBytes);
	seconds("language server, warm, to the first hover", latency?.toFirstHover);
	seconds("language server, warm, to the whole index", latency?.toIndex);
	mega("language server, memory (sum of RSS)", latency?.peakBytes);
	for (const [what, found] of [
		["hover", latency?.hover],
		["edit to diagnostics", latency?.edit],
	] as const) {
		add(`${what}, p50`, found?.p50, "ms");
		add(`${what}, p95`, found?.p95, "ms");
		add(`${what}, max`, found?.max, "ms");
	}
	return figures;
}
