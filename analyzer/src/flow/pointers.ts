// Function pointers: which functions a (struct, field) may hold, and which functions are given to the kernel
// as callbacks, in which context. Found by one scan over all initialisers, assignments and arguments; a
// function handed down through parameters is followed to the field or registration it ends in.

import { addTo } from "../base/lists.js";
import type { Steps } from "../base/steps.js";
import { constantOf } from "../ir/consts.js";
import { EXPR_SIZE, ExprKind, NONE, OP_SIZE, OpField } from "../ir/ops.js";
import type { FileId, FnId } from "../ir/program.js";
import { FnField, INIT_SIZE, INVOCATION_SIZE, InitField, InvocationField, type Unit } from "../ir/unit.js";
import type { ArgTest, CallbackRow } from "../model/schema.js";
import { ByFile } from "./byFile.js";
import { argumentOf, type CallGraph } from "./callGraph.js";
import { FieldCopies } from "./fieldCopies.js";
import {
	type FieldTarget,
	fieldKey,
	fieldKeyOf,
	fieldOfKey,
	initPlace,
	nameOfVariable,
	structOfKey,
	type TakenAt,
	variableKey,
	WHOLE,
	withoutIndex,
} from "./fieldKeys.js";
import { functionParam, functionsHeld, functionsNamed, MAX_PARAMS } from "./functionValues.js";
import { type Moves, placeNow } from "./moves.js";
import { type Registration, Registrations } from "./registrations.js";
import { type Seen, Settings } from "./settings.js";
import { bitsNamed } from "./sleeping.js";
import { ASSIGNED, COPIED, lastStepName, type Signs, SurveyPart, signsOf } from "./survey.js";
import type { World } from "./world.js";

/** Where a parameter's value goes. */
type Sink =
	| { readonly kind: "param"; readonly fn: FnId; readonly param: number }
	| { readonly kind: "field"; readonly key: number }
	| { readonly kind: "row"; readonly row: CallbackRow; readonly how: string };

/** A unit has fewer names. */
const MAX_NAMES = 1 << 24;
const MAX_HOPS = 6;
/** From so many functions of a field on they are looked up, not gone through. */
const MANY = 32;
/** Functions of one field that are taken to be registered where it is. */
const MAX_READ = 8;

export class Pointers {
	/** by fieldKey */
	readonly fields = new Map<number, FieldTarget[]>();
	/** by variableKey: what a variable, or the elements of an array, are set to */
	readonly variables = new Map<number, FieldTarget[]>();
	readonly registrations: Registrations;
	/** functions whose address is taken in a way that is not followed */
	readonly escaped = new Set<FnId>();
	/** functions kept in a variable, or in a field of which no row says in which context it is called */
	readonly kept = new Set<FnId>();
	/** structs by field name, to resolve a call when the struct is not known */
	private readonly structsOfField = new Map<number, Set<number>>();
	private readonly sinks = new Map<number, Sink[]>();
	private readonly argRows: Map<number, { arg: number; rows: readonly CallbackRow[] }[]>;
	private readonly fieldRows: Map<number, readonly CallbackRow[]>;
	/** `folder/field name` → values seen: 1 zero, 2 non-zero */
	private readonly settings: Settings;
	private readonly pending: { fn: FnId; param: number; taken: FieldTarget }[] = [];
	/** files that hold a driver of their own */
	readonly drivers = new Set<FileId>();
	/** by folder, once asked for: has it several of them? */
	private readonly shared = new Map<string, boolean>();
	/** calls of the marker functions that a sleep row asks for: `folder/name` for all of a folder, else `file name` and `folder name` */
	readonly marks = new Set<string>();
	private readonly signs: Signs;
	/** functions that set such a field to what they are given */
	private readonly setters: { fn: FnId; param: number; struct: number; name: number }[] = [];
	/** by field: the calls that register what it holds */
	private readonly reads = new Map<number, (TakenAt & { readonly row: CallbackRow; readonly how: string })[]>();
	/** the others that set the same field to the same function */
	private readonly alsoSet = new Map<FieldTarget, number[]>();
	private readonly copies: FieldCopies;
	/** of fields and variables, once one has moved */
	private targets: ByFile<FieldTarget> | null = null;
	/** by key of a field that holds many functions: each of them, while they are collected */
	private readonly crowded = new Map<number, Map<FnId, FieldTarget>>();
	/** field rows that wait for the settings */
	private readonly waiting: { key: number; taken: FieldTarget }[] = [];

