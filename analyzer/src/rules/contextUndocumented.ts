// A helper that is called where it may sleep and where it may not, sleeps or not by an argument, and does not say so.

import type { Fix } from "../api.js";
import { forbidsSleep } from "../flow/context.js";
import { Dominators } from "../flow/dominators.js";
import { contradicts, implies } from "../flow/guards.js";
import type { Solved } from "../flow/solved.js";
import { callSleeps } from "../flow/summarise.js";
import { MaySleep, type Summary } from "../flow/summary.js";
import type { RecordId } from "../flow/topDown.js";
import { TOP } from "../flow/values.js";
import { calleeText, contextInfo, namePlace, opPlace, placeAt, sleepSteps } from "../flow/witness.js";
import { isDescribed, isPrimitive, primitiveAt, staticCallee } from "../flow/world.js";
import { NONE } from "../ir/ops.js";
import type { FnId } from "../ir/program.js";
import { typeNames } from "../ir/typing.js";
import { FnField, FnFlag, TYPE_SIZE, TypeField, unitName, VAR_SIZE, VarField } from "../ir/unit.js";
import { GFP_TYPE } from "../model/gfp.js";
import type { Draft, Rule } from "./rule.js";

/** Functions whose context is not theirs to state, or is stated. */
const NOT_ASKED = FnFlag.Static | FnFlag.Macro | FnFlag.Alternative | FnFlag.Init | FnFlag.Syscall | FnFlag.SaysContext;

export const contextUndocumented: Rule = {
	id: "context-undocumented",
	severity: "hint",
	title: "a function for several contexts that does not say when it sleeps",
	eachFunction(solved, report) {
		const { program, summaries } = solved.world;
		const ways = new Dominators(program);
		return (fn) => {
			const summary = summaries[fn];
			if (summary === undefined || summary.maySleep !== MaySleep.Depends || summary.sleepParam < 0) return;
			if ((program.flagsOf(fn) & NOT_ASKED) !== 0) return;
			if (summary.sleepWhen === TOP || !isSwitch(solved, fn, summary.sleepParam) || saysContext(solved, fn)) return;
			if (isToldToSleep(solved, fn, summary)) return;
			const atomic = findRecord(solved, ways, fn, summary, true);
			const other = atomic === NONE ? NONE : findRecord(solved, ways, fn, summary, false);
			if (other !== NONE && !isDescribed(solved.world, fn)) report(draftOf(solved, fn, summary, atomic, other));
		};
	},
};

/** Functions that wrap the taking of a lock, such as one of their file. */
const MAX_WRAPPERS = 2;

/** A parameter whose name says it all. */
const TELLING = /sleep|atomic|block/i;

/** Is a parameter neither a pointer nor a mask, which says by itself what it allows, nor named for that? */
function isSwitch({ world: { program } }: Solved, fn: FnId, param: number): boolean {
	const file = program.fnFile(fn);
	const unit = program.unit(file);
	const variable = (program.fnField(fn, FnField.VarStart) + param) * VAR_SIZE;
	const type = unit.vars[variable + VarField.Type]!;
	if (TELLING.test(unitName(unit, unit.vars[variable + VarField.Name]!))) return false;
	if (type < 0 || unit.types[type * TYPE_SIZE + TypeField.Pointers]! > 0) return false;
	return !typeNames(program, { file, type, pointers: 0 }).includes(program.names.lookupText(GFP_TYPE));
}

/** Does it assert its context, check it, or have an annotation? */
function saysContext({ world, graph }: Solved, fn: FnId): boolean {
	if (world.program.fnField(fn, FnField.AnnotationCount) > 0) return true;
	return graph.hasSite(fn, (callee) => {
		const primitive = isPrimitive(callee) ? primitiveAt(world, callee) : undefined;
		return primitive?.assertion !== undefined || primitive?.sleep?.how === "checks";
	});
}

/** Does a certain caller in atomic context pass what makes it sleep? Then something else than the parameter tells the contexts apart. */
function isToldToSleep({ world, contexts }: Solved, fn: FnId, summary: Summary): boolean {
	for (let record = contexts.first(fn); record !== NONE; record = contexts.next(record)) {
		if (contexts.isSeed(record) || contexts.records.doubt(record) !== 0) continue;
		if (!forbidsSleep(contexts.records.context(record))) continue;
		const known = contexts.bindingTable.get(contexts.records.binding(record), summary.sleepParam);
		if (implies(world.values, known, summary.sleepWhen)) return true;
	}
	return false;
}

/** Has a function on the way to a record, entered where it may not sleep, surely taken a lock that sleeps? Then it hardly is entered there. */
function isContested(solved: Solved, ways: Dominators, record: RecordId): boolean {
	const { contexts } = solved;
	for (let at = record; contexts.records.parent(at) !== NONE; at = contexts.records.parent(at)) {
		const caller = contexts.records.parent(at);
		if (!forbidsSleep(contexts.records.context(caller))) continue;
		if (hasTakenSleepingLock(solved, ways, contexts.records.fn(caller), contexts.records.op(at), MAX_WRAPPERS))
			return true;
	}
	return false;
}

