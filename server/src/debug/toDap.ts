// From what the simulator shows to the types of the debug protocol.

import { isAbsolute, join } from "node:path";
import { type FrameView, SPLAT_KINDS } from "@might-sleep/analyzer";
import type { DebugProtocol } from "@vscode/debugprotocol";
import type { Handles } from "./handles.js";
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
	return { name: path.slice(path.lastIndexOf("/") + 1), path: isAbsolute(path) ? path : join(root, path) };
}

/** Frame ids are depths + 1, so that they need no table. */
export function toFrame(root: string, frame: FrameView): DebugProtocol.StackFrame {
	const { line, column } = frame;
	const source = toSource(root, frame.path);
	return { id: frame.depth + 1, name: frame.function, source, line, column, canRestart: true };
}

export function depthOfFrame(frameId: number | undefined): number | null {
	return frameId === undefined || frameId < 1 ? null : frameId - 1;
}

export function toScopes(depth: number, hasChoices: boolean, handles: Handles<Expandable>): DebugProtocol.Scope[] {
	const scope = (name: string, of: Expandable, isExpensive = false): DebugProtocol.Scope => {
		return { name, variablesReference: handles.create(of), expensive: isExpensive };
	};
	return [
		scope("Context", { kind: "context" }),
		scope("Locks", { kind: "locks" }),
		scope("RCU", { kind: "rcu" }),
		{ ...scope("Locals", { kind: "locals", depth }), presentationHint: "locals" },
		...(hasChoices ? [scope("Choices", { kind: "choices" })] : []),
		scope("Configuration", { kind: "configuration" }, true),
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
