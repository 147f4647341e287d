// What an edit means to other files: the names whose meaning it changes, and the files that use them. Places do
// not count, and what functions do is found out by their summaries.

import type { Steps } from "../base/steps.js";
import { NONE } from "../ir/ops.js";
import { exprText, typeText } from "../ir/print.js";
import type { FileId, Program } from "../ir/program.js";
import { RUST_MARK } from "../ir/rustTypes.js";
import {
	ANONYMOUS,
	CONST_SIZE,
	ConstField,
	FN_SIZE,
	FnField,
	GLOBAL_SIZE,
	GlobalField,
	MEMBER_SIZE,
	MemberField,
	PROTO_SIZE,
	ProtoField,
	STRUCT_SIZE,
	StructField,
	TYPE_SIZE,
	TYPEDEF_SIZE,
	TypeField,
	TypeKind,
	type Unit,
	unitName,
} from "../ir/unit.js";

const MAX_NESTED = 8;

/** The names that mean something else after an edit. Undefined: no such file. */
export function changedNames(before: Unit | undefined, after: Unit | undefined): Set<string> {
	const [old, now] = [meanings(before), meanings(after)];
	const changed = new Set<string>();
	for (const [name, meaning] of now) if (old.get(name) !== meaning) changed.add(name);
	for (const name of old.keys()) if (!now.has(name)) changed.add(name);
	// what names of Rust mean hangs on types of other files in ways that the names do not show
	if (changed.size > 0 && now.has(RUST_MARK)) changed.add(RUST_MARK);
	return changed;
}

