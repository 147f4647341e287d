// might-sleep lsp --stdio: the language server on the standard streams.

import { type Command, readArgs, UsageError } from "./command.js";

export const command: Command = {
	usage: "might-sleep lsp --stdio",
	run: async (argv) => {
		// a language client adds its process id to the arguments
		const args = readArgs("lsp", argv, { stdio: { type: "boolean" }, clientProcessId: { type: "string" } });
		if (!args.flag("stdio")) throw new UsageError("lsp: say --stdio; there is no other transport");
		const { startServer } = await import("../server.js");
		return startServer();
	},
};
