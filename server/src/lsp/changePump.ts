// Hands changed files to an analysis thread, one change set at a time: what changes again while the thread
// works goes out as one with the newest text. So the first key press is analysed at once, and a fast typist
// never queues up work.

import type { AnalysisClient } from "../host/analysisClient.js";
import type { FileChange } from "../host/analysisMessages.js";

export class ChangePump {
	private readonly dirty = new Map<string, FileChange>();
	private running: Promise<void> | null = null;
	private held: boolean;
	private readonly client: AnalysisClient;
	private readonly onApplied: () => void;

	/** A held pump collects changes until it is released. */
	constructor(client: AnalysisClient, held: boolean, onApplied: () => void) {
		this.client = client;
		this.held = held;
		this.onApplied = onApplied;
	}

	add(change: FileChange): void {
		this.dirty.set(change.path, change);
		this.start();
	}

	release(): void {
		this.held = false;
		this.start();
	}

	/** Resolves when nothing is waiting. */
	async settled(): Promise<void> {
		while (this.running) await this.running;
	}

	private start(): void {
		if (this.held || this.running || this.dirty.size === 0) return;
		this.running = this.run().finally(() => {
			this.running = null;
			this.start();
		});
	}

	private async run(): Promise<void> {
		const changes = [...this.dirty.values()];
		this.dirty.clear();
		try {
			await this.client.change(changes);
			this.onApplied();
		} catch {
			// the thread died, or the analysis of this text did: the answers stay as they were
		}
	}
}
