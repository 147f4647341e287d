// What a function says of its context (`Context:`, lockdep_assert_*(), __must_hold()) against the contexts found.
// might_sleep() in atomic context is the sleeping rules' matter.

import type { Solved } from "../flow/solved.js";
import { opEnd, placeAt } from "../flow/witness.js";
import { NONE } from "../ir/ops.js";
import { HeldByCallers } from "../statements/heldByCallers.js";
import { type Contradicted, Judge } from "../statements/judge.js";
import { type Statement, Statements } from "../statements/statements.js";
import type { Draft, Rule } from "./rule.js";

export const contextContradictsDoc: Rule = {
	id: "context-contradicts-doc",
	severity: "warning",
	title: "a function that says something else of its context than what is found",
	eachFunction(solved, report) {
		const holders = new HeldByCallers(solved, null);
		const statements = new Statements(solved, holders);
		const judge = new Judge(solved, holders);
		return (fn) => {
			for (const statement of statements.of(fn)) {
				const isCheck = statement.op !== NONE && statement.facts.some((fact) => fact.kind === "may-sleep");
				const contradiction = isCheck ? null : judge.contradictionOf(statement);
				if (contradiction !== null) report(draftOf(solved, statement, contradiction));
			}
		};
	},
};

function draftOf(solved: Solved, statement: Statement, { inferred, chain, confidence }: Contradicted): Draft {
	const { world } = solved;
	const { fn, op, file, offset, name, text } = statement;
	return {
		start: placeAt(world, file, offset),
		end: op === NONE ? placeAt(world, file, offset + name.length) : opEnd(world, fn, op),
		function: world.program.fnName(fn),
		confidence,
		message: `\`${text}\` says otherwise than what is found: ${inferred}`,
		context: null,
		enter: chain,
		sleep: [],
		related: [],
		fixes: [],
		key: text,
	};
}
