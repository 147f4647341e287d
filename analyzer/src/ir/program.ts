// The linked set of units: program-wide names, the function table, and which definition a name means when
// it is used in a file. Nothing here knows of contexts; dataflow and simulator both read it.

import { NamePool, type SharedNames } from "../base/intern.js";
import type { Steps } from "../base/steps.js";
import { fixedVec, IntVec } from "../base/vec.js";
import { IntSlab, type SharedViews, shareViews, viewAt } from "../base/views.js";
import { affinity, PathDescriber, type PathInfo } from "./affinity.js";
import { ConstantCache } from "./constantCache.js";
import { flattenUnit, NOTHING, unitOf } from "./flat.js";
import { includedSources, includesHeader } from "./includes.js";
import { NONE } from "./ops.js";
import { noRust, type RustMeaning, type RustResolver } from "./rustMeaning.js";
import { SymbolIndex } from "./symbols.js";
import {
	CONST_SIZE,
	ConstField,
	FN_SIZE,
	FnField,
	FnFlag,
	GLOBAL_SIZE,
	GlobalField,
	nameStart,
	PROTO_SIZE,
	ProtoField,
	STRUCT_SIZE,
	StructField,
	TYPEDEF_SIZE,
	type Unit,
} from "./unit.js";

export type FileId = number;
/** A function or macro of the program. In a file that is replaced, a function keeps its id while it keeps its name. */
export type FnId = number;

/** What a file defines itself is nearer than all else. */
const OWN_RANK = 1000;
const UNBOUND = -2;

/**
 * A header's stub for where an option is off, and a weak function, rank before the code of another architecture
 * (see affinity.ts) and behind all other code.
 */
const STUB_RANK = 11;
const WEAK_RANK = 17;

/** A program as another thread reads it. Its memory is that of the program, which must not change meanwhile. */
export interface SharedProgram {
	readonly paths: readonly string[];
	/** by file: the flat unit; none: no such file */
	readonly units: SharedViews;
	readonly names: SharedNames;
	/** functions, structs, typedefs, globals, protos, consts */
	readonly symbols: readonly (readonly Int32Array[])[];
	readonly nameMaps: SharedViews;
	readonly fnIds: SharedViews;
	/** fnFiles, fnLocals, fnNames, fnFlags */
	readonly fns: readonly Int32Array[];
	readonly split: readonly FileId[];
	readonly includedSources: readonly (readonly string[])[];
	readonly order: readonly FileId[];
}

export class Program {
	readonly names: NamePool;
	readonly paths: string[] = [];
	/** by file: the flat unit; undefined: no such file */
	private readonly flats: (Int32Array | undefined)[] = [];
	/** those that have been asked for: what a unit's views take is not little */
	private readonly units: (Unit | undefined)[] = [];
	/** by file: bytes of the source */
	private readonly sizes = new IntVec();
	/** their indices are FnIds */
	readonly functions: SymbolIndex;
	readonly structs: SymbolIndex;
	readonly typedefs: SymbolIndex;
	readonly globals: SymbolIndex;
	readonly protos: SymbolIndex;
	readonly consts: SymbolIndex;
	readonly constants = new ConstantCache();
	/** what the names of Rust units mean */
	rust: RustResolver = noRust;
	private readonly fileByPath = new Map<string, FileId>();
	private readonly infos: PathInfo[] = [];
	private readonly describer = new PathDescriber();
	/** by file: 1 for Rust */
	private readonly rustFiles = new IntVec();
	private readonly nameMaps: (Int32Array | undefined)[] = [];
	private readonly slab = new IntSlab();
	private bindingSlab = new IntSlab();
	private readonly fnFiles: IntVec;
	/** by function: its index in its unit, NONE when it is not there any more */
	private readonly fnLocals: IntVec;
	/** by function: its program-wide name */
	private readonly fnNames: IntVec;
	/** by function: FnFlag, asked more often than all else */
	private readonly fnFlags: IntVec;
	/** by file: its functions */
	private readonly fnIds: (Int32Array | undefined)[] = [];
	private readonly bindings: (Int32Array | undefined)[] = [];
	private knownBindings: SharedViews | null = null;
	/** files with functions in the branch of an #if that is not taken */
	private readonly split = new Set<FileId>();
	/** functions that were taken out since `takeDead`, and may be back */
	private readonly unlinked = new Set<FnId>();
	/** files that suppress findings */
	private readonly suppressing = new Set<FileId>();
	/** by file that was replaced: all ids its functions have had, by name */
	private readonly replaced = new Map<FileId, Map<number, FnId[]>>();
	/** base names of the .c files that a file #includes */
	private readonly includedSources: (readonly string[])[] = [];
	/** by .c file: the files of its folder that #include it; null: not asked since a file has come or changed */
	private includers: Map<FileId, FileId[]> | null = null;
	private unlinkedConsts = new Set<FileId>();
	/** as many names were known when the program was first solved */
	private settledNames: number | null = null;
	/** all files, the largest first, those of about the same size by path: an order that the texts alone decide */
	private readonly order: FileId[] = [];
	/** by file: its place in that order */
	private places: Int32Array = new Int32Array(0);
	/** files that are not at their place, or have none */
	private readonly unplaced = new Set<FileId>();
	private ordered: Int32Array | null = null;

