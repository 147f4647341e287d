// From what the simulator shows to the types of the debug protocol.

import { isAbsolute, join } from "node:path";
import { type ContextView, type FrameView, type ItemView, SPLAT_KINDS } from "@might-sleep/analyzer";
import type { DebugProtocol } from "@vscode/debugprotocol";
import type { Handles } from "./handles.js";

/** What a variables reference stands for. */
export type Expandable =
	| { readonly kind: "context" | "locks" | "rcu" | "configuration" | "count" | "sections" }
	| { readonly kind: "locals"; readonly depth: number }
	| { readonly kind: "members"; readonly key: string };

/** The one filter that stops at any splat, before those of single kinds. */
export const ANY_SPLAT = "splat";

export const EXCEPTION_FILTERS: DebugProtocol.ExceptionBreakpointsFilter[] = [
	{
		filter: ANY_SPLAT,
		label: "Kernel splats",
		description: "Stop where the kernel would complain, whatever about",
		default: true,
	},
	...SPLAT_KINDS.map(({ kind, label }) => ({ filter: kind, label: `Splat: ${label}`, default: false })),
];

export const CAPABILITIES: DebugProtocol.Capabilities = {
	supportsConfigurationDoneRequest: true,
	supportsStepBack: true,
	supportsStepInTargetsRequest: true,
	supportsEvaluateForHovers: true,
	supportsSetVariable: true,
	supportsExceptionInfoRequest: true,
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
	return { id: frame.depth + 1, name: frame.function, source: toSource(root, frame.path), line, column };
}

export function depthOfFrame(frameId: number | undefined): number | null {
	return frameId === undefined || frameId < 1 ? null : frameId - 1;
}

export function toScopes(depth: number, handles: Handles<Expandable>): DebugProtocol.Scope[] {
	const scope = (name: string, of: Expandable, isExpensive = false): DebugProtocol.Scope => {
		return { name, variablesReference: handles.create(of), expensive: isExpensive };
	};
	return [
		scope("Context", { kind: "context" }),
		scope("Locks", { kind: "locks" }),
		scope("RCU", { kind: "rcu" }),
		{ ...scope("Locals", { kind: "locals", depth }), presentationHint: "locals" },
		scope("Configuration", { kind: "configuration" }, true),
	];
}

export function toVariable(item: ItemView, handles: Handles<Expandable>): DebugProtocol.Variable {
	return {
		name: item.name,
		value: item.value,
		...(item.type === "" ? {} : { type: item.type }),
		variablesReference: item.members === null ? 0 : handles.create({ kind: "members", key: item.members }),
		...(item.isEditable ? { evaluateName: item.name } : { presentationHint: { attributes: ["readOnly"] } }),
	};
}

export function contextVariables(
	context: ContextView,
	nSections: number,
	handles: Handles<Expandable>,
): DebugProtocol.Variable[] {
	const plain = (name: string, value: string): DebugProtocol.Variable => {
		return { name, value, variablesReference: 0, presentationHint: { attributes: ["readOnly"] } };
	};
	const set = context.count.fields.filter(({ value }) => value !== 0).map(({ name, value }) => `${name} ${value}`);
	return [
		plain("here", context.verdict),
		{
			...plain("preempt_count", `${context.count.hex}${set.length === 0 ? "" : ` (${set.join(", ")})`}`),
			evaluateName: "preempt_count()",
			variablesReference: handles.create({ kind: "count" }),
		},
		plain("irqs", context.irqsOn ? "enabled" : "disabled"),
		plain("need_resched", context.needResched ? "1" : "0"),
		plain("level", context.level),
		plain("task", context.task),
		{
			...plain("sections", nSections === 0 ? "none open" : `${nSections} open`),
			variablesReference: nSections === 0 ? 0 : handles.create({ kind: "sections" }),
		},
	];
}

export function countVariables(context: ContextView): DebugProtocol.Variable[] {
	return context.count.fields.map(({ name, value }) => ({ name, value: String(value), variablesReference: 0 }));
}

/** A scope without entries says so. */
export function orNone(variables: DebugProtocol.Variable[], text: string): DebugProtocol.Variable[] {
	return variables.length > 0 ? variables : [{ name: text, value: "", variablesReference: 0 }];
}
