// Reads a fixture: one text that holds the files of a small tree, marks for what must be found in them, a
// cursor, and expected texts. Lines keep their numbers: line 12 of the fixture is line 12 of the file it
// belongs to (the lines before a file's header are blank in it).
//
//   //- /drivers/a.c CONFIG_SMP=y     opens a file            // ^^^^ error[rule-id]: text   marks the line above
//   //- fixed TITLE                   text after the fix      // ^^^^ note: text             a related place
//   //- and /path, //- not-offered TITLE: another file after the fix; no fix of that title is offered at the cursor
//   //- hover, //- profile rt, //- version 6.12: `key: value` lines; what is judged (else 6.1); $0 is the cursor

export type MarkSeverity = "error" | "warning" | "information" | "hint";

/** A place on a line: visual columns from 0 (tab = 8), `end` after the last; both -1 when the whole line is meant. */
export interface MarkPlace {
	readonly file: string;
	readonly line: number;
	readonly start: number;
	readonly end: number;
}

/** A finding that must be there. */
export interface FindingMark extends MarkPlace {
	readonly severity: MarkSeverity;
	readonly rule: string;
	readonly confidence: "high" | "medium" | "low";
	/** parts that the message must have, in any order; written with ` … ` between them */
	readonly parts: readonly string[];
}

/** A step that must be in a chain of one of the fixture's findings. */
export interface NoteMark extends MarkPlace {
	readonly parts: readonly string[];
}

export interface FixtureFile {
	/** with a leading slash in the fixture, without it here: relative to the root */
	readonly path: string;
	readonly text: string;
	/** CONFIG_… settings on the header line */
	readonly config: ReadonlyMap<string, string>;
}

export interface Section {
	/** what follows the section's word on its line */
	readonly argument: string;
	readonly lines: readonly string[];
}

export interface Fixture {
	readonly name: string;
	readonly files: readonly FixtureFile[];
	readonly findings: readonly FindingMark[];
	readonly notes: readonly NoteMark[];
	/** line and column from 1, column in UTF-16 units */
	readonly cursor: { readonly file: string; readonly line: number; readonly column: number } | null;
	readonly fixed: Section | null;
	/** by path: other files that the fix changes, after it */
	readonly alsoFixed: ReadonlyMap<string, readonly string[]>;
	/** titles of fixes that must not be offered at the cursor */
	readonly notOffered: readonly string[];
	readonly hover: Section | null;
	readonly profile: "default" | "rt";
	/** version of the kernel that the files are of */
	readonly version: readonly [number, number];
	/** lines that look like a mark or header but cannot be read as one */
	readonly mistakes: readonly string[];
}

/** Parses the text of a fixture. `defaultPath` names the file when the text opens none. */
export function parseFixture(name: string, text: string, defaultPath: string): Fixture {
	const lines = text.split("\n");
	const opensFiles = lines.some((line) => HEADER.exec(line)?.[1]?.startsWith("/"));
	const reader = new FixtureReader(name, opensFiles ? null : defaultPath);
	lines.forEach((line, i) => {
		reader.read(line, i + 1);
	});
	return reader.finish();
}

/** The visual column (from 0, tab = 8) of the UTF-16 column `column` (from 1) of `line`. */
export function visualColumn(line: string, column: number): number {
	let at = 0;
	for (let i = 0; i < column - 1 && i < line.length; i++) at = line[i] === "\t" ? (at | 7) + 1 : at + 1;
	return at;
}

/** True for a line that is a mark: it says something about the line above and is no code. */
export function isMarkLine(line: string): boolean {
	return MARK.test(line);
}

/** The parts of a pattern: `a … b` asks for a and b. */
export function patternParts(pattern: string): readonly string[] {
	return pattern
		.split("…")
		.map((part) => part.trim())
		.filter((part) => part !== "");
}

/** Whether all parts occur in the text. */
export function matchesParts(text: string, parts: readonly string[]): boolean {
	return parts.every((part) => text.includes(part));
}

const MARK =
	/^\s*\/\/\s*(\^+)?\s*(error|warning|information|hint|note)(?:\[([\w-]+)(?:,\s*(high|medium|low))?\])?:\s*(.*)$/;
