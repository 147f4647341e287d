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

const THROUGH_POINTER = `//- /drivers/b.c
struct b_ops {
	int (*start)(int mode);
};

static int b_start(int mode)
{
	msleep(mode);
	return mode;
}

static const struct b_ops b_ops = { .start = b_start };

int b_run(const struct b_ops *ops, spinlock_t *lock)
{
	int err;

	spin_lock(lock);
	err = ops->start(1);
	spin_unlock(lock);
	return err;
}
`;

test("a call through a pointer is a caller too, and says so", () => {
	const snapshot = analyse(parseFixture("pointerCallers", THROUGH_POINTER, "/drivers/b.c"));
	const callers = snapshot.callersOf("drivers/b.c", 6);
	assert.deepEqual(
		callers.map(({ function: name, via, line }) => [name, via, line]),
		[["b_run", "a pointer", 19]],
	);
	assert.equal(snapshot.functionsIn("drivers/b.c").find((info) => info.name === "b_start")?.callers, 1);
});
