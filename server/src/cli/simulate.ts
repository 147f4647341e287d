// might-sleep simulate: reserved. The debugger steps through one function; whole scenarios are not there yet.

import { type Command, UsageError } from "./command.js";

export const command: Command = {
	usage: "might-sleep simulate [--root TREE] [--format text|json] SCENARIO.json | FUNCTION",
	run: async () => {
		throw new UsageError("simulate: not available in this version; 'might-sleep dap --stdio' steps through a function");
	},
};
