// Many small integer arrays in shared memory, as one message to another thread: a few buffers and the places in them.

import { sharedInts } from "./ints.js";

/** Arrays are cut from chunks of this many ints, unless it is said otherwise. */
const CHUNK_INTS = 1 << 18;

/** Buffer, first int and length of each array. */
const PLACE_SIZE = 3;

/** Allocates small shared arrays. They are given back with the chunk only. */
export class IntSlab {
	private chunk = sharedInts(0);
	private used = 0;

	constructor(private readonly chunkInts = CHUNK_INTS) {}

	/** Zeros. */
	take(length: number): Int32Array {
		if (length > this.chunkInts / 4) return sharedInts(length);
		if (this.used + length > this.chunk.length) {
			this.chunk = sharedInts(this.chunkInts);
			this.used = 0;
		}
		this.used += length;
		return this.chunk.subarray(this.used - length, this.used);
	}
}

export interface SharedViews {
	readonly buffers: readonly SharedArrayBuffer[];
	readonly places: Int32Array;
}

/** Undefined where there is no array, or one that is not shared. */
export function shareViews(views: readonly (Int32Array | undefined)[]): SharedViews {
	const buffers = new Map<SharedArrayBuffer, number>();
	const places = sharedInts(views.length * PLACE_SIZE).fill(-1);
	for (let i = 0; i < views.length; i++) {
		const view = views[i];
		if (view === undefined || !(view.buffer instanceof SharedArrayBuffer)) continue;
		let at = buffers.get(view.buffer);
		if (at === undefined) {
			at = buffers.size;
			buffers.set(view.buffer, at);
		}
		places[i * PLACE_SIZE] = at;
		places[i * PLACE_SIZE + 1] = view.byteOffset / 4;
		places[i * PLACE_SIZE + 2] = view.length;
	}
	return { buffers: [...buffers.keys()], places };
}

/** The array at `index`, as the other thread had it. */
export function viewAt({ buffers, places }: SharedViews, index: number): Int32Array | undefined {
	const buffer = buffers[places[index * PLACE_SIZE] ?? -1];
	if (buffer === undefined) return undefined;
	return new Int32Array(buffer, places[index * PLACE_SIZE + 1]! * 4, places[index * PLACE_SIZE + 2]!);
}
