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