	constructor(
		private readonly world: World,
		private readonly graph: CallGraph,
	) {
		const { program, model } = world;
		this.settings = new Settings(world);
		this.registrations = new Registrations(program);
		this.copies = new FieldCopies(world.program);
		this.signs = signsOf(world);
		this.argRows = new Map();
		for (const [key, rows] of model.argCallbacks) {
			const slash = key.lastIndexOf("/");
			const name = program.names.internText(key.slice(0, slash));
			const list = this.argRows.get(name) ?? [];
			list.push({ arg: Number(key.slice(slash + 1)), rows });
			this.argRows.set(name, list);
		}
		this.fieldRows = new Map();
		for (const [key, rows] of model.fieldCallbacks) {
			const slash = key.lastIndexOf("/");
			const struct = program.names.internText(key.slice(0, slash));
			this.fieldRows.set(fieldKey(struct, program.names.internText(key.slice(slash + 1))), rows);
		}
	}

	/** Scans every file. */
	*collect(): Steps<void> {
		const { program } = this.world;
		for (const file of program.filesInOrder()) {
			const unit = program.unit(file);
			const survey = this.graph.survey(file);
			for (let i = survey[SurveyPart.Inits]!; i < survey[SurveyPart.End]!; i++) this.scanInit(file, unit, survey[i]!);
			this.scanInvocations(file, unit);
			for (let i = survey[SurveyPart.Handed]!; i < survey[SurveyPart.Inits]!; i += 3) {
				const fn = program.fnId(file, survey[i]!);
				const record = survey[i + 1]! * OP_SIZE;
				if (survey[i + 2] === ASSIGNED) this.scanAssign(fn, file, unit, record);
				else if (survey[i + 2] === COPIED) this.copies.note(fn, unit, record);
				else this.scanCall(fn, file, unit, record, survey[i + 2]!);
			}
			if (file % 512 === 0) this.world.checkpoint();
			yield;
		}
		this.noteSetters();
		for (const { fn, param, taken } of this.pending) {
			if (!this.follow(fn, param, taken, 0)) this.kept.add(taken.target);
		}
		this.copies.follow(this.fields, (key, taken) => this.addField(key, taken));
		this.crowded.clear();
		for (const { key, taken } of this.waiting) this.registerField(key, taken);
		this.registerReads();
	}

	/** Whoever calls a function that sets a field to its parameter sets the field. */
	private noteSetters(): void {
		const { program } = this.world;
		const setters = new Set(this.setters.map(({ fn }) => fn));
		for (const fn of setters.size > 0 ? program.inOrder : []) {
			const file = program.fnFile(fn);
			this.graph.eachSite(fn, (op, callee) => {
				if (!setters.has(callee)) return;
				for (const { param, struct, name } of this.setters.filter((setter) => setter.fn === callee)) {
					const value = argumentOf(program, fn, op, param);
					if (value >= 0) this.settings.note({ file, folder: this.folderOf(file), owner: NONE }, struct, name, value);
				}
			});
		}
	}

	/** After an edit that has moved places and nothing else. Gives what stands for the registrations of which that holds. */
	move(moves: Moves): ReadonlyMap<Registration, Registration> {
		this.targets ??= this.targetsByFile();
		for (const file of moves.places.keys()) {
			this.targets.each(file, (targets, i) => {
				const one = targets[i]!;
				targets[i] = { ...one, offset: placeNow(moves, file, one.offset) };
				this.keepSetters(one, targets[i]!);
			});
		}
		return this.registrations.move(moves);
	}

	/** Finds what is found on demand otherwise; no edit may come in between. */
	*prepare(): Steps<void> {
		this.targets ??= this.targetsByFile();
		yield* this.registrations.prepare();
	}

	private targetsByFile(): ByFile<FieldTarget> {
		return new ByFile([...this.fields.values(), ...this.variables.values()], ({ file }) => file);
	}

	/** Others that are the same but for what an edit has moved. */
	moved(moves: Moves): Pointers {
		const now: Pointers = Object.assign(Object.create(Pointers.prototype) as Pointers, this, {
			fields: copied(this.fields),
			variables: copied(this.variables),
			registrations: this.registrations.copy(),
			targets: null,
			alsoSet: new Map(this.alsoSet),
		});
		now.move(moves);
		return now;
	}

