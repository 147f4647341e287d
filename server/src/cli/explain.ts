// might-sleep explain: the page of a rule.

import { type Command, readArgs, UsageError } from "./command.js";
import { nearest } from "./near.js";
import { documentedRules, rulePage } from "./package.js";

const NAME = "explain";

export const command: Command = {
	usage: "might-sleep explain RULE-ID",
	run: async (argv) => {
		const { positionals } = readArgs(NAME, argv, {});
		const [id, ...more] = positionals;
		const known = documentedRules();
		if (id === undefined) throw new UsageError(`${NAME}: no rule given; the rules are ${known.join(", ")}`);
		if (more.length > 0) throw new UsageError(`${NAME}: unexpected argument '${more[0]}'`);
		const page = rulePage(id);
		if (page === null) {
			const near = nearest(id, known);
			const hint = near ? `did you mean '${near}'?` : `the rules are ${known.join(", ")}`;
			throw new UsageError(`${NAME}: unknown rule '${id}'; ${hint}`);
		}
		process.stdout.write(page.endsWith("\n") ? page : `${page}\n`);
		return 0;
	},
};
