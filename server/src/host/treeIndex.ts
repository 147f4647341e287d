// The host of one analysis of a tree: what the tree is (version, configuration, project rows, files), then
// its files through the worker pool into an Analysis. Used by the command line and by the analysis thread.

import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import {
	type Analysis,
	type AnalysisOptions,
	type ConfigView,
	createAnalysis,
	type Profile,
	type Rows,
	unitOf,
} from "@might-sleep/analyzer";
import { type CacheFolder, folderBytes, openCacheFolder } from "./cacheFolder.js";
import { startCrew } from "./crew.js";
import { DiskStore, tidyPacks } from "./diskStore.js";
import { frontEndVersion } from "./frontEndVersion.js";
import { configText, configWithout, readConfig } from "./kconfig.js";
import type { UnitStore } from "./lowering.js";
import { MacroLibrary } from "./macroLibrary.js";
import type { FreshUnit } from "./messages.js";
import { kernelTreeOfModule, moduleHeaders } from "./moduleTree.js";
import { PhaseClock, type PhaseCost } from "./phases.js";
import { loadRows } from "./projectRows.js";
import { FALLBACK_VERSION, isKernelTree, kernelTreeAbove, kernelVersion, realPath } from "./roots.js";
import { filesWithRt } from "./rtFiles.js";
import { storeUnits } from "./storing.js";
import { type Problem, type TreeFile, walkTree } from "./walk.js";
import { lowerFiles } from "./workerPool.js";

const MIN_CREW_FILES = 1000;

/** The phase of solving a large tree from which on one thread has all the work: another one can store what was read. */
const SERIAL_PHASE = "contexts";

export interface TreeSettings {
	readonly root: string;
	readonly profile: Profile;
	/** 0: as many as there are processors */
	readonly jobs: number;
	readonly cache: boolean;
	/** an untrusted tree gets no rows of its own, and nothing outside of it is read */
	readonly trusted: boolean;
	/** the kernel tree that a module is built against, when it is told; else its Makefile says */
	readonly kernelTree: string | null;
}

/** What is known of a tree before its files are read. */
export interface Tree {
	readonly settings: TreeSettings;
	readonly root: string;
	readonly isKernel: boolean;
	/** folder that the kernel's headers come from, for code outside a kernel tree */
	readonly headers: string | null;
	readonly version: readonly [number, number];
	readonly config: ConfigView;
	/** the built-in model, with the project's own rows */
	readonly rows: Rows;
	/** null: nothing is to be cached */
	readonly cache: CacheFolder | null;
	readonly cacheSalt: string;
	/** milliseconds of the system's clock, before any file was looked at */
	readonly openedAt: number;
	readonly files: readonly TreeFile[];
	/** the macros that its Rust files export */
	readonly library: MacroLibrary;
	readonly excluded: ReadonlyMap<string, number>;
	/** may a kernel of the profile be built from a file? */
	readonly isBuilt: (path: string) => boolean;
	readonly problems: Problem[];
	readonly clock: PhaseClock;
}

export interface IndexHooks {
	readonly onProgress?: (phase: string, done: number, total: number) => void;
	readonly isCancelled?: () => boolean;
	/** others in this process are more urgent */
	readonly isBackground?: boolean;
	/** polled by the analysis; throws to stop */
	readonly checkpoint?: () => void;
}

export interface IndexedTree {
	readonly tree: Tree;
	readonly analysis: Analysis;
	readonly cacheHits: number;
	readonly cacheMisses: number;
	/** by path: the key of a file's unit in the cache */
	readonly keys: ReadonlyMap<string, string>;
	/** puts what was read into the cache, once; it resolves when it is there */
	readonly store: () => Promise<Stored>;
	/** not every file was read: it was cancelled */
	readonly partial: boolean;
}

export interface Stored {
	/** bytes of the tree's cache */
	readonly bytes: number;
	/** why what was read is not in the cache for the next time, or null */
	readonly problem: string | null;
}

export interface HostStats {
	readonly cache: { readonly hits: number; readonly misses: number; readonly bytes: number };
	readonly phases: readonly PhaseCost[];
	readonly ms: number;
	readonly peakBytes: number;
}

/** `only` replaces the walk of the tree: an analysis that is given its files one by one. */
export function openTree(settings: TreeSettings, only?: { readonly files: readonly TreeFile[] }): Tree {
	const clock = new PhaseClock();
	clock.begin("find files");
	const openedAt = Date.now();
	const root = realPath(resolve(settings.root));
	const isKernel = isKernelTree(root);
	const kernelTree = isKernel ? root : settings.trusted ? kernelOf(root, settings.kernelTree) : null;
	const problems: Problem[] = [];
	const own = only ? { ...only, excluded: new Map(), problems: [] } : walkTree(root, { followLinks: settings.trusted });
	problems.push(...own.problems);
	const isModule = kernelTree !== null && !isKernel;
	const headers = isModule && !only ? moduleHeaders(kernelTree) : null;
	if (headers) problems.push(...headers.problems);
	const { profile } = settings;
	const isBuilt = isKernel && profile === "rt" ? filesWithRt(root) : () => true;
	const config = kernelTree === null ? configWithout(profile) : readConfig(kernelTree, profile);
	const cacheSalt = `${frontEndVersion()}\0${configText(config)}\0`;
	const files = headers ? [...own.files, ...headers.files] : own.files.filter(({ path }) => isBuilt(path));
	return {
		settings,
		root,
		isKernel,
		headers: isModule ? kernelTree : null,
		version: (kernelTree === null ? null : kernelVersion(kernelTree)) ?? FALLBACK_VERSION,
		config,
		rows: loadRows(root, settings.trusted, problems),
		cache: settings.cache ? openCacheFolder(root, frontEndVersion()) : null,
		cacheSalt,
		openedAt,
		files,
		library: new MacroLibrary(
			root,
			files.map(({ path }) => path),
		),
		excluded: own.excluded,
		isBuilt,
		problems,
		clock,
	};
}

