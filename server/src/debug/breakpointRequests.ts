// Requests that set breakpoints: on lines, functions, data and splats.

import type { Watch } from "@might-sleep/analyzer";
import type { DebugProtocol } from "@vscode/debugprotocol";
import { type Breakpoint, isHitCondition, type Terms } from "./breakpoints.js";
import { pathOfSource } from "./ownTexts.js";
import { watchOfRow, watchOnMachine } from "./rows.js";
import type { Session } from "./session.js";

type Placed = DebugProtocol.Breakpoint;

function codeLines(session: Session, source: DebugProtocol.Source): number[] {
	const path = session.running === null ? null : pathOfSource(session.running.target.root, source);
	return path === null ? [] : session.mover.simulation.codeLines(path);
}

export function breakpointLocations(session: Session, args: DebugProtocol.BreakpointLocationsArguments) {
	const last = args.endLine ?? args.line;
	const lines = codeLines(session, args.source).filter((line) => line >= args.line && line <= last);
	return { breakpoints: lines.map((line) => ({ line })) };
}

export function setBreakpoints(session: Session, args: DebugProtocol.SetBreakpointsArguments) {
	const lines = codeLines(session, args.source);
	const wanted = args.breakpoints ?? [];
	// A breakpoint on a line without code stands on the next one that has some.
	const placed = wanted.map((one) => (problemOf(one) === null ? lines.find((line) => line >= one.line) : undefined));
	const terms = wanted.flatMap((one, i) => (placed[i] === undefined ? [] : [[placed[i], termsOf(one)] as const]));
	const made: Breakpoint[] = [];
	const path = session.running === null ? null : pathOfSource(session.running.target.root, args.source);
	if (path !== null) {
		made.push(...session.mover.breakpoints.setLines(path, terms));
	}
	const breakpoints = wanted.map((one, i): Placed => {
		const line = placed[i];
		if (line !== undefined) return { id: made.shift()!.id, verified: true, line };
		return { verified: false, line: one.line, message: problemOf(one) ?? "this run has no code here" };
	});
	return { breakpoints };
}

export function setFunctionBreakpoints(session: Session, args: DebugProtocol.SetFunctionBreakpointsArguments) {
	const simulation = session.running?.mover.simulation;
	const problems = args.breakpoints.map((one) => {
		const name = nameOf(one);
		return problemOf(one) ?? (simulation?.defines(name) ? null : `this run has no function '${name}' with a body`);
	});
	const good = args.breakpoints.filter((_, i) => problems[i] === null);
	const made = session.running?.mover.breakpoints.setFunctions(good.map((one) => [nameOf(one), termsOf(one)])) ?? [];
	const breakpoints = problems.map((message): Placed => {
		return message === null ? { id: made.shift()!.id, verified: true } : { verified: false, message };
	});
	return { breakpoints };
}

function nameOf({ name }: DebugProtocol.FunctionBreakpoint): string {
	return name.trim().replace(/\(\)$/, "");
}

/** What can be watched: a row of a scope, or an expression. */
export function dataBreakpointInfo(session: Session, args: DebugProtocol.DataBreakpointInfoArguments) {
	const { simulation, index } = session.still;
	const of = args.variablesReference === undefined ? undefined : session.handles.get(args.variablesReference);
	const { task, depth } = session.frameAt(args.frameId);
	const watch =
		of === undefined
			? (watchOnMachine(simulation, index, args.name, task) ?? simulation.watchOn(index, depth, args.name, task))
			: watchOfRow(simulation, index, of, args.name);
	if (watch === null) return { dataId: null, description: `${args.name} cannot be watched` };
	return {
		dataId: JSON.stringify(watch),
		description: watch.text,
		accessTypes: ["write"],
		// places and frames are of this run; the machine has its quantities in every run
		canPersist: watch.kind === "lane" || watch.kind === "field",
	};
}

export function setDataBreakpoints(session: Session, args: DebugProtocol.SetDataBreakpointsArguments) {
	const watches = args.breakpoints.map((one) => watchOf(one.dataId));
	const problems = args.breakpoints.map((one, i) => {
		if (watches[i] === null) return "this is no id of data that can be watched";
		if (one.accessType !== undefined && one.accessType !== "write") return "only changes can be watched, not reads";
		return problemOf(one);
	});
	const good = args.breakpoints.flatMap((one, i) => {
		return problems[i] === null ? [[watches[i]!, termsOf(one)] as const] : [];
	});
	const made: Breakpoint[] = session.running?.mover.breakpoints.setData(good) ?? [];
	const breakpoints = problems.map((message): Placed => {
		const id = message === null ? made.shift()?.id : undefined;
		return id === undefined ? { verified: false, message: message ?? "nothing runs yet" } : { id, verified: true };
	});
	return { breakpoints };
}

const WATCH_KINDS = new Set(["lane", "field", "place", "local"]);

function watchOf(dataId: string): Watch | null {
	try {
		const watch = JSON.parse(dataId) as Watch;
		return WATCH_KINDS.has(watch?.kind) && typeof watch.text === "string" ? watch : null;
	} catch {
		return null;
	}
}

export function setExceptionBreakpoints(session: Session, args: DebugProtocol.SetExceptionBreakpointsArguments) {
	const filters = new Map(args.filters.map((filter) => [filter, ""]));
	for (const { filterId, condition } of args.filterOptions ?? []) filters.set(filterId, condition?.trim() ?? "");
	session.setFilters(filters);
	return { breakpoints: [...filters].map((): Placed => ({ verified: true })) };
}

interface GivenTerms {
	readonly condition?: string;
	readonly hitCondition?: string;
	readonly logMessage?: string;
}

/** What is wrong with how a breakpoint was put; null: nothing. */
function problemOf(one: GivenTerms): string | null {
	const count = one.hitCondition?.trim();
	if (!count || isHitCondition(count)) return null;
	return `'${count}' is no count of hits: 3, >= 3 or % 2 is`;
}

function termsOf(one: GivenTerms): Terms {
	const text = (given: string | undefined) => (given?.trim() ? given.trim() : undefined);
	return {
		condition: text(one.condition),
		hitCondition: text(one.hitCondition),
		logMessage: text(one.logMessage),
	};
}
