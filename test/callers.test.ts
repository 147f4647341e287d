// Who calls a function: also one that a model row describes, and that is therefore not looked into.

import assert from "node:assert/strict";
import { test } from "node:test";
import { analyse } from "./harness/check.js";
import { parseFixture } from "./harness/fixture.js";

const FIXTURE = `//- /kernel/time/timer.c
void msleep(unsigned int ms)
{
	schedule_timeout_uninterruptible(ms);
}
//- /drivers/a.c
void first_ok(void)
{
	msleep(1);
}

void second_ok(void)
{
	msleep(2);
}
`;

test("a function with a model row has its callers", () => {
	const snapshot = analyse(parseFixture("callers", FIXTURE, "/kernel/time/timer.c"));
	const callers = snapshot.callersOf("kernel/time/timer.c", 2);
	const own = callers.filter((call) => call.file === "drivers/a.c").map((call) => call.function);
	assert.deepEqual(own, ["first_ok", "second_ok"]);
	const [info] = snapshot.functionsIn("kernel/time/timer.c");
	assert.equal(info?.callers, callers.length);
});
