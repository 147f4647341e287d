/** A small generator (mulberry32) of numbers in [0, 1) that gives the same run every time. */
export function generator(seed: number): () => number {
	let state = seed;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
	};
}

/** A text after a few edits: snippets put in, parts left out or repeated, the rest cut off. */
export function mutate(text: string, snippets: readonly string[], random: () => number): string {
	let mutated = text;
	const pick = (limit: number): number => Math.floor(random() * limit);
	for (let edits = 1 + pick(8); edits > 0; edits--) {
		const at = pick(mutated.length);
		const [head, tail] = [mutated.slice(0, at), mutated.slice(at)];
		const kind = pick(10);
		if (kind < 5) mutated = head + snippets[pick(snippets.length)] + tail;
		else if (kind < 7) mutated = head + tail.slice(pick(60));
		else if (kind < 8) mutated = head + String.fromCharCode(pick(256)) + tail;
		else if (kind < 9) mutated = head + mutated.slice(pick(mutated.length)).slice(0, pick(300)) + tail;
		else mutated = head;
	}
	return mutated;
}
