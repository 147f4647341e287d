// A language client for tests: starts the real server over stdio and speaks the protocol with it. Waiting is
// always for an event, with a limit; what the server writes to stderr is kept for the assertion message.

import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath, pathToFileURL } from "node:url";

/** The built command, as `npx might-sleep` runs it. */
export const COMMAND = fileURLToPath(new URL("../../../server/bin/might-sleep.js", import.meta.url));

const LIMIT_MS = 60_000;

export interface Message {
	readonly id?: number | string;
	readonly method?: string;
	readonly params?: unknown;
	readonly result?: unknown;
	readonly error?: { readonly code: number; readonly message: string };
}

export interface ClientOptions {
	readonly folder: string;
	/** merged into the client's capabilities */
	readonly capabilities?: Record<string, unknown>;
	readonly settings?: Record<string, unknown>;
	readonly env?: Record<string, string>;
}

interface Waiter {
	readonly matches: (message: Message) => boolean;
	readonly resolve: (message: Message) => void;
}

export class LspClient {
	/** everything the server sent, in order */
	readonly received: Message[] = [];
	stderr = "";
	readonly exited: Promise<number | null>;
	private readonly child: ChildProcess;
	private buffer = Buffer.alloc(0);
	private nextId = 1;
	private readonly waiters = new Set<Waiter>();
	private readonly folder: string;

	private constructor(options: ClientOptions) {
		this.folder = options.folder;
		this.child = spawn(process.execPath, [COMMAND, "lsp", "--stdio"], {
			cwd: options.folder,
			env: { ...process.env, ...options.env },
		});
		this.child.stdout!.on("data", (chunk: Buffer) => this.read(chunk));
		this.child.stderr!.on("data", (chunk: Buffer) => {
			this.stderr += chunk.toString();
		});
		this.exited = new Promise((resolve) => this.child.on("exit", (code) => resolve(code)));
	}

	/** Starts a server on a folder and initializes it. */
	static async start(options: ClientOptions): Promise<LspClient> {
		const client = new LspClient(options);
		await client.request("initialize", {
			processId: process.pid,
			rootUri: pathToFileURL(options.folder).href,
			workspaceFolders: [{ uri: pathToFileURL(options.folder).href, name: "test" }],
			capabilities: options.capabilities ?? {},
			initializationOptions: options.settings ?? {},
		});
		client.notify("initialized", {});
		return client;
	}

	/** of the server's process, 0 when it could not be started */
	get pid(): number {
		return this.child.pid ?? 0;
	}

	uri(path: string): string {
		return pathToFileURL(`${this.folder}/${path}`).href;
	}

	open(path: string, text: string, version = 1): void {
		this.notify("textDocument/didOpen", { textDocument: { uri: this.uri(path), languageId: "c", version, text } });
	}

	/** Replaces the whole text. */
	change(path: string, version: number, text: string): void {
		const textDocument = { uri: this.uri(path), version };
		this.notify("textDocument/didChange", { textDocument, contentChanges: [{ text }] });
	}

	/** Resolves when the tree is indexed. */
	async ready(limitMs = LIMIT_MS): Promise<void> {
		const isOver = (params: unknown) => ["ready", "error"].includes((params as { phase: string }).phase);
		await this.until("might-sleep/status", isOver, limitMs);
	}

	async request<Result>(method: string, params: unknown): Promise<Result> {
		const id = this.nextId++;
		const answer = this.waitFor(method, (message) => message.id === id && message.method === undefined);
		this.send({ jsonrpc: "2.0", id, method, params });
		const { result, error } = await answer;
		if (error) throw new Error(`${method}: ${error.message}`);
		return result as Result;
	}

	notify(method: string, params: unknown): void {
		this.send({ jsonrpc: "2.0", method, params });
	}

	/** The parameters of the first message of this method, past or to come, that matches. */
	async until<Params>(method: string, matches: (params: Params) => boolean, limitMs = LIMIT_MS): Promise<Params> {
		const isWanted = (message: Message) => message.method === method && matches(message.params as Params);
		const past = this.received.find(isWanted);
		return ((past ?? (await this.waitFor(method, isWanted, limitMs))).params ?? {}) as Params;
	}

	/** Forgets what was received, so that `until` waits for what is to come. */
	forget(): void {
		this.received.length = 0;
	}

	/** Ends the server as a client does; the exit status. */
	async stop(): Promise<number | null> {
		await this.request("shutdown", null);
		this.notify("exit", undefined);
		return this.exited;
	}

	kill(): void {
		this.child.kill("SIGKILL");
	}

	/** Breaks the connection without a word, as a client that crashed. */
	hangUp(): void {
		this.child.stdin!.end();
	}

	private waitFor(what: string, matches: Waiter["matches"], limitMs = LIMIT_MS): Promise<Message> {
		return new Promise((resolve, reject) => {
			const timer = setTimeout(() => {
				this.waiters.delete(waiter);
				reject(new Error(`no ${what} within ${limitMs} ms; stderr: ${this.stderr}`));
			}, limitMs);
			const waiter: Waiter = {
				matches,
				resolve: (message) => {
					clearTimeout(timer);
					resolve(message);
				},
			};
			this.waiters.add(waiter);
		});
	}

	private send(message: object): void {
		const body = Buffer.from(JSON.stringify(message));
		this.child.stdin!.write(`Content-Length: ${body.length}\r\n\r\n`);
		this.child.stdin!.write(body);
	}

	private read(chunk: Buffer): void {
		this.buffer = Buffer.concat([this.buffer, chunk]);
		for (;;) {
			const end = this.buffer.indexOf("\r\n\r\n");
			if (end < 0) return;
			const length = Number(/Content-Length: (\d+)/i.exec(this.buffer.toString("latin1", 0, end))?.[1]);
			if (this.buffer.length < end + 4 + length) return;
			const text = this.buffer.toString("utf8", end + 4, end + 4 + length);
			this.buffer = this.buffer.subarray(end + 4 + length);
			this.receive(JSON.parse(text) as Message);
		}
	}

	private receive(message: Message): void {
		this.received.push(message);
		// every request of the server is answered, with nothing
		if (message.method !== undefined && message.id !== undefined) {
			this.send({ jsonrpc: "2.0", id: message.id, result: null });
		}
		for (const waiter of [...this.waiters]) {
			if (!waiter.matches(message)) continue;
			this.waiters.delete(waiter);
			waiter.resolve(message);
		}
	}
}