	private keepSetters(one: FieldTarget, now: FieldTarget): void {
		const others = this.alsoSet.get(one);
		if (others === undefined) return;
		this.alsoSet.delete(one);
		this.alsoSet.set(now, others);
	}

	/** Does a call of the function set a field that conditional rows look at? */
	isSetter(fn: FnId): boolean {
		return this.setters.some((setter) => setter.fn === fn);
	}

	/** Are functions known, or settings, of a struct of one of these names? */
	knowsStruct(names: ReadonlySet<number>): boolean {
		for (const key of this.fields.keys()) if (names.has(structOfKey(key))) return true;
		return this.settings.knowsStruct(names);
	}

	/** The functions a field may hold; null when nothing is known of it. */
	targetsOf(key: number): readonly FieldTarget[] | null {
		return this.fields.get(key) ?? null;
	}

	/** What sets a field to a function: numbers of initialisers and functions. */
	settersOf(taken: FieldTarget): readonly number[] {
		return [setterOf(taken), ...(this.alsoSet.get(taken) ?? [])];
	}

	/** The file of the initialiser that such a number is of; NONE for a function. */
	fileOfSetter(setter: number): FileId {
		return setter >= 0 ? NONE : Math.floor((-2 - setter) / MAX_NAMES);
	}

	/** Does a model row say in which context this field's functions run? */
	rowsOf(key: number): readonly CallbackRow[] | null {
		return this.fieldRows.get(key) ?? null;
	}

	/** The one struct that has functions in a field of this name, or NONE. */
	onlyStructWith(field: number): number {
		const structs = this.structsOfField.get(field);
		return structs !== undefined && structs.size === 1 ? [...structs][0]! : NONE;
	}

	/**
	 * Is a marker function (pm_runtime_irq_safe and such) called by the driver that this file is of? A file with a driver
	 * of its own has that device; any other one belongs to all of its folder.
	 */
	isMarked(file: FileId, marker: string): boolean {
		const name = this.world.program.names.lookupText(marker);
		const folder = this.folderOf(file);
		return (
			this.marks.has(`${folder}/${name}`) ||
			this.marks.has(this.drivers.has(file) ? `${file} ${name}` : `${folder} ${name}`)
		);
	}

	/** Are two files of one driver: the same, or of a folder that has no two of them? */
	areOfOneDriver(a: FileId, b: FileId): boolean {
		if (a === b) return true;
		const folder = this.folderOf(a);
		return folder === this.folderOf(b) && !this.isShared(folder);
	}

	/** Are there several drivers in a folder? */
	private isShared(folder: string): boolean {
		let isShared = this.shared.get(folder);
		if (isShared === undefined) {
			let n = 0;
			for (const file of this.drivers) if (this.folderOf(file) === folder) n++;
			isShared = n > 1;
			this.shared.set(folder, isShared);
		}
		return isShared;
	}

	private mark(file: FileId, name: number): void {
		const folder = this.folderOf(file);
		if (!this.drivers.has(file)) this.marks.add(`${folder}/${name}`);
		this.marks.add(`${file} ${name}`).add(`${folder} ${name}`);
	}

	private scanInit(file: FileId, unit: Unit, at: number): void {
		const { program } = this.world;
		const value = unit.inits[at + InitField.Value]!;
		const offset = unit.inits[at + InitField.Start]!;
		const [target = NONE] = functionsNamed(program, file, unit, value);
		const lastName = lastStepName(program, file, unit, at);
		if (this.signs.driverFields.has(lastName)) this.drivers.add(file);
		const owner = unit.inits[at + InitField.Owner]!;
		if (target === NONE) {
			if (lastName < 0 || !this.signs.watched.has(lastName)) return;
			const struct = structOfKey(initPlace(program, file, at));
			this.settings.note({ file, folder: this.folderOf(file), owner }, struct, lastName, value);
			return;
		}
		const taken: FieldTarget = { file, offset, fn: NONE, target, owner, init: at };
		const key = initPlace(program, file, at);
		if (key === WHOLE) this.addVariable(variableKey(program, file, program.globalName(file, owner)), taken);
		else if (key !== NONE) this.addField(key, taken);
		else this.escaped.add(target);
	}

