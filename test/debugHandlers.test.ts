// Which interrupts a debugger offers: that of a language server the handlers that the index knows, however they were
// registered, the adapter alone those that the file registers.

import assert from "node:assert/strict";
import { connect } from "node:net";
import { type TestContext, test } from "node:test";
import type { PanelState } from "@might-sleep/server/debug/messages";
import type { DebugProtocol } from "@vscode/debugprotocol";
import { DapClient } from "./harness/dapClient.js";
import { LspClient } from "./harness/lspClient.js";
import { TempTree } from "./harness/tempTree.js";

const HEADER = `typedef int irqreturn_t;
typedef irqreturn_t (*irq_handler_t)(int irq, void *data);
int request_irq(unsigned int irq, irq_handler_t handler, unsigned long flags, const char *name, void *data);
`;
const DRIVER = `#include <linux/interrupt.h>

struct nic { spinlock_t lock; int irq; int n; int msi; };

static irqreturn_t nic_irq(int irq, void *data)
{
	struct nic *nic = data;

	spin_lock(&nic->lock);
	nic->n++;
	spin_unlock(&nic->lock);
	return IRQ_HANDLED;
}

static irqreturn_t nic_irq_msi(int irq, void *data)
{
	struct nic *nic = data;

	nic->n++;
	return IRQ_HANDLED;
}

static int nic_request_irq(struct nic *nic)
{
	irq_handler_t handler = nic_irq;
	int flags = IRQF_SHARED;

	if (nic->msi) {
		handler = nic_irq_msi;
		flags = 0;
	}
	return request_irq(nic->irq, handler, flags, "nic", nic);
}

int nic_open(struct nic *nic)
{
	spin_lock(&nic->lock);
	nic->n = 0;
	spin_unlock(&nic->lock);
	return nic_request_irq(nic);
}
`;

async function debuggerIn(t: TestContext, tree: TempTree): Promise<DapClient> {
	const client = await LspClient.start({ folder: tree.root, env: { XDG_CACHE_HOME: tree.cache } });
	t.after(() => client.kill());
	await client.ready();
	const { pipe } = await client.request<{ readonly pipe: string }>("might-sleep/debugPipe", {});
	const socket = connect(pipe);
	t.after(() => socket.destroy());
	return new DapClient(socket, socket);
}

/** Interrupts that may come now. */
async function interrupts(dap: DapClient): Promise<string[]> {
	const { actions } = await dap.request<PanelState & object>("might-sleep/state");
	return actions.filter(({ kind }) => kind === "interrupt").map(({ text }) => text);
}

test("handlers that are registered by a variable may be made to come", async (t) => {
	const tree = new TempTree(t, { "nic.c": DRIVER, "include/linux/interrupt.h": HEADER });
	const dap = await debuggerIn(t, tree);
	await dap.launch({ function: "nic_open", file: tree.path("nic.c") });
	assert.deepEqual(await interrupts(dap), [
		"interrupt nic_irq() on CPU 0",
		"interrupt nic_irq_msi() on CPU 0",
		"interrupt of another device on CPU 0",
	]);
	// With the lock held the first one waits for ever; the second one has no need of it.
	await dap.move("next");
	const held = await dap.request<PanelState & object>("might-sleep/state");
	assert.deepEqual(
		held.locks.map(({ name }) => name),
		["&nic->lock"],
	);
	const fire = async (name: string) => {
		const { actions } = await dap.request<PanelState & object>("might-sleep/state");
		await dap.request("might-sleep/act", { action: actions.findIndex(({ text }) => text.includes(name)) });
		await dap.event("stopped");
		return (await dap.frames()).map((frame) => frame.name);
	};
	assert.deepEqual(await fire("nic_irq_msi()"), ["nic_irq_msi", "nic_open"]);
	await dap.move("stepBack");
	assert.deepEqual(await fire("nic_irq()"), ["nic_irq", "nic_open"]);
	const { reason } = await dap.move("continue");
	const info = await dap.request<DebugProtocol.ExceptionInfoResponse["body"]>("exceptionInfo", { threadId: 1 });
	assert.match(`${reason} ${info.description}`, /lock/);
});

test("the adapter alone knows those that the file registers", async (t) => {
	const tree = new TempTree(t, { "nic.c": DRIVER, "include/linux/interrupt.h": HEADER });
	const dap = DapClient.spawn();
	t.after(() => dap.kill());
	await dap.launch({ function: "nic_open", file: tree.path("nic.c") });
	assert.deepEqual(await interrupts(dap), [
		"interrupt nic_irq() on CPU 0",
		"interrupt nic_irq_msi() on CPU 0",
		"interrupt of another device on CPU 0",
	]);
	assert.equal(await dap.end(), 0);
});
