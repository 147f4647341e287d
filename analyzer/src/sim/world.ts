// What does not change while a simulation runs: the linked program, the kernel model, the configuration,
// and look-ups over them (source lines, variables, gfp names).

import { constantNamed, constantOf } from "../ir/consts.js";
import { isStraight, NONE, OP_SIZE, Op, OpField, OpFlag } from "../ir/ops.js";
import type { FileId, FnId, Program } from "../ir/program.js";
import { FnField, FnFlag, TYPE_SIZE, TypeField, unitName, VAR_SIZE, VarField } from "../ir/unit.js";
import { pools, type WatermarkRules } from "../model/allocator.js";
import { type AllocatorBits, allocatorBits, commonNamesThat, gfpMask } from "../model/gfp.js";
import { kswapdCalls, kswapdPath } from "../model/kswapd.js";
import { type MachineQuestion, machineQuestions } from "../model/machineQuestions.js";
import { teachRust } from "../model/rustFacts.js";
import type { Model, Primitive, RuntimeRow } from "../model/schema.js";
import { settledValues } from "../model/settled.js";
import { type CountLayout, DEFAULT_SCHEDULE, LAYOUTS, type Schedule, type SimConfig } from "./config.js";
import { DEFAULT_MEMORY, type MemoryConfig } from "./memory/memoryConfig.js";
import { rulesFor } from "./memory/rules.js";

/** A place in the source. Lines start at 1; `offset` is in bytes. */
export interface SourcePlace {
	readonly file: FileId;
	readonly path: string;
	readonly line: number;
	readonly offset: number;
	/** function that the place is in */
	readonly function: string;
}

/** What a name stands for. */
export type Meaning =
	| { readonly kind: "constant"; readonly name: string; readonly value: number }
	/** `fn` is NONE for a function without a body */
	| { readonly kind: "function"; readonly name: string; readonly fn: FnId }
	| { readonly kind: "variable"; readonly name: string };

/** What a run may leave out that is after one thing only. */
export interface Shortcuts {
	/** functions with a body that need not be stepped into: the machine asks */
	readonly mayPassBy: (name: string) => boolean;
	/** what sleeps does not wait: after a wait in atomic context nothing would be counted any more, and no splat follow */
	readonly isHurried: boolean;
}

const NO_SHORTCUTS: Shortcuts = { mayPassBy: () => false, isHurried: false };

export class World {
	readonly layout: CountLayout;
	readonly watermarkRules: WatermarkRules;
	private readonly lineStarts: (Int32Array | undefined)[] = [];
	private readonly listsOfFile = new Map<FileId, Map<number, readonly number[]>>();
	private readonly meaningsOfFile = new Map<FileId, Map<number, Meaning>>();
	private readonly waylessLoops = new Map<FnId, Map<number, boolean>>();
	private knownSettled: ReadonlyMap<string, number> | null = null;
	private readonly bitsOfFile = new Map<FileId, AllocatorBits>();

	constructor(
		readonly program: Program,
		readonly model: Model,
		readonly config: SimConfig,
		readonly schedule: Schedule = DEFAULT_SCHEDULE,
		readonly memory: MemoryConfig = DEFAULT_MEMORY,
		readonly shortcuts: Shortcuts = NO_SHORTCUTS,
	) {
		this.watermarkRules = rulesFor(model.version, memory.watermarks);
		this.layout = LAYOUTS[config.layout];
		teachRust(program, model);
		// A name of Rust can mean a primitive only where the program knows the primitive's name.
		for (const name of model.primitives.keys()) program.names.internText(name);
	}

	/** The same world for a run that leaves something out. */
	with(shortcuts: Shortcuts): World {
		return new World(this.program, this.model, this.config, this.schedule, this.memory, shortcuts);
	}

	get isRt(): boolean {
		return this.config.preemption === "rt";
	}

	primitive(name: string): Primitive | undefined {
		const known = this.model.primitives.get(name);
		// What is in memory the machine knows better than a row does.
		return known?.value?.gives === "memory" ? undefined : known;
	}

	/** What a call does to the machine besides the context. */
	runtime(name: string): RuntimeRow | undefined {
		return this.model.runtime.get(name);
	}

