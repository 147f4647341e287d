// might-sleep index: fills the cache, so that the next run and the editor start fast.

import { hostStats } from "../host/treeIndex.js";
import { type Command, jobsOption, noPositionals, readArgs, rootOption } from "./command.js";
import { readTree } from "./solve.js";

const NAME = "index";

export const command: Command = {
	usage: "might-sleep index [--root TREE] [--jobs N]",
	run: async (argv) => {
		const args = readArgs(NAME, argv, { root: { type: "string" }, jobs: { type: "string" } });
		noPositionals(NAME, args);
		const root = rootOption(NAME, args);
		const { indexed, stored } = await readTree({ root, profile: "default", jobs: jobsOption(NAME, args), cache: true });
		const { cache, ms } = hostStats(indexed, stored);
		const files = (cache.hits + cache.misses).toLocaleString("en");
		const place = stored.problem === null ? (indexed.tree.cache?.path ?? "nowhere") : "nowhere";
		process.stdout.write(
			`${files} files in ${(ms / 1000).toFixed(1)} s, ${cache.hits.toLocaleString("en")} of them from the cache; ` +
				`${(cache.bytes / 1e6).toFixed(0)} MB in ${place}\n`,
		);
		return 0;
	},
};
