// hot: Integer and character constants of C to 64 bits, without allocating: results are left in two variables.

/** The low and high 32 bits that the last call found. */
export let intLow = 0;
export let intHigh = 0;

/** Reads the constant at bytes[start, end); false when it is a floating-point number. */
export function readInteger(bytes: Uint8Array, start: number, end: number): boolean {
	intLow = 0;
	intHigh = 0;
	let at = start;
	if (bytes[at] === 48 && at + 1 < end) {
		const marker = bytes[at + 1] | 32;
		if (marker === 120) return readDigits(bytes, at + 2, end, 4);
		if (marker === 98) return readDigits(bytes, at + 2, end, 1);
		return readDigits(bytes, at + 1, end, 3);
	}
	let value = 0;
	for (; at < end; at++) {
		const digit = bytes[at] - 48;
		if (digit < 0 || digit > 9) break;
		value = value * 10 + digit;
	}
	intLow = value | 0;
	intHigh = Math.floor(value / 4294967296) | 0;
	return isSuffix(bytes, at, end);
}

function readDigits(bytes: Uint8Array, start: number, end: number, bits: number): boolean {
	let low = 0;
	let high = 0;
	let at = start;
	for (; at < end; at++) {
		const byte = bytes[at];
		let digit = -1;
		if (byte >= 48 && byte <= 57) digit = byte - 48;
		else if ((byte | 32) >= 97 && (byte | 32) <= 102) digit = (byte | 32) - 87;
		if (digit < 0 || digit >= 1 << bits) break;
		high = (high << bits) | (low >>> (32 - bits));
		low = (low << bits) | digit;
	}
	intLow = low | 0;
	intHigh = high | 0;
	return isSuffix(bytes, at, end);
}

/** Letters u and l only: anything else (`.`, `e`, `p`, `f`) makes it a floating-point number. */
function isSuffix(bytes: Uint8Array, start: number, end: number): boolean {
	for (let at = start; at < end; at++) {
		const letter = bytes[at] | 32;
		if (letter !== 117 && letter !== 108 && letter !== 122) return false;
	}
	return true;
}

/** Reads a character constant; its first character counts. */
export function readChar(bytes: Uint8Array, start: number, end: number): void {
	let code = start + 1 < end ? bytes[start + 1] : 0;
	if (code === 92 && start + 2 < end) {
		const letter = bytes[start + 2];
		if (letter === 110) code = 10;
		else if (letter === 116) code = 9;
		else if (letter === 114) code = 13;
		else if (letter >= 48 && letter <= 55) code = letter - 48;
		else code = letter;
	}
	intLow = code;
	intHigh = 0;
}

/** The last result as a JavaScript number (exact within 53 bits). */
export function intValue(): number {
	return intHigh * 4294967296 + (intLow >>> 0);
}
