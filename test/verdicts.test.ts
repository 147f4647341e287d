// The first line of the answer for a place: what it goes by where contexts are doubtful, unknown, or those of callers.

import { deepEqual, equal, match } from "node:assert/strict";
import { test } from "node:test";
import { builtinRows, type ContextReport, createAnalysis, defaultConfig, lowerC } from "@might-sleep/analyzer";
import { verdictLine } from "@might-sleep/server/lsp/hoverText";

function reportOf(source: string, name: string): ContextReport {
	const analysis = createAnalysis({ rows: builtinRows, profile: "default", version: [6, 1] });
	analysis.setUnit("dev.c", lowerC("dev.c", new TextEncoder().encode(source), defaultConfig));
	const line = source.split("\n").findIndex((text) => text.includes(`${name}(`) && !text.startsWith("\t")) + 1;
	const report = analysis.snapshot().contextAt("dev.c", line);
	if (report === null) throw new Error(`no report for ${name}`);
	return report;
}

const IRQ_AND_PROBE = `
static irqreturn_t dev_irq(int irq, void *data)
{
	struct dev *dev = data;

	clk_enable(dev->clk);
	return IRQ_HANDLED;
}

static int dev_open(struct inode *inode, struct file *file)
{
	clk_enable(file->private_data);
	return 0;
}

static const struct file_operations dev_fops = {
	.open = dev_open,
};

static int dev_probe(struct dev *dev)
{
	return request_irq(dev->irq, dev_irq, 0, "dev", dev);
}
`;

const CLK = `
static void clk_core_turn_on(struct clk *clk)
{
	clk->count++;
}

int clk_enable(struct clk *clk)
{
	clk_core_turn_on(clk);
	return 0;
}
${IRQ_AND_PROBE}`;

test("a function that a row describes is judged by its callers, and what it calls through it", () => {
	for (const name of ["clk_enable", "clk_core_turn_on"]) {
		const report = reportOf(CLK, name);
		match(verdictLine(report), /^\*\*mixed\*\* · hardirq · irqs off · atomic in 1 of 2 contexts · may not sleep/, name);
		const last = report.contexts[0]?.enter.at(-1)?.note;
		equal(last, name === "clk_enable" ? "dev_irq() calls clk_enable()" : "clk_enable() calls clk_core_turn_on()");
	}
});

test("one that sleeps whatever it is called with says so, and asks no caller", () => {
	const source = `
void mutex_lock(struct mutex *lock)
{
	might_sleep();
}

static irqreturn_t dev_irq(int irq, void *data)
{
	mutex_lock(data);
	return IRQ_HANDLED;
}

static int dev_probe(struct dev *dev)
{
	return request_irq(dev->irq, dev_irq, 0, "dev", dev);
}
`;
	const report = reportOf(source, "mutex_lock");
	equal(verdictLine(report), "**process** · may sleep · use GFP_KERNEL");
	match(report.gfp.why, /known to sleep/);
});

test("nothing is claimed of a function that nobody is known to call", () => {
	const source = "int dev_reset(struct dev *dev)\n{\n\treturn dev->state;\n}\n";
	const report = reportOf(source, "dev_reset");
	equal(verdictLine(report), "**unknown** · no caller is known: process context is assumed · use GFP_KERNEL");
	equal(report.confidence, "low");
	const called = reportOf(`${source}int dev_try(struct dev *dev)\n{\n\treturn dev_reset(dev);\n}\n`, "dev_reset");
	match(verdictLine(called), /^\*\*unknown\*\* · nothing is known of the contexts of its callers: process/);
});

