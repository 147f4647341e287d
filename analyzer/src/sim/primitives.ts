// One model row set → its effect on the machine. A primitive may be several things at once; they happen in
// the order in which the kernel does them: assertions, the sleep check, sections, the lock, the result.

import { pools } from "../model/allocator.js";
import { kswapdCalls } from "../model/kswapd.js";
import type { MachineQuestion } from "../model/machineQuestions.js";
import { argTarget, type Call } from "./call.js";
import { applyLock } from "./locks.js";
import { applyAllocation } from "./memory/allocate.js";
import { nodeBalanced, shrinkNode } from "./memory/kswapd.js";
import { makePool } from "./memory/makePool.js";
import { answerPredicate, checkAssertion, giveValue } from "./predicates.js";
import { answerMachine } from "./questions.js";
import { applySection } from "./rcu.js";
import { applyRuntime } from "./runtime.js";
import { applySleep } from "./sleep.js";
import { int, type Value } from "./value.js";

/** What all who allocate share. */
const PAGES = "pages";

function answerQuestion(call: Call, question: MachineQuestion): Value | undefined {
	const answer = answerMachine(call.machine, question, argTarget(call, 0)?.key ?? "");
	return answer === undefined ? undefined : int(answer);
}

/** Runs a primitive. Gives its result, or undefined when no row defines one. */
export function runPrimitive(call: Call): Value | undefined {
	const { primitive, machine } = call;
	let result: Value | undefined;
	if (primitive.assertion) checkAssertion(call, primitive.assertion);
	// The lock row makes its own check; a sleep row beside it would warn twice.
	if (primitive.sleep && !primitive.lock?.sleeps) applySleep(call, primitive.sleep);
	if (primitive.section) result = applySection(call, primitive.section) ?? result;
	if (primitive.lock) result = applyLock(call, primitive.lock) ?? result;
	const runtime = machine.world.runtime(primitive.name);
	if (runtime) result = applyRuntime(call, runtime) ?? result;
	const pool = pools.get(primitive.name);
	if (pool) result = makePool(call, pool);
	const ofKswapd = kswapdCalls.get(primitive.name);
	if (primitive.alloc || pool || ofKswapd) machine.sharesWrite(PAGES);
	if (ofKswapd) result = ofKswapd === "balanced" ? nodeBalanced(call) : shrinkNode(call);
	if (primitive.alloc) result = applyAllocation(call, primitive.alloc);
	if (primitive.predicate) result = answerPredicate(call, primitive.predicate);
	const question = machine.world.question(primitive.name);
	if (question) result = answerQuestion(call, question) ?? result;
	if (primitive.value) result = giveValue(call, primitive.value);
	if (primitive.noReturn) machine.end({ kind: "halted", by: primitive.name });
	return result;
}
