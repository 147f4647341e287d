// The progress of indexing, twice: as the protocol's work-done progress, which can be cancelled, and as the
// status notification.

import type { Connection, WorkDoneProgressServerReporter } from "vscode-languageserver";
import type { StatusParams } from "./protocol.js";

/** Share of the whole that reading the files takes; the phases of the solver divide the rest. */
const READ_SHARE = 60;
const SOLVER_PHASE_SHARE = 8;

export class IndexProgress {
	private reporter: WorkDoneProgressServerReporter | null = null;
	private ended = false;
	private readonly phases: string[] = [];
	private readonly connection: Connection;
	private readonly sendStatus: (status: StatusParams) => void;

	constructor(connection: Connection, sendStatus: (status: StatusParams) => void) {
		this.connection = connection;
		this.sendStatus = sendStatus;
	}

	begin(onCancel: () => void): void {
		this.sendStatus({ phase: "indexing", percent: 0 });
		this.connection.window
			.createWorkDoneProgress()
			.then((reporter) => {
				if (this.ended) return;
				this.reporter = reporter;
				reporter.begin("might-sleep: indexing", 0, "finding files", true);
				reporter.token.onCancellationRequested(onCancel);
			})
			.catch(() => {
				// the client shows no progress
			});
	}

	report(phase: string, done: number, total: number): void {
		if (this.ended) return;
		const share = total > 0 ? done / total : 0;
		const percent = Math.floor(this.percentOf(phase, share));
		const count = total > 0 ? ` ${done.toLocaleString("en")} of ${total.toLocaleString("en")}` : "";
		const message = `${phase}${count}`;
		this.reporter?.report(percent, message);
		this.sendStatus({ phase: "indexing", percent, message });
	}

	end(): void {
		this.ended = true;
		this.reporter?.done();
		this.reporter = null;
	}

	private percentOf(phase: string, share: number): number {
		if (phase === "find files") return 0;
		if (phase === "read files") return READ_SHARE * share;
		if (!this.phases.includes(phase)) this.phases.push(phase);
		return Math.min(99, READ_SHARE + SOLVER_PHASE_SHARE * (this.phases.indexOf(phase) + share));
	}
}
