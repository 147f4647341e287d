// Is a finding gone after a change? Ids of twins (equal findings of one function) are told apart by their order, so that
// the first of two takes the id of the one before when that is mended: then there is one fewer of them.

import type { Finding } from "@might-sleep/analyzer";

/** Is a finding, or one of its twins, gone? */
export function isMended(finding: Finding, before: readonly Finding[], after: readonly Finding[]): boolean {
	if (!after.some((one) => one.id === finding.id)) return true;
	return twinsOf(finding, after).length < twinsOf(finding, before).length;
}

function twinsOf(finding: Finding, among: readonly Finding[]): Finding[] {
	const text = textOf(finding);
	return among.filter(
		(one) =>
			one.rule === finding.rule &&
			one.file === finding.file &&
			one.function === finding.function &&
			textOf(one) === text,
	);
}

/** A message without the lines that it names: an edit moves them. */
function textOf({ message }: Finding): string {
	return message.replace(/\bline \d+|:\d+/g, "");
}
