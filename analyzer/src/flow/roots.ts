// Where contexts come from: callbacks and ops fields by model rows, initcalls and system calls, and the
// regions that functions make themselves.

import { addTo } from "../base/lists.js";
import type { FileId, FnId } from "../ir/program.js";
import { FnFlag } from "../ir/unit.js";
import { syscallContext } from "../model/runContexts.js";
import type { RunContext } from "../model/schema.js";
import { Ac, Level } from "./context.js";
import type { Pointers } from "./pointers.js";
import type { Registration } from "./registrations.js";
import type { World } from "./world.js";

/** 0 high, 1 medium, 2 low: as numbers, so that the worse of two is the larger. */
export type Doubt = number;

export interface Origin {
	readonly fn: FnId;
	readonly ac: number;
	readonly doubt: Doubt;
	readonly run: RunContext;
	/** null: by definition (a system call), or by assertion */
	readonly registration: Registration | null;
	/** where the function says so itself */
	readonly assertion: { readonly file: FileId; readonly offset: number } | null;
}

/** Every entry point that a row names. Rows that run in their caller's context are none. */
export function findOrigins(world: World, pointers: Pointers, entries: ReadonlyMap<FnId, RunContext>): Origin[] {
	const origins: Origin[] = [];
	const known = new Map<FnId, Origin[]>();
	for (const registration of pointers.registrations.all) {
		let run = world.model.runContexts.get(registration.row.runs);
		if (run === undefined) continue;
		if (world.profile === "rt" && run.onRt !== undefined) run = world.model.runContexts.get(run.onRt) ?? run;
		const ac = acOfRun(run);
		const doubt =
			run.certainty === "seldom" ? 2 : registration.row.certainty === "may" || run.certainty === "may" ? 1 : 0;
		const fn = registration.callback;
		if (known.get(fn)?.some((other) => other.run === run && other.doubt === doubt)) continue;
		const origin: Origin = { fn, ac, doubt, run, registration, assertion: null };
		origins.push(origin);
		addTo(known, fn, origin);
	}
	for (const fn of systemCalls(world)) {
		origins.push({
			fn,
			ac: acOfRun(syscallContext),
			doubt: 0,
			run: syscallContext,
			registration: null,
			assertion: null,
		});
	}
	for (const [fn, run] of entries) {
		origins.push({ fn, ac: acOfRun(run), doubt: 0, run, registration: null, assertion: null });
	}
	return origins;
}

/** The functions whose name, or the name of a variable that holds them, says in which context they are entered. */
export function entryPoints(world: World, pointers: Pointers): Map<FnId, RunContext> {
	const { program, model } = world;
	const found = new Map<FnId, RunContext>();
	for (const row of model.entries.values()) {
		const run = model.runContexts.get(row.runs);
		const name = program.names.lookupText(row.name);
		if (run === undefined || name < 0) continue;
		for (const fn of program.definitionsOf(name)) found.set(fn, run);
		for (const { target } of pointers.variablesNamed(name)) found.set(target, run);
	}
	return found;
}

function systemCalls(world: World): FnId[] {
	const { program } = world;
	return Array.from(program.inOrder.filter((fn) => (program.flagsOf(fn) & FnFlag.Syscall) !== 0));
}

/** The context bits of a run context. */
export function acOfRun(run: RunContext): number {
	let ac: number = levelOf(run.level);
	if (run.irqsOff === true) ac |= Ac.IrqsOff;
	if (run.bhOff === true) ac |= Ac.BhOff;
	if (run.preemptOff === true) ac |= Ac.PreemptOff;
	if (run.rcu === true) ac |= Ac.Rcu;
	if (run.noFault === true) ac |= Ac.NoFault;
	if (run.booting === true) ac |= Ac.Booting;
	if (run.spinning !== undefined) ac |= Ac.Framework;
	for (const scope of run.scopes ?? []) {
		if (scope === "noio") ac |= Ac.NoIo | Ac.NoFs;
		else if (scope === "nofs") ac |= Ac.NoFs;
		else ac |= Ac.MemAlloc;
	}
	return ac;
}

function levelOf(level: RunContext["level"]): Level {
	switch (level) {
		case "process":
			return Level.Process;
		case "softirq":
			return Level.Softirq;
		default:
			return Level.Hardirq;
	}
}
