// Runs a command and says what it cost: its time, and the most memory that it and its descendants had together.

import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

const SAMPLE_MS = 100;

export interface Cost {
	readonly ms: number;
	readonly status: number | null;
	readonly stdout: string;
	readonly stderr: string;
	/** see MemorySampler; null where there is no /proc */
	readonly peakBytes: number | null;
}

export interface CommandOptions {
	readonly cwd?: string;
	readonly env?: Readonly<Record<string, string>>;
}

/** Rejects when the command cannot be started. */
export function measureCommand(file: string, args: readonly string[], options: CommandOptions = {}): Promise<Cost> {
	return new Promise((resolve, reject) => {
		const start = performance.now();
		const child: ChildProcess = spawn(file, args, {
			cwd: options.cwd ?? process.cwd(),
			env: { ...process.env, ...options.env },
			stdio: ["ignore", "pipe", "pipe"],
		});
		const memory = new MemorySampler(child.pid ?? 0);
		const stdout: Buffer[] = [];
		const stderr: Buffer[] = [];
		child.stdout!.on("data", (chunk: Buffer) => stdout.push(chunk));
		child.stderr!.on("data", (chunk: Buffer) => stderr.push(chunk));
		child.on("error", (error) => {
			memory.stop();
			reject(error);
		});
		child.on("close", (status) => {
			const ms = performance.now() - start;
			const texts = { stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() };
			resolve({ ms, status, ...texts, peakBytes: memory.stop() });
		});
	});
}

/**
 * The sum of the resident memory (RSS) of a process and its descendants, sampled every 100 ms; the largest sum.
 * Pages that processes share count once for each.
 */
export class MemorySampler {
	private peak = 0;
	private readonly timer: NodeJS.Timeout;

	constructor(private readonly pid: number) {
		this.timer = setInterval(() => this.sample(), SAMPLE_MS);
		this.timer.unref();
		this.sample();
	}

	/** The peak in bytes; null when nothing could be read. */
	stop(): number | null {
		clearInterval(this.timer);
		return this.peak === 0 ? null : this.peak;
	}

	private sample(): void {
		this.peak = Math.max(this.peak, residentBytes(this.pid));
	}
}

function residentBytes(pid: number): number {
	try {
		const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1];
		return childrenOf(pid).reduce((sum, child) => sum + residentBytes(child), Number(kilobytes ?? 0) * 1024);
	} catch {
		// it has ended, or this is no Linux
		return 0;
	}
}

function childrenOf(pid: number): number[] {
	return readdirSync(`/proc/${pid}/task`).flatMap((task) => {
		try {
			const text = readFileSync(`/proc/${pid}/task/${task}/children`, "latin1");
			return text.split(" ").filter(Boolean).map(Number);
		} catch {
			return [];
		}
	});
}
