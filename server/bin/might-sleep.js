#!/usr/bin/env node
// The command `might-sleep`: hands over to the built server. Subcommands that solve a whole tree get a heap that
// holds one: node's own limit (about 4 GB) is too small for a kernel, and can only be set when a process starts.
import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { totalmem } from "node:os";
import { getHeapStatistics } from "node:v8";
import { ALLOCATOR } from "../out/src/host/allocator.js";
import { V8_FLAGS } from "../out/src/host/threads.js";

const WHOLE_TREE = new Set(["check", "context", "stats", "index"]);
const WANTED_MB = 12_288;

const args = process.argv.slice(2);
const limit = Math.min(WANTED_MB, Math.floor((totalmem() / 2 ** 20) * 0.8));
const isTooSmall = getHeapStatistics().heap_size_limit / 2 ** 20 < limit - 512;
if (isTooSmall && WHOLE_TREE.has(args[0] ?? "") && process.env.MIGHT_SLEEP_CHILD === undefined) {
	const child = spawnSync(process.execPath, [`--max-old-space-size=${limit}`, ...V8_FLAGS, process.argv[1], ...args], {
		stdio: "inherit",
		env: { ...ALLOCATOR, ...process.env, MIGHT_SLEEP_CHILD: "1" },
	});
	if (child.error) {
		process.stderr.write(`might-sleep: cannot start node: ${child.error.message}\n`);
		process.exit(2);
	}
	process.exit(child.status ?? 2);
}
const bundle = import.meta.url.endsWith("/bin/might-sleep.js") ? freshBundle() : null;
if (bundle !== null) await import(bundle);
else await (await import("../out/src/main.js")).runMain(args);
// To take the memory of a whole tree apart, as node does at its end, takes half a second.
if (process.env.MIGHT_SLEEP_CHILD !== undefined) process.stdout.write("", () => process.exit());

/**
 * The bundle of this script with all that it runs, if there is one: each thread begins half a second sooner than with the
 * three hundred files that it is made of. In a checkout these may be newer.
 */
function freshBundle() {
	const [packed, built] = ["../dist/server.js", "../../dist/server.js"].map((path) => new URL(path, import.meta.url));
	if (existsSync(packed)) return packed.href;
	if (!existsSync(built)) return null;
	const { mtimeMs } = statSync(built);
	const sources = ["../out", "../../analyzer/out"].map((path) => new URL(`${path}/.tsbuildinfo`, import.meta.url));
	return sources.every((path) => existsSync(path) && statSync(path).mtimeMs <= mtimeMs) ? built.href : null;
}
