// A lock that is taken in another flavour than it is released in: taken as it is released. (The release that answers
// the taking is a fix of the finding itself.)

import type { Solved } from "../flow/solved.js";
import { isPrimitive, primitiveAt, staticCallee, summaryOf } from "../flow/world.js";
import { OP_SIZE, OpField } from "../ir/ops.js";
import type { FnId } from "../ir/program.js";
import { FnField } from "../ir/unit.js";
import type { LockRow } from "../model/schema.js";
import { EditList } from "./edits.js";
import { argumentOffsets } from "./ownMasks.js";
import type { Plan, Request } from "./plan.js";
import type { SourceText } from "./source.js";
import { opOffset } from "./span.js";

/** What a release in another flavour than the taking is offered. */
export function plansForFlavour({ solved, texts, fn, op }: Request): Plan[] {
	const { world } = solved;
	const pairing = summaryOf(world, fn).mispairings.find((one) => one.op === op);
	const source = texts.of(world.program.fnFile(fn));
	const taking = pairing === undefined ? undefined : rowAt(solved, fn, pairing.held.op);
	const release = rowAt(solved, fn, op);
	if (pairing === undefined || source === null || taking === undefined || release === undefined) return [];
	const partner = takerFor(solved, taking, release);
	if (partner === undefined || !isOnlyPair(solved, source, fn, pairing.held.op, op)) return [];
	const at = opOffset(world, fn, pairing.held.op);
	const lock = argumentText(solved, source, fn, pairing.held.op, taking.arg);
	const flags = argumentText(solved, source, fn, op, release.flagsArg ?? -1);
	if (source.isDirective(at) || lock === null || (partner.flagsArg !== undefined && flags === null)) return [];
	const edits = new EditList();
	const newText = `${partner.name}(${lock}${partner.flagsArg === undefined ? "" : `, ${flags}`})`;
	edits.replace(source, at, endOf(solved, fn, pairing.held.op), newText, `as ${release.name}() releases it`);
	// flags that nobody has saved: it was meant to
	const preferred = partner.flagsArg !== undefined && taking.flagsArg === undefined;
	const finish = () => edits.finish() ?? "its edits would overlap";
	const title = `take it with ${partner.name}()`;
	return [{ key: "flavour", title, kind: "quickfix", preferred, isLocal: true, edits: finish }];
}

function rowAt({ world }: Solved, fn: FnId, op: number): LockRow | undefined {
	const callee = staticCallee(world, fn, op);
	return isPrimitive(callee) ? primitiveAt(world, callee).lock : undefined;
}

/** The operation that takes a lock as `taking` does, in the flavour that `release` ends; it has the release's flags only. */
function takerFor({ world }: Solved, taking: LockRow, release: LockRow): LockRow | undefined {
	return world.primitives
		.map(({ lock }) => lock)
		.find(
			(lock) =>
				lock !== undefined &&
				lock.does === "acquire" &&
				taking.does === "acquire" &&
				lock.lock === taking.lock &&
				lock.mode === taking.mode &&
				lock.arg === taking.arg &&
				lock.pairs[0] === release.name &&
				(lock.flagsArg === undefined) === (release.flagsArg === undefined),
		);
}

/** Does the function take and release that lock once each? */
function isOnlyPair(solved: Solved, source: SourceText, fn: FnId, taken: number, released: number): boolean {
	const lock = argumentText(solved, source, fn, taken, rowAt(solved, fn, taken)!.arg);
	let nCalls = 0;
	solved.graph.eachSite(fn, (op, callee) => {
		const row = isPrimitive(callee) ? primitiveAt(solved.world, callee).lock : undefined;
		if (row !== undefined && argumentText(solved, source, fn, op, row.arg) === lock) nCalls++;
	});
	const other = argumentText(solved, source, fn, released, rowAt(solved, fn, released)!.arg);
	return lock !== null && lock === other && nCalls === 2;
}

function argumentText(solved: Solved, source: SourceText, fn: FnId, op: number, index: number): string | null {
	const { program } = solved.world;
	const at = (program.fnField(fn, FnField.OpStart) + op) * OP_SIZE;
	if (index < 0 || index >= program.unit(program.fnFile(fn)).ops[at + OpField.C]!) return null;
	const [start, end] = argumentOffsets(solved, fn, op, index);
	return source.text.slice(start, end);
}

function endOf({ world: { program } }: Solved, fn: FnId, op: number): number {
	const { ops } = program.unit(program.fnFile(fn));
	return ops[(program.fnField(fn, FnField.OpStart) + op) * OP_SIZE + OpField.End]!;
}