	/** An empty program, or one that another thread shares, which is read only. */
	constructor(private readonly shared: SharedProgram | null = null) {
		const symbols = shared?.symbols ?? [];
		const indexOf = (i: number) => (symbols[i] === undefined ? new SymbolIndex() : SymbolIndex.of(symbols[i]));
		this.functions = indexOf(0);
		this.structs = indexOf(1);
		this.typedefs = indexOf(2);
		this.globals = indexOf(3);
		this.protos = indexOf(4);
		this.consts = indexOf(5);
		this.names = shared === null ? new NamePool() : NamePool.of(shared.names);
		const vecOf = (i: number) => (shared === null ? new IntVec(16, true) : fixedVec(shared.fns[i]!));
		this.fnFiles = vecOf(0);
		this.fnLocals = vecOf(1);
		this.fnNames = vecOf(2);
		this.fnFlags = vecOf(3);
		if (shared !== null) this.open(shared);
	}

	/** What another thread makes the same program of. */
	share(): SharedProgram {
		const { functions, structs, typedefs, globals, protos, consts } = this;
		return {
			paths: this.paths,
			units: shareViews(this.flats),
			names: this.names.share(),
			symbols: [functions, structs, typedefs, globals, protos, consts].map((index) => index.share()),
			nameMaps: shareViews(this.nameMaps),
			fnIds: shareViews(this.fnIds),
			fns: [this.fnFiles, this.fnLocals, this.fnNames, this.fnFlags].map((vec) => vec.data.subarray(0, vec.length)),
			split: [...this.split],
			includedSources: this.includedSources,
			order: this.order,
		};
	}

	/** Makes room for what the names of some files mean, and shares it with the threads that find that out, too. */
	openBindings(files: Iterable<FileId>): SharedViews {
		for (const file of files) this.bindings[file] ??= this.newBindings(file);
		return shareViews(this.bindings);
	}

	/** Finds out what names mean in that room. */
	takeBindings(known: SharedViews): void {
		this.knownBindings = known;
	}

	private open({ paths, units, split, includedSources, order }: SharedProgram): void {
		for (const path of paths) this.addPath(path);
		for (let file = 0; file < paths.length; file++) {
			this.flats.push(viewAt(units, file));
			this.units.push(undefined);
		}
		for (const file of split) this.split.add(file);
		this.includedSources.push(...includedSources);
		this.order.push(...order);
		this.places = placesOf(order, paths.length);
	}

