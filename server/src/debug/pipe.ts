// The debug adapter inside another process: listens on a named pipe (a socket file on Unix), one session
// per connection.

import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSession } from "./adapter.js";
import type { TargetProvider } from "./provider.js";

/** Begins to listen; the name of the pipe. It is removed when the process ends. */
export function listenDebugPipe(provider: TargetProvider): Promise<string> {
	const name = `might-sleep-${process.pid}-${randomBytes(6).toString("hex")}`;
	const pipe = process.platform === "win32" ? `\\\\.\\pipe\\${name}` : join(tmpdir(), `${name}.sock`);
	const server = createServer((socket) => {
		const session = openSession(provider, () => socket.end());
		// A client that vanishes costs its session only.
		socket.on("error", () => socket.destroy());
		session.start(socket, socket);
	});
	return new Promise((done, failed) => {
		server.once("error", failed);
		server.listen(pipe, () => {
			server.unref();
			if (process.platform !== "win32") process.once("exit", () => rmSync(pipe, { force: true }));
			done(pipe);
		});
	});
}