/** `dev_work` is called by a work item, and through one of two tables under a lock. */
const DOUBTFUL = `
static void dev_work(struct dev *dev)
{
	dev->count++;
}

static void dev_idle(struct dev *dev)
{
	dev->idle++;
}

static const struct dev_ops fast_ops = {
	.kick = dev_work,
};

static const struct dev_ops slow_ops = {
	.kick = dev_idle,
};

static void dev_kick(struct dev *dev)
{
	spin_lock(&dev->lock);
	dev->ops->kick(dev);
	spin_unlock(&dev->lock);
}

static void dev_item(struct work_struct *work)
{
	dev_work(container_of(work, struct dev, work));
}

static void dev_init(struct dev *dev)
{
	INIT_WORK(&dev->work, dev_item);
}

struct dev {
	const struct dev_ops *ops;
};
`;

test("what is certain is not outweighed by what is doubtful, which is named", () => {
	const report = reportOf(DOUBTFUL, "dev_work");
	equal(report.verdict, "process");
	equal(verdictLine(report), "**process** · may sleep · use GFP_KERNEL · less certain: atomic in 1 more");
	deepEqual(report.counts, { contexts: 1, atomic: 0, doubtful: 1 });
});

test("where all that is known is doubtful, the verdict says how sure it is", () => {
	const source = DOUBTFUL.replace("\tdev_work(container_of(work, struct dev, work));\n", "");
	match(verdictLine(reportOf(source, "dev_work")), /^\*\*atomic\*\* · `&dev->lock` held .* · medium confidence$/);
});

test("what holds while the kernel boots is left aside where it runs, too", () => {
	const source = `
static void dev_scan(void)
{
	total++;
}

void start_kernel(void)
{
	spin_lock(&total_lock);
	dev_scan();
	spin_unlock(&total_lock);
}

static void dev_item(struct work_struct *work)
{
	dev_scan();
}

static void dev_init(struct dev *dev)
{
	INIT_WORK(&dev->work, dev_item);
}
`;
	deepEqual(reportOf(source, "dev_scan").counts, { contexts: 1, atomic: 0, doubtful: 0 });
	match(verdictLine(reportOf(source, "dev_scan")), /^\*\*process\*\* · may sleep/);
	const atBoot = source.slice(0, source.indexOf("static void dev_item"));
	equal(reportOf(atBoot, "dev_scan").counts.contexts, 1);
});

const HELPER = `
static void *dev_get(struct dev *dev, gfp_t gfp)
{
	void *one = kmalloc(8, gfp);

	spin_lock(&dev->lock);
	dev->two = kmalloc(8, GFP_NOWAIT);
	spin_unlock(&dev->lock);
	return one;
}
`;

test("a function with a mask of its own is told to use it, but not where it holds a spinlock itself", () => {
	equal(reportOf(HELPER, "dev_get").gfp.recommended, "gfp");
	const analysis = createAnalysis({ rows: builtinRows, profile: "default", version: [6, 1] });
	analysis.setUnit("dev.c", lowerC("dev.c", new TextEncoder().encode(HELPER), defaultConfig));
	const inside = analysis.snapshot().contextAt("dev.c", 7);
	match(
		inside === null ? "" : verdictLine(inside),
		/^\*\*atomic\*\* · `&dev->lock` held .* · use GFP_ATOMIC or GFP_NOWAIT$/,
	);
});

test("a lock that one of several contexts holds is not said to be held", () => {
	const source = `
static void dev_step(struct dev *dev)
{
	dev->count++;
}

static void dev_item(struct work_struct *work)
{
	dev_step(container_of(work, struct dev, work));
}

static void dev_other(struct work_struct *work)
{
	struct dev *dev = container_of(work, struct dev, other);

	mutex_lock(&dev->mutex);
	dev_step(dev);
	mutex_unlock(&dev->mutex);
}

static void dev_init(struct dev *dev)
{
	INIT_WORK(&dev->work, dev_item);
	INIT_WORK(&dev->other, dev_other);
}
`;
	equal(verdictLine(reportOf(source, "dev_step")), "**process** · may sleep · use GFP_KERNEL");
	const held = source.replace("\tdev_step(container_of(work, struct dev, work));\n", "");
	match(
		verdictLine(reportOf(held, "dev_step")),
		/^\*\*process\*\* · `&dev->mutex` held \(mutex, line \d+\) · may sleep/,
	);
});