	/** One past the highest FnId. */
	get fnLimit(): number {
		return this.fnFiles.length;
	}

	/**
	 * All functions in the order of their files, and in a file in that of their definition. What depends on an order
	 * goes by this one: it is the same however the files came in, and after an edit that was undone.
	 */
	get inOrder(): Int32Array {
		this.ordered ??= this.orderFunctions();
		return this.ordered;
	}

	/** The files that are there, the largest first. */
	filesInOrder(): FileId[] {
		return this.order.filter((file) => this.hasUnit(file));
	}

	/** The files in which one of these program-wide names occurs. */
	*filesNaming(names: ReadonlySet<number>): Steps<FileId[]> {
		const found: FileId[] = [];
		if (names.size === 0) return found;
		const [only] = names;
		let seen = 0;
		for (const file of this.filesInOrder()) {
			if (++seen % 128 === 0) yield;
			const map = this.nameMap(file);
			// one name is found many times faster than one of a set
			const isNamed = names.size === 1 ? map.includes(only!) : map.some((name) => names.has(name));
			if (isNamed) found.push(file);
		}
		return found;
	}

	/** Adds or replaces a file. Call `finishLink` after a batch, before anything is looked up. */
	setUnit(path: string, unit: Unit): FileId {
		const known = this.fileByPath.get(path);
		const isPlaced = known !== undefined && this.hasUnit(known) && this.isOfClass(known, unit.byteLength);
		if (known !== undefined) this.unlink(known);
		const file = known ?? this.paths.length;
		if (known === undefined) this.addPath(path);
		this.units[file] = unit;
		this.flats[file] = flattenUnit(unit);
		this.sizes.extend(file + 1, 0);
		this.sizes.data[file] = unit.byteLength;
		this.link(file, unit);
		if (!isPlaced) this.unplaced.add(file);
		return file;
	}

	private addPath(path: string): void {
		const info = this.describer.describe(path);
		this.fileByPath.set(path, this.paths.length);
		this.paths.push(path);
		this.infos.push(info);
		this.rustFiles.push(info.isRust ? 1 : 0);
	}

	/** The functions that are not there any more, since the last call. */
	takeDead(): FnId[] {
		const dead = [...this.unlinked].filter((fn) => !this.isLive(fn));
		this.unlinked.clear();
		return dead;
	}

	removeUnit(path: string): void {
		const file = this.fileByPath.get(path);
		if (file === undefined || !this.hasUnit(file)) return;
		this.unlink(file);
		this.units[file] = undefined;
		this.flats[file] = undefined;
		this.suppressing.delete(file);
		this.ordered = null;
		this.forgetBindings();
	}

	/** Links constants whose names are used somewhere, and drops what was bound before the batch. */
	finishLink(): void {
		this.placeFiles();
		for (const file of this.unlinkedConsts) this.linkConsts(file, 0);
		this.unlinkedConsts = new Set();
		this.forgetBindings();
	}

	/** Links the constants that nobody named until an edit did. The first call says from when on. */
	*linkLateConsts(): Steps<void> {
		const from = this.settledNames;
		if (from !== null && this.names.size > from) {
			for (const file of this.filesInOrder()) {
				this.linkConsts(file, from);
				this.constants.clear();
				yield;
			}
		}
		this.settledNames = this.names.size;
	}

	fileOf(path: string): FileId {
		const file = this.fileByPath.get(path);
		return file === undefined || !this.hasUnit(file) ? NONE : file;
	}

	unit(file: FileId): Unit {
		return this.units[file] ?? this.openUnit(file);
	}

	hasUnit(file: FileId): boolean {
		return this.flats[file] !== undefined;
	}

	/** Of a file that is gone, and still named by what was found before that, a unit of nothing. */
	private openUnit(file: FileId): Unit {
		const unit = unitOf(this.flats[file] ?? NOTHING);
		this.units[file] = unit;
		return unit;
	}

