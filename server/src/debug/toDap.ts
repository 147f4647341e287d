// From what the simulator shows to the types of the debug protocol.

import { isAbsolute, join } from "node:path";
import { type FrameView, SPLAT_KINDS } from "@might-sleep/analyzer";
import type { DebugProtocol } from "@vscode/debugprotocol";
import type { Handles } from "./handles.js";
import { ownSource } from "./ownTexts.js";
import type { Expandable, Row } from "./rows.js";

/** The one filter that stops at any splat, before those of single kinds. */
export const ANY_SPLAT = "splat";

const CONDITION = {
	supportsCondition: true,
	conditionDescription: "a condition, as in in_atomic() or dev->ready == 1",
};

export const EXCEPTION_FILTERS: DebugProtocol.ExceptionBreakpointsFilter[] = [
	{
		filter: ANY_SPLAT,
		label: "Kernel splats",
		description: "Stop where the kernel would complain, whatever about",
		default: true,
		...CONDITION,
	},
	...SPLAT_KINDS.map(({ kind, label }) => ({ filter: kind, label: `Splat: ${label}`, default: false, ...CONDITION })),
];

export const CAPABILITIES: DebugProtocol.Capabilities = {
	supportsConfigurationDoneRequest: true,
	supportsStepBack: true,
	supportsSteppingGranularity: true,
	supportsStepInTargetsRequest: true,
	supportsRestartFrame: true,
	supportsGotoTargetsRequest: true,
	supportsFunctionBreakpoints: true,
	supportsConditionalBreakpoints: true,
	supportsHitConditionalBreakpoints: true,
	supportsLogPoints: true,
	supportsDataBreakpoints: true,
	supportsExceptionFilterOptions: true,
	supportsExceptionInfoRequest: true,
	supportsEvaluateForHovers: true,
	supportsSetVariable: true,
	supportsSetExpression: true,
	supportsCompletionsRequest: true,
	completionTriggerCharacters: [".", ">"],
	supportsLoadedSourcesRequest: true,
	supportsTerminateRequest: true,
	supportsBreakpointLocationsRequest: true,
	supportsDelayedStackTraceLoading: true,
	exceptionBreakpointFilters: EXCEPTION_FILTERS,
};

export function toSource(root: string, path: string): DebugProtocol.Source {
	const own = ownSource(path);
	return own ?? { name: path.slice(path.lastIndexOf("/") + 1), path: isAbsolute(path) ? path : join(root, path) };
}

/** A frame of a task, as frame ids name it. */
export interface FrameRef {
	readonly task: number;
	readonly depth: number;
}

/** Deeper than any stack of the machine. */
const MAX_DEPTH = 1_000_000;

/** Thread ids are tasks + 1, frame ids say task and depth: neither needs a table. */
export function toThreadId(task: number): number {
	return task + 1;
}
export function taskOfThread(threadId: number): number {
	return threadId - 1;
}

export function toFrame(root: string, task: number, frame: FrameView): DebugProtocol.StackFrame {
	const { line, column } = frame;
	const source = toSource(root, frame.path);
	const id = task * MAX_DEPTH + frame.depth + 1;
	return { id, name: frame.function, source, line, column, canRestart: true };
}

export function frameOfId(frameId: number): FrameRef {
	return { task: Math.floor((frameId - 1) / MAX_DEPTH), depth: (frameId - 1) % MAX_DEPTH };
}

export function toScopes(
	{ task, depth }: FrameRef,
	hasChoices: boolean,
	handles: Handles<Expandable>,
): DebugProtocol.Scope[] {
	const scope = (name: string, of: Expandable, isExpensive = false): DebugProtocol.Scope => {
		return { name, variablesReference: handles.create(of), expensive: isExpensive };
	};
	return [
		scope("Context", { kind: "context", task }),
		scope("Locks", { kind: "locks", task }),
		scope("RCU", { kind: "rcu", task }),
		scope("Memory", { kind: "memory", task }),
		{ ...scope("Locals", { kind: "locals", task, depth }), presentationHint: "locals" },
		...(hasChoices ? [scope("Choices", { kind: "choices", task })] : []),
		scope("Configuration", { kind: "configuration", task }, true),
	];
}

export function toVariable(row: Row, handles: Handles<Expandable>): DebugProtocol.Variable {
	return {
		name: row.name,
		value: row.value,
		...(row.type === undefined ? {} : { type: row.type }),
		variablesReference: row.members === undefined ? 0 : handles.create(row.members),
		...(row.evaluateName === undefined ? {} : { evaluateName: row.evaluateName }),
		...(row.isEditable ? {} : { presentationHint: { attributes: ["readOnly"] } }),
	};
}

/** A scope without entries says so. */
export function orNone(variables: DebugProtocol.Variable[], text: string): DebugProtocol.Variable[] {
	return variables.length > 0 ? variables : [{ name: text, value: "", variablesReference: 0 }];
}
