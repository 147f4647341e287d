// Lowers the files of a tree on worker threads. Files go out in batches, large ones first; batches come
// back in the order they were made, whatever the number of workers. A worker that dies or hangs costs the
// file it was reading, which is reported; the rest of its batch goes to a new worker.

import { Worker } from "node:worker_threads";
import { viewAt } from "@might-sleep/analyzer";
import type { FromLowerWorker, LoweredFile, LowerWorkerData, ToLowerWorker } from "./messages.js";
import { prefetch } from "./prefetching.js";
import { threadScript } from "./threads.js";
import type { TreeFile } from "./walk.js";

const BATCH_BYTES = 1 << 20;
const BATCH_FILES = 64;
/** The front end is linear in time; a file that takes this long hangs. */
const FILE_TIMEOUT_MS = 60_000;
const WATCH_INTERVAL_MS = 2_000;

export interface PoolOptions {
	readonly jobs: number;
	readonly data: Omit<LowerWorkerData, "progress">;
	/** files of one batch, in order of batches */
	readonly onBatch: (files: readonly LoweredFile[]) => void;
	readonly isCancelled?: () => boolean;
	/** the script to run; tests run one that dies */
	readonly script?: URL;
	readonly fileTimeoutMs?: number;
	/** memory for the objects of a worker; without it what node gives to a thread */
	readonly maxHeapMb?: number;
}

/** What has to be known of a file to read it. */
type FileToRead = Pick<TreeFile, "path" | "size">;

interface Batch {
	readonly id: number;
	paths: string[];
	/** files that killed a worker */
	readonly dead: LoweredFile[];
}

interface PoolWorker {
	readonly worker: Worker;
	readonly progress: Int32Array;
	batch: Batch | null;
	/** what the watchdog saw last, and since when */
	seen: number;
	seenAt: number;
	/** why it was ended from outside */
	reason: string | null;
}

/** Resolves when all files are read. */
export function lowerFiles(files: readonly FileToRead[], options: PoolOptions): Promise<void> {
	return new Promise((resolve, reject) => new Pool(files, options, resolve, reject).start());
}

class Pool {
	/** in the order in which they are read */
	private readonly files: readonly FileToRead[];
	private readonly batches: Batch[];
	/** batches of workers that died, to be done again */
	private readonly again: Batch[] = [];
	private readonly workers = new Set<PoolWorker>();
	private readonly done = new Map<number, readonly LoweredFile[]>();
	private nextToSend = 0;
	private nextToDeliver = 0;
	private watchdog: NodeJS.Timeout | null = null;
	private ended = false;
	private stopPrefetching = (): void => {};
	private readonly options: PoolOptions;
	private readonly resolve: () => void;
	private readonly reject: (error: unknown) => void;

	constructor(
		files: readonly FileToRead[],
		options: PoolOptions,
		resolve: () => void,
		reject: (error: unknown) => void,
	) {
		this.files = inOrder(files);
		this.batches = makeBatches(this.files);
		this.options = options;
		this.resolve = resolve;
		this.reject = reject;
	}

	start(): void {
		if (this.batches.length === 0) {
			this.resolve();
			return;
		}
		const count = Math.max(1, Math.min(this.options.jobs, this.batches.length));
		for (let i = 0; i < count; i++) this.startWorker();
		// of a large file, the system itself reads ahead
		const small = this.files.filter((file) => !isLarge(file)).map(({ path }) => path);
		this.stopPrefetching = prefetch(this.options.data.root, small);
		this.watchdog = setInterval(() => this.watch(), WATCH_INTERVAL_MS);
	}

	private startWorker(): void {
		const progress = new Int32Array(new SharedArrayBuffer(4));
		const workerData: LowerWorkerData = { ...this.options.data, progress };
		const { maxHeapMb } = this.options;
		const worker = new Worker(this.options.script ?? threadScript("host/worker"), {
			workerData,
			...(maxHeapMb === undefined ? {} : { resourceLimits: { maxOldGenerationSizeMb: maxHeapMb } }),
		});
		const slot: PoolWorker = {
			worker,
			progress,
			batch: null,
			seen: -1,
			seenAt: Date.now(),
			reason: null,
		};
		this.workers.add(slot);
		worker.on("message", (message: FromLowerWorker) => this.guard(() => this.receive(slot, message)));
		worker.on("error", (error) => {
			slot.reason ??= `the reader died on it: ${error.message.split("\n")[0]}`;
		});
		worker.on("exit", () => this.guard(() => this.workerEnded(slot)));
		this.feed(slot);
	}