const LOOKS_LIKE_MARK = /^\s*\/\/\s*(\^|(error|warning|information|hint)\s*\[)/;
const HEADER = /^\/\/-\s+(\S+)\s*(.*)$/;
const CURSOR = "$0";

class FixtureReader {
	private readonly files: { path: string; lines: string[]; config: Map<string, string> }[] = [];
	private readonly findings: FindingMark[] = [];
	private readonly notes: NoteMark[] = [];
	private readonly mistakes: string[] = [];
	private cursor: Fixture["cursor"] = null;
	private fixed: Section | null = null;
	private readonly alsoFixed = new Map<string, readonly string[]>();
	private readonly notOffered: string[] = [];
	private hover: Section | null = null;
	private profile: Fixture["profile"] = "default";
	private version: Fixture["version"] = [6, 1];
	/** lines of the section that is open; null while a file is open */
	private section: string[] | null = null;
	/** the last line that is no mark */
	private codeLine = 0;

	constructor(
		private readonly name: string,
		/** null when the text opens its files itself: what comes before the first is a comment on the fixture */
		private readonly defaultPath: string | null,
	) {}

	read(line: string, number: number): void {
		const header = HEADER.exec(line);
		if (header !== null) this.open(header[1]!, header[2]!, number);
		else if (this.section !== null) this.section.push(line);
		else this.readCode(line, number);
	}

	finish(): Fixture {
		const files = this.files.map(({ path, lines, config }) => ({ path, text: `${lines.join("\n")}\n`, config }));
		const { name, findings, notes, cursor, fixed, alsoFixed, notOffered, hover, profile, version, mistakes } = this;
		return { name, files, findings, notes, cursor, fixed, alsoFixed, notOffered, hover, profile, version, mistakes };
	}

	private open(word: string, rest: string, number: number): void {
		if (word.startsWith("/")) {
			const config = new Map<string, string>();
			for (const setting of rest.split(/\s+/)) {
				const [key, value] = setting.split("=");
				if (key?.startsWith("CONFIG_") && value !== undefined) config.set(key, value);
				else if (setting !== "") this.mistakes.push(`line ${number}: ${setting} is no CONFIG_NAME=value`);
			}
			this.section = null;
			this.openFile(word.slice(1), number, config);
			return;
		}
		if (word === "profile" && rest.trim() === "rt") {
			this.profile = "rt";
			return;
		}
		if (word === "not-offered") {
			this.notOffered.push(rest.trim());
			return;
		}
		const version = word === "version" ? /^(\d+)\.(\d+)$/.exec(rest.trim()) : null;
		if (version !== null) {
			this.version = [Number(version[1]), Number(version[2])];
			return;
		}
		const lines: string[] = [];
		if (word === "fixed") this.fixed = { argument: rest.trim(), lines };
		else if (word === "and" && rest.startsWith("/")) this.alsoFixed.set(rest.trim().slice(1), lines);
		else if (word === "hover") this.hover = { argument: rest.trim(), lines };
		else this.mistakes.push(`line ${number}: unknown section ${word}`);
		this.section = lines;
	}

	/** Blank lines stand for the fixture's lines before, so that line numbers agree. */
	private openFile(path: string, linesBefore: number, config: Map<string, string>): void {
		this.files.push({ path, lines: new Array<string>(linesBefore).fill(""), config });
	}

	private readCode(line: string, number: number): void {
		if (this.files.length === 0) {
			if (this.defaultPath === null) return;
			this.openFile(this.defaultPath, number - 1, new Map());
		}
		const file = this.files[this.files.length - 1]!;
		const mark = MARK.exec(line);
		if (mark !== null) this.readMark(file.path, line, mark, number);
		else {
			if (LOOKS_LIKE_MARK.test(line)) this.mistakes.push(`line ${number}: not a mark: ${line.trim()}`);
			this.codeLine = number;
		}
		file.lines.push(mark === null ? this.takeCursor(file.path, line, number) : line);
	}

	private takeCursor(file: string, line: string, number: number): string {
		const at = line.indexOf(CURSOR);
		if (at < 0) return line;
		if (this.cursor !== null) this.mistakes.push(`line ${number}: a second cursor`);
		this.cursor = { file, line: number, column: at + 1 };
		return line.slice(0, at) + line.slice(at + CURSOR.length);
	}

	private readMark(file: string, line: string, mark: RegExpExecArray, number: number): void {
		const [, carets, severity, rule, confidence, text] = mark;
		const start = carets === undefined ? -1 : visualColumn(line, line.indexOf("^") + 1);
		const end = carets === undefined ? -1 : start + carets.length;
		const place = { file, line: this.codeLine, start, end };
		const parts = patternParts(text!);
		if (severity === "note") {
			if (rule !== undefined) this.mistakes.push(`line ${number}: a note has no rule`);
			this.notes.push({ ...place, parts });
		} else if (rule === undefined) this.mistakes.push(`line ${number}: ${severity} without a rule`);
		else {
			this.findings.push({
				...place,
				severity: severity as MarkSeverity,
				rule,
				confidence: (confidence ?? "high") as FindingMark["confidence"],
				parts,
			});
		}
	}
}