	/** Visits every unit once, in the order in which the files came. */
	eachUnit(visit: (unit: Unit, file: FileId) => void): void {
		for (let file = 0; file < this.flats.length; file++) {
			const flat = this.flats[file];
			if (flat !== undefined) visit(this.units[file] ?? unitOf(flat), file);
		}
	}

	/** The files that suppress findings, in the order in which they came. */
	filesSuppressing(): FileId[] {
		return [...this.suppressing].sort((a, b) => a - b);
	}

	/** Lets go of the units' views until they are asked for again. */
	closeUnits(): void {
		this.units.fill(undefined);
	}

	/** By the unit's own names: the program-wide ones. */
	private nameMap(file: FileId): Int32Array {
		return this.nameMaps[file] ?? this.openView(this.nameMaps, this.shared!.nameMaps, file);
	}

	private openView(views: (Int32Array | undefined)[], shared: SharedViews, file: FileId): Int32Array {
		const view = viewAt(shared, file)!;
		views[file] = view;
		return view;
	}

	/** Program-wide id of a unit's name; NONE for names only constants nobody uses have. */
	globalName(file: FileId, local: number): number {
		return local < 0 ? NONE : this.nameMap(file)[local]!;
	}

	fnFile(fn: FnId): FileId {
		return this.fnFiles.data[fn]!;
	}

	/** Index of the function in its unit. */
	fnLocal(fn: FnId): number {
		return this.fnLocals.data[fn]!;
	}

	fnId(file: FileId, local: number): FnId {
		return this.fnsOf(file)[local]!;
	}

	/** The functions of a file, in their order. */
	fnsOf(file: FileId): Int32Array {
		return this.fnIds[file] ?? this.openView(this.fnIds, this.shared!.fnIds, file);
	}

	/** False for functions that are not there any more. */
	isLive(fn: FnId): boolean {
		return this.fnLocals.data[fn] !== NONE;
	}

	fnField(fn: FnId, field: FnField): number {
		return this.unit(this.fnFiles.data[fn]!).fns[this.fnLocals.data[fn]! * FN_SIZE + field]!;
	}

	/** FnFlag */
	flagsOf(fn: FnId): number {
		return this.fnFlags.data[fn]!;
	}

	fnName(fn: FnId): string {
		return this.names.text(this.fnGlobalName(fn));
	}

	fnGlobalName(fn: FnId): number {
		return this.fnNames.data[fn]!;
	}

	fnPath(fn: FnId): string {
		return this.paths[this.fnFile(fn)]!;
	}

	isRust(file: FileId): boolean {
		return this.rustFiles.data[file] === 1;
	}

	/** The program-wide name that a unit's name goes by in the model: in Rust, that of the function it leads to. */
	modelName(file: FileId, local: number): number {
		const name = this.globalName(file, local);
		if (name < 0 || !this.isRust(file)) return name;
		const meaning = this.rustMeaning(file, name);
		return meaning.name === NONE ? name : meaning.name;
	}

	/** The function of a trait that a name of a Rust unit calls on whatever implements it; undefined for all other names. */
	traitCalled(file: FileId, local: number): RustMeaning["table"] {
		const name = this.isRust(file) ? this.globalName(file, local) : NONE;
		return name < 0 ? undefined : this.rustMeaning(file, name).table;
	}

	private rustMeaning(file: FileId, name: number): RustMeaning {
		return this.rust.meaningOf(file, this.names.text(name));
	}

	/** The definition that a name means in a file, or NONE. `local` is the unit's own name index. */
	bindLocal(file: FileId, local: number): FnId {
		const cache = this.bindings[file] ?? this.newBindings(file);
		const known = cache[local]!;
		if (known !== UNBOUND) return known;
		const fn = this.bind(file, this.globalName(file, local));
		cache[local] = fn;
		return fn;
	}

