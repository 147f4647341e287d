// The bundled sample: what its comments promise is what the command line finds, and nothing else. It is also
// the case of a module that is read without any kernel header.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import type { Finding } from "@might-sleep/analyzer";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

test("the sample has exactly the findings that its comments speak of", () => {
	const args = ["server/bin/might-sleep.js", "check", "--no-cache", "--format", "json", "--root", "samples/wisp"];
	const done = spawnSync(process.execPath, args, { cwd: ROOT, encoding: "utf8" });
	assert.equal(done.status, 1, done.stderr);
	const { findings } = JSON.parse(done.stdout) as { findings: readonly Finding[] };
	const told = findings.map((one) => `${one.file} ${one.function} ${one.severity}[${one.rule}]`);
	assert.deepEqual(told, [
		"io.c wisp_submit_bio warning[gfp-reclaim-recursion]",
		"pool.c wisp_event_add error[gfp-sleeps-in-atomic]",
		"pool.c wisp_buffer_get warning[context-dependent-behaviour]",
		"pool.c wisp_event_drain warning[conditional-locking]",
		"pool.c wisp_stats_alloc hint[gfp-atomic-unneeded]",
		"route.c wisp_route_flush error[rcu-blocking]",
		"vport.c wisp_vport_create error[gfp-sleeps-in-atomic]",
		"vport.c wisp_vport_clone warning[irq-flavour-mismatch]",
		"vport.c wisp_vport_remove warning[lock-imbalance]",
	]);
	for (const one of findings) assert.notEqual(one.confidence, "low", one.message);
	const added = findings.find((one) => one.function === "wisp_event_add");
	assert.match(added?.enter.map((step) => step.note).join("\n") ?? "", /request_irq/);
});