	private guard(work: () => void): void {
		try {
			work();
		} catch (error) {
			this.end();
			this.reject(error);
		}
	}

	private feed(slot: PoolWorker): void {
		if (this.options.isCancelled?.()) this.nextToSend = this.batches.length;
		const batch = this.again.pop() ?? this.batches[this.nextToSend++];
		slot.batch = batch ?? null;
		slot.seen = -1;
		slot.seenAt = Date.now();
		Atomics.store(slot.progress, 0, 0);
		send(slot, batch ? { kind: "batch", batch: batch.id, paths: batch.paths } : { kind: "finish" });
	}

	private receive(slot: PoolWorker, message: FromLowerWorker): void {
		if (this.ended) return;
		const batch = this.batches[message.batch]!;
		this.done.set(message.batch, [...received(message), ...batch.dead]);
		this.feed(slot);
		for (;;) {
			const files = this.done.get(this.nextToDeliver);
			if (!files) break;
			this.done.delete(this.nextToDeliver++);
			this.options.onBatch(files);
		}
	}

	private workerEnded(slot: PoolWorker): void {
		this.workers.delete(slot);
		if (this.ended) return;
		const batch = slot.batch;
		if (batch) {
			const at = Atomics.load(slot.progress, 0);
			const [path] = batch.paths.splice(Math.min(at, batch.paths.length - 1), 1);
			batch.dead.push({ path: path!, problem: slot.reason ?? "the reader died on it" });
			this.again.push(batch);
			this.startWorker();
			return;
		}
		if (this.workers.size > 0) return;
		this.end();
		this.resolve();
	}

	/** Ends workers that have been at one file for too long. */
	private watch(): void {
		const now = Date.now();
		for (const slot of this.workers) {
			const at = slot.batch === null ? -1 : slot.batch.id * BATCH_FILES + Atomics.load(slot.progress, 0);
			if (at !== slot.seen) {
				slot.seen = at;
				slot.seenAt = now;
			} else if (slot.batch && now - slot.seenAt > (this.options.fileTimeoutMs ?? FILE_TIMEOUT_MS)) {
				slot.reason = "took too long to read";
				void slot.worker.terminate();
			}
		}
	}

	private end(): void {
		this.ended = true;
		this.stopPrefetching();
		if (this.watchdog) clearInterval(this.watchdog);
		for (const slot of this.workers) void slot.worker.terminate();
	}
}

function received({ files, flats }: FromLowerWorker): LoweredFile[] {
	return files.map((file, i) => ("problem" in file ? file : { ...file, flat: viewAt(flats, i)! }));
}

function send(slot: PoolWorker, message: ToLowerWorker): void {
	slot.worker.postMessage(message);
}

function isLarge({ size }: FileToRead): boolean {
	return size > BATCH_BYTES / 4;
}

/** Large files first, so that no worker is left alone with one at the end; then by path: what belongs together lies together in all tables. */
function inOrder(files: readonly FileToRead[]): FileToRead[] {
	const weight = (file: FileToRead) => (isLarge(file) ? file.size : 0);
	return [...files].sort((a, b) => weight(b) - weight(a) || (a.path < b.path ? -1 : 1));
}

function makeBatches(files: readonly FileToRead[]): Batch[] {
	const batches: Batch[] = [];
	let bytes = BATCH_BYTES;
	for (const file of files) {
		const last = batches.at(-1);
		if (!last || bytes >= BATCH_BYTES || last.paths.length >= BATCH_FILES) {
			batches.push({ id: batches.length, paths: [file.path], dead: [] });
			bytes = file.size;
		} else {
			last.paths.push(file.path);
			bytes += file.size;
		}
	}
	return batches;
}
