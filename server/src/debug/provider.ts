// Where a debug session gets its program from: the file of the launched function, what lies in its folder,
// the headers they name, and the files of functions that the run could call. Reads them itself, so that a
// session does not depend on the index of the whole tree, but asks the host's index where there is one.

import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, isAbsolute, join, resolve } from "node:path";
import {
	entriesFor,
	type HandlerRequest,
	missingFunctions,
	type Opened,
	openScenario,
	openSimulation,
	type ReplayPlan,
	type Rows,
	registeredHandlers,
	type SimulationRequest,
	type Unit,
	unitOf,
} from "@might-sleep/analyzer";
import { HeaderReader } from "../host/headerReader.js";
import { type LowerSettings, lowerBytes, lowerFile } from "../host/lowering.js";
import { MacroLibrary, type Macros, NO_MACROS } from "../host/macroLibrary.js";
import { defaultRoot, isFolder, kernelTreeAbove, realPath } from "../host/roots.js";
import { loadRustGrammar } from "../host/rustGrammar.js";
import { loadScenario, NOT_TRUSTED } from "../host/scenarioFile.js";
import { openTree, type Tree, type TreeSettings } from "../host/treeIndex.js";
import { isRustName, walkTree } from "../host/walk.js";
import { planInTree } from "./findingPlan.js";
import type { Checked, LaunchArguments } from "./launch.js";
import { OTHER_INTERRUPT, OTHER_INTERRUPT_PATH, otherInterruptUnit } from "./otherInterrupt.js";
import { relativeTo } from "./paths.js";

/** What the process around the adapter knows better than the disk. Paths are relative to the root. */
export interface DebugHost {
	/** root when the launch names none; null: find it from the file */
	readonly root: () => string | null;
	readonly trusted: () => boolean;
	/** may a file or folder be read, by its absolute path? An untrusted workspace has its own folders only */
	readonly mayRead: (path: string) => boolean;
	/** kernel tree that a module's headers come from; null: what its Makefile says */
	readonly kernelTree: () => string | null;
	/** text of a file that is open in the editor, or null */
	readonly openText: (path: string) => Uint8Array | null;
	/** files that define a function of this name, best first */
	readonly locate: (name: string) => Promise<readonly string[]>;
	/** contexts that the function is known to run in, as a snapshot names them */
	readonly contextsOf: (name: string, path: string) => Promise<readonly string[]>;
	/** interrupt handlers and the like that are entered in a file, or in others of its driver; null: what it registers */
	readonly handlersNear: (path: string) => Promise<readonly KnownHandler[] | null>;
	/** the chain of a finding, as something to follow; null when there is no such finding, or nothing to follow */
	readonly planOf: (root: string, id: string) => Promise<ReplayPlan | null>;
}

export interface KnownHandler {
	readonly function: string;
	readonly path: string;
	/** id of the run context that it is entered in */
	readonly entry: string;
}

/** Everything a run needs. */
export interface DebugTarget {
	readonly root: string;
	/** begins the run */
	readonly start: () => Opened;
	/** what the run of a function begins with; null for a scenario */
	readonly request: SimulationRequest | null;
	/** what runs, for the console */
	readonly about: string;
	/** what was left out, for the console */
	readonly notes: readonly string[];
	/** text of a file by its absolute path: that of the editor where it is open; null: none that was read */
	readonly textOf: (file: string) => string | null;
}

export interface TargetProvider {
	readonly open: (args: LaunchArguments) => Promise<Checked<DebugTarget>>;
}

/** A host without index and editor: the adapter alone. */
export const BARE_HOST: DebugHost = {
	root: () => null,
	trusted: () => true,
	mayRead: () => true,
	kernelTree: () => null,
	openText: () => null,
	locate: async () => [],
	contextsOf: async () => [],
	handlersNear: async () => null,
	planOf: planInTree,
};

export function createProvider(host: DebugHost): TargetProvider {
	return { open: (args) => (args.scenario ? openFile(host, args, args.scenario) : open(host, args)) };
}

/** Files of one folder that are read with the function's own. */
const MAX_SIBLINGS = 300;
/** A tree of no more files than this is read as a whole. */
const MAX_WHOLE_TREE = 400;
/** Rounds of looking for bodies that are missing, and files read for them. */
const MAX_ROUNDS = 4;
const MAX_FOUND_FILES = 120;

