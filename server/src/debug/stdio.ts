// The debug adapter on the standard streams: `might-sleep dap --stdio`.

import { openSession } from "./adapter.js";
import { BARE_HOST, createProvider } from "./provider.js";

/** Serves one session; the exit status once the client has gone. */
export function runStdioAdapter(): Promise<number> {
	return new Promise((done) => {
		const session = openSession(createProvider(BARE_HOST), () => process.stdin.destroy());
		process.stdin.on("close", () => done(0));
		session.start(process.stdin, process.stdout);
	});
}
