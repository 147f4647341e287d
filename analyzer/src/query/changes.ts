// What an edit means to other files: the names whose meaning it changes, and the files that use them. Places do
// not count, and what functions do is found out by their summaries.

import { NONE } from "../ir/ops.js";
import { exprText } from "../ir/print.js";
import type { FileId, Program } from "../ir/program.js";
import { CONST_SIZE, ConstField, FN_SIZE, FnField, GLOBAL_SIZE, GlobalField, type Unit, unitName } from "../ir/unit.js";

/** The names that mean something else after an edit: functions, constants and variables. Undefined: no such file. */
export function changedNames(before: Unit | undefined, after: Unit | undefined): Set<string> {
	const [old, now] = [meanings(before), meanings(after)];
	const changed = new Set<string>();
	for (const [name, meaning] of now) if (old.get(name) !== meaning) changed.add(name);
	for (const name of old.keys()) if (!now.has(name)) changed.add(name);
	return changed;
}

/** The files that use one of the names, or a constant that is made of them. */
export function filesUsing(program: Program, names: Iterable<string>): FileId[] {
	const known = new Set<number>();
	const add = (name: string) => {
		const id = program.names.lookupText(name);
		if (id >= 0) known.add(id);
	};
	for (const name of names) add(name);
	for (let size = -1; size < known.size; ) {
		size = known.size;
		for (const file of program.filesNaming(known)) {
			for (const name of constantsMadeOf(program, file, known)) add(name);
		}
	}
	return program.filesNaming(known);
}

/** By name: what other files see of it. */
function meanings(unit: Unit | undefined): Map<string, string> {
	const found = new Map<string, string>();
	if (unit === undefined) return found;
	const add = (name: number, meaning: string) => {
		const text = unitName(unit, name);
		found.set(text, `${found.get(text) ?? ""}${meaning};`);
	};
	// which files' statics are seen in each other hangs on the source files that are included
	const sources = [...unit.includes].map((name) => unitName(unit, name)).filter((name) => /\.c\W?$/.test(name));
	for (let at = 0; at < unit.fns.length; at += FN_SIZE) {
		add(unit.fns[at + FnField.Name]!, `function ${unit.fns[at + FnField.Flags]} ${sources.join()}`);
	}
	for (let at = 0; at < unit.consts.length; at += CONST_SIZE) {
		add(unit.consts[at + ConstField.Name]!, `constant ${valueText(unit, at)}`);
	}
	for (let at = 0; at < unit.globals.length; at += GLOBAL_SIZE) {
		add(unit.globals[at + GlobalField.Name]!, `variable ${unit.globals[at + GlobalField.Flags]}`);
	}
	return found;
}

function valueText(unit: Unit, at: number): string {
	const value = unit.consts[at + ConstField.Value]!;
	return value < 0 ? "" : exprText(unit, NONE, value);
}

function constantsMadeOf(program: Program, file: FileId, names: ReadonlySet<number>): string[] {
	const unit = program.unit(file);
	const found: string[] = [];
	for (let at = 0; at < unit.consts.length; at += CONST_SIZE) {
		const words = valueText(unit, at).match(/\w+/g) ?? [];
		const isOne = words.some((word) => names.has(program.names.lookupText(word)));
		if (isOne) found.push(unitName(unit, unit.consts[at + ConstField.Name]!));
	}
	return found;
}
