// What runs over a whole tree have found, on disk for the next ones: a tree that is as it was need not be solved again,
// nor even read. A run is found by the stamps of the tree's files, by their bytes, or as the last one with its settings,
// whatever the tree is like now. Each is a pack in a folder beside those of the units; whatever does not check is not there.

import { mkdirSync, readdirSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import type { AnalysisStats, Finding } from "@might-sleep/analyzer";
import { ANSWERS_FOLDER } from "./cacheFolder.js";
import { cacheKey } from "./diskStore.js";
import { buildVersion } from "./frontEndVersion.js";
import { configText } from "./kconfig.js";
import { PackReader, PackWriter, removeFile } from "./pack.js";
import type { Tree } from "./treeIndex.js";
import type { Problem } from "./walk.js";

/** Runs kept: of some branches, with some settings. */
const MAX_RUNS = 8;
/** A file that changed so shortly before it was looked at may change again without its stamp showing it. */
const UNSETTLED_MS = 2000;

export interface TreeRun {
	/** all that were found, sorted */
	readonly findings: readonly Finding[];
	/** do they have the fixes that take the files' texts? */
	readonly hasFixes: boolean;
	readonly stats: AnalysisStats;
	/** all that was skipped */
	readonly problems: readonly Problem[];
	/** what each file was: digests of its bytes by path, empty for what was skipped */
	readonly digests: Readonly<Record<string, string>>;
}

/** Digests of files' bytes, from the keys that their units have in the cache. */
export function digestsOf(tree: Tree, keys: ReadonlyMap<string, string>): Record<string, string> {
	const digests: Record<string, string> = {};
	for (const { path } of tree.files) digests[path] = digestOf(keys.get(path) ?? null);
	return digests;
}

/** The digest of a file whose unit has this key in the cache. */
export function digestOf(key: string | null): string {
	return key === null ? "" : Buffer.from(key, "latin1").toString("base64url", 0, 12);
}

export class Answers {
	/** null: nothing is cached */
	private readonly folder: string | null;
	private readonly settings: string;
	/** what was skipped while the files were looked for */
	private readonly skipped: string;

	/** To be made before the tree's files are read. */
	constructor(private readonly tree: Tree) {
		this.folder = tree.cache?.path ? join(tree.cache.path, ANSWERS_FOLDER) : null;
		const { settings, version, config, rows } = tree;
		this.settings = cacheKey([JSON.stringify([buildVersion(), settings.profile, version, configText(config), rows])]);
		this.skipped = JSON.stringify(tree.problems);
	}

	/** The run over this very tree, as far as the stamps of its files tell. */
	ofStamps(): TreeRun | null {
		return this.recall(this.stampsKey());
	}

	/** The run over these very bytes. */
	ofDigests(digests: TreeRun["digests"]): TreeRun | null {
		return this.recall(this.digestsKey(digests));
	}

	/** The last run with these settings: what holds of its files says nothing of others. */
	last(): TreeRun | null {
		return this.recall(this.settings);
	}

	/** Keeps a run. A disk that is full or read-only loses it; the next run solves the tree again. */
	keep(run: TreeRun): void {
		if (this.folder === null) return;
		const digestsKey = this.digestsKey(run.digests);
		const stampsKey = this.areStampsSettled() ? this.stampsKey() : null;
		const known = this.find(digestsKey);
		const isKnown = known !== null && (known.run.hasFixes || !run.hasFixes);
		if (isKnown && stampsKey !== null && this.entryOf(stampsKey) !== null) return;
		try {
			mkdirSync(this.folder, { recursive: true, mode: 0o700 });
		} catch {
			return;
		}
		const writer = new PackWriter(this.folder);
		if (!isKnown) writer.add(digestsKey, Buffer.from(JSON.stringify(run)));
		for (const key of stampsKey === null ? [this.settings] : [this.settings, stampsKey])
			writer.add(key, Buffer.from(digestsKey, "latin1"));
		if (writer.finish() && known !== null && !isKnown) removeFile(known.path);
		for (const { path } of this.packs().slice(MAX_RUNS)) removeFile(path);
	}

	/** What is recalled counts as used now. */
	private recall(key: string): TreeRun | null {
		const found = this.find(key);
		if (found !== null) touch(found.path);
		return found?.run ?? null;
	}

	/** A run, and the pack that it is in. */
	private find(key: string): { readonly run: TreeRun; readonly path: string } | null {
		let entry = this.entryOf(key);
		// other keys lead to that of the bytes
		if (entry?.bytes.length === key.length) entry = this.entryOf(entry.bytes.toString("latin1"));
		if (entry === null) return null;
		try {
			return { run: JSON.parse(entry.bytes.toString("utf8")) as TreeRun, path: entry.path };
		} catch {
			return null;
		}
	}

	/** The newest entry of a key. */
	private entryOf(key: string): { readonly bytes: Buffer; readonly path: string } | null {
		for (const { path } of this.packs()) {
			const pack = PackReader.open(path);
			const entry = pack?.entries.find((one) => one.key === key);
			const block = entry === undefined ? null : pack!.block(entry.block);
			pack?.close();
			if (entry === undefined || block === null) continue;
			return { bytes: block.subarray(entry.start, entry.start + entry.length), path };
		}
		return null;
	}

	/** The newest first. */
	private packs(): { path: string; age: number }[] {
		const { folder } = this;
		if (folder === null) return [];
		try {
			return readdirSync(folder)
				.filter((name) => name.endsWith(".pack"))
				.map((name) => join(folder, name))
				.map((path) => ({ path, age: -(statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0) }))
				.sort((a, b) => a.age - b.age || (a.path < b.path ? -1 : 1));
		} catch {
			return [];
		}
	}

	private stampsKey(): string {
		const stamps = this.tree.files.map(({ path, size, changedMs, inode }) => `${path}\0${size} ${changedMs} ${inode}`);
		return cacheKey([this.settings, "stamps", this.skipped, stamps.join("\n")]);
	}

	private areStampsSettled(): boolean {
		const { files, openedAt } = this.tree;
		return files.every(({ changedMs }) => changedMs < openedAt - UNSETTLED_MS);
	}

	private digestsKey(digests: TreeRun["digests"]): string {
		return cacheKey([this.settings, "digests", this.skipped, JSON.stringify(digests)]);
	}
}

function touch(path: string): void {
	try {
		utimesSync(path, new Date(), new Date());
	} catch {
		// it may be read only
	}
}
