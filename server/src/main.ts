// The command `might-sleep`: a table of subcommands, each loaded when it is asked for, and the one place
// where their outcome becomes an exit status: 0 nothing found, 1 findings, 2 wrong usage or unreadable input.

import { type Command, UsageError } from "./cli/command.js";
import { nearest } from "./cli/near.js";
import { packageVersion } from "./cli/package.js";

const COMMANDS: Readonly<Record<string, () => Promise<{ command: Command }>>> = {
	check: () => import("./cli/check.js"),
	context: () => import("./cli/context.js"),
	stats: () => import("./cli/stats.js"),
	explain: () => import("./cli/explain.js"),
	simulate: () => import("./cli/simulate.js"),
	index: () => import("./cli/indexTree.js"),
	lsp: () => import("./cli/lsp.js"),
	dap: () => import("./cli/dap.js"),
};

const HELP = `might-sleep ${packageVersion()}: the execution context of every Linux kernel function

usage:
  might-sleep check    [--root TREE] [--format text|json|sarif] [--rule ID]... [--confidence high|medium|low]
                       [--profile default|rt] [--baseline FILE] [--jobs N] [--no-cache] [PATH...]
  might-sleep context  [--root TREE] [--format text|json] [--profile default|rt] FILE:LINE[:COL] | FUNCTION
  might-sleep stats    [--root TREE] [--format text|json]
  might-sleep explain  RULE-ID
  might-sleep simulate [--root TREE] [--format text|json] [--preemption none|voluntary|full|lazy|rt]
                       [--set SWITCH=on|off]... [--explore] SCENARIO.json | FUNCTION
  might-sleep simulate [--root TREE] [--format text|json] --finding ID|FILE:LINE [TREE]
  might-sleep index    [--root TREE]
  might-sleep lsp --stdio
  might-sleep dap --stdio
  might-sleep --version | --help

TREE is by default the nearest folder above that holds Kbuild, Kconfig and MAINTAINERS, else the working
directory. The whole tree is read; PATHs limit what is reported.
exit status: 0 nothing found, 1 findings, 2 wrong usage or unreadable input
`;

/** Runs the command line and sets the exit status of the process. */
export async function runMain(args: readonly string[]): Promise<void> {
	dieQuietlyOnClosedPipe();
	try {
		process.exitCode = await run(args);
	} catch (error) {
		process.exitCode = 2;
		if (error instanceof UsageError) complain(error.message);
		else complain(internalError(error));
	}
}

async function run(args: readonly string[]): Promise<number> {
	const [name, ...rest] = args;
	if (name === undefined) throw new UsageError("no command given; try 'might-sleep --help'");
	if (name === "--version" || name === "-V") return say(`might-sleep ${packageVersion()}\n`);
	if (name === "--help" || name === "-h" || name === "help") return say(HELP);
	const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
	if (!load) throw new UsageError(unknownCommand(name));
	const { command } = await load();
	if (rest.includes("--help") || rest.includes("-h")) return say(`usage: ${command.usage}\n`);
	return command.run(rest);
}

function unknownCommand(name: string): string {
	const kind = name.startsWith("-") ? "option" : "command";
	const near = nearest(name, kind === "option" ? ["--version", "--help"] : Object.keys(COMMANDS));
	return `unknown ${kind} '${name}'${near ? `; did you mean '${near}'?` : ""}; try 'might-sleep --help'`;
}

function say(text: string): number {
	process.stdout.write(text);
	return 0;
}

function complain(text: string): void {
	process.stderr.write(`might-sleep: ${text.replaceAll("\n", " ")}\n`);
}

function internalError(error: unknown): string {
	if (process.env.MIGHT_SLEEP_DEBUG && error instanceof Error) process.stderr.write(`${error.stack}\n`);
	return `internal error: ${error instanceof Error ? error.message : String(error)} (MIGHT_SLEEP_DEBUG=1 shows where)`;
}

/** `might-sleep check | head` is no failure. */
function dieQuietlyOnClosedPipe(): void {
	for (const stream of [process.stdout, process.stderr]) {
		stream.on("error", (error: NodeJS.ErrnoException) => {
			if (error.code === "EPIPE") process.exit(process.exitCode ?? 0);
			process.exit(2);
		});
	}
}
