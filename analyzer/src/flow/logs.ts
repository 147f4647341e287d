// Where the threads of a crew leave what they have made: each writes a log of its own, and a number above 0 names the
// member and the place in its log.

/** Members of a crew, its owner (0) among them, that places have numbers for. */
export const MAX_MEMBERS = 8;

export function logPlace(at: number, member: number): number {
	return at * MAX_MEMBERS + member + 1;
}

export function memberAt(place: number): number {
	return (place - 1) % MAX_MEMBERS;
}

export function offsetAt(place: number): number {
	return Math.floor((place - 1) / MAX_MEMBERS);
}
