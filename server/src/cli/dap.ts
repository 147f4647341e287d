// might-sleep dap --stdio: the debug adapter on the standard streams.

import { type Command, readArgs, UsageError } from "./command.js";

export const command: Command = {
	usage: "might-sleep dap --stdio",
	run: async (argv) => {
		const args = readArgs("dap", argv, { stdio: { type: "boolean" } });
		if (!args.flag("stdio")) throw new UsageError("dap: say --stdio; there is no other transport");
		const { runStdioAdapter } = await import("../debug/stdio.js");
		return runStdioAdapter();
	},
};
