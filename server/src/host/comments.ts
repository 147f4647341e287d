// Where a source file's text is code: neither in a comment nor in a literal. For C and Rust alike.

/** Comments, texts and characters; what is not closed goes on to the end. A quote of Rust's lifetimes is none of these. */
const ASIDE = /\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|"(?:\\[\s\S]|[^"\\])*(?:"|$)|'(?:\\.[^'\n]*|[^'\\\n])'/g;

/** Is the character at `offset` code? */
export function isCode(text: string, offset: number): boolean {
	ASIDE.lastIndex = 0;
	for (let found = ASIDE.exec(text); found !== null && found.index <= offset; found = ASIDE.exec(text)) {
		if (offset < found.index + found[0].length) return false;
	}
	return true;
}
