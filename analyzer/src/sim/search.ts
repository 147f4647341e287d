// Searches for hosts: over the schedules of a scenario, or over the answers to the questions of one function; and
// the way back from what was found to a run that shows it.

import { type Bounds, DEFAULT_BOUNDS, type Exploration, explore, type PlannedStep } from "./explore.js";
import { Recording } from "./record.js";
import { prepareScenario, type ScenarioRequest } from "./scenarioRun.js";
import { type Begun, beginFunction, Simulation, type SimulationRequest } from "./simulation.js";

/** What can be searched, linked once. */
export interface Searchable {
	/** searches until all is seen, a bound is reached or the host stops it */
	readonly explore: (bounds: Partial<Bounds>, isStopped: () => boolean) => Exploration;
	/** a run that repeats a plan */
	readonly repeat: (plan: readonly PlannedStep[]) => Simulation;
}

export type SearchOpened =
	| { readonly ok: true; readonly value: Searchable }
	| { readonly ok: false; readonly error: string };

export function searchScenario(request: ScenarioRequest): SearchOpened {
	const { explore: own, choices } = request.scenario;
	return searchable(prepareScenario(request), { ...own, pinned: new Map(Object.entries(choices ?? {})) });
}

export function searchFunction(request: SimulationRequest): SearchOpened {
	return searchable(beginFunction(request), {});
}

function searchable(begun: Begun, own: Partial<Bounds>): SearchOpened {
	if (!begun.ok) return begun;
	const { world, start } = begun.value;
	return {
		ok: true,
		value: {
			explore: (bounds, isStopped) => explore(world, start, { ...DEFAULT_BOUNDS, ...own, ...bounds }, isStopped),
			repeat: (plan) => {
				const actions = new Map(plan.map(({ action }, index) => [index, action]));
				const recording = new Recording(world, start, actions);
				for (const { answers } of plan) if (!repeatStep(recording, answers)) break;
				return new Simulation(world, recording);
			},
		},
	};
}

/** Makes one step with the answers that were given. False: it cannot be made. */
function repeatStep(recording: Recording, answers: readonly number[]): boolean {
	for (const answer of answers) {
		const advance = recording.advance();
		if (advance.kind === "ask") recording.decide(advance.choice, answer);
	}
	return recording.advance().kind === "stepped";
}
