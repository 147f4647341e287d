// The connection thread's side of an analysis thread: typed queries, changes, and its end.

import { Worker } from "node:worker_threads";
import type {
	AnalysisThreadData,
	FileChange,
	FromAnalysis,
	IndexSummary,
	Queries,
	ToAnalysis,
} from "./analysisMessages.js";
import { threadScript, tuneThreads } from "./threads.js";
import type { TreeSettings } from "./treeIndex.js";

const MAX_HEAP_MB = 8192;

export interface AnalysisEvents {
	readonly onProgress: (phase: string, done: number, total: number) => void;
	/** answers may have changed by themselves */
	readonly onGrown: () => void;
	/** the thread ended by itself; everything that was asked is refused */
	readonly onDeath: (message: string) => void;
}

interface Pending {
	readonly resolve: (value: unknown) => void;
	readonly reject: (error: Error) => void;
}

export class AnalysisClient {
	private readonly worker: Worker;
	private readonly cancelFlag = new Int32Array(new SharedArrayBuffer(4));
	private readonly pending = new Map<number, Pending>();
	private nextId = 1;
	private opening: { resolve: (summary: IndexSummary | null) => void; reject: (error: Error) => void } | null = null;
	private ended = false;
	private reason = "the analysis thread ended";
	private readonly events: AnalysisEvents;

	constructor(events: AnalysisEvents) {
		this.events = events;
		const workerData: AnalysisThreadData = { cancel: this.cancelFlag };
		tuneThreads();
		this.worker = new Worker(threadScript("host/analysisThread"), {
			workerData,
			resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB },
		});
		this.worker.on("message", (message: FromAnalysis) => this.receive(message));
		this.worker.on("error", (error) => {
			this.reason = error.message;
		});
		this.worker.on("exit", () => this.died());
		this.worker.unref();
	}

	/** Reads and solves the tree, `changes` being the files open in the editor; null when it was cancelled. */
	open(settings: TreeSettings, changes: readonly FileChange[]): Promise<IndexSummary | null> {
		return new Promise((resolve, reject) => {
			this.opening = { resolve, reject };
			this.post({ kind: "open", settings, changes });
		});
	}

	preview(settings: TreeSettings): void {
		this.post({ kind: "preview", settings });
	}

	/** Resolves when the snapshot holds the changes. */
	async change(changes: readonly FileChange[]): Promise<void> {
		await this.ask((id) => ({ kind: "change", id, changes }));
	}

	async query<Name extends keyof Queries>(
		name: Name,
		params: Queries[Name]["params"],
	): Promise<Queries[Name]["result"]> {
		return (await this.ask((id) => ({ kind: "query", id, name, params }))) as Queries[Name]["result"];
	}

	/** Stops the reading and solving of the tree. */
	cancel(): void {
		Atomics.store(this.cancelFlag, 0, 1);
	}

	end(): void {
		this.ended = true;
		this.refuseAll();
		void this.worker.terminate();
	}

	private ask(make: (id: number) => ToAnalysis): Promise<unknown> {
		if (this.ended) return Promise.reject(new Error(this.reason));
		const id = this.nextId++;
		return new Promise((resolve, reject) => {
			this.pending.set(id, { resolve, reject });
			this.post(make(id));
		});
	}

	private post(message: ToAnalysis): void {
		this.worker.postMessage(message);
	}

	private receive(message: FromAnalysis): void {
		switch (message.kind) {
			case "progress":
				this.events.onProgress(message.phase, message.done, message.total);
				return;
			case "grown":
				this.events.onGrown();
				return;
			case "opened":
				this.opening?.resolve(message.summary);
				this.opening = null;
				return;
			case "cancelled":
				this.opening?.resolve(null);
				this.opening = null;
				return;
			case "failed":
				this.opening?.reject(new Error(message.message));
				this.opening = null;
				return;
			case "answer":
				this.pending.get(message.id)?.resolve(message.value);
				this.pending.delete(message.id);
				return;
			case "refused":
				this.pending.get(message.id)?.reject(new Error(message.message));
				this.pending.delete(message.id);
		}
	}

	private died(): void {
		if (this.ended) return;
		this.ended = true;
		this.refuseAll();
		this.events.onDeath(this.reason);
	}

	private refuseAll(): void {
		const error = new Error(this.reason);
		this.opening?.reject(error);
		this.opening = null;
		for (const { reject } of this.pending.values()) reject(error);
		this.pending.clear();
	}
}