	private scanInvocations(file: FileId, unit: Unit): void {
		const { program, model } = this.world;
		for (let at = 0; at < unit.invocations.length; at += INVOCATION_SIZE) {
			const name = program.names.text(program.globalName(file, unit.invocations[at + InvocationField.Name]!));
			const rows = model.definers.get(name);
			if (rows === undefined) continue;
			for (const row of rows) {
				if (row.via !== "definer") continue;
				const callback = this.expandDefiner(file, unit, at, row.fn);
				if (callback === NONE) continue;
				const offset = unit.invocations[at + InvocationField.Start]!;
				this.registrations.add({ file, offset, fn: NONE, callback, row, how: name, isForwarded: false });
			}
		}
	}

	/** The function that "{0}_show" names for an invocation, or NONE. */
	private expandDefiner(file: FileId, unit: Unit, at: number, pattern: string): FnId {
		const { program } = this.world;
		let isComplete = true;
		const name = pattern.replace(/\{(\d+)\}/g, (_, digits: string) => {
			const index = Number(digits);
			if (index >= unit.invocations[at + InvocationField.ArgCount]!) {
				isComplete = false;
				return "";
			}
			const expr = unit.lists[unit.invocations[at + InvocationField.ArgStart]! + index]!;
			const isName = expr >= 0 && unit.exprs[expr * EXPR_SIZE] === ExprKind.Name;
			if (!isName) isComplete = false;
			return isName ? program.names.text(program.globalName(file, unit.exprs[expr * EXPR_SIZE + 1]!)) : "";
		});
		const id = isComplete ? program.names.lookupText(name) : NONE;
		return id < 0 ? NONE : program.bind(file, id);
	}

	private scanAssign(fn: FnId, file: FileId, unit: Unit, record: number): void {
		const { program } = this.world;
		const target = withoutIndex(unit.exprs, unit.ops[record + OpField.A]!);
		const value = unit.ops[record + OpField.B]!;
		if (target < 0 || value < 0) return;
		const kind = unit.exprs[target * EXPR_SIZE]!;
		if (kind === ExprKind.Field) {
			const name = program.globalName(file, unit.exprs[target * EXPR_SIZE + 2]!);
			if (this.signs.watched.has(name)) {
				const struct = structOfKey(fieldKeyOf(program, fn, target));
				const isParam = unit.exprs[value * EXPR_SIZE] === ExprKind.Local;
				const param = isParam ? unit.exprs[value * EXPR_SIZE + 1]! : NONE;
				if (param >= 0 && param < program.fnField(fn, FnField.ParamCount))
					this.setters.push({ fn, param, struct, name });
				else this.settings.note({ file, folder: this.folderOf(file), owner: NONE }, struct, name, value);
			}
		}
		const sources = functionsNamed(program, file, unit, value);
		if (sources.length === 0) {
			const param = functionParam(program, fn, unit, value);
			if (param === NONE || kind !== ExprKind.Field) return;
			const key = fieldKeyOf(program, fn, target);
			if (key !== NONE) this.addSink(fn, param, { kind: "field", key });
			return;
		}
		for (const source of sources) {
			const taken = { file, offset: unit.ops[record + OpField.Start]!, fn, target: source, owner: NONE, init: NONE };
			if (kind === ExprKind.Field) {
				const key = fieldKeyOf(program, fn, target);
				if (key === NONE) this.escaped.add(source);
				else this.addField(key, taken);
			} else if (kind === ExprKind.Name) {
				const name = program.globalName(file, unit.exprs[target * EXPR_SIZE + 1]!);
				this.addVariable(variableKey(program, file, name), taken);
			} else this.escaped.add(source);
		}
	}

