// A small tree on disk for one test, and the command line run on it. The tree is gone after the test.

import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { TestContext } from "node:test";
import { COMMAND } from "./lspClient.js";

export interface Run {
	readonly status: number | null;
	readonly stdout: string;
	readonly stderr: string;
}

export interface RunOptions {
	readonly cwd?: string;
	/** undefined takes a variable out of the environment */
	readonly env?: Readonly<Record<string, string | undefined>>;
	/** run as this user, where the test may */
	readonly uid?: number;
	/** the largest file it may write, in blocks of 512 bytes: beyond that writing fails as on a full disk */
	readonly fileBlocks?: number;
	/** sees the process when it has started */
	readonly onStart?: (child: ChildProcess) => void;
}

/** A run that takes longer hangs. */
const LIMIT_MS = 180_000;

export class TempTree {
	readonly root: string;
	/** where the cache of this test's runs is */
	readonly cache: string;

	constructor(t: TestContext, files: Readonly<Record<string, string | Uint8Array>>) {
		const base = mkdtempSync(join(tmpdir(), "might-sleep-"));
		t.after(() => rmSync(base, { recursive: true, force: true }));
		this.root = join(base, "tree");
		this.cache = join(base, "cache");
		mkdirSync(this.root);
		for (const [path, text] of Object.entries(files)) this.write(path, text);
	}

	path(path: string): string {
		return join(this.root, path);
	}

	write(path: string, text: string | Uint8Array): void {
		mkdirSync(dirname(this.path(path)), { recursive: true });
		writeFileSync(this.path(path), text);
	}

	/** `might-sleep …` in the root of the tree. */
	run(args: readonly string[], options: RunOptions = {}): Promise<Run> {
		return new Promise((resolve, reject) => {
			const [program, ...words] = commandLine(args, options);
			const child = spawn(program!, words, {
				cwd: options.cwd ?? this.root,
				env: { ...process.env, XDG_CACHE_HOME: this.cache, ...options.env },
				stdio: ["ignore", "pipe", "pipe"],
				...(options.uid === undefined ? {} : { uid: options.uid }),
			});
			options.onStart?.(child);
			let stdout = "";
			let stderr = "";
			child.stdout.on("data", (chunk: Buffer) => {
				stdout += chunk.toString();
			});
			child.stderr.on("data", (chunk: Buffer) => {
				stderr += chunk.toString();
			});
			const timer = setTimeout(() => {
				child.kill("SIGKILL");
				reject(new Error(`might-sleep ${args.join(" ")} hangs; stderr: ${stderr}`));
			}, LIMIT_MS);
			child.on("close", (status) => {
				clearTimeout(timer);
				resolve({ status, stdout, stderr });
			});
		});
	}
}

function commandLine(args: readonly string[], { fileBlocks }: RunOptions): readonly string[] {
	const plain = [process.execPath, COMMAND, ...args];
	return fileBlocks === undefined ? plain : ["sh", "-c", `ulimit -f ${fileBlocks}; exec "$@"`, "sh", ...plain];
}

/** A driver that sleeps under a spinlock in `bad_send`, and does not in `good_send`. */
export const DRIVER = `struct port { spinlock_t lock; int state; };

static void wait_a_bit(struct port *port)
{
	msleep(10);
	port->state = 1;
}

int bad_send(struct port *port)
{
	unsigned long flags;

	spin_lock_irqsave(&port->lock, flags);
	wait_a_bit(port);
	spin_unlock_irqrestore(&port->lock, flags);
	return 0;
}

int good_send(struct port *port)
{
	wait_a_bit(port);
	return 0;
}
`;
/** Where the call under the lock is. */
export const DRIVER_BAD_LINE = 14;
