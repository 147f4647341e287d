// A client of the debug protocol over streams: requests with answers, events to wait for in order. Drives
// `might-sleep dap --stdio` and sockets alike.

import { type ChildProcess, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { DebugProtocol } from "@vscode/debugprotocol";

const COMMAND = fileURLToPath(new URL("../../../server/bin/might-sleep.js", import.meta.url));
const TIMEOUT_MS = 20_000;

type Events = DebugProtocol.Event;

interface Waiting {
	readonly done: (message: DebugProtocol.Response) => void;
	readonly failed: (error: Error) => void;
}

export class DapClient {
	/** events that came and were not waited for, oldest first */
	readonly events: Events[] = [];
	/** text of all output events so far */
	output = "";
	private seq = 0;
	private buffer = Buffer.alloc(0);
	private readonly waiting = new Map<number, Waiting>();
	private wake: (() => void) | null = null;

	constructor(
		input: Readable,
		private readonly sink: Writable,
		private readonly process: ChildProcess | null = null,
	) {
		input.on("data", (data: Buffer) => this.read(data));
		input.on("close", () => this.fail(new Error("the adapter closed the connection")));
	}

	/** Starts the adapter as a process of its own. */
	static spawn(args: readonly string[] = ["dap", "--stdio"], cwd?: string): DapClient {
		const child = spawn(process.execPath, [COMMAND, ...args], {
			stdio: ["pipe", "pipe", "inherit"],
			...(cwd === undefined ? {} : { cwd }),
		});
		return new DapClient(child.stdout, child.stdin, child);
	}

	/** Sends a request; the body of the answer. Throws what a refusal says. */
	async request<Body = Record<string, unknown>>(command: string, args: object = {}): Promise<Body> {
		const seq = ++this.seq;
		const answer = new Promise<DebugProtocol.Response>((done, failed) => this.waiting.set(seq, { done, failed }));
		const json = JSON.stringify({ seq, type: "request", command, arguments: args });
		this.sink.write(`Content-Length: ${Buffer.byteLength(json)}\r\n\r\n${json}`);
		const response = await withTimeout(answer, `answer to ${command}`);
		if (!response.success) throw new Error(response.message ?? `${command} failed`);
		return (response.body ?? {}) as Body;
	}

	/** The next event of this kind; others before it stay in `events`. */
	async event<Kind extends Events = Events>(name: string): Promise<Kind> {
		const wait = async () => {
			for (;;) {
				const index = this.events.findIndex((event) => event.event === name);
				if (index >= 0) return this.events.splice(index, 1)[0] as Kind;
				await new Promise<void>((done) => {
					this.wake = done;
				});
			}
		};
		return withTimeout(wait(), `event ${name}`);
	}

	/** Initialises, launches, sends breakpoints and filters, and waits for the first stop. */
	async launch(args: object, setup: Setup = {}): Promise<DebugProtocol.StoppedEvent> {
		await this.request("initialize", { adapterID: "might-sleep", linesStartAt1: true, columnsStartAt1: true });
		await this.request("launch", args);
		await this.event("initialized");
		for (const [path, lines] of Object.entries(setup.breakpoints ?? {})) {
			await this.request("setBreakpoints", { source: { path }, breakpoints: lines.map((line) => ({ line })) });
		}
		if (setup.filters) await this.request("setExceptionBreakpoints", { filters: setup.filters });
		await this.request("configurationDone");
		return this.event<DebugProtocol.StoppedEvent>("stopped");
	}

	/** A movement and the stop it ends in. */
	async move(command: string, args: object = {}): Promise<DebugProtocol.StoppedEvent["body"]> {
		await this.request(command, { threadId: 1, ...args });
		return (await this.event<DebugProtocol.StoppedEvent>("stopped")).body;
	}

	async frames(): Promise<DebugProtocol.StackFrame[]> {
		return (await this.request<DebugProtocol.StackTraceResponse["body"]>("stackTrace", { threadId: 1 })).stackFrames;
	}

	/** Variables of a scope of the frame, by name: value. Members of `inside` instead, when it is given. */
	async scope(name: string, inside?: string, frameId?: number): Promise<Record<string, string>> {
		const frame = frameId ?? (await this.frames())[0]!.id;
		const { scopes } = await this.request<DebugProtocol.ScopesResponse["body"]>("scopes", { frameId: frame });
		const scope = scopes.find((candidate) => candidate.name === name);
		if (scope === undefined) throw new Error(`no scope ${name}`);
		let variables = await this.variables(scope.variablesReference);
		if (inside !== undefined) {
			const parent = variables.find((variable) => variable.name === inside);
			variables = await this.variables(parent?.variablesReference ?? 0);
		}
		return Object.fromEntries(variables.map((variable) => [variable.name, variable.value]));
	}

	async variables(reference: number): Promise<DebugProtocol.Variable[]> {
		const args = { variablesReference: reference };
		return (await this.request<DebugProtocol.VariablesResponse["body"]>("variables", args)).variables;
	}

	async evaluate(expression: string, context = "repl"): Promise<string> {
		const args = { expression, context };
		return (await this.request<DebugProtocol.EvaluateResponse["body"]>("evaluate", args)).result;
	}

	/** Says good-bye; the exit status of the process. */
	async end(): Promise<number | null> {
		await this.request("disconnect", {}).catch(() => {});
		this.sink.end();
		const child = this.process;
		if (child === null) return null;
		if (child.exitCode !== null) return child.exitCode;
		const exit = new Promise<number | null>((done) => child.on("exit", (code) => done(code)));
		return withTimeout(exit, "end of the process").catch((error: Error) => {
			child.kill();
			throw error;
		});
	}

	/** Ends the process, if there still is one. */
	kill(): void {
		if (this.process?.exitCode === null) this.process.kill();
	}

	private read(data: Buffer): void {
		this.buffer = Buffer.concat([this.buffer, data]);
		for (;;) {
			const head = this.buffer.indexOf("\r\n\r\n");
			if (head < 0) return;
			const length = Number(/Content-Length: (\d+)/.exec(this.buffer.toString("latin1", 0, head))?.[1]);
			if (this.buffer.length < head + 4 + length) return;
			const json = this.buffer.toString("utf8", head + 4, head + 4 + length);
			this.buffer = this.buffer.subarray(head + 4 + length);
			this.receive(JSON.parse(json) as DebugProtocol.ProtocolMessage);
		}
	}

	private receive(message: DebugProtocol.ProtocolMessage): void {
		if (message.type === "response") {
			const response = message as DebugProtocol.Response;
			this.waiting.get(response.request_seq)?.done(response);
			this.waiting.delete(response.request_seq);
			return;
		}
		const event = message as Events;
		if (event.event === "output") this.output += (event as DebugProtocol.OutputEvent).body.output;
		else this.events.push(event);
		this.wake?.();
	}

	private fail(error: Error): void {
		for (const { failed } of this.waiting.values()) failed(error);
		this.waiting.clear();
	}
}

export interface Setup {
	/** lines by absolute path */
	readonly breakpoints?: Readonly<Record<string, readonly number[]>>;
	readonly filters?: readonly string[];
}

function withTimeout<T>(promise: Promise<T>, what: string): Promise<T> {
	let timer: NodeJS.Timeout;
	const late = new Promise<never>((_, failed) => {
		timer = setTimeout(() => failed(new Error(`no ${what} within ${TIMEOUT_MS} ms`)), TIMEOUT_MS);
	});
	return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