	/** Does a call of this name do something to the machine that no primitive says? */
	isActive(name: string): boolean {
		const isMachines = pools.has(name) || kswapdCalls.has(name) || this.question(name) !== undefined;
		return isMachines || this.runtime(name) !== undefined;
	}

	/** What a call of this name asks of the machine; a run that is after one thing only leaves it open. */
	question(name: string): MachineQuestion | undefined {
		const question = machineQuestions.get(name);
		const isAlways = question?.asks === "serves-softirq" || question?.asks === "device";
		return this.shortcuts.isHurried && !isAlways ? undefined : question;
	}

	/** What kswapd runs; NONE in a program that was not made for a machine. */
	get kswapd(): FnId {
		const file = this.program.fileOf(kswapdPath);
		return file === NONE ? NONE : this.program.fnId(file, 0);
	}

	/** The kernel's own name for making an error pointer. */
	get errorPointerName(): string {
		for (const [name, { value }] of this.model.primitives) if (value?.gives === "err-ptr") return name;
		return "error";
	}

	isMacro(fn: FnId): boolean {
		return (this.program.flagsOf(fn) & FnFlag.Macro) !== 0;
	}

	/** Line of a byte offset, from 1. */
	lineOf(file: FileId, offset: number): number {
		const starts = this.startsOf(file);
		let low = 0;
		let high = starts.length - 1;
		while (low < high) {
			const middle = (low + high + 1) >> 1;
			if (starts[middle]! <= offset) low = middle;
			else high = middle - 1;
		}
		return low + 1;
	}

	/** Byte column of an offset, from 1. */
	columnOf(file: FileId, offset: number): number {
		return offset - this.startsOf(file)[this.lineOf(file, offset) - 1]! + 1;
	}

	placeIn(fn: FnId, offset: number): SourcePlace {
		const file = this.program.fnFile(fn);
		const path = this.program.paths[file]!;
		return { file, path, line: this.lineOf(file, offset), offset, function: this.program.fnName(fn) };
	}

	/** The next op that a person sees happen: declarations without a value and the way past an else are none. */
	visibleOp(fn: FnId, op: number): number {
		const { ops } = this.program.unit(this.program.fnFile(fn));
		const first = this.program.fnField(fn, FnField.OpStart);
		const count = this.program.fnField(fn, FnField.OpCount);
		let at = op;
		while (at < count) {
			const record = (first + at) * OP_SIZE;
			const code = ops[record + OpField.Code]!;
			if ((code & 0xff) === Op.Declare) at++;
			else if (((code >> 8) & OpFlag.Else) !== 0) at = ops[record + OpField.A]!;
			else break;
		}
		return at;
	}

	/** Place of an op of a function; past the last op: its closing brace. */
	placeOfOp(fn: FnId, op: number): SourcePlace {
		if (op < 0 || op >= this.program.fnField(fn, FnField.OpCount)) {
			return this.placeIn(fn, Math.max(this.program.fnField(fn, FnField.BodyEnd), 0));
		}
		const at = (this.program.fnField(fn, FnField.OpStart) + op) * OP_SIZE;
		return this.placeIn(fn, this.program.unit(this.program.fnFile(fn)).ops[at + OpField.Start]!);
	}

	/** Is there no way out of the ops of a function from `head` to the jump back to it? */
	isWayless(fn: FnId, head: number, jump: number): boolean {
		const known = cacheOf(this.waylessLoops, fn);
		let isSo = known.get(jump);
		if (isSo === undefined) {
			const { ops } = this.program.unit(this.program.fnFile(fn));
			const first = this.program.fnField(fn, FnField.OpStart);
			isSo = true;
			for (let op = head; op < jump; op++) isSo &&= this.goesOn(fn, ops, (first + op) * OP_SIZE);
			known.set(jump, isSo);
		}
		return isSo;
	}

	/** Does control come from an op to the next one, whatever happens? */
	private goesOn(fn: FnId, ops: Int32Array, at: number): boolean {
		const code = (ops[at + OpField.Code]! & 0xff) as Op;
		if (code !== Op.Branch) return isStraight(code);
		const condition = constantOf(this.program, this.program.fnFile(fn), ops[at + OpField.A]!);
		return condition !== undefined && condition !== 0;
	}