	private scanCall(fn: FnId, file: FileId, unit: Unit, record: number, callee: number): void {
		const { program } = this.world;
		const calleeExpr = unit.ops[record + OpField.A]!;
		const isNamed = calleeExpr >= 0 && unit.exprs[calleeExpr * EXPR_SIZE] === ExprKind.Name;
		const name = isNamed ? program.modelName(file, unit.exprs[calleeExpr * EXPR_SIZE + 1]!) : NONE;
		if (name >= 0 && this.signs.markers.has(name)) this.mark(file, name);
		const rows = name >= 0 && !program.isOwnStatic(file, callee) ? this.argRows.get(name) : undefined;
		const count = Math.min(unit.ops[record + OpField.C]!, MAX_PARAMS);
		for (let i = 0; i < count; i++) {
			const value = unit.lists[unit.ops[record + OpField.B]! + i]!;
			const named = functionsNamed(program, file, unit, value);
			const sources = named.length > 0 ? named : functionsHeld(program, fn, unit, value);
			const param = sources.length === 0 ? functionParam(program, fn, unit, value) : NONE;
			const isField = rows !== undefined && value >= 0 && unit.exprs[value * EXPR_SIZE] === ExprKind.Field;
			if (sources.length === 0 && param === NONE && !isField) continue;
			const row = this.pickRow(rows, i, file, unit, record);
			if (isField && row !== null)
				this.noteRead(fn, value, unit.ops[record + OpField.Start]!, row, program.names.text(name));
			if (param !== NONE) {
				if (row !== null) this.addSink(fn, param, { kind: "row", row, how: program.names.text(name) });
				else if (callee >= 0) this.addSink(fn, param, { kind: "param", fn: callee, param: i });
			}
			for (const source of sources) {
				const offset = unit.ops[record + OpField.Start]!;
				const taken: FieldTarget = { file, offset, fn, target: source, owner: NONE, init: NONE };
				if (row !== null) this.register(taken, row, program.names.text(name), false);
				else if (callee >= 0) this.pending.push({ fn: callee, param: i, taken });
				else this.escaped.add(source);
			}
		}
	}

	/** The first row for argument `arg` whose tests hold for this call. */
	private pickRow(
		rows: readonly { arg: number; rows: readonly CallbackRow[] }[] | undefined,
		arg: number,
		file: FileId,
		unit: Unit,
		record: number,
	): CallbackRow | null {
		const candidates = rows?.find((entry) => entry.arg === arg)?.rows;
		if (candidates === undefined) return null;
		const holds = (test: ArgTest): boolean => {
			const expr = unit.lists[unit.ops[record + OpField.B]! + test.arg];
			if (expr === undefined || test.arg >= unit.ops[record + OpField.C]!) return false;
			return holdsFor(this.world, test, constantOf(this.world.program, file, expr));
		};
		return candidates.find((row) => (row.when ?? []).every(holds)) ?? null;
	}

	/** What a field holds is registered. */
	private noteRead(fn: FnId, value: number, offset: number, row: CallbackRow, how: string): void {
		const key = fieldKeyOf(this.world.program, fn, value);
		const known = this.reads.get(key) ?? [];
		if (key !== NONE) this.reads.set(key, [...known, { file: this.world.program.fnFile(fn), offset, fn, row, how }]);
	}

	/** Registers the functions of the fields that are read for it: where all such calls are of one kind, and the functions few. */
	private registerReads(): void {
		for (const [key, reads] of this.reads) {
			const targets = this.fields.get(key) ?? [];
			const { row } = reads[0]!;
			if (targets.length > MAX_READ || reads.some((other) => other.row.runs !== row.runs)) continue;
			const doubtful: CallbackRow = targets.length > 1 ? { ...row, certainty: "may" } : row;
			const { file, offset, fn, how } = reads[0]!;
			for (const { target } of targets)
				this.register({ file, offset, fn, target, owner: NONE, init: NONE }, doubtful, how, true);
		}
	}

	private register(taken: FieldTarget, row: CallbackRow, how: string, isForwarded: boolean): void {
		// Written out: there are very many, and to copy with `...` takes several times as long.
		const { file, offset, fn, target } = taken;
		this.registrations.add({ file, offset, fn, callback: target, row, how, isForwarded });
	}

	private addField(key: number, taken: FieldTarget): void {
		const known = this.fields.get(key);
		const same = known === undefined ? undefined : this.heldAlready(key, known, taken);
		if (same !== undefined) {
			addTo(this.alsoSet, same, setterOf(taken));
			return;
		}
		if (known === undefined) {
			this.fields.set(key, [taken]);
			const field = fieldOfKey(key);
			const structs = this.structsOfField.get(field) ?? new Set();
			this.structsOfField.set(field, structs.add(structOfKey(key)));
		} else known.push(taken);
		if (this.fieldRows.has(key)) this.waiting.push({ key, taken });
		else this.kept.add(taken.target);
	}

	/** What a field has of the same function; of one that has many, all are noted, with the one that is about to be added. */
	private heldAlready(key: number, known: readonly FieldTarget[], taken: FieldTarget): FieldTarget | undefined {
		if (known.length < MANY) return known.find((other) => other.target === taken.target);
		let held = this.crowded.get(key);
		if (held === undefined) {
			held = new Map(known.map((other) => [other.target, other]));
			this.crowded.set(key, held);
		}
		const same = held.get(taken.target);
		if (same === undefined) held.set(taken.target, taken);
		return same;
	}

