// Entry of the analysis thread: holds one Analysis, takes changes, answers queries. It runs either over the
// whole tree or, as a preview, over the open files and the headers they name.

import { parentPort, workerData } from "node:worker_threads";
import {
	type Analysis,
	Cancelled,
	type Finding,
	type ReadText,
	type Snapshot,
	sharedCheckpoint,
	type Unit,
	unitOf,
} from "@might-sleep/analyzer";
import type {
	AnalysisThreadData,
	FileChange,
	FromAnalysis,
	IndexSummary,
	NamedPlace,
	Queries,
	ToAnalysis,
} from "./analysisMessages.js";
import { Answers, digestOf, digestsOf, type TreeRun } from "./answers.js";
import { HeaderReader } from "./headerReader.js";
import { type LowerSettings, lowerBytes, lowerFile, unitKey } from "./lowering.js";
import { readBytes } from "./roots.js";
import { loadRustGrammar } from "./rustGrammar.js";
import {
	hostStats,
	type IndexedTree,
	indexTree,
	newAnalysis,
	openTree,
	readOnlyStore,
	type Tree,
	type TreeSettings,
} from "./treeIndex.js";
import { isRustName } from "./walk.js";

const PROGRESS_INTERVAL_MS = 100;
const HEADERS_AFTER_MS = 40;
/** After an edit, what it means to other files is found out when nobody has typed for this time at least. */
const REFRESH_AFTER_MS = 300;
/**
 * Where that takes long, a short pause in typing is not worth it: the time it took the last times, as a share and at most.
 * Most edits are cheap, few cost a whole solution, so that a cheap one says little of the next.
 */
const REFRESH_PATIENCE = 0.25;
const MAX_REFRESH_AFTER_MS = 4000;
/** How much of what a dear one took still counts after the next one. */
const REFRESH_MEMORY = 0.5;
/** Questions wait no longer than about this for it. */
const REFRESH_STEP_MS = 5;

interface Session {
	readonly tree: Tree;
	readonly analysis: Analysis;
	readonly lowering: LowerSettings;
	/** of a preview: adds the headers that a file names */
	readonly headers: HeaderReader | null;
	/** of a preview: what the last run over the tree found; undefined: not looked for yet */
	earlier: TreeRun | null | undefined;
	/** paths of all files that are in, for the search */
	readonly paths: Set<string>;
	/** texts that are not as on disk */
	readonly texts: Map<string, Uint8Array>;
	snapshot: Snapshot;
	names: NamedPlace[] | null;
	refreshTimer: NodeJS.Timeout | undefined;
	/** work of the last complete refreshes: the last one, or what is left of dearer ones before */
	refreshMs: number;
}

const { cancel } = workerData as AnalysisThreadData;
const checkpoint = sharedCheckpoint(cancel);
let session: Session | null = null;
/** Messages are worked off one after another; opening a tree takes several turns of the event loop. */
let work: Promise<void> = Promise.resolve();

parentPort!.on("message", (message: ToAnalysis) => {
	work = work.then(() => handle(message));
});

async function handle(message: ToAnalysis): Promise<void> {
	switch (message.kind) {
		case "open":
			return openSession(message.settings, message.changes);
		case "preview":
			session = previewSession(message.settings);
			return;
		case "change":
			await readyFor(message.changes);
			return answer(message.id, () => {
				if (session) applyChanges(session, message.changes);
				return null;
			});
		case "query":
			return answer(message.id, () => (session ? ask(session, message.name, message.params) : null));
	}
}

/** Loads what reading these files takes. */
async function readyFor(changes: readonly FileChange[]): Promise<void> {
	if (changes.some(({ path }) => isRustName(path))) await loadRustGrammar();
}

function answer(id: number, work: () => unknown): void {
	try {
		post({ kind: "answer", id, value: work() });
	} catch (error) {
		post({ kind: "refused", id, message: error instanceof Error ? (error.stack ?? error.message) : String(error) });
	}
}

