// Seeded random numbers (xorshift32). The state is a plain number that the caller keeps, so that a run can
// be resumed at any point and the same seed gives the same run.

export interface Draw {
	/** 0 … bound - 1 */
	readonly value: number;
	/** pass it to the next draw */
	readonly seed: number;
}

export function draw(seed: number, bound: number): Draw {
	let x = seed | 0;
	if (x === 0) x = 0x9e3779b9 | 0;
	x ^= x << 13;
	x ^= x >>> 17;
	x ^= x << 5;
	return { value: bound <= 0 ? 0 : (x >>> 0) % bound, seed: x };
}