/** Does every way to `op` come by the taking of a lock that sleeps, in the function or in one that just wraps it? */
function hasTakenSleepingLock(solved: Solved, ways: Dominators, fn: FnId, op: number, wrappers: number): boolean {
	const { world, graph, contexts } = solved;
	return graph.hasSite(fn, (callee, at) => {
		if (at >= op || callee === fn || !ways.isAlwaysPassed(fn, at, op)) return false;
		if (contexts.statesOf(fn, at).some((state) => callSleeps(world, callee, state).value !== MaySleep.Yes))
			return false;
		if (isPrimitive(callee)) return primitiveAt(world, callee).lock?.sleeps === true;
		const last = callee < 0 || wrappers === 0 ? NONE : world.program.fnField(callee, FnField.OpCount) - 1;
		return last > 0 && hasTakenSleepingLock(solved, ways, callee, last, wrappers - 1);
	});
}

/** A certain record: an atomic one that is told not to sleep, or one in which it may, and is told to; NONE when there is none. */
function findRecord(solved: Solved, ways: Dominators, fn: FnId, summary: Summary, isAtomic: boolean): RecordId {
	const { world, contexts } = solved;
	for (let record = contexts.first(fn); record !== NONE; record = contexts.next(record)) {
		if (contexts.isSeed(record) || contexts.records.parent(record) === NONE || contexts.records.doubt(record) !== 0)
			continue;
		if (forbidsSleep(contexts.records.context(record)) !== isAtomic) continue;
		const known = contexts.bindingTable.get(contexts.records.binding(record), summary.sleepParam);
		const fits = isAtomic ? contradicts : implies;
		if (fits(world.values, known, summary.sleepWhen) && !(isAtomic && isContested(solved, ways, record))) return record;
	}
	return NONE;
}

function draftOf(solved: Solved, fn: FnId, summary: Summary, atomic: RecordId, other: RecordId): Draft {
	const { world, contexts } = solved;
	const name = world.program.fnName(fn);
	const param = paramName(solved, fn, summary.sleepParam);
	const caller = contexts.records.fn(contexts.records.parent(other));
	const callee = staticCallee(world, fn, summary.sleepOp);
	const context = contextInfo(world, contexts, atomic, { fn, op: summary.sleepOp }, contexts.statesOf(fn, NONE)[0]!);
	const start = namePlace(world, fn);
	return {
		start,
		end: { ...start, column: start.column + name.length },
		function: name,
		confidence: "high",
		message: `${name}() is called in atomic context and where it may sleep, and whether it sleeps (${calleeText(world, fn, summary.sleepOp)}()) hangs on \`${param}\`: say so in a \`Context:\` section`,
		context,
		enter: context.enter,
		sleep: sleepSteps(world, fn, summary.sleepOp, callee),
		related: [
			{
				...opPlace(world, caller, contexts.records.op(other)),
				function: world.program.fnName(caller),
				note: `${world.program.fnName(caller)}() calls it where it may sleep`,
			},
		],
		fixes: sayingFix(solved, fn, whenText(solved, summary, param)),
		key: param,
	};
}

function paramName({ world: { program } }: Solved, fn: FnId, param: number): string {
	const unit = program.unit(program.fnFile(fn));
	const name = unit.vars[(program.fnField(fn, FnField.VarStart) + param) * VAR_SIZE + VarField.Name]!;
	return name < 0 ? `argument ${param + 1}` : unitName(unit, name);
}

function whenText({ world: { values } }: Solved, { sleepWhen }: Summary, param: string): string {
	const truth = values.truth(sleepWhen);
	if (truth === 0) return `May sleep unless @${param}.`;
	return values.set(sleepWhen) === 0 && truth === 1 ? `May sleep if @${param}.` : `May sleep depending on @${param}.`;
}

/** A `Context:` section at the end of the kernel-doc comment, or a comment where there is none. */
function sayingFix({ world }: Solved, fn: FnId, when: string): Fix[] {
	const { program } = world;
	const file = program.fnFile(fn);
	const docEnd = program.fnField(fn, FnField.DocEnd);
	const hasDoc = docEnd !== NONE;
	const at = placeAt(world, file, hasDoc ? docEnd - 2 : program.fnField(fn, FnField.Start));
	const newText = hasDoc
		? `*\n * Context: Any context. ${when}\n `
		: `/* Context: any context. ${when.replace("@", "")} */\n`;
	const edit = { ...at, endLine: at.line, endColumn: at.column, newText };
	const title = hasDoc ? "add a Context: section" : "add a comment on the context";
	return [{ title, kind: "quickfix", preferred: true, edits: [edit] }];
}