async function open(host: DebugHost, given: LaunchArguments): Promise<Checked<DebugTarget>> {
	const root = rootOf(host, given);
	if (!isFolder(root)) return { ok: false, error: `no such folder: ${root}` };
	const asked = given.file === undefined ? root : resolve(root, given.file);
	const outside = [root, asked].find((path) => !host.mayRead(path));
	if (outside !== undefined) return { ok: false, error: `${outside}: ${NOT_TRUSTED}` };
	const tree = openTree(settingsFor(host, root), { files: [] });
	const plan = given.finding === undefined ? undefined : await host.planOf(tree.root, given.finding);
	if (plan === null)
		return { ok: false, error: `finding ${given.finding} is not there, or has no chain to step through` };
	const args = plan === undefined ? given : { ...given, function: plan.calls[0]!.function, file: plan.calls[0]!.file };
	const path = args.file === undefined ? await findFile(host, tree, args.function) : relativeTo(tree.root, args.file);
	if (path === null)
		return { ok: false, error: `no file below ${root} defines '${args.function}'; say which with 'file'` };
	if (isRustName(path)) await loadRustGrammar();
	const loader = new Loader(host, tree, isRustName(path) ? libraryOf(tree.root) : NO_MACROS);
	const problem = loader.add(path);
	if (problem !== null) return { ok: false, error: `${path}: ${problem}` };
	loader.addNeighbours(path);
	for (const call of plan?.calls ?? []) loader.add(call.file);
	const { rows } = tree;
	const plain = await requestFor(host, { args, path, rows, tree, loader });
	const request = plan === undefined ? plain : { ...plain, entry: plan.entry, plan };
	await addMissing(host, loader, request);
	const handlers = await interruptsFor(host, loader, request, path);
	const notes = tree.problems.map((one) => `${one.path}: ${one.text}`);
	const textOf = (file: string): string | null => {
		const path = relativeTo(tree.root, file);
		if (!loader.units.has(path)) return null;
		const bytes = host.openText(path) ?? readOrNull(resolve(tree.root, path));
		return bytes === null ? null : Buffer.from(bytes).toString("utf8");
	};
	const about = `${request.function}() is entered in the context '${request.entry}'`;
	return {
		ok: true,
		value: { root: tree.root, start: () => openSimulation({ ...request, handlers }), request, about, notes, textOf },
	};
}

/** A scenario: its sources are all that there is. */
async function openFile(host: DebugHost, args: LaunchArguments, file: string): Promise<Checked<DebugTarget>> {
	const loaded = await loadScenario(resolve(args.root ?? "", file), host.mayRead);
	if (!loaded.ok) return loaded;
	const { folder, value } = loaded;
	const { name, about = "" } = value.scenario;
	const request = { ...value, config: args.config ?? {} };
	const textOf = (path: string): string | null => {
		const isOurs = value.scenario.sources.some((source) => resolve(folder, source) === resolve(path));
		return isOurs ? (readOrNull(path)?.toString("utf8") ?? null) : null;
	};
	const target: DebugTarget = {
		root: folder,
		start: () => openScenario(request),
		request: null,
		about: about === "" ? `scenario ${name}` : `scenario ${name}: ${about}`,
		notes: [],
		textOf,
	};
	return { ok: true, value: target };
}

function rootOf(host: DebugHost, args: LaunchArguments): string {
	if (args.root !== undefined) return realPath(resolve(args.root));
	const known = host.root();
	if (known !== null) return known;
	if (args.file === undefined || !isAbsolute(args.file)) return defaultRoot(process.cwd());
	return kernelTreeAbove(dirname(args.file)) ?? realPath(dirname(args.file));
}

function settingsFor(host: DebugHost, root: string): TreeSettings {
	return { root, profile: "default", jobs: 1, cache: false, trusted: host.trusted(), kernelTree: host.kernelTree() };
}

async function findFile(host: DebugHost, tree: Tree, name: string): Promise<string | null> {
	const [known] = await host.locate(name);
	if (known !== undefined) return known;
	const isRust = name.includes("::");
	const last = name.slice(name.lastIndexOf(":") + 1).replace(/\W/g, "");
	const definition = isRust
		? new RegExp(`^[^/\\n]*\\bfn\\s+${last}\\b`, "m")
		: new RegExp(`^(?![ \\t#])[^\\n;=]*\\b${last}\\s*\\([^;{]*\\)[^;{=]*\\{`, "m");
	for (const { path } of walkTree(tree.root, { followLinks: false }).files) {
		if (!path.endsWith(isRust ? ".rs" : ".c")) continue;
		const bytes = readOrNull(join(tree.root, path));
		if (bytes?.includes(last) && definition.test(bytes.toString("latin1"))) return path;
	}
	return null;
}

function libraryOf(root: string): Macros {
	const paths = walkTree(root, { followLinks: false }).files.map(({ path }) => path);
	return new MacroLibrary(root, paths);
}

function readOrNull(path: string): Buffer | null {
	try {
		return readFileSync(path);
	} catch {
		return null;
	}
}

