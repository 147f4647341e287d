// The answer for a place: every context names how one gets there, from the registration down.

import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { builtinRows, createAnalysis, defaultConfig, lowerC, type Snapshot } from "@might-sleep/analyzer";

const SOURCE = `
static void refill(struct dev *dev)
{
	dev->buf = kmalloc(64, dev->gfp);
}

static irqreturn_t dev_irq(int irq, void *data)
{
	refill(data);
	return IRQ_HANDLED;
}

static int dev_drop_inode(struct inode *inode)
{
	spin_unlock(&inode->i_lock);
	msleep(1);
	spin_lock(&inode->i_lock);
	return 0;
}

static const struct super_operations dev_super_ops = {
	.drop_inode = dev_drop_inode,
};

static int dev_probe(struct dev *dev)
{
	return request_irq(dev->irq, dev_irq, 0, "dev", dev);
}
`;

function analyse(source: string): Snapshot {
	const analysis = createAnalysis({ rows: builtinRows, profile: "default", version: [6, 1] });
	analysis.setUnit("dev.c", lowerC("dev.c", new TextEncoder().encode(source), defaultConfig));
	return analysis.snapshot();
}

test("a context's chain begins where the callback is registered", () => {
	const report = analyse(SOURCE).contextAt("dev.c", 4);
	const [context] = report?.contexts ?? [];
	equal(context?.level, "hardirq");
	deepEqual(
		context?.enter.map((step) => `${step.line} ${step.function}`),
		["27 dev_probe", "7 dev_irq", "9 dev_irq"],
	);
});

test("a callback that releases the lock its caller holds, by name, may sleep after that", () => {
	const sleeping = analyse(SOURCE).findings.filter((finding) => finding.function === "dev_drop_inode");
	deepEqual(sleeping, []);
});

const DROPS_TWICE = `
static int command(struct host *host)
{
	spin_unlock_irq(&host->lock);
	wait_for_completion(&host->done);
	spin_lock_irq(&host->lock);
	return host->status;
}

static int bus_reset(struct host *host)
{
	if (command(host))
		return 1;
	spin_unlock_irq(&host->lock);
	ssleep(2);
	spin_lock_irq(&host->lock);
	return 0;
}

int host_init(struct host *host)
{
	unsigned long flags;
	int ret;

	spin_lock_irqsave(&host->lock, flags);
	ret = bus_reset(host);
	spin_unlock_irqrestore(&host->lock, flags);
	return ret;
}
`;

test("a lock that a callee, and that one's callee, drop with interrupts on is not held where they sleep", () => {
	deepEqual(
		analyse(DROPS_TWICE).findings.map((finding) => finding.message),
		[],
	);
});

const TWO_LOCKS = `
static void command(struct host *host)
{
	spin_unlock_irq(&host->lock);
	wait_for_completion(&host->done);
	spin_lock_irq(&host->lock);
}

void host_reset(struct host *host, struct queue *queue)
{
	spin_lock_irq(&host->lock);
	spin_lock(&queue->guard);
	command(host);
	spin_unlock(&queue->guard);
	spin_unlock_irq(&host->lock);
}
`;

test("the locks of a finding are those that are held where it sleeps", () => {
	deepEqual(
		analyse(TWO_LOCKS).findings.map(({ context }) => context?.locks.map(({ name }) => name)),
		[["&queue->guard"]],
	);
});