	private registerField(key: number, taken: FieldTarget): void {
		const rows = this.fieldRows.get(key)!;
		const place = { file: taken.file, folder: this.folderOf(taken.file), owner: taken.owner };
		const row = rows.find((candidate) =>
			this.settings.holds(place, candidate.whenField, (name) => this.valuesBeside(taken, name)),
		);
		if (row?.via === "field") this.register(taken, row, `${row.struct}.${row.field}`, false);
		else this.kept.add(taken.target);
	}

	/** What the initialiser of the same object has for a field: in an array, the nearest such entry. Empty: nothing. */
	private valuesBeside({ file, owner, init }: FieldTarget, name: number): Seen {
		if (init === NONE) return new Set();
		const { program } = this.world;
		const unit = program.unit(file);
		const field = lastStepName(program, file, unit, init);
		let nearest = NONE;
		for (const step of [INIT_SIZE, -INIT_SIZE]) {
			for (let at = init + step; at >= 0 && at < unit.inits.length; at += step) {
				const last = lastStepName(program, file, unit, at);
				if (unit.inits[at + InitField.Owner] !== owner || last === field) break;
				if (last !== name) continue;
				if (nearest === NONE || Math.abs(at - init) < Math.abs(nearest - init)) nearest = at;
				break;
			}
		}
		return nearest === NONE ? new Set() : new Set([constantOf(program, file, unit.inits[nearest + InitField.Value]!)]);
	}

	private folderOf(file: FileId): string {
		return this.world.program.pathInfo(file).folder;
	}

	private addVariable(key: number, taken: FieldTarget): void {
		const known = this.variables.get(key) ?? [];
		if (!known.some((other) => other.target === taken.target)) known.push(taken);
		this.variables.set(key, known);
		this.kept.add(taken.target);
	}

	/** What variables of a program-wide name are set to, in whatever file. */
	*variablesNamed(name: number): Generator<FieldTarget> {
		for (const [key, targets] of this.variables) if (nameOfVariable(key) === name) yield* targets;
	}

	private addSink(fn: FnId, param: number, sink: Sink): void {
		const node = fn * MAX_PARAMS + param;
		const known = this.sinks.get(node);
		if (known === undefined) this.sinks.set(node, [sink]);
		else if (known.length < 8) known.push(sink);
	}

	/** A function handed to parameter `param` of `fn`: where does it end? False when nobody knows. */
	private follow(fn: FnId, param: number, taken: FieldTarget, hops: number): boolean {
		const sinks = this.sinks.get(fn * MAX_PARAMS + param);
		if (sinks === undefined || hops > MAX_HOPS) return false;
		let isKnown = true;
		for (const sink of sinks) {
			if (sink.kind === "param") isKnown = this.follow(sink.fn, sink.param, taken, hops + 1) && isKnown;
			else if (sink.kind === "field") this.addField(sink.key, taken);
			else this.register(taken, sink.row, sink.how, true);
		}
		return isKnown;
	}
}

function copied(table: ReadonlyMap<number, readonly FieldTarget[]>): Map<number, FieldTarget[]> {
	const copy = new Map<number, FieldTarget[]>();
	for (const [key, targets] of table) copy.set(key, [...targets]);
	return copy;
}

/** The number of the initialiser or function that sets a field. */
function setterOf({ file, fn, owner }: FieldTarget): number {
	return fn === NONE ? -2 - (file * MAX_NAMES + owner) : fn;
}

/** Does a row's test hold for a constant argument? An unknown one satisfies nothing. */
function holdsFor(world: World, test: ArgTest, value: number | undefined): boolean {
	if (value === undefined) return false;
	switch (test.is) {
		case "nonzero":
			return value !== 0;
		case "zero":
			return value === 0;
		case "has-bits":
			return (value & bitsNamed(world, test.bits ?? "")) !== 0;
		case "lacks-bits":
			return (value & bitsNamed(world, test.bits ?? "")) === 0;
		case "gfp-blocks":
			return (value & world.gfp.directReclaim) !== 0;
		case "equals":
			return value === (typeof test.value === "number" ? test.value : bitsNamed(world, test.value ?? ""));
	}
}