	private newBindings(file: FileId): Int32Array {
		const known = this.knownBindings === null ? undefined : viewAt(this.knownBindings, file);
		const bindings = known ?? this.bindingSlab.take(this.nameMap(file).length).fill(UNBOUND);
		this.bindings[file] = bindings;
		return bindings;
	}

	/**
	 * The definition that a name (unit-local) means in a function: in the branch of an #if that is not taken, one of the
	 * same branch first, as far as the flags of the two tell.
	 */
	bindIn(fn: FnId, local: number): FnId {
		const file = this.fnFile(fn);
		const isTaken = !this.split.has(file) || (this.flagsOf(fn) & FnFlag.Alternative) === 0;
		if (isTaken) return this.bindLocal(file, local);
		const { functions } = this;
		for (let at = functions.first(this.globalName(file, local)); at !== NONE; at = functions.next(at)) {
			if (functions.file(at) !== file) continue;
			const other = functions.index(at);
			if ((this.flagsOf(other) & FnFlag.Alternative) !== 0) return other;
		}
		return this.bindLocal(file, local);
	}

	/** The same for a program-wide name. */
	bind(file: FileId, name: number): FnId {
		if (name < 0) return NONE;
		if (this.isRust(file)) {
			const { fn } = this.rustMeaning(file, name);
			if (fn !== NONE) return fn;
		}
		const { functions } = this;
		const first = functions.first(name);
		if (first === NONE) return NONE;
		if (functions.next(first) === NONE) {
			// most names have one definition: how near it is does not matter
			const fn = functions.index(first);
			return this.isSeen(file, functions.file(first), this.flagsOf(fn)) ? fn : NONE;
		}
		let best = NONE;
		let bestRank = 0;
		for (let at = first; at !== NONE; at = functions.next(at)) {
			const target = functions.file(at);
			const rank = this.fnRank(file, target, functions.index(at));
			if (rank > bestRank || (rank === bestRank && best !== NONE && this.isMeant(file, target, this.fnFile(best)))) {
				bestRank = rank;
				best = functions.index(at);
			}
		}
		return best;
	}

	/** Every definition of a program-wide name, the one that is preferred among equals first. */
	definitionsOf(name: number): FnId[] {
		const found: FnId[] = [];
		for (let at = this.functions.first(name); at !== NONE; at = this.functions.next(at)) {
			found.push(this.functions.index(at));
		}
		return found.sort((a, b) => this.compareFns(b, a));
	}

	/** By file, then by place in the file. */
	compareFns(a: FnId, b: FnId): number {
		return this.places[this.fnFile(a)]! - this.places[this.fnFile(b)]! || this.fnLocal(a) - this.fnLocal(b);
	}

	/** Of two files that are equally near to `from`: is the first one meant? That which it includes itself, where it does only one. */
	private isMeant(from: FileId, file: FileId, other: FileId): boolean {
		const names = this.namesHeader(from, file);
		return names === this.namesHeader(from, other) ? this.precedes(file, other) : names;
	}

	/** Is a header of `header`'s name in the #include lines of `from`? */
	private namesHeader(from: FileId, header: FileId): boolean {
		if (!this.infos[header]!.isHeader) return false;
		return includesHeader(this.unit(from), this.infos[header]!.base);
	}

	/** Of two files that are equally near: is the first one meant? The smaller one: rather a specialised file than a collection. */
	private precedes(file: FileId, other: FileId): boolean {
		return this.places[file]! > this.places[other]!;
	}

	/** Is the name a static function of this very file? Then no other meaning of the name counts. */
	isOwnStatic(file: FileId, fn: FnId): boolean {
		return fn !== NONE && this.fnFile(fn) === file && (this.flagsOf(fn) & FnFlag.Static) !== 0;
	}