/** An empty analysis for a tree, with the rows that hold for it. */
export function newAnalysis(tree: Tree, hooks: IndexHooks): Analysis {
	const options: AnalysisOptions = {
		rows: tree.rows,
		profile: tree.settings.profile,
		version: tree.version,
		now: () => performance.now(),
		progress: (phase, done, total) => {
			tree.clock.begin(phase);
			hooks.onProgress?.(phase, done, total);
		},
		...(hooks.checkpoint ? { checkpoint: hooks.checkpoint } : {}),
		...(wantsCrew(tree) ? { startCrew: (start) => startCrew(start, jobsOf(tree)) } : {}),
	};
	return createAnalysis(options);
}

/** Reads all files of the tree into a new analysis; solving is left to its snapshot(). */
export async function indexTree(tree: Tree, hooks: IndexHooks): Promise<IndexedTree> {
	const onProgress: IndexHooks["onProgress"] = (phase, done, total) => {
		if (phase === SERIAL_PHASE) void store();
		hooks.onProgress?.(phase, done, total);
	};
	const analysis = newAnalysis(tree, { ...hooks, onProgress });
	const keys = new Map<string, string>();
	const fresh: FreshUnit[] = [];
	const cacheFolder = tree.cache?.path ?? null;
	let hits = 0;
	let misses = 0;
	let done = 0;
	tree.clock.begin("read files");
	await lowerFiles(tree.files, {
		jobs: jobsOf(tree),
		data: {
			root: tree.root,
			config: tree.config,
			cacheFolder,
			cacheSalt: tree.cacheSalt,
			macros: tree.library.macros,
			isBackground: hooks.isBackground ?? false,
		},
		...(hooks.isCancelled ? { isCancelled: hooks.isCancelled } : {}),
		onBatch: (files) => {
			for (const file of files) {
				if ("problem" in file) {
					tree.problems.push({ path: file.path, text: file.problem });
					continue;
				}
				if (file.hit) hits++;
				else misses++;
				if (file.key !== null) keys.set(file.path, file.key);
				if (file.key !== null && !file.hit) fresh.push({ key: file.key, flat: file.flat });
				analysis.setUnit(file.path, unitOf(file.flat));
			}
			done += files.length;
			hooks.onProgress?.("read files", done, tree.files.length);
		},
	});
	const partial = hooks.isCancelled?.() ?? false;
	tree.clock.end();
	let stored: Promise<Stored> | null = null;
	const store = () => {
		stored ??= storeInto(tree.cache, fresh, partial ? null : keys);
		return stored;
	};
	if (partial || !wantsCrew(tree)) void store();
	return { tree, analysis, cacheHits: hits, cacheMisses: misses, keys, store, partial };
}

/** `keys` are those of the whole tree, or null when not all of it was read. */
async function storeInto(
	cache: CacheFolder | null,
	units: FreshUnit[],
	keys: ReadonlyMap<string, string> | null,
): Promise<Stored> {
	const folder = cache?.path ?? null;
	if (folder === null) return { bytes: 0, problem: cache?.problem ?? null };
	const problem = await storeUnits(folder, units.splice(0));
	if (keys !== null) {
		const live = new Set(keys.values());
		tidyPacks(folder, (key) => live.has(key));
	}
	return { bytes: folderBytes(folder), problem: problem ?? cache?.problem ?? null };
}

/** Are threads that help to solve the tree worth their start? */
function wantsCrew(tree: Tree): boolean {
	return jobsOf(tree) > 1 && tree.files.length >= MIN_CREW_FILES;
}

function jobsOf({ settings }: Tree): number {
	return settings.jobs || availableParallelism();
}

/** What the run has cost so far. */
export function hostStats(indexed: IndexedTree, stored: Stored): HostStats {
	const { tree, cacheHits, cacheMisses } = indexed;
	return costOf(tree, { hits: cacheHits, misses: cacheMisses, bytes: stored.bytes });
}

/** The same, with what the cache was to the run. */
export function costOf({ clock }: Tree, cache: HostStats["cache"]): HostStats {
	clock.end();
	return {
		cache,
		phases: clock.phases(),
		ms: Math.round(clock.totalMs()),
		peakBytes: clock.peakBytes(),
	};
}

/** What is cached already, for reading single files; nothing is added. */
export function readOnlyStore(tree: Tree): UnitStore | null {
	if (tree.cache === null || tree.cache.path === null) return null;
	const store = new DiskStore(tree.cache.path);
	return { get: (key) => store.get(key) };
}

/** The kernel that a folder's code belongs to: told, around it, or named by its Makefile. */
function kernelOf(root: string, told: string | null): string | null {
	return told === null ? (kernelTreeAbove(root) ?? kernelTreeOfModule(root, null)) : kernelTreeOfModule(root, told);
}
