// The debug adapter on the standard streams: `might-sleep dap --stdio`.

import { BARE_HOST, createProvider } from "./provider.js";
import { Session } from "./session.js";

/** Serves one session; the exit status once the client has gone. */
export function runStdioAdapter(): Promise<number> {
	return new Promise((done) => {
		const session = new Session(createProvider(BARE_HOST), () => process.stdin.destroy());
		// As a server it leaves it to the streams to end the process: answers are never cut off.
		session.setRunAsServer(true);
		process.stdin.on("close", () => done(0));
		session.start(process.stdin, process.stdout);
	});
}
