// JSON that commands print: with a long list in it, written as the list comes about, so that neither the list nor its
// text is held as a whole; and what several commands print alike.

import type { Splat } from "@might-sleep/analyzer";

/** Writes what JSON.stringify(…, null, "\t") gives for `head` with the list as its last property, and a newline. */
export function writeJson(
	write: (text: string) => void,
	head: Readonly<Record<string, unknown>>,
	name: string,
	list: Iterable<unknown>,
): void {
	const opened = JSON.stringify({ ...head, [name]: [] }, null, "\t");
	// without the ending "]\n}"
	write(opened.slice(0, -3));
	let separator = "";
	for (const item of list) {
		write(`${separator}\n\t\t${JSON.stringify(item, null, "\t").replaceAll("\n", "\n\t\t")}`);
		separator = ",";
	}
	write(separator === "" ? "]\n}\n" : "\n\t]\n}\n");
}

/** Splats in the shape that `simulate` prints. */
export function splatsToJson(splats: readonly Splat[]): object[] {
	return splats.map(({ kind, title, text, at }) => {
		return { kind, title, text, file: at.path, line: at.line, function: at.function };
	});
}
