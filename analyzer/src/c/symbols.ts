// hot: The lexer's name table: spelling → symbol, one table per file. Words (words.ts) are its first entries.
// A symbol is not yet a name of the unit: only what reaches the IR enters the unit's pool.
import { W, WORDS } from "./words.js";

/** What the spelling or the file says about a symbol. */
export const enum SymbolFlag {
	/** names a type: known word, `…_t`, or a typedef of this file */
	Type = 1 << 0,
	/** begins with two underscores and does not look like a type: an attribute where one can stand */
	Dunder = 1 << 1,
	/** attribute-like word in front of a declarator */
	Attribute = 1 << 2,
	/** function-like macro of this file */
	Macro = 1 << 3,
	/** such a macro that opens a loop */
	MacroHead = 1 << 4,
	/** has a lower-case letter */
	Lower = 1 << 5,
	/** holds "for_each" or begins like a list iterator */
	Iterator = 1 << 6,
	/** a function of this file has the name */
	Function = 1 << 7,
}

export interface Symbols {
	/** open addressing: symbol + 1, 0 when free */
	table: Int32Array;
	mask: number;
	count: number;
	/** where the symbol's spelling first occurs: in the file, for a word in wordBytes */
	start: Int32Array;
	end: Int32Array;
	hash: Int32Array;
	flags: Uint8Array;
}

const BASE_SIZE = 8192;
const encoded = encodeWords();
/** The spellings of all words, one after another. */
export const wordBytes: Uint8Array = encoded.bytes;
const template = createTemplate();

function encodeWords(): { bytes: Uint8Array; ends: Int32Array } {
	const text = WORDS.join("");
	const bytes = new Uint8Array(text.length);
	for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
	const ends = new Int32Array(WORDS.length);
	let end = 0;
	for (let i = 0; i < WORDS.length; i++) {
		end += WORDS[i].length;
		ends[i] = end;
	}
	return { bytes, ends };
}

export function createSymbols(): Symbols {
	return {
		table: template.table.slice(),
		mask: BASE_SIZE - 1,
		count: template.count,
		start: template.start.slice(),
		end: template.end.slice(),
		hash: template.hash.slice(),
		flags: template.flags.slice(),
	};
}

/** Forgets the file's symbols, keeps the words. */
export function resetSymbols(symbols: Symbols): void {
	if (symbols.table.length > BASE_SIZE) symbols.table = template.table.slice();
	else symbols.table.set(template.table);
	symbols.mask = BASE_SIZE - 1;
	symbols.count = template.count;
	symbols.flags.set(template.flags.subarray(0, template.count));
}

function createTemplate(): Symbols {
	const symbols: Symbols = {
		table: new Int32Array(BASE_SIZE),
		mask: BASE_SIZE - 1,
		count: 0,
		start: new Int32Array(BASE_SIZE),
		end: new Int32Array(BASE_SIZE),
		hash: new Int32Array(BASE_SIZE),
		flags: new Uint8Array(BASE_SIZE),
	};
	let start = 0;
	for (let word = 0; word < WORDS.length; word++) {
		const end = encoded.ends[word];
		let hash = 0;
		for (let i = start; i < end; i++) hash = (Math.imul(hash, 31) + encoded.bytes[i]) | 0;
		internSymbol(symbols, encoded.bytes, start, end, hash);
		let flags = 0;
		if (word > W.LastKeyword && word <= W.LastTypeName) flags = SymbolFlag.Type;
		else if (word === W.noreturn || word === W.weak || word === W.cleanup)
			flags = SymbolFlag.Lower; // attributes only inside __attribute__
		else if (word > W.LastTypeName && word <= W.LastAnnotation) flags = SymbolFlag.Attribute;
		symbols.flags[word] = flags;
		start = end;
	}
	return symbols;
}

