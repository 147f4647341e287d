// RCU read sides, sections in general, and waiting for a grace period. Where RCU is not preemptible a
// context switch inside a reader is a quiescent state: the grace period ends too early, and nothing says so.

import type { SectionKind, SectionRow } from "../model/schema.js";
import { argTarget, type Call, nArgs } from "./call.js";
import { isReader, requestGracePeriod } from "./gracePeriod.js";
import {
	applyIrqEffect,
	countUnderflow,
	disableBottomHalves,
	enableBottomHalves,
	enterLevel,
	enterPreempt,
	isInterruptLevel,
	leaveLevel,
	leavePreempt,
	savedFlags,
} from "./irq.js";
import type { Section } from "./machine.js";
import { block, waited } from "./scheduler.js";
import { badUnlockBalance, suspiciousRcu } from "./splats.js";
import { addressText, int, type Place, type Value } from "./value.js";

/** Index that a row gives for "the result keeps the state". */
const RESULT = -2;

/** Runs a section row. Gives the call's result where the row defines one. */
export function applySection(call: Call, row: SectionRow): Value | undefined {
	call.machine.sharesCpu();
	if (row.section.startsWith("rcu") || row.section === "srcu") call.machine.sharesRead("rcu");
	if (row.section === "irq") return applyIrqSection(call, row);
	const opens = row.does === "enter" || row.does === "save" || row.does === "off";
	const kinds = [row.section, ...(row.also ?? [])];
	if (opens) for (const kind of kinds) enterSection(call, kind, row.name);
	else for (const kind of kinds.reverse()) leaveSection(call, kind, row);
	return row.does === "save" && row.flagsArg === RESULT ? int(0) : undefined;
}

function applyIrqSection(call: Call, row: SectionRow): Value | undefined {
	const { machine } = call;
	const before = savedFlags(machine);
	const effects = { enter: "off", exit: "on", off: "off", on: "on", save: "save", restore: "restore" } as const;
	applyIrqEffect(call, effects[row.does], row.flagsArg);
	const opens = row.does === "enter" || row.does === "save" || row.does === "off";
	if (opens) pushSection(call, "irq", row.name);
	else popSection(call, "irq");
	return row.flagsArg === RESULT ? before : undefined;
}

function enterSection(call: Call, kind: SectionKind, by: string): void {
	const { machine } = call;
	pushSection(call, kind, by);
	if (isInterruptLevel(kind)) {
		enterLevel(machine, kind);
		return;
	}
	switch (kind) {
		case "preempt":
		case "rcu_sched":
			enterPreempt(machine);
			return;
		case "bh":
		case "rcu_bh":
			disableBottomHalves(machine);
			return;
		case "rcu":
			if (machine.world.config.preemptRcu) {
				machine.updateTask({ rcuDepth: machine.task.rcuDepth + 1 });
				return;
			}
			enterPreempt(machine);
			return;
		case "non_block":
			machine.updateTask({ nonBlock: machine.task.nonBlock + 1 });
			return;
		default:
			return;
	}
}

function leaveSection(call: Call, kind: SectionKind, row: SectionRow): void {
	const { machine, at } = call;
	const isOpen = popSection(call, kind);
	if (isInterruptLevel(kind)) {
		leaveLevel(call, kind);
		return;
	}
	if (!isOpen && (kind === "rcu" || kind === "rcu_bh" || kind === "rcu_sched") && machine.world.config.proveLocking) {
		machine.splat(badUnlockBalance(machine, row.pairs[0] ?? kind, at));
	}
	switch (kind) {
		case "preempt":
		case "rcu_sched":
			leavePreempt(call);
			return;
		case "bh":
		case "rcu_bh":
			enableBottomHalves(call);
			return;
		case "rcu":
			if (!machine.world.config.preemptRcu) {
				leavePreempt(call);
				return;
			}
			if (machine.task.rcuDepth > 0) machine.updateTask({ rcuDepth: machine.task.rcuDepth - 1 });
			return;
		case "non_block":
			if (machine.task.nonBlock === 0) {
				countUnderflow(call);
				return;
			}
			machine.updateTask({ nonBlock: machine.task.nonBlock - 1 });
			return;
		default:
			return;
	}
}

export function pushSection(call: Call, kind: SectionKind, by: string): void {
	const { machine, at } = call;
	const on = kind === "srcu" ? (argTarget(call, 0)?.key ?? "") : "";
	const section: Section = { kind, by, at, on, since: machine.state.nSteps };
	machine.updateTask({ sections: [...machine.task.sections, section] });
}

function popSection(call: Call, kind: SectionKind): boolean {
	const { machine } = call;
	const { sections } = machine.task;
	const last = sections.findLastIndex((section) => section.kind === kind);
	if (last < 0) return false;
	machine.updateTask({ sections: sections.filter((_, i) => i !== last) });
	return true;
}

const READER_NAMES = { rcu: "RCU", rcu_bh: "RCU-bh", rcu_sched: "RCU-sched" } as const;

/** rcu_sleep_check(): with PREEMPT_RCU the nest depth is checked by the caller instead of the plain flavour. */
export function checkReaders(call: Call): void {
	const { machine, at } = call;
	const { config, isRt } = machine.world;
	if (!config.proveRcu) return;
	for (const section of machine.task.sections) {
		if (section.kind !== "rcu" && section.kind !== "rcu_bh" && section.kind !== "rcu_sched") continue;
		if (section.kind === "rcu" && config.preemptRcu) continue;
		if (section.kind === "rcu_bh" && isRt) continue;
		const what = `Illegal context switch in ${READER_NAMES[section.kind]} read-side critical section`;
		machine.splatOnce(`${what}@${at.path}:${at.line}`, suspiciousRcu(machine, at, what));
	}
}

/** What RCU says to waiting for a grace period as a reader, before anything sleeps. */
export function checkGracePeriod(call: Call): void {
	const { machine, at, primitive } = call;
	if (domainOf(call) !== undefined || ownReader(call) === undefined || !machine.world.config.proveRcu) return;
	const what = `Illegal ${primitive.name}() in RCU read-side critical section`;
	machine.splatOnce(`${what}@${at.path}:${at.line}`, suspiciousRcu(machine, at, what));
}

/** Waits for a grace period, of RCU (no argument) or of one SRCU domain. False: it has to wait. */
export function waitForGracePeriod(call: Call): boolean {
	const { machine, at, primitive } = call;
	if (waited(machine) !== null) return true;
	const domain = domainOf(call);
	const by = primitive.name;
	const wait = { isSpinning: false, by, at, mode: "exclusive", hasTimeout: false } as const;
	if (domain === undefined) {
		const until = requestGracePeriod(machine);
		block(machine, { ...wait, kind: "grace-period", key: "", text: "a grace period", until });
	} else {
		const text = addressText(domain);
		block(machine, { ...wait, kind: "srcu", key: domain.key, text, until: machine.state.nSteps });
	}
	return false;
}

function domainOf(call: Call): Place | undefined {
	return nArgs(call) > 0 ? argTarget(call, 0) : undefined;
}

function ownReader(call: Call): Section | undefined {
	return call.machine.task.sections.find(isReader);
}
