// Child processes in groups of their own. A group ends when its owner asks, when this process exits, and
// when it is interrupted or crashes: no server and no browser outlives a test.

import { type ChildProcess, spawn, spawnSync } from "node:child_process";

export interface Group {
	readonly child: ChildProcess;
	/** everything the process printed, both streams */
	readonly output: () => string;
	/** resolves with the exit status, -1 when a signal ended it */
	readonly ended: Promise<number>;
	/** SIGTERM to the group, then SIGKILL */
	readonly stop: () => Promise<void>;
}

const alive = new Set<number>();
let guarded = false;

/** Starts a program in a new process group. */
export function startGroup(file: string, args: readonly string[], env: NodeJS.ProcessEnv, cwd: string): Group {
	guardExit();
	const child = spawn(file, [...args], { env, cwd, detached: true, stdio: ["ignore", "pipe", "pipe"] });
	const pid = child.pid;
	let text = "";
	const keep = (chunk: Buffer): void => {
		text = (text + chunk.toString()).slice(-200_000);
	};
	child.stdout?.on("data", keep);
	child.stderr?.on("data", keep);
	const ended = new Promise<number>((resolve) => {
		child.once("error", (error) => {
			text += String(error);
			resolve(-1);
		});
		child.once("close", (code) => resolve(code ?? -1));
	});
	if (pid !== undefined) alive.add(pid);
	const stop = async (): Promise<void> => {
		if (pid === undefined) return;
		signalGroup(pid, "SIGTERM");
		await Promise.race([ended, pause(3000)]);
		signalGroup(pid, "SIGKILL");
		alive.delete(pid);
	};
	return { child, output: () => text, ended, stop };
}

/** Runs a program to its end; throws with what it printed when it fails. */
export function run(file: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv = process.env): string {
	const done = spawnSync(file, [...args], { cwd, env, encoding: "utf8", maxBuffer: 64 << 20 });
	const text = `${done.stdout ?? ""}${done.stderr ?? ""}`;
	if (done.status !== 0) throw new Error(`${file} ${args.join(" ")} failed: ${done.error ?? text.slice(-4000)}`);
	return text;
}

export function pause(ms: number): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, ms));
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
	try {
		process.kill(-pid, signal);
	} catch {
		// the group is gone already
	}
}

function guardExit(): void {
	if (guarded) return;
	guarded = true;
	process.on("exit", () => {
		for (const pid of alive) signalGroup(pid, "SIGKILL");
	});
	for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(130));
}
