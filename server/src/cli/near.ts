// "Did you mean": the known word nearest to a mistyped one.

/** Null when none is near: more than a third of the letters differ. */
export function nearest(word: string, known: Iterable<string>): string | null {
	return nearestFew(word, known, 1)[0] ?? null;
}

/** The nearest few, the nearest first. */
export function nearestFew(word: string, known: Iterable<string>, count: number): string[] {
	const limit = Math.max(1, Math.floor(word.length / 3));
	const scored: { text: string; distance: number }[] = [];
	for (const text of known) {
		if (Math.abs(text.length - word.length) > limit) continue;
		const distance = editDistance(word, text, limit);
		if (distance <= limit) scored.push({ text, distance });
	}
	scored.sort((a, b) => a.distance - b.distance || (a.text < b.text ? -1 : 1));
	return scored.slice(0, count).map((entry) => entry.text);
}

/** Letters inserted, deleted, replaced; anything above `limit` may come back as limit + 1. */
function editDistance(a: string, b: string, limit: number): number {
	let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
	for (let i = 1; i <= a.length; i++) {
		const row = [i];
		let least = i;
		for (let j = 1; j <= b.length; j++) {
			const same = a[i - 1] === b[j - 1] ? 0 : 1;
			row[j] = Math.min(previous[j]! + 1, row[j - 1]! + 1, previous[j - 1]! + same);
			least = Math.min(least, row[j]!);
		}
		if (least > limit) return limit + 1;
		previous = row;
	}
	return previous[b.length]!;
}
