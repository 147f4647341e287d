// One debug session on a tree, walked to its end and back as a person holds a key down: step in until the run is over
// or enough steps are made, then step back to the beginning. What a client sees of it is checked on the way.

import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { relative } from "node:path";
import { defaultConfig, lowerC } from "@might-sleep/analyzer";
import { lineStarts, placeIn } from "@might-sleep/analyzer/base/lineIndex";
import { FN_SIZE, FnField, FnFlag, unitName } from "@might-sleep/analyzer/ir/unit";
import type { MovedEvent } from "@might-sleep/server/debug/messages";
import type { DebugProtocol } from "@vscode/debugprotocol";
import { DapClient } from "./dapClient.js";

export interface Walk {
	/** null: it was launched; else what the adapter said, or how it failed */
	readonly refusal: string | null;
	readonly nForwards: number;
	readonly nBackwards: number;
	/** reasons of stops that are no steps, with how often they came */
	readonly stops: ReadonlyMap<string, number>;
	/** stops shown outside of the function that they are said to be in, as `path:line function` */
	readonly strays: readonly string[];
	/** places of the way back that are not those of the way there, as `step: there / back` */
	readonly mismatches: readonly string[];
	/** lines of the console that say what is not known or not done */
	readonly nNotes: number;
	/** how it ended when the session broke off; null when it did not */
	readonly failure: string | null;
}

/** Walks a run of the adapter behind a pipe. */
export async function walkRun(pipe: string, root: string, launch: object, maxSteps: number): Promise<Walk> {
	const socket = connect(pipe);
	const client = new DapClient(socket, socket);
	const walker = new Walker(client, root);
	try {
		const refusal = await walker.launch(launch);
		if (refusal === null) {
			await walker.forwards(maxSteps);
			await walker.backwards();
		}
		await client.end();
		return walker.report(refusal, null);
	} catch (error) {
		return walker.report(null, error instanceof Error ? error.message : String(error));
	} finally {
		socket.destroy();
	}
}

/** What the console says of what the machine does not know or do. */
const NOTE = /no body and no model row|does not compute|could not read|not followed|not stepped into|taken as held/g;

class Walker {
	private readonly stops = new Map<string, number>();
	private readonly strays = new Set<string>();
	private readonly mismatches: string[] = [];
	/** by index of the timeline: the place shown there on the way forwards */
	private readonly shown = new Map<number, string>();
	private nForwards = 0;
	private nBackwards = 0;
	private index = 0;

	constructor(
		private readonly client: DapClient,
		private readonly root: string,
	) {}

	/** What the adapter says when it refuses; null when it does not. */
	async launch(args: object): Promise<string | null> {
		const { client } = this;
		try {
			const stop = await client.launch({ root: this.root, ...args }, { filters: [] });
			await this.look(stop.body);
			return null;
		} catch (error) {
			return error instanceof Error ? error.message : String(error);
		}
	}

	async forwards(maxSteps: number): Promise<void> {
		while (this.nForwards < maxSteps) {
			const { description } = await this.move("stepIn");
			this.nForwards++;
			// One more step would end the session.
			if (description === "The run is over") return;
		}
	}

	async backwards(): Promise<void> {
		while (this.index > 0) {
			const before = this.index;
			await this.move("might-sleep/reverseStepIn");
			if (this.index >= before) throw new Error(`a step back from ${before} comes to ${this.index}`);
			this.nBackwards++;
		}
	}

	report(refusal: string | null, failure: string | null): Walk {
		const { stops, strays, mismatches, nForwards, nBackwards } = this;
		const nNotes = this.client.output.match(NOTE)?.length ?? 0;
		return { refusal, nForwards, nBackwards, stops, strays: [...strays], mismatches, nNotes, failure };
	}

	private async move(command: string): Promise<DebugProtocol.StoppedEvent["body"]> {
		const stop = await this.client.move(command);
		if (stop.reason !== "step") this.stops.set(stop.reason, (this.stops.get(stop.reason) ?? 0) + 1);
		await this.look(stop);
		return stop;
	}

	/** Looks at the place of a stop: is it in its function, and the one that was shown at this point before? */
	private async look({ reason, threadId }: DebugProtocol.StoppedEvent["body"]): Promise<void> {
		const { client } = this;
		this.index = await this.newestIndex();
		const args = { threadId: threadId ?? 1, startFrame: 0, levels: 1 };
		const { stackFrames } = await client.request<DebugProtocol.StackTraceResponse["body"]>("stackTrace", args);
		const [top] = stackFrames;
		if (top === undefined) {
			if (reason !== "exit") this.strays.add(`nothing runs at step ${this.index}`);
			return;
		}
		const path = top.source?.path ?? "";
		const place = `${relative(this.root, path)}:${top.line} ${top.name}`;
		if (!isInside(path, top.name, top.line)) this.strays.add(place);
		const known = this.shown.get(this.index);
		if (known === undefined) this.shown.set(this.index, place);
		else if (known !== place) this.mismatches.push(`${this.index}: ${known} / ${place}`);
	}

	/** Where the timeline stands: every stop is told with it. */
	private async newestIndex(): Promise<number> {
		let { index } = (await this.client.event("might-sleep/moved")).body as MovedEvent;
		const { events } = this.client;
		for (let at = events.length - 1; at >= 0; at--) {
			if (events[at]!.event !== "might-sleep/moved") continue;
			index = (events.splice(at, 1)[0]!.body as MovedEvent).index;
			break;
		}
		return index;
	}
}

export interface Range {
	readonly name: string;
	/** lines of the definition, and that of the name */
	readonly first: number;
	readonly last: number;
	readonly line: number;
	/** a function with a body, not a macro */
	readonly isRunnable: boolean;
}

const rangesOfFile = new Map<string, readonly Range[]>();

function isInside(path: string, name: string, line: number): boolean {
	return functionRanges(path).some((range) => range.name === name && line >= range.first && line <= range.last);
}

/** The functions of a file of C with their lines, from 1. */
export function functionRanges(path: string): readonly Range[] {
	let ranges = rangesOfFile.get(path);
	if (ranges === undefined) {
		ranges = readRanges(path);
		rangesOfFile.set(path, ranges);
	}
	return ranges;
}

function readRanges(path: string): Range[] {
	const unit = lowerC(path, readFileSync(path), defaultConfig);
	const starts = lineStarts(unit.lineLengths);
	const lineAt = (offset: number) => placeIn(starts, offset).line;
	const ranges: Range[] = [];
	for (let at = 0; at < unit.fns.length; at += FN_SIZE) {
		const name = unitName(unit, unit.fns[at + FnField.Name]!);
		const [start, end] = [unit.fns[at + FnField.Start]!, unit.fns[at + FnField.End]!];
		const isMacro = (unit.fns[at + FnField.Flags]! & FnFlag.Macro) !== 0;
		const isRunnable = !isMacro && unit.fns[at + FnField.OpCount]! > 0;
		const line = lineAt(unit.fns[at + FnField.NameStart]!);
		ranges.push({ name, first: lineAt(start), last: lineAt(end), line, isRunnable });
	}
	return ranges;
}