async function openSession(settings: TreeSettings, changes: readonly FileChange[]): Promise<void> {
	let reportedAt = 0;
	const report = (phase: string, done: number, total: number) => {
		const now = performance.now();
		if (now - reportedAt < PROGRESS_INTERVAL_MS && done < total) return;
		reportedAt = now;
		post({ kind: "progress", phase, done, total });
	};
	try {
		report("find files", 0, 0);
		const tree = openTree(settings);
		const answers = new Answers(tree);
		const isCancelled = () => Atomics.load(cancel, 0) !== 0;
		const indexed = await indexTree(tree, { onProgress: report, isCancelled, checkpoint, isBackground: true });
		if (indexed.partial) throw new Cancelled();
		const paths = new Set(tree.files.map((file) => file.path));
		const lowering = loweringOf(tree);
		await readyFor(changes);
		const edited: Edited = { tree, analysis: indexed.analysis, lowering, paths, texts: new Map() };
		keepTexts(edited, changes);
		for (const change of changes) setFile(edited, change);
		session = {
			...edited,
			headers: null,
			earlier: null,
			snapshot: firstSnapshot(indexed),
			names: null,
			refreshTimer: undefined,
			refreshMs: 0,
		};
		// who calls whom is collected on the first question: rather now than under the first hover
		const [first] = tree.files;
		if (first !== undefined) session.snapshot.functionsIn(first.path);
		const stored = await indexed.store();
		const { ms, peakBytes } = hostStats(indexed, stored);
		const { stats, findings } = session.snapshot;
		const summary: IndexSummary = {
			root: tree.root,
			files: stats.files,
			functions: stats.functions,
			findings: findings.length,
			version: tree.version.join("."),
			cacheHits: indexed.cacheHits,
			ms,
			peakBytes,
			problems: tree.problems,
			cacheProblem: stored.problem,
		};
		post({ kind: "opened", summary });
		prepare(session, session.analysis.prepareSteps());
		const isAsOnDisk = ({ path, text }: FileChange) =>
			text === null || indexed.keys.get(path) === unitKey(path, text, tree);
		if (changes.every(isAsOnDisk)) keepRun(answers, tree, session.snapshot, indexed.keys);
	} catch (error) {
		if (error instanceof Cancelled) post({ kind: "cancelled" });
		else post({ kind: "failed", message: error instanceof Error ? (error.stack ?? "") : String(error) });
	}
}

/** What was read is kept even when solving is given up. */
function firstSnapshot({ analysis, store }: IndexedTree): Snapshot {
	try {
		return analysis.snapshot();
	} catch (error) {
		void store();
		throw error;
	}
}

/** For the next time: until the tree is solved then, and for the command line. */
function keepRun(answers: Answers, tree: Tree, snapshot: Snapshot, keys: ReadonlyMap<string, string>): void {
	const { findings, stats } = snapshot;
	answers.keep({ findings, hasFixes: false, stats, problems: tree.problems, digests: digestsOf(tree, keys) });
}

function previewSession(settings: TreeSettings): Session {
	const tree = openTree(settings, { files: [] });
	const analysis = newAnalysis(tree, {});
	const lowering = loweringOf(tree);
	return {
		tree,
		analysis,
		lowering,
		headers: new HeaderReader(tree, { ...lowering, store: readOnlyStore(tree) }),
		earlier: undefined,
		paths: new Set(),
		texts: new Map(),
		snapshot: analysis.snapshot(),
		names: null,
		refreshTimer: undefined,
		refreshMs: 0,
	};
}

function loweringOf(tree: Tree): LowerSettings {
	return { root: tree.root, config: tree.config, store: null, cacheSalt: tree.cacheSalt, library: tree.library };
}

/** What is edited is what fixes are worked out on. */
function keepTexts({ texts }: Pick<Session, "texts">, changes: readonly FileChange[]): void {
	for (const { path, text } of changes) {
		if (text === null) texts.delete(path);
		else texts.set(path, text);
	}
}

function applyChanges(on: Session, changes: readonly FileChange[]): void {
	keepTexts(on, changes);
	for (const change of changes) {
		const unit = setFile(on, change);
		if (unit && on.headers) readHeadersSoon(on, on.headers, change.path, unit);
	}
	solve(on);
	if (on.headers === null) refreshSoon(on);
}

/** The edited files have their answers; what the edits change elsewhere follows in steps, between which questions and edits are served. */
function refreshSoon(on: Session): void {
	clearTimeout(on.refreshTimer);
	if (on.analysis.isComplete) return;
	const after = Math.min(Math.max(REFRESH_AFTER_MS, on.refreshMs * REFRESH_PATIENCE), MAX_REFRESH_AFTER_MS);
	on.refreshTimer = setTimeout(() => refresh(on, on.analysis.refreshSteps(), 0), after);
}

function refresh(on: Session, steps: ReturnType<Analysis["refreshSteps"]>, spentMs: number): void {
	if (session !== on) return;
	const start = performance.now();
	const step = takeSteps(steps);
	const spent = spentMs + performance.now() - start;
	if (step.done !== true) {
		setImmediate(() => refresh(on, steps, spent));
		return;
	}
	if (!on.analysis.isComplete) return;
	on.refreshMs = Math.max(spent, on.refreshMs * REFRESH_MEMORY);
	on.names = null;
	on.snapshot = step.value;
	post({ kind: "grown" });
}

/** Takes steps for as long as questions may wait. Gives the last one. */
function takeSteps<T>(steps: Generator<void, T, void>): IteratorResult<void, T> {
	const start = performance.now();
	let step = steps.next();
	while (step.done !== true && performance.now() < start + REFRESH_STEP_MS) step = steps.next();
	return step;
}