	/** The best symbol of a name as seen from a file, or NONE; an index for `symbols`. */
	bestSymbol(symbols: SymbolIndex, file: FileId, name: number, isSeen?: (symbol: number) => boolean): number {
		const first = symbols.first(name);
		if (first === NONE) return NONE;
		let best = NONE;
		let bestRank = -1;
		const isOnly = symbols.next(first) === NONE;
		for (let at = first; at !== NONE && bestRank < OWN_RANK; at = symbols.next(at)) {
			const home = symbols.file(at);
			// C knows nothing of Rust's types
			if (this.isRust(home) && !this.isRust(file)) continue;
			const rank = isOnly ? 0 : this.rank(file, home);
			const isBetter = rank > bestRank || (rank === bestRank && this.isMeant(file, home, symbols.file(best)));
			if (isBetter && isSeen?.(at) !== false) {
				bestRank = rank;
				best = at;
			}
		}
		return best;
	}

	/** The symbol of a name that is preferred among equals, or NONE. */
	firstSymbol(symbols: SymbolIndex, name: number): number {
		let first = symbols.first(name);
		for (let at = first; at !== NONE; at = symbols.next(at)) {
			if (this.precedes(symbols.file(at), symbols.file(first))) first = at;
		}
		return first;
	}

	/** The same for a variable: a static of another source file is not seen. */
	bestGlobal(file: FileId, name: number): number {
		const { globals } = this;
		return this.bestSymbol(globals, file, name, (at) => {
			const home = globals.file(at);
			return home === file || !this.isStaticGlobal(at) || this.infos[home]!.isHeader;
		});
	}

	/** Does only the file of a symbol of `globals` know the variable? */
	isStaticGlobal(symbol: number): boolean {
		const { globals } = this;
		const flags = this.unit(globals.file(symbol)).globals[globals.index(symbol) * GLOBAL_SIZE + GlobalField.Flags]!;
		return (flags & 1) !== 0;
	}

	/** How near `to` is to code in `from`: higher binds first, 0 never binds. */
	rank(from: FileId, to: FileId): number {
		return from === to ? OWN_RANK : affinity(this.infos[from]!, this.infos[to]!);
	}

	pathInfo(file: FileId): PathInfo {
		return this.infos[file]!;
	}

	/** A static of another .c file is seen only where one of the two files #includes the other, or a third one both. */
	private isSeen(from: FileId, to: FileId, flags: number): boolean {
		const isHidden = (flags & (FnFlag.Static | FnFlag.Macro)) !== 0;
		if (from === to || !isHidden || this.infos[to]!.isHeader) return true;
		return this.includes(from, to) || this.includes(to, from) || this.areTogether(from, to);
	}

	private fnRank(from: FileId, to: FileId, fn: FnId): number {
		const flags = this.flagsOf(fn);
		if (!this.isSeen(from, to, flags)) return 0;
		let rank = this.rank(from, to);
		// What is defined for want of something better gives way to every definition that can be linked.
		if ((flags & FnFlag.Weak) !== 0) rank = standIn(WEAK_RANK, rank);
		else if ((flags & FnFlag.Alternative) !== 0) rank = this.infos[to]!.isHeader ? standIn(STUB_RANK, rank) : rank - 2;
		if ((flags & FnFlag.Macro) !== 0) rank -= 1;
		return Math.max(rank, 1);
	}

	/** Does `from` include a .c file of `to`'s name? */
	private includes(from: FileId, to: FileId): boolean {
		const sources = this.includedSources[from]!;
		return sources.length > 0 && sources.includes(this.infos[to]!.base);
	}

	/** Does some file include both? */
	private areTogether(from: FileId, to: FileId): boolean {
		this.includers ??= this.findIncluders();
		const others = this.includers.get(from);
		return others !== undefined && this.includers.get(to)?.some((file) => others.includes(file)) === true;
	}

