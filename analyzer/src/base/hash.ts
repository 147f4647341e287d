// A stable 64-bit text hash for fingerprints (two FNV-1a streams), as 16 hex digits.

export function fingerprint(text: string): string {
	let a = 0x811c9dc5;
	let b = 0x1000193;
	for (let i = 0; i < text.length; i++) {
		const code = text.charCodeAt(i);
		a = Math.imul(a ^ code, 0x01000193);
		b = Math.imul(b ^ code ^ (a >>> 13), 0x85ebca6b);
	}
	return (a >>> 0).toString(16).padStart(8, "0") + (b >>> 0).toString(16).padStart(8, "0");
}
