// A scenario from disk: the file, checked, and the sources it names, lowered. Paths in messages are those that
// the scenario writes.

import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import {
	builtinRows,
	defaultConfig,
	parseScenario,
	type ScenarioRequest,
	type Unit,
	unitOf,
} from "@might-sleep/analyzer";
import { lowerFile } from "./lowering.js";
import { NO_MACROS } from "./macroLibrary.js";
import { loadRustGrammar } from "./rustGrammar.js";
import { errorCode, isRustName } from "./walk.js";

export type LoadedScenario =
	| { readonly ok: true; readonly value: ScenarioRequest; readonly folder: string }
	| { readonly ok: false; readonly error: string };

/** Why something was not read. */
export const NOT_TRUSTED = "not read: it lies outside the workspace, which is not trusted";

/** Kernel of a scenario that names none. */
const VERSION = [6, 12] as const;

/** `mayRead` is asked of the scenario and of each source, by absolute path, before it is read. */
export async function loadScenario(
	path: string,
	mayRead: (path: string) => boolean = () => true,
): Promise<LoadedScenario> {
	if (!mayRead(resolve(path))) return { ok: false, error: `${path}: ${NOT_TRUSTED}` };
	let text: string;
	try {
		text = readFileSync(path, "utf8");
	} catch (error) {
		return { ok: false, error: `${path}: cannot be read: ${errorCode(error)}` };
	}
	const parsed = parseScenario(text);
	if (!parsed.ok) return { ok: false, error: `${path}: ${parsed.error}` };
	const scenario = parsed.value;
	const folder = dirname(resolve(path));
	const outside = scenario.sources.find((source) => !mayRead(resolve(folder, source)));
	if (outside !== undefined) return { ok: false, error: `${path}: ${outside}: ${NOT_TRUSTED}` };
	if (scenario.sources.some(isRustName)) await loadRustGrammar();
	const units: (readonly [string, Unit])[] = [];
	for (const source of scenario.sources) {
		const lowered = lowerFile(source, {
			root: folder,
			config: defaultConfig,
			store: null,
			cacheSalt: "",
			library: NO_MACROS,
		});
		if ("problem" in lowered) return { ok: false, error: `${path}: ${source}: ${lowered.problem}` };
		units.push([source, unitOf(lowered.flat)]);
	}
	return { ok: true, value: { scenario, units, rows: builtinRows, version: VERSION }, folder };
}