/** Names of the source files' functions that see each other, or do no more, after an edit of the file at `path` that #includes them. */
export function namesSeenThrough(
	program: Program,
	path: string,
	before: Unit | undefined,
	after: Unit | undefined,
): Set<string> {
	const [old, now] = [sourcesOf(before), sourcesOf(after)];
	const names = new Set<string>();
	if (old.join() === now.join()) return names;
	const folder = path.slice(0, path.lastIndexOf("/") + 1);
	for (const source of new Set([...old, ...now])) {
		const file = program.fileOf(folder + source.replace(/^.*[/"<]|\W$/g, ""));
		for (const fn of file === NONE ? [] : program.fnsOf(file)) names.add(program.fnName(fn));
	}
	return names;
}

/** The .c files in a unit's #include lines, as written. */
function sourcesOf(unit: Unit | undefined): string[] {
	return unit === undefined
		? []
		: [...unit.includes].map((id) => unitName(unit, id)).filter((text) => /\.c\W?$/.test(text));
}

/** The names that a file declares. */
export function declaredNames(unit: Unit | undefined): Iterable<string> {
	return meanings(unit).keys();
}

/** The files that use one of the names, or what is declared by means of them. */
export function* filesUsing(program: Program, names: Iterable<string>): Steps<FileId[]> {
	const known = new Set<number>();
	const add = (name: string) => {
		const id = program.names.lookupText(name);
		if (id >= 0) known.add(id);
	};
	for (const name of names) add(name);
	for (let size = -1; size < known.size; ) {
		size = known.size;
		for (const file of yield* program.filesNaming(known)) {
			for (const name of namesMadeOf(program, file, known)) add(name);
			yield;
		}
	}
	return yield* program.filesNaming(known);
}

/** What a declaration says of a name, and the text whose words it is made of. */
interface Meaning {
	readonly name: string;
	readonly says: string;
	readonly madeOf: string;
}

/** By name: what other files see of it. */
function meanings(unit: Unit | undefined): Map<string, string> {
	const found = new Map<string, string>();
	if (unit === undefined) return found;
	for (const { name, says, madeOf } of declarations(unit)) {
		found.set(name, `${found.get(name) ?? ""}${says} ${madeOf};`);
	}
	return found;
}

function* declarations(unit: Unit): Generator<Meaning> {
	const name = (id: number) => unitName(unit, id);
	const type = (index: number) => typeMeaning(unit, index, 0);
	// which files' statics are seen in each other hangs on the source files that are included
	const sources = sourcesOf(unit);
	const { fns, consts, globals, typedefs, structs, protos } = unit;
	for (let at = 0; at < fns.length; at += FN_SIZE) {
		const says = `function ${fns[at + FnField.Flags]} ${sources.join()}`;
		yield { name: name(fns[at + FnField.Name]!), says, madeOf: type(fns[at + FnField.ReturnType]!) };
	}
	for (let at = 0; at < consts.length; at += CONST_SIZE) {
		const value = consts[at + ConstField.Value]!;
		const madeOf = value < 0 ? "" : exprText(unit, NONE, value);
		yield { name: name(consts[at + ConstField.Name]!), says: "constant", madeOf };
	}
	for (let at = 0; at < globals.length; at += GLOBAL_SIZE) {
		const says = `variable ${globals[at + GlobalField.Flags]}`;
		yield { name: name(globals[at + GlobalField.Name]!), says, madeOf: type(globals[at + GlobalField.Type]!) };
	}
	for (let at = 0; at < typedefs.length; at += TYPEDEF_SIZE) {
		yield { name: name(typedefs[at]!), says: "typedef", madeOf: type(typedefs[at + 1]!) };
	}
	for (let at = 0; at < protos.length; at += PROTO_SIZE) {
		const says = `prototype ${protos[at + ProtoField.Flags]}`;
		yield { name: name(protos[at + ProtoField.Name]!), says, madeOf: type(protos[at + ProtoField.ReturnType]!) };
	}
	for (let at = 0; at < structs.length; at += STRUCT_SIZE) {
		// those without a name are a part of what they are in
		if (name(structs[at + StructField.Name]!).startsWith(ANONYMOUS)) continue;
		const { names, types } = membersOf(unit, at, 0);
		yield { name: name(structs[at + StructField.Name]!), says: `struct ${names}`, madeOf: types };
	}
}

/** A struct without a name of its own is told by its members: its name is its place. */
function typeMeaning(unit: Unit, type: number, depth: number): string {
	if (type < 0 || depth > MAX_NESTED) return "";
	const text = typeText(unit, type);
	const extra = unit.types[type * TYPE_SIZE + TypeField.Extra]!;
	const kind = unit.types[type * TYPE_SIZE + TypeField.Kind]!;
	if (kind === TypeKind.FnPointer) return `${text} ${typeMeaning(unit, extra, depth + 1)}`;
	if (kind === TypeKind.TypeOf) return `${text} ${exprText(unit, NONE, extra)}`;
	if (!text.includes(ANONYMOUS)) return text;
	const name = unit.types[type * TYPE_SIZE + TypeField.Name]!;
	const { structs } = unit;
	for (let at = 0; at < structs.length; at += STRUCT_SIZE) {
		if (structs[at + StructField.Name] !== name) continue;
		const { names, types } = membersOf(unit, at, depth + 1);
		return `${text.replace(/anon@\d+/, "")} ${names} ${types}`;
	}
	return "";
}

function membersOf(unit: Unit, at: number, depth: number): { names: string; types: string } {
	const start = unit.structs[at + StructField.MemberStart]! * MEMBER_SIZE;
	const end = start + unit.structs[at + StructField.MemberCount]! * MEMBER_SIZE;
	const names: string[] = [];
	const types: string[] = [];
	for (let member = start; member < end; member += MEMBER_SIZE) {
		names.push(unitName(unit, unit.members[member + MemberField.Name]!));
		types.push(typeMeaning(unit, unit.members[member + MemberField.Type]!, depth));
	}
	return { names: names.join(), types: types.join() };
}

/** The names that a file declares by means of one of these. */
function namesMadeOf(program: Program, file: FileId, names: ReadonlySet<number>): string[] {
	const found: string[] = [];
	for (const { name, madeOf } of declarations(program.unit(file))) {
		const words = madeOf.match(/\w+/g) ?? [];
		if (words.some((word) => names.has(program.names.lookupText(word)))) found.push(name);
	}
	return found;
}
