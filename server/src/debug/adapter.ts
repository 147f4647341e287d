// The requests of the debug protocol and those beyond it, as one table.

import * as breakpoints from "./breakpointRequests.js";
import * as inspect from "./inspect.js";
import {
	ACT_REQUEST,
	CHOOSE_REQUEST,
	INLINE_REQUEST,
	MEMORY_REQUEST,
	REVERSE_STEP_IN,
	REVERSE_STEP_OUT,
	SEEK_REQUEST,
	STATE_REQUEST,
	TIMELINE_REQUEST,
} from "./messages.js";
import * as movement from "./movement.js";
import type { TargetProvider } from "./provider.js";
import { type RequestTable, Session } from "./session.js";
import * as timeline from "./timelineRequests.js";
import { CAPABILITIES } from "./toDap.js";

const { standing, moving } = movement;

const TABLE: RequestTable = {
	answers: {
		initialize: () => CAPABILITIES,
		launch: movement.launch,
		configurationDone: () => undefined,

		setBreakpoints: breakpoints.setBreakpoints,
		setFunctionBreakpoints: breakpoints.setFunctionBreakpoints,
		setDataBreakpoints: breakpoints.setDataBreakpoints,
		setExceptionBreakpoints: breakpoints.setExceptionBreakpoints,
		dataBreakpointInfo: breakpoints.dataBreakpointInfo,
		breakpointLocations: breakpoints.breakpointLocations,

		threads: inspect.threads,
		stackTrace: inspect.stackTrace,
		scopes: inspect.scopes,
		variables: inspect.variables,
		setVariable: inspect.setVariable,
		setExpression: inspect.setExpression,
		evaluate: inspect.evaluate,
		completions: inspect.completions,
		exceptionInfo: inspect.exceptionInfo,
		loadedSources: inspect.loadedSources,
		source: inspect.source,
		[INLINE_REQUEST]: inspect.inlineValues,

		next: standing,
		stepIn: movement.stepIn,
		stepInTargets: movement.stepInTargets,
		stepOut: standing,
		continue: movement.continuing,
		stepBack: standing,
		reverseContinue: standing,
		[REVERSE_STEP_IN]: standing,
		[REVERSE_STEP_OUT]: standing,
		restartFrame: standing,
		gotoTargets: movement.gotoTargets,
		goto: standing,
		[SEEK_REQUEST]: movement.checkSeek,
		pause: movement.pause,
		terminate: movement.interrupt,
		disconnect: movement.disconnect,

		[TIMELINE_REQUEST]: timeline.timeline,
		[STATE_REQUEST]: timeline.state,
		[CHOOSE_REQUEST]: timeline.choose,
		[ACT_REQUEST]: timeline.act,
		[MEMORY_REQUEST]: timeline.setMemory,
	},
	afterwards: {
		launch: movement.launched,
		configurationDone: movement.configurationDone,
		evaluate: inspect.evaluated,
		next: moving(true, "over"),
		stepIn: moving(true, "in"),
		stepOut: moving(true, "out"),
		continue: moving(true, "run"),
		stepBack: moving(false, "over"),
		reverseContinue: moving(false, "run"),
		[REVERSE_STEP_IN]: movement.movingBack("in"),
		[REVERSE_STEP_OUT]: movement.movingBack("out"),
		restartFrame: movement.restartFrame,
		goto: movement.goTo,
		[SEEK_REQUEST]: movement.seek,
		pause: movement.paused,
		terminate: movement.terminated,
		disconnect: (session) => session.onGone(),
		[CHOOSE_REQUEST]: timeline.chosen,
		[ACT_REQUEST]: timeline.acted,
		[MEMORY_REQUEST]: (session) => session.tellMoved(),
	},
};

/** A session that waits for its client. `onGone` is called when the client says good-bye. */
export function openSession(provider: TargetProvider, onGone: () => void): Session {
	const session = new Session(provider, onGone, TABLE);
	// As a server it leaves it to the streams to end the process: answers are never cut off.
	session.setRunAsServer(true);
	return session;
}
