// A kernel-like tree of any size, made by a seed: drivers that call each other, the functions of headers and
// of a core, hold locks, register handlers and fill ops tables, rightly and wrongly. Nothing in it is kernel source.

import { generator } from "./random.js";

export interface SyntheticOptions {
	readonly seed: number;
	/** source files below drivers/ */
	readonly drivers: number;
	/** functions in each of them */
	readonly functions: number;
}

const HEADERS = 6;
const CORES = 4;

/** Path → text. */
export function syntheticTree({ seed, drivers, functions }: SyntheticOptions): Record<string, string> {
	const draw = drawer(seed);
	const files: Record<string, string> = {
		Kbuild: "",
		Kconfig: "",
		MAINTAINERS: "",
		Makefile: "VERSION = 6\nPATCHLEVEL = 1\n",
		"include/linux/node.h": NODE_HEADER,
	};
	for (let i = 0; i < HEADERS; i++) files[headerPath(i)] = header(i, draw);
	for (let i = 0; i < CORES; i++) files[`lib/core${i}.c`] = core(i, draw);
	for (let i = 0; i < drivers; i++) files[driverPath(i)] = driver(i, functions, draw);
	return files;
}

export function headerPath(i: number): string {
	return `include/linux/part${i}.h`;
}

export function driverPath(i: number): string {
	return `drivers/bus${i % 7}/dev${i}.c`;
}

interface Draw {
	below(limit: number): number;
	one<T>(list: readonly T[]): T;
}

function drawer(seed: number): Draw {
	const random = generator(seed);
	const below = (limit: number) => Math.floor(random() * limit);
	return { below, one: (list) => list[below(list.length)]! };
}

const NODE_HEADER = `struct node {
	spinlock_t lock;
	struct mutex guard;
	int state;
	int irq;
	gfp_t mask;
	void *buf;
};

struct node_ops {
	int (*start)(struct node *n);
	void (*stop)(struct node *n);
};
`;

const DELAYS = ["msleep(10);", "udelay(10);", "n->state++;", "cpu_relax();"];
const FLAGS = ["GFP_KERNEL", "GFP_ATOMIC", "GFP_NOWAIT"];

/** Inline functions that all drivers call: pause, grab, and a lock's wrappers. */
function header(i: number, draw: Draw): string {
	return `#include <linux/node.h>

static inline void part${i}_pause(struct node *n)
{
	${draw.one(DELAYS)}
}

static inline void part${i}_wait(struct node *n, bool can_sleep)
{
	if (can_sleep)
		msleep(1);
	else
		udelay(1);
}

static inline void *part${i}_grab(struct node *n, gfp_t flags)
{
	return kmalloc(${8 + i}, flags);
}

static inline void part${i}_enter(struct node *n)
{
	spin_lock(&n->lock);
}

static inline void part${i}_leave(struct node *n)
{
	spin_unlock(&n->lock);
}
`;
}

function core(i: number, draw: Draw): string {
	return `#include <linux/node.h>
#include <linux/part${i}.h>

int core${i}_run(struct node *n)
{
	part${i}_pause(n);
	return ${i === 0 ? "0" : `core${i - 1}_run(n)`};
}

void core${i}_each(struct node *n, void (*visit)(struct node *n))
{
	spin_lock(&n->lock);
	visit(n);
	spin_unlock(&n->lock);
}

int core${i}_start(struct node *n, const struct node_ops *ops)
{
	int err = 0;

	${draw.below(2) === 0 ? "mutex_lock(&n->guard);" : "spin_lock_bh(&n->lock);"}
	if (ops->start)
		err = ops->start(n);
	n->buf = kzalloc(16, n->mask);
	return err;
}
`;
}

function driver(i: number, functions: number, draw: Draw): string {
	const parts = [`#include <linux/node.h>\n#include <linux/part${i % HEADERS}.h>\n`];
	for (let k = 0; k < functions; k++) parts.push(driverFunction(i, k, functions, draw));
	parts.push(`static irqreturn_t dev${i}_irq(int irq, void *data)
{
	struct node *n = data;

	${draw.below(3) === 0 ? `dev${i}_f${functions - 1}(n, 1);` : `part${i % HEADERS}_pause(n);`}
	return IRQ_HANDLED;
}

static const struct node_ops dev${i}_ops = {
	.start = dev${i}_open,
	.stop = dev${i}_stop,
};

int dev${i}_probe(struct node *n)
{
	core${i % CORES}_each(n, dev${i}_stop);
	request_irq(n->irq, dev${i}_irq, 0, "dev${i}", n);
	return core${i % CORES}_start(n, &dev${i}_ops);
}
`);
	const last = functions - 1;
	parts.splice(
		-1,
		0,
		`static int dev${i}_open(struct node *n)\n{\n\treturn dev${i}_f${last}(n, 0);\n}\n`,
		`static void dev${i}_stop(struct node *n)\n{\n\tpart${i % HEADERS}_wait(n, ${draw.one(["true", "false"])});\n}\n`,
	);
	return parts.join("\n");
}

function driverFunction(i: number, k: number, functions: number, draw: Draw): string {
	const part = `part${i % HEADERS}`;
	const lower = k === 0 ? `core${i % CORES}_run(n)` : `dev${i}_f${draw.below(k)}(n, ${draw.one(["0", "1", "deep"])})`;
	const far = i === 0 ? "cpu_relax()" : `dev${draw.below(i)}_f${draw.below(functions)}(n, deep)`;
	const calls = [
		`${lower};`,
		`${lower};`,
		`${part}_pause(n);`,
		`${part}_wait(n, deep);`,
		`n->buf = ${part}_grab(n, ${draw.one(FLAGS)});`,
		`n->buf = kmalloc(32, ${draw.one(FLAGS)});`,
		draw.below(4) === 0 ? `${far};` : `${lower};`,
	];
	const call = () => draw.one(calls);
	const bodies = [
		`\tspin_lock(&n->lock);\n\t${call()}\n\tspin_unlock(&n->lock);`,
		`\t${part}_enter(n);\n\tn->state = deep;\n\t${call()}\n\t${part}_leave(n);\n\t${call()}`,
		`\tif (!spin_trylock(&n->lock))\n\t\treturn -EBUSY;\n\t${call()}\n\tspin_unlock(&n->lock);`,
		`\tif (deep)\n\t\tmutex_lock(&n->guard);\n\t${call()}\n\tif (deep)\n\t\tmutex_unlock(&n->guard);`,
		`\trcu_read_lock();\n\t${call()}\n\trcu_read_unlock();`,
		`\t${call()}\n\t${call()}`,
		`\t${call()}`,
		`\tn->state = deep;\n\tif (n->state > 3)\n\t\t${call()}`,
	];
	return `int dev${i}_f${k}(struct node *n, int deep)\n{\n${draw.one(bodies)}\n\treturn 0;\n}\n`;
}