	private findIncluders(): Map<FileId, FileId[]> {
		const found = new Map<FileId, FileId[]>();
		this.includedSources.forEach((sources, file) => {
			for (const base of this.hasUnit(file) ? sources : []) {
				const included = this.fileOf(`${this.infos[file]!.folder}/${base}`);
				if (included === NONE) continue;
				const known = found.get(included);
				if (known === undefined) found.set(included, [file]);
				else if (!known.includes(file)) known.push(file);
			}
		});
		return found;
	}

	/** Does a file of so many bytes stand where this one does? */
	private isOfClass(file: FileId, bytes: number): boolean {
		return sizeClass(this.sizes.data[file]!) === sizeClass(bytes);
	}

	/** Puts the files that have come or changed to their places. */
	private placeFiles(): void {
		const { order, unplaced, paths } = this;
		if (unplaced.size === 0) return;
		const classOf = (file: FileId) => (this.hasUnit(file) ? sizeClass(this.sizes.data[file]!) : 0);
		const compare = (a: FileId, b: FileId) => classOf(b) - classOf(a) || (paths[a]! < paths[b]! ? -1 : 1);
		const others = order.filter((file) => !unplaced.has(file));
		order.length = 0;
		let at = 0;
		for (const file of [...unplaced].sort(compare)) {
			while (at < others.length && compare(others[at]!, file) < 0) order.push(others[at++]!);
			order.push(file);
		}
		while (at < others.length) order.push(others[at++]!);
		unplaced.clear();
		this.places = placesOf(order, paths.length);
	}

	private orderFunctions(): Int32Array {
		const fns = new IntVec(1 << 12);
		for (const file of this.filesInOrder()) {
			for (const fn of this.fnsOf(file)) fns.push(fn);
		}
		return fns.data.slice(0, fns.length);
	}

	private forgetBindings(): void {
		this.rust.forget();
		this.constants.clear();
		this.includers = null;
		this.bindings.length = 0;
		this.bindingSlab = new IntSlab();
	}

	private link(file: FileId, unit: Unit): void {
		this.ordered = null;
		this.constants.clear();
		const map = this.mapNames(unit);
		this.nameMaps[file] = map;
		this.bindings[file] = undefined;
		this.includedSources[file] = includedSources(unit);
		this.linkFunctions(file, unit, map);
		this.eachSymbol(file, unit, (symbols, name, index) => symbols.add(name, file, index));
		this.unlinkedConsts.add(file);
		if (unit.suppressions.length > 0) this.suppressing.add(file);
		else this.suppressing.delete(file);
	}

	private linkFunctions(file: FileId, unit: Unit, map: Int32Array): void {
		const known = this.idsByName(file);
		this.split.delete(file);
		const seen = new Map<number, number>();
		const ids = this.slab.take(unit.fns.length / FN_SIZE);
		for (let i = 0; i < ids.length; i++) {
			const name = map[unit.fns[i * FN_SIZE + FnField.Name]!]!;
			ids[i] = known === null ? this.newFunction(file, name) : this.sameFunction(file, name, known, seen);
			const flags = unit.fns[i * FN_SIZE + FnField.Flags]!;
			this.fnLocals.data[ids[i]!] = i;
			this.fnFlags.data[ids[i]!] = flags;
			this.functions.add(name, file, ids[i]!);
			if ((flags & FnFlag.Alternative) !== 0) this.split.add(file);
		}
		this.fnIds[file] = ids;
	}

	private newFunction(file: FileId, name: number): FnId {
		this.fnFiles.push(file);
		this.fnNames.push(name);
		this.fnFlags.push(0);
		return this.fnLocals.push(NONE);
	}

	/** The n-th function of a name keeps the id that the n-th of that name has had, also when it was away for a while. */
	private sameFunction(file: FileId, name: number, known: Map<number, FnId[]>, seen: Map<number, number>): FnId {
		const ordinal = seen.get(name) ?? 0;
		seen.set(name, ordinal + 1);
		const ids = known.get(name) ?? [];
		known.set(name, ids);
		ids[ordinal] ??= this.newFunction(file, name);
		return ids[ordinal];
	}