/** The symbol spelt bytes[start, end), whose rolling hash (× 31) is `hash`; new ones get the next number. */
export function internSymbol(symbols: Symbols, bytes: Uint8Array, start: number, end: number, hash: number): number {
	const length = end - start;
	const table = symbols.table;
	const mask = symbols.mask;
	let slot = (hash ^ (hash >>> 15)) & mask;
	for (;;) {
		const symbol = table[slot] - 1;
		if (symbol < 0) break;
		if (symbols.hash[symbol] === hash && symbols.end[symbol] - symbols.start[symbol] === length) {
			const other = symbol < W.Count ? wordBytes : bytes;
			let from = symbols.start[symbol];
			let at = start;
			while (at < end && other[from] === bytes[at]) {
				from++;
				at++;
			}
			if (at === end) return symbol;
		}
		slot = (slot + 1) & mask;
	}
	const symbol = symbols.count++;
	if (symbol === symbols.start.length) growSymbols(symbols);
	table[slot] = symbol + 1;
	symbols.start[symbol] = start;
	symbols.end[symbol] = end;
	symbols.hash[symbol] = hash;
	symbols.flags[symbol] = spellingFlags(bytes, start, end);
	if (symbols.count * 2 > table.length) growTable(symbols);
	return symbol;
}

/** Finds a spelling without adding it; -1 when the file does not hold it. */
export function findSymbol(symbols: Symbols, bytes: Uint8Array, text: string): number {
	let hash = 0;
	for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
	let slot = (hash ^ (hash >>> 15)) & symbols.mask;
	for (;;) {
		const symbol = symbols.table[slot] - 1;
		if (symbol < 0) return -1;
		if (symbols.hash[symbol] === hash && symbolText(symbols, bytes, symbol) === text) return symbol;
		slot = (slot + 1) & symbols.mask;
	}
}

/** The spelling as a string (not for hot code). */
export function symbolText(symbols: Symbols, bytes: Uint8Array, symbol: number): string {
	if (symbol < W.Count) return WORDS[symbol];
	let text = "";
	for (let i = symbols.start[symbol]; i < symbols.end[symbol]; i++) text += String.fromCharCode(bytes[i]);
	return text;
}

function spellingFlags(bytes: Uint8Array, start: number, end: number): number {
	const length = end - start;
	const last = bytes[end - 1];
	let flags = 0;
	if (last === 116 && length > 2 && bytes[end - 2] === 95) flags |= SymbolFlag.Type;
	else if (length > 2 && bytes[start] === 95 && bytes[start + 1] === 95 && !(last >= 48 && last <= 57))
		flags |= SymbolFlag.Dunder;
	for (let i = start; i < end; i++) {
		const byte = bytes[i];
		if (byte >= 97 && byte <= 122) {
			flags |= SymbolFlag.Lower;
			break;
		}
	}
	if (length > 7) flags |= iteratorFlag(bytes, start, end);
	return flags;
}

/** "for_each" anywhere. */
function iteratorFlag(bytes: Uint8Array, start: number, end: number): number {
	for (let i = start; i + 8 <= end; i++) {
		if (
			bytes[i] === 102 &&
			bytes[i + 1] === 111 &&
			bytes[i + 2] === 114 &&
			bytes[i + 3] === 95 &&
			bytes[i + 4] === 101 &&
			bytes[i + 5] === 97 &&
			bytes[i + 6] === 99 &&
			bytes[i + 7] === 104
		)
			return SymbolFlag.Iterator;
	}
	return 0;
}

function growSymbols(symbols: Symbols): void {
	const capacity = symbols.start.length * 2;
	const grow = (from: Int32Array): Int32Array => {
		const to = new Int32Array(capacity);
		to.set(from);
		return to;
	};
	symbols.start = grow(symbols.start);
	symbols.end = grow(symbols.end);
	symbols.hash = grow(symbols.hash);
	const flags = new Uint8Array(capacity);
	flags.set(symbols.flags);
	symbols.flags = flags;
}

function growTable(symbols: Symbols): void {
	const size = symbols.table.length * 2;
	const table = new Int32Array(size);
	const mask = size - 1;
	for (let symbol = 0; symbol < symbols.count; symbol++) {
		const hash = symbols.hash[symbol];
		let slot = (hash ^ (hash >>> 15)) & mask;
		while (table[slot] !== 0) slot = (slot + 1) & mask;
		table[slot] = symbol + 1;
	}
	symbols.table = table;
	symbols.mask = mask;
}
