// What a finding names beside its chains, and as what: other sleeping calls, other ways to be atomic, other calls on the way.

import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import { builtinRows, createAnalysis, defaultConfig, lowerC } from "@might-sleep/analyzer";

/** Of each finding, by its function: what is beside its chains, as "line kind". */
function relatedIn(source: string): Record<string, string[]> {
	const analysis = createAnalysis({ rows: builtinRows, profile: "default", version: [6, 1] });
	analysis.setUnit("dev.c", lowerC("dev.c", new TextEncoder().encode(source), defaultConfig));
	const { findings } = analysis.snapshot();
	return Object.fromEntries(
		findings.map(({ function: name, related }) => [name, related.map(({ line, kind }) => `${line} ${kind}`)]),
	);
}

const HELPER = `static void map_one(struct dev *dev, int page)
{
	msleep(page);
}
`;

/** Calls a function, whose body begins on line 8, with the lock held. */
function withLock(body: string): string {
	return `${HELPER}
static void map(struct dev *dev, int page, bool wait)
{
${body}
}

static void locked(struct dev *dev, int page, bool wait)
{
	spin_lock(&dev->lock);
	map(dev, page, wait);
	spin_unlock(&dev->lock);
}
`;
}

test("a helper that is called again on the way is named", () => {
	const source = withLock("\tif (page)\n\t\tmap_one(dev, 1);\n\tmap_one(dev, 2);");
	deepEqual(relatedIn(source), { locked: ["10 way"] });
});

test("it is not where the caller's lock has been dropped, or on another condition", () => {
	const dropped = "\tmap_one(dev, 1);\n\tspin_unlock(&dev->lock);\n\tmap_one(dev, 2);\n\tspin_lock(&dev->lock);";
	deepEqual(relatedIn(withLock(dropped)), { locked: [] });
	const branches = "\tif (wait)\n\t\tmap_one(dev, 1);\n\telse\n\t\tmap_one(dev, 2);";
	deepEqual(relatedIn(withLock(branches)), { locked: [] });
});

test("another sleeping call and another way to be atomic are told apart", () => {
	const source = `static void refill(struct dev *dev)
{
	msleep(1);
	msleep(2);
}

static void first(struct dev *dev)
{
	spin_lock(&dev->lock);
	refill(dev);
	spin_unlock(&dev->lock);
}

static void timer(struct timer_list *timer)
{
	msleep(3);
}

static irqreturn_t irq(int irq, void *data)
{
	timer(data);
	return IRQ_HANDLED;
}

static int probe(struct dev *dev)
{
	timer_setup(&dev->timer, timer, 0);
	return request_irq(dev->irq, irq, 0, "dev", dev);
}
`;
	deepEqual(relatedIn(source), { first: ["4 call"], timer: ["28 context"] });
});