interface Asked {
	readonly args: LaunchArguments;
	readonly path: string;
	readonly rows: Rows;
	readonly tree: Tree;
	readonly loader: Loader;
}

async function requestFor(host: DebugHost, asked: Asked): Promise<SimulationRequest> {
	const { args, path, rows, tree, loader } = asked;
	const entry = args.entry ?? (await knownEntry(host, args.function, path, rows));
	return {
		units: loader.units,
		rows,
		version: tree.version,
		config: args.config ?? {},
		function: args.function,
		path,
		...(args.line === undefined ? {} : { line: args.line }),
		entry,
	};
}

const DEFAULT_ENTRY = "process";

async function knownEntry(host: DebugHost, name: string, path: string, rows: Rows): Promise<string> {
	const known = entriesFor(rows, await host.contextsOf(name, path));
	// An interrupt restricts more than a system call: where both come here, it is the one to look at.
	return known.find((id) => id !== DEFAULT_ENTRY) ?? DEFAULT_ENTRY;
}

/** What a person may have interrupt the run: the handlers of the code at hand, and one that has nothing to do with it. */
async function interruptsFor(
	host: DebugHost,
	loader: Loader,
	request: SimulationRequest,
	path: string,
): Promise<HandlerRequest[]> {
	const known = (await host.handlersNear(path)) ?? registeredHandlers(request, path);
	const handlers = known.filter((handler) => loader.add(handler.path) === null);
	loader.units.set(OTHER_INTERRUPT_PATH, otherInterruptUnit());
	return [...handlers.map((handler) => ({ ...handler, name: `${handler.function}()` })), OTHER_INTERRUPT];
}

/** Reads the files of functions that the run may call, as far as the host's index knows them. */
async function addMissing(host: DebugHost, loader: Loader, request: SimulationRequest): Promise<void> {
	const asked = new Set<string>();
	let nFiles = 0;
	for (let round = 0; round < MAX_ROUNDS; round++) {
		const before = loader.units.size;
		for (const name of missingFunctions(request)) {
			if (asked.has(name) || nFiles >= MAX_FOUND_FILES) continue;
			asked.add(name);
			const [path] = await host.locate(name);
			if (path === undefined || loader.units.has(path)) continue;
			nFiles++;
			if (isRustName(path)) await loadRustGrammar();
			loader.add(path);
		}
		if (loader.units.size === before) return;
	}
}

/** Reads files into units. */
class Loader {
	readonly units = new Map<string, Unit>();
	private readonly lowering: LowerSettings;
	private readonly headers: HeaderReader;
	private readonly paths = new Set<string>();

	constructor(
		private readonly host: DebugHost,
		private readonly tree: Tree,
		library: Macros,
	) {
		this.lowering = { root: tree.root, config: tree.config, store: null, cacheSalt: "", library };
		this.headers = new HeaderReader(tree, this.lowering);
	}

	/** Reads a file and the headers it names. A text that says what is wrong, or null. */
	add(path: string): string | null {
		const problem = this.addAlone(path);
		const unit = this.units.get(path);
		const sink = { setUnit: (name: string, header: Unit) => void this.units.set(name, header) };
		if (unit !== undefined) this.headers.addHeadersOf(path, unit, sink, this.paths);
		return problem;
	}

	private addAlone(path: string): string | null {
		if (this.paths.has(path)) return null;
		if (!this.host.mayRead(resolve(this.tree.root, path))) return NOT_TRUSTED;
		const text = this.host.openText(path);
		const lowered = text === null ? lowerFile(path, this.lowering) : lowerBytes(path, text, this.lowering);
		if ("problem" in lowered) return lowered.problem;
		this.paths.add(path);
		this.units.set(path, unitOf(lowered.flat));
		return null;
	}

	/** The whole root when it is small, else the file's folder. */
	addNeighbours(path: string): void {
		const isInside = !isAbsolute(path);
		const whole = isInside && !this.tree.isKernel ? walkTree(this.tree.root, { followLinks: false }).files : [];
		if (whole.length > 0 && whole.length <= MAX_WHOLE_TREE) {
			for (const file of whole) this.add(file.path);
			return;
		}
		const folder = dirname(path);
		const full = isInside ? join(this.tree.root, folder) : folder;
		const isOfLanguage = isRustName(path) ? isRustName : (name: string) => /\.[ch]$/.test(name);
		const names = readdirSync(full).filter((name) => isOfLanguage(name) && name !== basename(path));
		// Their headers are those of the function's own file, for the most part.
		for (const name of names.sort().slice(0, MAX_SIBLINGS)) this.addAlone(folder === "." ? name : `${folder}/${name}`);
	}
}
