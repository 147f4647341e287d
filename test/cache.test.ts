// The cache of units under stress, through the real command: killed writers, damaged files, full and read-only disks,
// several processes at once, other versions. Each time the findings are those of a run without a cache, the exit
// status says so, and stderr has one line at most.

import assert from "node:assert/strict";
import {
	chmodSync,
	cpSync,
	existsSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { generator } from "./harness/random.js";
import { driverPath, syntheticTree } from "./harness/syntheticTree.js";
import { type Run, type RunOptions, TempTree } from "./harness/tempTree.js";

const FILES = syntheticTree({ seed: 11, drivers: 220, functions: 2 });
const CHECK = ["check", "--confidence", "low"];
const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;

interface RightOptions extends RunOptions {
	readonly jobs?: string;
	readonly stderr?: RegExp;
}

/** A tree with what a run without a cache says of it. */
class CachedTree extends TempTree {
	private expected: Run | null = null;

	constructor(t: TestContext) {
		super(t, FILES);
	}

	async assertRight({ jobs = "2", stderr = /^$/, ...options }: RightOptions = {}): Promise<void> {
		this.expected ??= await this.run([...CHECK, "--no-cache"]);
		assert.equal(this.expected.status, 1);
		this.forgetAnswers();
		const run = await this.run([...CHECK, "--jobs", jobs], options);
		assert.match(run.stderr, stderr);
		assert.equal(run.status, 1);
		assert.ok(run.stdout === this.expected.stdout, "the findings differ from those without a cache");
	}

	async hits(options: RunOptions = {}): Promise<{ hits: number; misses: number; bytes: number }> {
		return JSON.parse((await this.run(["stats", "--format", "json"], options)).stdout).cache;
	}

	get home(): string {
		return join(this.cache, "might-sleep");
	}

	/** The one folder of the cache. */
	get folder(): string {
		const names = readdirSync(this.home);
		assert.equal(names.length, 1);
		return join(this.home, names[0]!);
	}

	packs(): string[] {
		const files = readdirSync(this.folder, { withFileTypes: true }).filter((entry) => entry.isFile());
		return files.map(({ name }) => join(this.folder, name));
	}

	/** What runs have found would spare the next one the units: test/answers.test.ts. */
	private forgetAnswers(): void {
		if (!existsSync(this.home) || !statSync(this.home).isDirectory()) return;
		for (const name of readdirSync(this.home)) {
			const answers = join(this.home, name, "answers");
			if (existsSync(answers)) rmSync(answers, { recursive: true });
		}
	}

	/** Lets others than root use the tree. */
	openTo(uid: number | undefined): RunOptions {
		for (const folder of [join(this.root, ".."), this.root]) chmodSync(folder, 0o755);
		return uid === undefined ? {} : { uid };
	}
}

test("the output is the same for any number of workers, cold and warm", async (t) => {
	const tree = new CachedTree(t);
	for (const jobs of ["1", "2", "4"]) {
		rmSync(tree.home, { recursive: true, force: true });
		await tree.assertRight({ jobs });
		await tree.assertRight({ jobs: jobs === "1" ? "4" : "1" });
	}
});

test("a run that is killed while it writes leaves nothing that the next one minds", async (t) => {
	const tree = new CachedTree(t);
	const random = generator(3);
	let killed = 0;
	for (let round = 0; round < 10; round++) {
		const wait = 8 * random();
		// from the moment that the first temporary file is there
		const onStart: RunOptions["onStart"] = (child) => {
			const timer = setInterval(() => {
				if (!isWriting(tree.home)) return;
				clearInterval(timer);
				setTimeout(() => child.kill("SIGKILL"), wait);
			}, 1);
			child.on("exit", () => clearInterval(timer));
		};
		const run = await tree.run(CHECK, { onStart });
		if (run.status === null) killed++;
		// there is something to write the next time, too
		else rmSync(tree.home, { recursive: true });
	}
	assert.ok(killed >= 3, `killed ${killed} times`);
	await tree.assertRight();
	await tree.assertRight();
	assert.ok(
		tree.packs().every((path) => path.endsWith(".pack")),
		"what the killed ones left is gone",
	);
});

function isWriting(home: string): boolean {
	if (!existsSync(home)) return false;
	return readdirSync(home).some((name) => readdirSync(join(home, name)).some((file) => file.endsWith(".tmp")));
}

test("files that are cut anywhere change nothing", async (t) => {
	await withDamage(t, 3, (bytes, random, round) =>
		bytes.subarray(0, round === 0 ? 0 : Math.floor(bytes.length * random())),
	);
});

test("flipped bits anywhere change nothing", async (t) => {
	await withDamage(t, 4, (bytes, random, round) => {
		// the index and the footer are at the end
		for (let i = 0; i < 1 + 3 * round; i++) {
			const at = round % 2 === 0 ? bytes.length * random() : bytes.length - 1 - 60 * random();
			bytes[Math.floor(at)]! ^= 1 << Math.floor(8 * random());
		}
		return bytes;
	});
});

/** Damages every file of the cache and checks, several times over. */
async function withDamage(
	t: TestContext,
	rounds: number,
	damage: (bytes: Buffer, random: () => number, round: number) => Uint8Array,
): Promise<void> {
	const tree = new CachedTree(t);
	const random = generator(rounds);
	await tree.assertRight();
	const sound = `${tree.folder}-sound`;
	cpSync(tree.folder, sound, { recursive: true });
	const folder = join(tree.home, readdirSync(tree.home).find((name) => !name.endsWith("-sound"))!);
	for (let round = 0; round < rounds; round++) {
		rmSync(folder, { recursive: true });
		cpSync(sound, folder, { recursive: true });
		for (const name of readdirSync(folder)) {
			const path = join(folder, name);
			if (statSync(path).isDirectory()) continue;
			writeFileSync(path, damage(readFileSync(path), random, round));
		}
		await tree.assertRight();
	}
	rmSync(sound, { recursive: true });
	await tree.assertRight();
	assert.equal((await tree.hits()).misses, 0, "the damage is repaired");
}

test("a full disk costs the cache, is said once, and leaves nothing behind", async (t) => {
	const tree = new CachedTree(t);
	for (const fileBlocks of [0, 20]) {
		await tree.assertRight({ stderr: /^might-sleep: what was read is not cached: \/.*: EFBIG\n$/, fileBlocks });
		assert.deepEqual(tree.packs(), []);
	}
	await tree.assertRight();
	await tree.assertRight({ fileBlocks: 0 });
	assert.equal((await tree.hits()).misses, 0);
});

test("a cache that may only be read is read", async (t) => {
	const tree = new CachedTree(t);
	const options = tree.openTo(isRoot ? NOBODY : undefined);
	mkdirSync(tree.home, { recursive: true, mode: 0o555 });
	chmodSync(tree.cache, 0o755);
	await tree.assertRight({ stderr: /^might-sleep: what was read is not cached: \/.*: EACCES\n$/, ...options });
	chmodSync(tree.home, 0o755);
	await tree.assertRight();
	for (const pack of tree.packs()) chmodSync(pack, 0o444);
	chmodSync(tree.folder, 0o555);
	chmodSync(tree.home, 0o555);
	await tree.assertRight({ ...options });
	assert.equal((await tree.hits(options)).misses, 0);
	tree.write(driverPath(3), `${FILES[driverPath(3)]}\n`);
	const changed = await tree.run(CHECK, options);
	assert.match(changed.stderr, /^might-sleep: what was read is not cached: \/.*: EACCES\n$/);
	assert.equal(changed.status, 1);
	for (const folder of [tree.home, tree.folder]) chmodSync(folder, 0o755);
});

test("a file where the cache should be is said", async (t) => {
	const tree = new CachedTree(t);
	mkdirSync(tree.cache);
	writeFileSync(tree.home, "");
	await tree.assertRight({ stderr: /^might-sleep: what was read is not cached: \/.*: (?:ENOTDIR|EEXIST)\n$/ });
	rmSync(tree.home);
	await tree.assertRight();
	const { folder } = tree;
	rmSync(folder, { recursive: true });
	writeFileSync(folder, "");
	await tree.assertRight({ stderr: /^might-sleep: what was read is not cached: \/.*: (?:ENOTDIR|EEXIST)\n$/ });
});

test("where no variable says where the cache is, nothing is written into the tree", async (t) => {
	const tree = new CachedTree(t);
	const said = /^might-sleep: what was read is not cached: neither XDG_CACHE_HOME nor HOME says where\n$/;
	await tree.assertRight({ stderr: said, env: { XDG_CACHE_HOME: undefined, HOME: "" } });
	await tree.assertRight({ stderr: said, env: { XDG_CACHE_HOME: "relative", HOME: "relative" } });
	// a user whom the password file does not know
	const options = tree.openTo(isRoot ? 54_321 : undefined);
	if (isRoot) await tree.assertRight({ stderr: said, ...options, env: { XDG_CACHE_HOME: undefined, HOME: undefined } });
	const [first] = Object.keys(FILES);
	assert.ok(existsSync(tree.path(first!)) && !existsSync(tree.path("relative")) && !existsSync(tree.path(".cache")));
	await tree.assertRight({ env: { XDG_CACHE_HOME: undefined, HOME: tree.cache } });
	assert.ok(existsSync(join(tree.cache, ".cache/might-sleep")));
});

test("two runs at once do not hurt each other, and what both wrote is kept once", async (t) => {
	const tree = new CachedTree(t);
	const pair = () => Promise.all([tree.assertRight(), tree.assertRight()]);
	await pair();
	const alone = (await tree.hits()).bytes;
	await pair();
	tree.packs().forEach((path, i) => {
		if (i % 2 === 0) writeFileSync(path, "no pack");
	});
	await pair();
	rmSync(tree.folder, { recursive: true });
	await Promise.all([tree.assertRight(), tree.hits()]);
	const { hits, bytes } = await tree.hits();
	assert.equal(hits, Object.keys(FILES).filter((path) => /\.[ch]$/.test(path)).length);
	assert.ok(bytes < 2 * alone, `${bytes} and ${alone}`);
});

test("what other versions left is no cache, and goes in time", async (t) => {
	const tree = new CachedTree(t);
	await tree.assertRight();
	const { folder } = tree;
	writeFileSync(join(folder, "0000.pack"), `MSPACK2\n${"x".repeat(1000)}MSPACK2\n`);
	writeFileSync(join(folder, "ffff.pack"), "");
	writeFileSync(join(folder, "notes.txt"), "mine");
	await tree.assertRight();
	assert.deepEqual(
		readdirSync(folder).filter((name) => /^(?:0000|ffff|notes)/.test(name)),
		["notes.txt"],
	);
	const other = `${folder.slice(0, -12)}0123456789ab`;
	mkdirSync(other);
	cpSync(folder, other, { recursive: true });
	await tree.assertRight();
	assert.ok(existsSync(other), "another version may be in use today");
});
