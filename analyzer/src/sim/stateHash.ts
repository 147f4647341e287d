// hot: a number for what a state can still do: equal for equal states whatever way led to them. What only
// tells how it came about (steps, questions asked, warnings given) is left out. Parts are hashed once.

import type { Frame, HeldLock, Item, Section, State, Task } from "./machine.js";
import type { MemoryState } from "./memory/memoryState.js";
import type { PersistentMap } from "./persistentMap.js";
import { keyOf, type Value } from "./value.js";

const texts = new Map<string, number>();
/** Texts remembered at most. */
const MAX_TEXTS = 200_000;

function mix(hash: number, value: number): number {
	let x = Math.imul(hash ^ value, 0x9e3779b1);
	x ^= x >>> 15;
	return Math.imul(x, 0x85ebca77) ^ (x >>> 13);
}

function textHash(text: string): number {
	const known = texts.get(text);
	if (known !== undefined) return known;
	let hash = 0x811c9dc5;
	for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
	if (texts.size >= MAX_TEXTS) texts.clear();
	texts.set(text, hash);
	return hash;
}

function valueHash(value: Value | undefined): number {
	if (value === undefined) return 7;
	if (value.kind === "int") return mix(11, value.value | 0) ^ Math.floor(value.value / 2 ** 32);
	return textHash(keyOf(value));
}

/** Both halves of a hash of 64 bits, as one number of 53. */
export function stateHash(state: State): number {
	return half(state, 0x12345) * 2 ** 21 + (half(state, 0x6789ab) >>> 11);
}

function half(state: State, seed: number): number {
	let hash = seed;
	for (const cpu of state.cpus) {
		hash = mix(hash, cpu.preemptCount | 0);
		hash = mix(hash, cpu.task * 8 + (cpu.irqsOn ? 1 : 0) + (cpu.needResched ? 2 : 0) + (cpu.nTicks > 0 ? 4 : 0));
	}
	for (const task of state.tasks) hash = mix(hash, taskHash(task));
	hash = mix(hash, mapHash(state.memory, valueHash));
	hash = mix(hash, memoryHash(state.mem));
	// Consumers come by the clock.
	if (state.mem.nextTick !== Number.POSITIVE_INFINITY) hash = mix(hash, state.mem.nextTick - state.nSteps);
	hash = mix(
		hash,
		mapHash(state.counts, (count) => count),
	);
	hash = mix(
		hash,
		mapHash(state.freed, () => 1),
	);
	hash = mix(
		hash,
		mapHash(state.usage, (bits) => bits),
	);
	hash = mix(
		hash,
		mapHash(state.dependencies, (list) => list.length),
	);
	hash = mix(
		hash,
		mapHash(state.facts, (fact) => factHash(fact.is, fact.epoch === state.epoch)),
	);
	hash = mix(
		hash,
		mapHash(state.bound, (item) => item.fn),
	);
	for (const item of state.items) hash = mix(hash, itemHash(item, state.rcu.completed));
	for (const source of state.sources) hash = mix(hash, source.left * 65_536 + source.fn);
	const { rcu } = state;
	hash = mix(hash, rcu.cpus * 4 + (rcu.isActive ? 1 : 0));
	hash = mix(hash, rcu.wanted - rcu.completed);
	for (const reader of rcu.readers) hash = mix(hash, reader);
	return hash >>> 0;
}

/** Pages and who has them; what only counts what has been is left out. */
function memoryHash(mem: MemoryState): number {
	const { zones, swap, kswapd, consumed, slabs, pools, objects, waits, seed } = mem;
	// The n-th allocation may be one that is to fail.
	return (
		dataHash([zones, swap, kswapd, consumed, seed, mem.counts.allocations]) ^ mapsHash([slabs, pools, objects, waits])
	);
}

function mapsHash(of: readonly PersistentMap<string | number, object>[]): number {
	let hash = 0;
	for (const map of of) hash = mix(hash, mapHash(map, dataHash));
	return hash;
}

const data = new WeakMap<object, number>();

/** Plain data: numbers, texts, lists and objects of them. */
function dataHash(value: unknown): number {
	if (typeof value === "number") return value | 0;
	if (typeof value !== "object" || value === null) return textHash(String(value));
	const known = data.get(value);
	if (known !== undefined) return known;
	let hash = 17;
	for (const [name, one] of Object.entries(value)) hash = mix(mix(hash, textHash(name)), dataHash(one));
	data.set(value, hash);
	return hash;
}

function factHash(is: number | "nonzero", isCurrent: boolean): number {
	return (is === "nonzero" ? 3 : is * 4) + (isCurrent ? 1 : 0);
}

function itemHash(item: Item, completed: number): number {
	const waits = Math.max(item.gracePeriod - completed, 0);
	return mix(textHash(item.key), item.fn * 16 + waits * 2 + (item.isDelayed ? 1 : 0));
}

const tasks = new WeakMap<Task, number>();

function taskHash(task: Task): number {
	const known = tasks.get(task);
	if (known !== undefined) return known;
	let hash = textHash(task.status);
	hash = mix(hash, task.saved.preemptCount | 0);
	hash = mix(hash, task.rcuDepth * 256 + task.rtSoftirqCount * 16 + task.nonBlock * 2 + (task.saved.irqsOn ? 1 : 0));
	for (const frame of task.frames) hash = mix(hash, frameHash(frame));
	for (const lock of task.locks) hash = mix(hash, lockHash(lock));
	for (const section of task.sections) hash = mix(hash, sectionHash(section));
	tasks.set(task, hash);
	return hash;
}

function lockHash(lock: HeldLock): number {
	return mix(textHash(lock.key), lock.mode === "shared" ? 1 : 2);
}

function sectionHash(section: Section): number {
	return mix(textHash(section.kind), textHash(section.on));
}

const frames = new WeakMap<Frame, number>();

function frameHash(frame: Frame): number {
	const known = frames.get(frame);
	if (known !== undefined) return known;
	let hash = mix(frame.fn, frame.pc);
	hash = mix(hash, frame.id);
	for (const value of frame.locals) hash = mix(hash, valueHash(value));
	hash = mix(hash, mapHash(frame.results, valueHash));
	hash = mix(hash, mapHash(frame.loops, frameHash));
	if (frame.wait !== null) hash = mix(hash, textHash(frame.wait.key) + (frame.wait.isWoken ? 1 : 2));
	frames.set(frame, hash);
	return hash;
}

const maps = new WeakMap<object, number>();

/** The order of entries says nothing. */
function mapHash<K, V>(map: PersistentMap<K, V>, hashOf: (value: V) => number): number {
	const known = maps.get(map);
	if (known !== undefined) return known;
	let hash = 0;
	for (const [key, value] of map.entries()) {
		const name = typeof key === "number" ? key : textHash(String(key));
		hash = (hash + mix(name, hashOf(value))) | 0;
	}
	maps.set(map, hash);
	return hash;
}
