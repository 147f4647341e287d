// The only export surface of the analyzer.

export { type Analysis, createAnalysis } from "./analysis.js";
export type * from "./api.js";
export { Cancelled, sharedCheckpoint } from "./base/cancel.js";
export { type SharedViews, shareViews, viewAt } from "./base/views.js";
export { lowerC } from "./c/index.js";
export type { ReadText } from "./fixes/source.js";
export { type Assistant, type CrewStart, createAssistant } from "./flow/assistant.js";
export type { Crew } from "./flow/bottomUp.js";
export type { CrewWork } from "./flow/crew.js";
export type { SurveyWork } from "./flow/surveyCrew.js";
export { flattenUnit, takeFlat, unitOf } from "./ir/flat.js";
export type { Unit } from "./ir/unit.js";
export { UNIT_HEADER_INTS, UNIT_TABLES, unitName } from "./ir/unit.js";
export { rtArchitectures, rtSupport } from "./model/architectures.js";
export { builtinRows, checkRows, mergeRows } from "./model/compile.js";
export { kswapdPath, kswapdText } from "./model/kswapd.js";
export type { Rows } from "./model/schema.js";
export type * from "./oracle/types.js";
export type { AnalysisOptions, AnalysisStats, CallEdge, Snapshot } from "./query/types.js";
export { allRules } from "./rules/all.js";
export type { Rule } from "./rules/rule.js";
export {
	type ExportedMacro,
	exportedMacros,
	isRustLoaded,
	itemMacros,
	loadRust,
	lowerRust,
	macrosUsed,
	type RustWasm,
} from "./rust/index.js";
export type { Action } from "./sim/actions.js";
export type { Choice } from "./sim/choice.js";
export { resolveConfig, type SimConfig } from "./sim/config.js";
export type { Exploration, Found, PlannedStep } from "./sim/explore.js";
export type { FollowedPlan } from "./sim/follow.js";
export type { HandlerRequest } from "./sim/handlers.js";
export type { SimEvent } from "./sim/machine.js";
export { type MemoryConfig, type MemorySection, readMemory } from "./sim/memory/memoryConfig.js";
export type { MemoryView, ReachView, ZoneView } from "./sim/memory/memoryView.js";
export type { MoveHost, Movement, Stop } from "./sim/navigate.js";
export { type Outcome, SPLAT_KINDS, type Splat } from "./sim/outcome.js";
export type { Obstacle, ReplayEnd } from "./sim/replay.js";
export { PREEMPTION_MODELS, parseScenario, type Scenario, scenarioSchema } from "./sim/scenario.js";
export { openScenario, type ScenarioRequest } from "./sim/scenarioRun.js";
export { type Searchable, type SearchOpened, searchFunction, searchScenario } from "./sim/search.js";
export {
	entriesFor,
	missingFunctions,
	type Opened,
	openSimulation,
	registeredHandlers,
	type Simulation,
	type SimulationRequest,
} from "./sim/simulation.js";
export type { ThreadView } from "./sim/threads.js";
export type { TimelineView } from "./sim/timeline.js";
export { linesText, outcomeText, type Trace, type TraceLine, traceOf, traceRun, traceText } from "./sim/trace.js";
export type { ReplayReport, TrialReport, TrialRequest } from "./sim/trial.js";
export type { ContextView, FrameView, ItemView } from "./sim/view.js";
export type { Watch } from "./sim/watch.js";
export type { Simulator } from "./simulator.js";
export { BuiltFiles } from "./source/kbuild.js";
export { type ConfigView, defaultConfig, parseConfig, rtConfig } from "./source/kconfig.js";
export { type KconfigFile, parseKconfig } from "./source/kconfigFile.js";
export { possibleSymbols } from "./source/kconfigReach.js";

import { allRules } from "./rules/all.js";

/** Ids of all rules, in the order of the documentation. */
export const ruleIds: readonly string[] = allRules.map((rule) => rule.id);

/** Those whose preferred fixes may be made all at once, where the finding is of high confidence. */
export const fixAllRules: ReadonlySet<string> = new Set(
	allRules.filter((rule) => rule.fixesAll === true).map((rule) => rule.id),
);
