// What the allocator prints: page allocation failures with the state of the zones, and the OOM killer. Texts
// follow mm/page_alloc.c, mm/slub.c and mm/oom_kill.c.

import { allocatorLimits } from "../../model/allocator.js";
import type { Machine } from "../machine.js";
import type { Splat } from "../outcome.js";
import { callTrace } from "../splats.js";
import type { SourcePlace } from "../world.js";
import type { Asking } from "./asking.js";
import { hex, maskText } from "./masks.js";
import type { PageWait, Want } from "./memoryState.js";
import { freeCma, type Zone } from "./zone.js";

const KB = allocatorLimits.pageSize / 1024;

/** warn_alloc(), and for objects of a slab what SLUB adds. It does not count as a warning: the kernel never panics on it. */
export function allocationFailure({ machine, at }: Asking, want: Want): void {
	const { world, task } = machine;
	const mode = `${hex(want.mask)}(${maskText(world, at.file, want.mask)})`;
	const title = `${task.comm}: page allocation failure: order:${want.order}, mode:${mode}, nodemask=(null)`;
	const lines = [
		`${title},cpuset=/,mems_allowed=0`,
		who(machine),
		...callTrace(machine),
		"Mem-Info:",
		...zoneLines(machine),
	];
	if (want.slab !== "") lines.push(...slabLines(machine, want, mode));
	report(machine, { kind: "allocation-failure", title, text: lines.join("\n"), at });
}

function report(machine: Machine, splat: Splat): void {
	machine.events.push({ kind: "splat", splat });
}

function who({ cpu, task, world }: Machine): string {
	return `CPU: ${cpu.id} PID: ${task.pid} Comm: ${task.comm} Not tainted ${world.model.version.join(".")}`;
}

function slabLines(machine: Machine, want: Want, mode: string): string[] {
	const slab = machine.state.mem.slabs.get(want.slab);
	const inUse = slab?.inUse ?? 0;
	const free = slab?.free ?? 0;
	const size = want.objectSize;
	return [
		`SLUB: Unable to allocate memory on node -1, gfp=${mode}`,
		`  cache: ${want.slabName}, object size: ${size}, buffer size: ${size}, default order: ${want.order}, min order: ${want.order}`,
		`  node 0: slabs: ${slab?.blocks.length ?? 0}, objs: ${inUse + free}, free: ${free}`,
	];
}

/** __show_free_areas(), the parts that the simulator has. */
function zoneLines(machine: Machine): string[] {
	return machine.state.mem.zones.flatMap((zone) => [
		zoneLine(zone),
		`lowmem_reserve[]: ${zone.lowmemReserve.join(" ")}`,
	]);
}

function zoneLine(zone: Zone): string {
	const kb = (pages: number) => `${pages * KB}kB`;
	const parts = [
		`Node 0 ${zone.name} free:${kb(zone.free)}`,
		"boost:0kB",
		`min:${kb(zone.min)}`,
		`low:${kb(zone.low)}`,
		`high:${kb(zone.high)}`,
		`reserved_highatomic:${zone.reservedHighatomic * KB}KB`,
		`anon:${kb(zone.anon)}`,
		`file:${kb(zone.clean + zone.dirty)}`,
		`writepending:${kb(zone.dirty)}`,
		`managed:${kb(zone.managed)}`,
		`free_cma:${kb(freeCma(zone))}`,
	];
	return parts.join(" ");
}

function invoked({ machine, at }: Asking, wait: PageWait): string[] {
	const { world, task } = machine;
	const mask = `${hex(wait.mask)}(${maskText(world, at.file, wait.mask)})`;
	return [
		`${task.comm} invoked oom-killer: gfp_mask=${mask}, order=${wait.order}, oom_score_adj=0`,
		who(machine),
		...callTrace(machine),
		"Mem-Info:",
		...zoneLines(machine),
	];
}

export interface Killed {
	readonly name: string;
	readonly pages: number;
}

const VICTIM_PID = 2000;

export function oomKilled(asking: Asking, wait: PageWait, { name, pages }: Killed): void {
	const title = `Out of memory: Killed process ${VICTIM_PID} (${name}) anon-rss:${pages * KB}kB`;
	out(asking, title, [...invoked(asking, wait), title]);
}

/** out_of_memory(): without a victim there is nothing left to do. */
export function oomPanic(asking: Asking, wait: PageWait): void {
	const { machine } = asking;
	const isAsked = machine.world.memory.panicsOnOom;
	const lines = isAsked ? [] : ["Out of memory and no killable processes..."];
	const what = isAsked ? "Out of memory: system-wide panic_on_oom is enabled" : "System is deadlocked on memory";
	const title = `Kernel panic - not syncing: ${what}`;
	out(asking, title, [...invoked(asking, wait), ...lines, title]);
	machine.end({ kind: "bug", text: title });
}

function out({ machine, at }: Asking, title: string, lines: readonly string[]): void {
	report(machine, { kind: "out-of-memory", title, text: lines.join("\n"), at });
}

/** Once for each place: an allocation that goes below the minimum watermark, and how far it may. */
export function reserveNote(asking: Asking, zone: Zone, mask: number, lowest: number, at: SourcePlace): void {
	const { machine } = asking;
	const key = `reserve ${zone.name} ${at.path}:${at.line}`;
	if (machine.state.warned.get(key)) return;
	machine.update({ warned: machine.state.warned.set(key, true) });
	const name = maskText(machine.world, at.file, mask);
	const text = `${name} takes from the reserve of zone ${zone.name}: ${zone.free} pages are free, min is ${zone.min}`;
	machine.note(`${text}; with this mask it may go on down to ${lowest}`, at);
}
