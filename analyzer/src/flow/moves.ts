// Where an edit has moved things that has changed nothing else: the calls of functions, and places in files.

import type { Places } from "../ir/alike.js";
import type { FileId, FnId } from "../ir/program.js";

/** The ops that the calls of a function have now, by those that they had. */
export type CallMoves = ReadonlyMap<number, number>;

export interface Moves {
	/** by function whose calls are other ops now */
	readonly calls: ReadonlyMap<FnId, CallMoves>;
	/** by file: where what was at an offset is now */
	readonly places: ReadonlyMap<FileId, Places>;
}

export function placeNow({ places }: Moves, file: FileId, offset: number): number {
	return places.get(file)?.get(offset) ?? offset;
}

export function callNow({ calls }: Moves, fn: FnId, op: number): number {
	return calls.get(fn)?.get(op) ?? op;
}

/** The way back. */
export function backwards({ calls, places }: Moves): Moves {
	return { calls: mapped(calls, inverted), places: mapped(places, inverted) };
}

function mapped<Key, Value>(map: ReadonlyMap<Key, Value>, to: (value: Value) => Value): Map<Key, Value> {
	return new Map([...map].map(([key, value]) => [key, to(value)]));
}

function inverted(map: ReadonlyMap<number, number>): ReadonlyMap<number, number> {
	return new Map([...map].map(([from, to]) => [to, from]));
}
