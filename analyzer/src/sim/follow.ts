// A finding's chain as a trace: the lines that its run comes to, up to the splat that it predicts or to where the
// chain can be followed no further.

import type { ReplayPlan } from "../api.js";
import type { ReplayEnd } from "./replay.js";
import { replayOn } from "./simulation.js";
import { type Trace, traceUntil } from "./trace.js";
import type { World } from "./world.js";

export interface FollowedPlan {
	readonly end: ReplayEnd;
	/** null when the plan does not fit the program */
	readonly trace: Trace | null;
}

export function followPlan(world: World, plan: ReplayPlan): FollowedPlan {
	const { simulation, end, nSteps } = replayOn(world, plan);
	if (simulation === null) return { end, trace: null };
	const { recording } = simulation;
	const isThere = () => {
		if (end.kind === "stuck") return recording.last >= nSteps;
		const { splat } = end;
		return recording
			.splatsAt(recording.last - 1)
			.some(({ kind, at }) => kind === splat.kind && at.path === splat.at.path && at.line === splat.at.line);
	};
	// one more than it takes: what happens in a step is told with the state before it
	const trace = traceUntil(simulation, nSteps + 1, isThere);
	return { end, trace: end.kind === "replayed" ? upToSplats(trace) : trace };
}

/** Without the line after the last splat, which has not run. */
function upToSplats(trace: Trace): Trace {
	const last = trace.lines.findLastIndex(({ events }) => events.some(({ kind }) => kind === "splat"));
	return last < 0 ? trace : { ...trace, lines: trace.lines.slice(0, last + 1) };
}