	/** By name: what variables are on a running system. */
	get settled(): ReadonlyMap<string, number> {
		this.knownSettled ??= settledValues(this.program, this.model);
		return this.knownSettled;
	}

	/** Value of a constant by name as seen from a file: the tree's own headers first, then the model's gfp rows. */
	constant(file: FileId, name: string): number | undefined {
		const id = this.program.names.lookupText(name);
		const own = id < 0 ? undefined : constantNamed(this.program, file, id);
		return own ?? gfpMask(name, (part) => this.model.gfp.get(part)?.is)?.bits;
	}

	/** The bits that questions about masks need, as a file sees them. */
	gfpBits(file: FileId): AllocatorBits {
		let bits = this.bitsOfFile.get(file);
		if (bits === undefined) {
			bits = allocatorBits((name) => this.constant(file, name));
			this.bitsOfFile.set(file, bits);
		}
		return bits;
	}

	/** The mask for allocations that may not sleep, as a file sees it. */
	atomicMask(file: FileId): number {
		return this.constant(file, commonNamesThat("cannot-sleep")[0]!) ?? 0;
	}

	/** Ints of a list of the unit that a function is in. */
	list(fn: FnId, start: number, count: number): readonly number[] {
		if (count <= 0) return [];
		const file = this.program.fnFile(fn);
		const lists = cacheOf(this.listsOfFile, file);
		const known = lists.get(start);
		if (known?.length === count) return known;
		const made = Array.from(this.program.unit(file).lists.subarray(start, start + count));
		lists.set(start, made);
		return made;
	}

	/** What a name means in a file where no variable of a function has it. `local` is the unit's own index. */
	meaning(file: FileId, local: number): Meaning {
		const meanings = cacheOf(this.meaningsOfFile, file);
		let meaning = meanings.get(local);
		if (meaning === undefined) {
			meaning = this.findMeaning(file, local);
			meanings.set(local, meaning);
		}
		return meaning;
	}

	private findMeaning(file: FileId, local: number): Meaning {
		const { program } = this;
		const name = program.isRust(file)
			? program.names.text(program.modelName(file, local))
			: unitName(program.unit(file), local);
		const fn = program.bindLocal(file, local);
		// A file's own function is meant, also where some header of the tree has an enumerator of its name.
		if (program.isOwnStatic(file, fn)) return { kind: "function", name, fn };
		const constant = this.constant(file, name);
		if (constant !== undefined) return { kind: "constant", name, value: constant };
		const isFunction = fn !== NONE || program.protos.first(program.globalName(file, local)) !== NONE;
		if (isFunction || this.primitive(name) !== undefined || this.isActive(name)) return { kind: "function", name, fn };
		return { kind: "variable", name };
	}

	varName(fn: FnId, index: number): string {
		const unit = this.program.unit(this.program.fnFile(fn));
		const at = (this.program.fnField(fn, FnField.VarStart) + index) * VAR_SIZE;
		return unitName(unit, unit.vars[at + VarField.Name]!);
	}

	/** How a variable's type reads, as far as the unit knows it. */
	varType(fn: FnId, index: number): { readonly name: string; readonly pointers: number } {
		const unit = this.program.unit(this.program.fnFile(fn));
		const at = (this.program.fnField(fn, FnField.VarStart) + index) * VAR_SIZE;
		const type = unit.vars[at + VarField.Type]!;
		if (type === NONE) return { name: "", pointers: 0 };
		return {
			name: unitName(unit, unit.types[type * TYPE_SIZE + TypeField.Name]!),
			pointers: unit.types[type * TYPE_SIZE + TypeField.Pointers]!,
		};
	}

	private startsOf(file: FileId): Int32Array {
		const known = this.lineStarts[file];
		if (known !== undefined) return known;
		const lengths = this.program.unit(file).lineLengths;
		const starts = [0];
		let at = 0;
		for (let i = 0; i < lengths.length; i++) {
			at += lengths[i]!;
			if (lengths[i] !== 255) starts.push(at);
		}
		const made = Int32Array.from(starts);
		this.lineStarts[file] = made;
		return made;
	}
}

function cacheOf<T>(caches: Map<number, Map<number, T>>, file: number): Map<number, T> {
	let cache = caches.get(file);
	if (cache === undefined) {
		cache = new Map();
		caches.set(file, cache);
	}
	return cache;
}
