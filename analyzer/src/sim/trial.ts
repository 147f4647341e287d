// Runs without a person at the machine: a plan that is replayed, a function that is entered and runs with likely
// answers. What hosts and measurements read of them, as plain data.

import type { ReplayPlan } from "../api.js";
import { NONE } from "../ir/ops.js";
import type { FnId } from "../ir/program.js";
import { FnField } from "../ir/unit.js";
import type { SimEvent } from "./machine.js";
import type { Outcome, Splat } from "./outcome.js";
import { Recording } from "./record.js";
import { REPLAY_LIMITS, type ReplayEnd, replay } from "./replay.js";
import { startRun } from "./run.js";
import type { World } from "./world.js";

export interface ReplayReport {
	readonly end: ReplayEnd;
	/** steps from the start to the splat, or to where it came furthest */
	readonly nSteps: number;
	/** steps that were tried in all */
	readonly nTried: number;
	readonly splatsBefore: readonly Splat[];
	/** functions that were not stepped into */
	readonly passedBy: readonly string[];
}

/** `world` is asked whether functions may be passed by, and should say that all may. */
export function replayReport(world: World, plan: ReplayPlan): ReplayReport {
	const { end, nSteps, nTried, splatsBefore, passedBy } = replay(world, plan, REPLAY_LIMITS);
	return { end, nSteps, nTried, splatsBefore, passedBy: [...passedBy] };
}

/** A function that is launched. */
export interface TrialRequest {
	readonly file: string;
	readonly function: string;
	/** line of its name, from 1 */
	readonly line: number;
	/** id of the run context */
	readonly entry: string;
	readonly maxSteps: number;
}

export interface TrialReport {
	readonly outcome: Outcome;
	readonly nSteps: number;
	readonly splats: readonly Splat[];
	/** what the machine says it does not know or do */
	readonly notes: readonly string[];
	/** lines shown outside of the function that they are said to be of, as `path:line` */
	readonly strayLines: readonly string[];
}

/** Runs a function with the likely answers to all questions; null when there is no such function or context. */
export function trialRun(world: World, request: TrialRequest): TrialReport | null {
	const fn = functionAt(world, request);
	const start = fn === NONE ? null : startRun(world, fn, request.entry);
	if (start === null || !start.ok) return null;
	const recording = new Recording(world, start.state);
	const splats: Splat[] = [];
	const notes: string[] = [];
	const stray = new Set<string>();
	const note = (event: SimEvent) => {
		if (event.kind === "splat") splats.push(event.splat);
		else notes.push(event.text);
	};
	for (;;) {
		if (isStray(world, recording)) stray.add(placeText(world, recording));
		const outcome = recording.stateAt(recording.last).outcome;
		if (outcome !== null || recording.last >= request.maxSteps) {
			const steps = recording.last;
			return {
				outcome: outcome ?? { kind: "step-limit", steps },
				nSteps: steps,
				splats,
				notes,
				strayLines: [...stray],
			};
		}
		const advance = recording.advance();
		if (advance.kind === "ask") recording.decide(advance.choice, advance.choice.default);
		else if (advance.kind === "stepped") advance.events.forEach(note);
	}
}

function functionAt(world: World, request: TrialRequest): FnId {
	const { program } = world;
	const file = program.fileOf(request.file);
	if (file === NONE) return NONE;
	const isMeant = (fn: FnId) =>
		program.fnName(fn) === request.function &&
		world.lineOf(file, program.fnField(fn, FnField.NameStart)) === request.line;
	return [...program.fnsOf(file)].find(isMeant) ?? NONE;
}

/** Is the line shown one outside of the function that runs? */
function isStray(world: World, recording: Recording): boolean {
	const fn = recording.fnAt(recording.last);
	const line = recording.lineAt(recording.last);
	const file = world.program.fnFile(fn);
	const first = world.lineOf(file, world.program.fnField(fn, FnField.Start));
	return line < first || line > world.lineOf(file, world.program.fnField(fn, FnField.End));
}

function placeText(world: World, recording: Recording): string {
	return `${world.program.fnPath(recording.fnAt(recording.last))}:${recording.lineAt(recording.last)}`;
}
