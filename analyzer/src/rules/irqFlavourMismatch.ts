// A lock released in another flavour than it was taken in, where interrupts or bottom halves stay wrong after it.

import type { Fix } from "../api.js";
import { IRQ_EFFECTS, Irq, IrqCode } from "../flow/context.js";
import { returnPlan } from "../flow/replayPlan.js";
import type { Solved } from "../flow/solved.js";
import type { Mispairing, Summary } from "../flow/summary.js";
import { calleeText, lockText, opEnd, opPlace, placeAt } from "../flow/witness.js";
import { isPrimitive, primitiveAt, staticCallee, summaryOf } from "../flow/world.js";
import { OP_SIZE, OpField } from "../ir/ops.js";
import type { FnId } from "../ir/program.js";
import { sourceText } from "../ir/sourceText.js";
import { FnField, FnFlag } from "../ir/unit.js";
import type { Draft, Rule } from "./rule.js";

export const irqFlavourMismatch: Rule = {
	id: "irq-flavour-mismatch",
	severity: "warning",
	title: "a lock released in another interrupt flavour than it was taken in",
	fixesAll: true,
	eachFunction(solved, report) {
		const { program } = solved.world;
		return (fn) => {
			const summary = summaryOf(solved.world, fn);
			if (summary.mispairings.length === 0) return;
			if ((program.flagsOf(fn) & (FnFlag.Macro | FnFlag.Partial)) !== 0) return;
			for (const pairing of summary.mispairings) {
				if (staysWrong(solved, summary, pairing)) report(draftOf(solved, fn, pairing));
			}
		};
	},
};

/** Is the difference still there at some return? Taken apart by hand and put together again is fine. */
function staysWrong(solved: Solved, summary: Summary, pairing: Mispairing): boolean {
	const bh = solved.world.kinds.section("bh");
	const isBh = pairing.held.irq === IrqCode.BhOff || pairing.irq === IrqCode.BhOn;
	return summary.returns.some((exit) => {
		if (exit.ctx.irq !== Irq.AsEntered) return true;
		return isBh && (exit.ctx.items.some((item) => item.kind === bh) || exit.ctx.gone.some((item) => item.kind === bh));
	});
}

function draftOf(solved: Solved, fn: FnId, pairing: Mispairing): Draft {
	const { world } = solved;
	const name = world.program.fnName(fn);
	const taken = calleeText(world, fn, pairing.held.op);
	const released = calleeText(world, fn, pairing.op);
	const lock = lockText(world, fn, pairing.held);
	const place = opPlace(world, fn, pairing.held.op);
	return {
		start: opPlace(world, fn, pairing.op),
		end: opEnd(world, fn, pairing.op),
		function: name,
		confidence: "high",
		message: `\`${lock}\` is taken with ${taken}() (line ${place.line}) but released with ${released}(): ${effectText(pairing)}`,
		context: null,
		enter: [{ ...place, function: name, note: `${taken}() takes \`${lock}\`` }],
		sleep: [],
		related: [],
		fixes: pairFix(solved, fn, pairing),
		key: `${taken}|${released}|${lock}`,
		replay: returnPlan(world.program, fn, { takes: [pairing.held.op], last: pairing.op }, entryIrqs(pairing)),
	};
}

function effectText(pairing: Mispairing): string {
	switch (IRQ_EFFECTS[pairing.held.irq]) {
		case "off":
		case "save":
			return pairing.irq === IrqCode.BhOn ? "interrupts stay off, bottom halves come on" : pairingIrqText(pairing);
		case "bh-off":
			return "bottom halves stay off";
		default:
			return pairing.irq === IrqCode.BhOn ? "bottom halves come on" : "interrupts come on";
	}
}

/** Interrupts that come on too early are seen where they were off before. */
function entryIrqs(pairing: Mispairing): "as usual" | "off at entry" {
	const isOnAfter = pairing.irq === IrqCode.On || pairing.irq === IrqCode.Restore;
	return isOnAfter ? "off at entry" : "as usual";
}

function pairingIrqText(pairing: Mispairing): string {
	return pairing.irq === IrqCode.None ? "interrupts stay off" : "interrupts come on whatever they were before";
}

/** The release that answers the taking, with its flags. */
function pairFix(solved: Solved, fn: FnId, pairing: Mispairing): Fix[] {
	const { world } = solved;
	const takenBy = staticCallee(world, fn, pairing.held.op);
	if (!isPrimitive(takenBy)) return [];
	const row = primitiveAt(world, takenBy).lock;
	const partner = row?.pairs[0];
	const releasedBy = staticCallee(world, fn, pairing.op);
	const release = isPrimitive(releasedBy) ? primitiveAt(world, releasedBy).lock : undefined;
	if (row === undefined || partner === undefined) return [];
	// the flags would be left over: then it is the taking that is wrong
	if (release?.flagsArg !== undefined && row.flagsArg === undefined) return [];
	const file = world.program.fnFile(fn);
	const unit = world.program.unit(file);
	const local = world.program.fnLocal(fn);
	const first = world.program.fnField(fn, FnField.OpStart);
	const releasing = (first + pairing.op) * OP_SIZE;
	const taking = (first + pairing.held.op) * OP_SIZE;
	if (unit.ops[releasing + OpField.C]! === 0) return [];
	const lock = sourceText(unit, local, unit.lists[unit.ops[releasing + OpField.B]!]!);
	const hasFlags = row.flagsArg !== undefined && row.flagsArg >= 0 && row.flagsArg < unit.ops[taking + OpField.C]!;
	const flags = hasFlags
		? `, ${sourceText(unit, local, unit.lists[unit.ops[taking + OpField.B]! + row.flagsArg]!)}`
		: "";
	const start = placeAt(world, file, unit.ops[releasing + OpField.Start]!);
	const end = placeAt(world, file, unit.ops[releasing + OpField.End]!);
	const newText = `${partner}(${lock}${flags})`;
	const edit = { ...start, endLine: end.line, endColumn: end.column, newText };
	return [{ title: `release with ${partner}()`, kind: "quickfix", preferred: true, edits: [edit] }];
}
