// Rows of 32-bit integers: where they lie, and how they grow.

/** Zeros that all threads can see. */
export function sharedInts(length: number): Int32Array<SharedArrayBuffer> {
	return new Int32Array(new SharedArrayBuffer(length * 4));
}

/**
 * Bytes that all threads can see. V8 does not count such memory, and after every 64 MB that it does count it marks the whole
 * heap: a table as long as the program's functions or records, made for each edit, is rather one of these.
 */
export function sharedBytes(length: number): Uint8Array<SharedArrayBuffer> {
	return new Uint8Array(new SharedArrayBuffer(length));
}

/** The same numbers in memory that all threads can see. */
export function sharedCopy(ints: ArrayLike<number>): Int32Array<SharedArrayBuffer> {
	const copy = sharedInts(ints.length);
	copy.set(ints);
	return copy;
}

/** A copy of twice the length, of a large array half as long again; at least `length`; for all threads. */
export function growShared(array: Int32Array, length = 0): Int32Array<SharedArrayBuffer> {
	const grown = sharedInts(grownLength(array.length, length));
	grown.set(array);
	return grown;
}

/**
 * The same numbers and room for as many again, for half as many in a large array; at least `length`. What is not small grows
 * in place, and the array before goes on showing the same memory.
 */
export function grow(array: Int32Array, length = 0): Int32Array {
	const wanted = grownLength(array.length, length);
	const grown = (wanted < ROOMY ? null : growRoomy(array, wanted)) ?? new Int32Array(wanted);
	if (grown.buffer !== array.buffer) grown.set(array);
	return grown;
}

/** From so many ints on an array grows in place. */
const ROOMY = 1 << 18;
/** How far it may do so before it is copied, as a multiple of its first size and in bytes. What is not used takes addresses, and no memory. */
const RESERVED = 64;
const MAX_RESERVED = 2 ** 31;

/** Shared memory that can grow (ECMAScript 2024; the library of types is that of 2023). */
interface RoomyBuffer extends SharedArrayBuffer {
	readonly growable: boolean;
	readonly maxByteLength: number;
	grow(byteLength: number): void;
}
const RoomyBuffer = SharedArrayBuffer as unknown as new (
	byteLength: number,
	options: { maxByteLength: number },
) => RoomyBuffer;

/**
 * Memory that V8 does not count: after every 64 MB of other arrays it marks the whole heap, though none of them is
 * garbage (on a kernel tree seven times, 15 s of processor time). Null where addresses are short.
 */
function growRoomy({ buffer }: Int32Array, length: number): Int32Array | null {
	const byteLength = length * 4;
	const maxByteLength = Math.max(byteLength, Math.min(byteLength * RESERVED, MAX_RESERVED));
	try {
		if (isRoomy(buffer) && byteLength <= buffer.maxByteLength) buffer.grow(byteLength);
		else buffer = new RoomyBuffer(byteLength, { maxByteLength });
	} catch (error) {
		if (error instanceof RangeError) return null;
		throw error;
	}
	return new Int32Array(buffer, 0, length);
}

function isRoomy(buffer: ArrayBufferLike): buffer is RoomyBuffer {
	return buffer instanceof SharedArrayBuffer && (buffer as RoomyBuffer).growable;
}

/**
 * To be called when much has just been let go: has V8 look for garbage soon, beside what runs. It does so when so much
 * memory has come to arrays since it did so last; nothing touches this memory, so there is none.
 */
export function noteGarbage(): void {
	new ArrayBuffer(COUNTED_BYTES);
}
const COUNTED_BYTES = 65 << 20;

/** Above so many ints, what is not used yet costs more than growing more often. */
const LARGE = 1 << 22;

function grownLength(length: number, least: number): number {
	return Math.max(length < LARGE ? length * 2 : length + (length >> 1), least, 16);
}