/** So that the first edit is as fast as the others. */
function prepare(on: Session, steps: ReturnType<Analysis["prepareSteps"]>): void {
	if (session === on && takeSteps(steps).done !== true) setImmediate(() => prepare(on, steps));
}

function solve(on: Session): void {
	on.names = null;
	on.snapshot = on.analysis.snapshot();
}

/** The file answers by itself first: what is asked already goes before its headers. */
function readHeadersSoon(on: Session, headers: HeaderReader, path: string, unit: Unit): void {
	setTimeout(() => {
		const before = on.paths.size;
		headers.addHeadersOf(path, unit, on.analysis, on.paths);
		if (on.paths.size === before) return;
		solve(on);
		post({ kind: "grown" });
	}, HEADERS_AFTER_MS);
}

/** What an edit needs of a session. */
type Edited = Pick<Session, "tree" | "analysis" | "lowering" | "paths" | "texts">;

/** The file's unit as it is now, or null when it is gone, no source, or nothing that the profile's kernels are built from. */
function setFile(on: Edited, { path, text }: FileChange): Unit | null {
	if (!on.tree.isBuilt(path)) return null;
	const users = isRustName(path) ? on.tree.library.update(path, text ?? readBytes(path, on.tree.root)) : [];
	for (const user of users) lowerInto(on, { path: user, text: on.texts.get(user) ?? null });
	return lowerInto(on, { path, text });
}

function lowerInto({ analysis, lowering, paths }: Edited, { path, text }: FileChange): Unit | null {
	const lowered = text === null ? lowerFile(path, lowering) : lowerBytes(path, text, lowering);
	if ("problem" in lowered) {
		analysis.removeUnit(path);
		paths.delete(path);
		return null;
	}
	const unit = unitOf(lowered.flat);
	analysis.setUnit(path, unit);
	paths.add(path);
	return unit;
}

function textsOf({ texts, tree }: Session): ReadText {
	return (path) => {
		const text = texts.get(path);
		const bytes = text === undefined ? readBytes(path, tree.root) : Buffer.from(text);
		return bytes?.toString("latin1") ?? null;
	};
}

type AnswersTo = { [Name in keyof Queries]: (on: Session, params: Queries[Name]["params"]) => Queries[Name]["result"] };

const ANSWERS: AnswersTo = {
	findingsIn: (on, { path }) => (earlierIn(on, path) ?? on.snapshot.findings).filter(({ file }) => file === path),
	allFindings: (on) => on.snapshot.findings,
	functionsIn: (on, { path }) => on.snapshot.functionsIn(path),
	contextAt: (on, { path, line, column, word }) => on.snapshot.contextAt(path, line, column, word),
	functionsNamed: (on, { name }) => on.snapshot.functionsNamed(name),
	callersOf: (on, { path, line }) => on.snapshot.callersOf(path, line),
	calleesOf: (on, { path, line }) => on.snapshot.calleesOf(path, line),
	offersAt: (on, range) => on.snapshot.offersAt(range, textsOf(on)),
	editsOf: (on, { range, key }) => on.snapshot.editsOf(range, key, textsOf(on)),
	replayPlan: (on, { id }) => on.snapshot.replayPlan(id),
	search: (on, { query, limit }) => search(on, query, limit),
};

/** Findings of the last run over the tree, for a preview of a file that is as it was then; null when it is not. */
function earlierIn(on: Session, path: string): readonly Finding[] | null {
	const text = on.texts.get(path);
	if (on.headers === null || text === undefined) return null;
	if (on.earlier === undefined) on.earlier = new Answers(on.tree).last();
	const digest = on.earlier?.digests[path];
	if (!digest || digest !== digestOf(unitKey(path, text, on.tree))) return null;
	return on.earlier!.findings;
}

function ask<Name extends keyof Queries>(on: Session, name: Name, params: object): Queries[Name]["result"] {
	return ANSWERS[name](on, params as Queries[Name]["params"]);
}

/** Functions whose name holds the query, in any case; those that begin with it come first. */
function search(on: Session, query: string, limit: number): NamedPlace[] {
	on.names ??= allNames(on);
	const wanted = query.toLowerCase();
	const begin: NamedPlace[] = [];
	const inside: NamedPlace[] = [];
	for (const place of on.names) {
		const at = place.name.toLowerCase().indexOf(wanted);
		if (at === 0) begin.push(place);
		else if (at > 0 && inside.length < limit) inside.push(place);
		if (begin.length >= limit) break;
	}
	return [...begin, ...inside].slice(0, limit);
}

function allNames(on: Session): NamedPlace[] {
	const names: NamedPlace[] = [];
	for (const path of [...on.paths].sort()) {
		for (const { name, file, line, column } of on.snapshot.functionsIn(path)) names.push({ name, file, line, column });
	}
	return names;
}

function post(message: FromAnalysis): void {
	parentPort!.postMessage(message);
}
