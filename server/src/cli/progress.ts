// Progress of a run on stderr, one line that overwrites itself; silent unless stderr is a terminal.

const INTERVAL_MS = 100;

export class Progress {
	private readonly enabled = process.stderr.isTTY === true;
	private shownAt = 0;
	private shown = false;

	readonly report = (phase: string, done: number, total: number): void => {
		if (!this.enabled) return;
		const now = Date.now();
		if (now - this.shownAt < INTERVAL_MS && done < total) return;
		this.shownAt = now;
		this.shown = true;
		const count = total > 0 ? ` ${done.toLocaleString("en")} of ${total.toLocaleString("en")}` : "";
		process.stderr.write(`\r\x1b[K${phase}${count}`);
	};

	clear(): void {
		if (this.shown) process.stderr.write("\r\x1b[K");
		this.shown = false;
	}
}