	/** The ids that functions of a file have had, by name; null for a new file. */
	private idsByName(file: FileId): Map<number, FnId[]> | null {
		const first = this.fnIds[file];
		if (first === undefined) return null;
		let byName = this.replaced.get(file);
		if (byName === undefined) {
			byName = new Map();
			for (const id of first) {
				const ids = byName.get(this.fnNames.data[id]!);
				if (ids) ids.push(id);
				else byName.set(this.fnNames.data[id]!, [id]);
			}
			this.replaced.set(file, byName);
		}
		return byName;
	}

	private unlink(file: FileId): void {
		if (!this.hasUnit(file)) return;
		const unit = this.unit(file);
		const map = this.nameMap(file);
		for (const fn of this.fnsOf(file)) {
			this.fnLocals.data[fn] = NONE;
			this.fnFlags.data[fn] = 0;
			this.unlinked.add(fn);
		}
		for (let i = 0; i < unit.fns.length; i += FN_SIZE) {
			this.functions.remove(map[unit.fns[i + FnField.Name]!]!, file);
		}
		this.eachSymbol(file, unit, (symbols, name) => symbols.remove(name, file));
		for (let i = 0; i < unit.consts.length; i += CONST_SIZE) {
			const name = map[unit.consts[i + ConstField.Name]!]!;
			if (name >= 0) this.consts.remove(name, file);
		}
	}

	private eachSymbol(file: FileId, unit: Unit, visit: (symbols: SymbolIndex, name: number, index: number) => void) {
		const map = this.nameMap(file);
		const table = (symbols: SymbolIndex, records: Int32Array, size: number, field: number) => {
			for (let i = 0, n = 0; i < records.length; i += size, n++) {
				const name = records[i + field]!;
				if (name >= 0) visit(symbols, map[name]!, n);
			}
		};
		table(this.structs, unit.structs, STRUCT_SIZE, StructField.Name);
		table(this.typedefs, unit.typedefs, TYPEDEF_SIZE, 0);
		table(this.globals, unit.globals, GLOBAL_SIZE, GlobalField.Name);
		table(this.protos, unit.protos, PROTO_SIZE, ProtoField.Name);
	}

	/** Those whose name is not linked yet, and is not older than `from`. */
	private linkConsts(file: FileId, from: number): void {
		const flat = this.flats[file];
		if (flat === undefined) return;
		const unit = this.units[file] ?? unitOf(flat);
		const map = this.nameMap(file);
		for (let i = 0, n = 0; i < unit.consts.length; i += CONST_SIZE, n++) {
			const local = unit.consts[i + ConstField.Name]!;
			if (from > 0 && map[local] !== NONE) continue;
			if (map[local] === NONE) {
				const name = this.names.lookup(unit.nameBytes, nameStart(unit, local), unit.nameEnds[local]!);
				if (name < from) continue;
				map[local] = name;
			}
			if (map[local]! >= 0) this.consts.add(map[local]!, file, n);
		}
	}

	/** Interns the names that something other than a constant's own name refers to. */
	private mapNames(unit: Unit): Int32Array {
		const map = this.slab.take(unit.nameEnds.length).fill(NONE);
		this.names.internAll(unit.nameBytes, unit.nameEnds, unit.usedNames, map);
		return map;
	}
}

/** Files of one class are about as large as each other: an edit hardly ever makes a file one of another class. */
export function sizeClass(bytes: number): number {
	return 32 - Math.clz32(bytes);
}

function placesOf(order: readonly FileId[], nFiles: number): Int32Array {
	const places = new Int32Array(nFiles);
	for (let place = 0; place < order.length; place++) places[order[place]!] = place;
	return places;
}

/** The place of a stand-in among the definitions of its name: as near as others of its kind are, behind all else. */
function standIn(base: number, rank: number): number {
	return base + Math.floor(rank / 200);
}
