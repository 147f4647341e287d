// What the names of Rust units mean once all units are there. A name is a path (`Type::function`, `module::function`,
// `bindings::f` for a function of C) or a method of what a term stands for (`Foo.inner#lock`; `X#drop` is what is done
// when an X is dropped). Types are followed through fields, results, aliases and Deref; facts of the model stand for
// what no unit of the program defines.

import { NONE } from "./ops.js";
import type { FileId, FnId, Program } from "./program.js";
import { NO_MEANING, type RustMeaning, type RustResolver } from "./rustMeaning.js";
import {
	argumentsOf,
	type Bindings,
	fillIn,
	headOfType,
	isParameter,
	lastPart,
	lastStep,
	lastTop,
	matchType,
	moduleOf,
	splitTop,
	stripReferences,
} from "./rustTypes.js";
import { findMember } from "./typing.js";
import {
	FnField,
	FnFlag,
	MEMBER_SIZE,
	MemberField,
	STRUCT_SIZE,
	StructField,
	TYPE_SIZE,
	TYPEDEF_SIZE,
	TypeField,
	VAR_SIZE,
	VarField,
} from "./unit.js";

/** What is known of Rust's types without a definition. */
export interface RustFacts {
	/** is a function of this name described, though perhaps not defined? */
	readonly describes: (name: string) => boolean;
	/** does a function of this name end something: release a lock, leave a section? */
	readonly ends: (name: string) => boolean;
	/** `Type*` (what it gives way to), `Type` (another name), `Type::f()` (a result) → pattern of the type, and what it is */
	readonly types: ReadonlyMap<string, readonly RustFact[]>;
}

export interface RustFact {
	readonly pattern: string;
	readonly is: string;
}

interface Found extends RustMeaning {
	readonly text: string;
	/** the type whose function it is, as it was when it was found */
	readonly self: string;
}

const MAX_DEREFS = 10;
/** Fields that are looked at for what is done when a value is dropped. */
const MAX_PARTS = 24;
const MAX_DEPTH = 24;
/** Methods that give what they are called on, another wrapping aside. */
const SAME =
	/^(ok|ok_or|ok_or_else|map_err|or_else|or|and|inspect|inspect_err|copied|cloned|transpose|iter|iter_mut|into_iter|clone|as_mut|as_ref|as_deref|as_deref_mut|as_pin_mut|to_owned|into|project|take|by_ref|rev)$/;
/** Methods of lists, and of the iterators over them, that give an element if there is one. */
const GIVES_ELEMENT = /^(next|first|last|first_mut|last_mut|get|get_mut|nth|find|peek)$/;

export class RustNames implements RustResolver {
	private readonly meanings = new Map<string, RustMeaning>();
	private readonly types = new Map<string, string>();
	/** functions of Rust units by the last part of their name */
	private byLastPart: Map<string, FnId[]> | null = null;

	constructor(
		private readonly program: Program,
		private readonly facts: RustFacts,
	) {}

	/** Another program: what was found out is forgotten. */
	forget(): void {
		this.meanings.clear();
		this.types.clear();
		this.byLastPart = null;
	}

	/** What a name means in a file. */
	meaningOf(file: FileId, name: string): RustMeaning {
		const key = `${file} ${name}`;
		const known = this.meanings.get(key);
		if (known !== undefined) return known;
		const meaning = this.findMeaning(file, name) ?? NO_MEANING;
		this.meanings.set(key, meaning);
		return meaning;
	}

	private findMeaning(file: FileId, name: string): RustMeaning | null {
		const hash = lastTop(name, "#");
		if (hash < 0) return name.includes("::") || name.endsWith("!") ? this.pathNamed(file, name) : null;
		const self = this.typeOf(file, name.slice(0, hash), 0);
		if (self === "") return null;
		const [method = "", used = ""] = name.slice(hash + 1).split(";");
		if (method === "drop") return this.dropOf(file, self, used.split(","), 0);
		return this.methodOf(file, self, method) ?? this.traitMethod(file, self, method);
	}

	/** A method of a parameter, by the trait that bounds it: whoever implements that may be meant. */
	private traitMethod(file: FileId, self: string, method: string): RustMeaning | null {
		const { program } = this;
		for (let type = self, i = 0; i < MAX_DEREFS && type !== ""; i++) {
			const bare = stripReferences(type);
			const names = [lastPart(headOfType(bare)), method].map((name) => program.names.lookupText(name));
			const [trait = NONE, member = NONE] = names;
			if (bare.startsWith("impl ") && trait >= 0 && member >= 0) {
				const symbol = this.bestOf(program.structs, file, trait, moduleOf(headOfType(bare)));
				const struct = { file: program.structs.file(symbol), index: program.structs.index(symbol), name: trait };
				if (symbol !== NONE && findMember(program, struct, member) !== null)
					return { ...NO_MEANING, table: { trait, method: member } };
			}
			type = this.derefOf(file, type);
		}
		return null;
	}

	// ---- functions ----

	/** `Type::function` through the type's other names, `module::function`, `bindings::f`. */
	private pathNamed(file: FileId, path: string): Found | null {
		const at = path.lastIndexOf("::");
		if (at < 0) return this.functionNamed(file, path, "");
		const owner = path.slice(0, at);
		const name = path.slice(at + 2);
		if (owner === "bindings" || owner === "uapi") return this.functionOfC(file, name);
		if (owner === "crate") return this.onlyFunction(file, name);
		return this.functionOf(file, owner, name);
	}

	/** A function of a type, by one of its names: a row, and the definition behind it where the program has one. */
	private functionOf(file: FileId, owner: string, name: string): Found | null {
		let described: Found | null = null;
		for (const type of this.namesOf(file, owner)) {
			const found = this.functionNamed(file, `${headOfType(type)}::${name}`, type);
			if (found === null) continue;
			if (found.fn !== NONE) return described === null ? found : { ...described, fn: found.fn };
			described ??= found;
		}
		return described;
	}

	private functionOfC(file: FileId, name: string): Found | null {
		const { program } = this;
		for (const text of [name, `rust_helper_${name}`]) {
			const id = program.names.lookupText(text);
			const fn = program.bind(file, id);
			if (fn !== NONE || this.facts.describes(text)) return { fn, name: id, text, self: "" };
		}
		return null;
	}

	/** A function of a module that is only told by where it is from here. */
	private onlyFunction(file: FileId, name: string): Found | null {
		const { program } = this;
		const near = (this.functionsEndingIn(name) ?? []).filter((fn) => !isMethod(program.fnName(fn)));
		const own = program.pathInfo(file).folder;
		const best = near.filter((fn) => program.pathInfo(program.fnFile(fn)).folder === own);
		const [fn] = best.length > 0 ? best : near;
		if (fn === undefined || (best.length !== 1 && near.length !== 1)) return null;
		return { fn, name: program.fnGlobalName(fn), text: program.fnName(fn), self: "" };
	}

	private functionsEndingIn(name: string): readonly FnId[] | undefined {
		if (this.byLastPart === null) {
			this.byLastPart = new Map();
			for (const file of this.program.filesInOrder()) {
				if (!this.program.isRust(file)) continue;
				for (const fn of this.program.fnsOf(file)) {
					const last = lastPart(this.program.fnName(fn));
					const list = this.byLastPart.get(last);
					if (list) list.push(fn);
					else this.byLastPart.set(last, [fn]);
				}
			}
		}
		return this.byLastPart.get(name);
	}

	/** A row or a definition of this very name; the module before the type tells several of a name apart. */
	private functionNamed(file: FileId, text: string, self: string): Found | null {
		const { program } = this;
		const parts = text.split("::");
		const short = parts.slice(-2).join("::");
		const hint = parts.length > 2 ? parts[parts.length - 3]! : "";
		const spelt = this.facts.describes(text) ? text : short;
		const id = program.names.lookupText(spelt);
		const fn = id < 0 ? NONE : this.definitionNamed(file, program.names.lookupText(short), hint);
		return fn !== NONE || this.facts.describes(spelt) ? { fn, name: id, text: spelt, self } : null;
	}

	private definitionNamed(file: FileId, name: number, hint: string): FnId {
		const { program } = this;
		let best = NONE;
		let bestRank = -1;
		let isAmbiguous = false;
		if (name < 0) return NONE;
		for (const fn of program.definitionsOf(name)) {
			const home = program.fnFile(fn);
			if (!program.isRust(home)) continue;
			const isAlternative = (program.flagsOf(fn) & FnFlag.Alternative) !== 0;
			const isHinted =
				hint !== "" && program.paths[home]!.match(/[^/]+/g)!.some((part) => part.replace(/\.rs$/, "") === hint);
			const rank = program.rank(file, home) + (isHinted ? 2000 : 0) - (isAlternative ? 3000 : 0) + 3000;
			isAmbiguous = rank === bestRank || (isAmbiguous && rank < bestRank);
			if (rank <= bestRank) continue;
			bestRank = rank;
			best = fn;
		}
		// several types of one name, or several impls for one type, that are equally near: rather none than the wrong one
		return isAmbiguous ? NONE : best;
	}

	/** The method of a type, or of what it gives way to. */
	private methodOf(file: FileId, self: string, method: string): Found | null {
		let type = self;
		for (let i = 0; i < MAX_DEREFS && type !== ""; i++) {
			const found = this.functionOf(file, type, method);
			if (found !== null) return found;
			type = this.derefOf(file, type);
		}
		return null;
	}

	/** What is done when a value of the type is dropped; null when nothing is, or one of the methods has taken it. */
	private dropOf(file: FileId, self: string, methods: readonly string[], depth: number): Found | null {
		if (/^[&*]/.test(self) || depth > 3) return null;
		if (methods.some((method) => method !== "" && this.takesByValue(file, self, method))) return null;
		const found = this.functionOf(file, self, "drop");
		if (found !== null) return found;
		const inner = this.partsOf(file, self).flatMap((part) => this.dropOf(file, part, [], depth + 1) ?? []);
		return inner.find(({ text }) => this.facts.ends(text)) ?? inner.find(({ fn }) => fn !== NONE) ?? inner[0] ?? null;
	}

	/** The types of what a value owns: what is in it, its fields. */
	private partsOf(file: FileId, type: string): string[] {
		const { program } = this;
		const head = headOfType(type);
		if (head === "Option" || head === "Result") return argumentsOf(type).slice(0, 1);
		if (type.startsWith("(")) return argumentsOf(type);
		const name = program.names.lookupText(lastPart(head));
		const symbol = name < 0 ? NONE : this.bestOf(program.structs, file, name, moduleOf(head));
		if (symbol === NONE) return [];
		const home = program.structs.file(symbol);
		const { structs, members } = program.unit(home);
		const at = program.structs.index(symbol) * STRUCT_SIZE;
		const generics = this.genericsOf(file, head, type);
		const first = structs[at + StructField.MemberStart]!;
		return Array.from({ length: Math.min(structs[at + StructField.MemberCount]!, MAX_PARTS) }, (_, i) => {
			const member = members[(first + i) * MEMBER_SIZE + MemberField.Type]!;
			return fillIn(this.typeText(home, member), generics);
		});
	}

	private takesByValue(file: FileId, self: string, method: string): boolean {
		if (headOfType(self) === "Option" && method === "take") return true;
		const found = this.methodOf(file, self, method);
		if (found === null || found.fn === NONE) return false;
		const first = this.paramType(found.fn, 0);
		return first !== "" && !/^[&*]/.test(first) && lastPart(headOfType(first)) === lastPart(headOfType(found.self));
	}

	// ---- types ----

	/** A type and its other names: the facts' first, then what the program's aliases stand for. */
	private *namesOf(file: FileId, type: string): Generator<string> {
		let at = stripReferences(type);
		for (let i = 0; i < 4; i++) {
			const other = this.fact(headOfType(at), at) ?? this.fact(lastPart(headOfType(at)), at);
			if (other !== undefined) yield other;
			yield at;
			const alias = this.aliasOf(file, at);
			if (alias === "") return;
			at = alias;
		}
	}

	private fact(key: string, type: string): string | undefined {
		for (const { pattern, is } of this.facts.types.get(key) ?? []) {
			const found: Bindings = new Map();
			if (argumentsOf(pattern).length <= argumentsOf(type).length && isMatch(pattern, type, found))
				return fillIn(is, found);
		}
		return undefined;
	}

	/** `type Name<T> = Other<T, X>` */
	private aliasOf(file: FileId, type: string): string {
		const head = headOfType(type);
		const meaning = this.typedefNamed(file, lastPart(head), moduleOf(head));
		return meaning === "" ? "" : stripReferences(fillIn(meaning, this.genericsOf(file, head, type)));
	}

	/** What the parameters of a type's definition stand for in a type. */
	private genericsOf(file: FileId, head: string, type: string): Bindings {
		const found: Bindings = new Map();
		const names = this.typedefNamed(file, `${lastPart(head)}<>`, moduleOf(head));
		const given = argumentsOf(type);
		if (names !== "") {
			names.split(",").forEach((name, i) => {
				if (given[i] !== undefined && given[i] !== "_") found.set(name, given[i]);
			});
		}
		return found;
	}

	private typedefNamed(file: FileId, name: string, hint: string): string {
		const { program } = this;
		const id = program.names.lookupText(name);
		const symbol = id < 0 ? NONE : this.bestOf(program.typedefs, file, id, hint);
		if (symbol === NONE) return "";
		const home = program.typedefs.file(symbol);
		return this.typeText(home, program.unit(home).typedefs[program.typedefs.index(symbol) * TYPEDEF_SIZE + 1]!);
	}

	private bestOf(symbols: Program["structs"], file: FileId, name: number, hint: string): number {
		const { program } = this;
		const isHinted = (at: number) =>
			program.isRust(symbols.file(at)) &&
			program.paths[symbols.file(at)]!.match(/[^/]+/g)!.some((part) => part.replace(/\.rs$/, "") === hint);
		const hinted = hint === "" ? NONE : program.bestSymbol(symbols, file, name, isHinted);
		return hinted !== NONE ? hinted : program.bestSymbol(symbols, file, name, (at) => program.isRust(symbols.file(at)));
	}

	/** What a type gives way to when a method or field is not its own. */
	private derefOf(file: FileId, type: string): string {
		if (/^[&*]/.test(type)) return type.slice(1);
		for (const name of this.namesOf(file, type)) {
			const head = lastPart(headOfType(name));
			const known = this.fact(`${head}*`, name);
			if (known !== undefined) return known;
			const meaning = this.typedefNamed(file, `${head}*`, moduleOf(headOfType(name)));
			const arrow = meaning.indexOf("=>");
			if (arrow < 0) continue;
			const found: Bindings = new Map();
			if (matchType(meaning.slice(0, arrow), name, found)) return fillIn(meaning.slice(arrow + 2), found);
		}
		return "";
	}

	/** The type that a term stands for; "" when nobody knows. */
	private typeOf(file: FileId, term: string, depth: number): string {
		if (term === "" || term === "_" || depth > MAX_DEPTH) return "";
		const key = `${file} ${term}`;
		const known = this.types.get(key);
		if (known !== undefined) return known;
		const type = this.findType(file, term, depth);
		this.types.set(key, type);
		return type;
	}

	private findType(file: FileId, term: string, depth: number): string {
		const { base, kind, text } = lastStep(term);
		if (kind === "") {
			const leading = /^[&*]+/.exec(term)?.[0] ?? "";
			// a reference to what a term stands for
			const bare = term.slice(leading.length);
			if (lastStep(bare).kind !== "") return leading + this.typeOf(file, bare, depth + 1);
			return leading + this.withTypes(file, bare, depth);
		}
		if (/^[&*]/.test(base)) {
			const inner = this.typeOf(file, term.replace(/^[&*]+/, ""), depth + 1);
			return inner;
		}
		if (kind === "()") return this.resultOf(file, base, splitTop(text), depth);
		const from = this.typeOf(file, base, depth + 1);
		if (from === "") return "";
		switch (kind) {
			case "?":
				return this.payloadOf(file, from);
			case "[]":
				return argumentsOf(this.indexable(file, from))[0] ?? "";
			case ".":
				return this.fieldOf(file, from, text);
		}
	}

	/** A type whose arguments are terms still: `Option<Foo.inner#lock()>`, `(Foo.a,u8)`. */
	private withTypes(file: FileId, type: string, depth: number): string {
		const open = type.search(/[<([]/);
		if (open < 0 || !/[#.?]|\w\(/.test(type.slice(open)) || type.startsWith("fn(")) return type;
		const parts = argumentsOf(type).map((part) => this.typeOf(file, part, depth + 1) || "_");
		return type.slice(0, open + 1) + parts.join() + type.slice(-1);
	}

	private payloadOf(file: FileId, type: string): string {
		for (const name of this.namesOf(file, type)) {
			const head = headOfType(name);
			if (lastPart(head) !== "Option" && lastPart(head) !== "Result") continue;
			const inner = argumentsOf(name)[0] ?? "()";
			return inner === "_" ? "" : type.startsWith("&") ? `&${inner}` : inner;
		}
		return "";
	}

	/** The type with the elements: vectors give way to slices. */
	private indexable(file: FileId, type: string): string {
		let at = type;
		for (let i = 0; i < MAX_DEREFS && at !== ""; i++) {
			if (stripReferences(at).startsWith("[") || /^(KVec|VVec|KVVec|Vec)</.test(stripReferences(at))) return at;
			at = this.derefOf(file, at);
		}
		return "";
	}

	private fieldOf(file: FileId, type: string, name: string): string {
		const { program } = this;
		const id = program.names.lookupText(name);
		let at = type;
		for (let i = 0; i < MAX_DEREFS && at !== ""; i++) {
			const bare = stripReferences(at);
			if (bare.startsWith("(")) return argumentsOf(bare)[Number(name)] ?? "";
			for (const spelt of this.namesOf(file, at)) {
				const found = id < 0 ? "" : this.memberOf(file, spelt, id);
				if (found !== "") return found;
			}
			at = this.derefOf(file, at);
		}
		return "";
	}

	private memberOf(file: FileId, type: string, member: number): string {
		const { program } = this;
		const head = headOfType(type);
		const name = program.names.lookupText(lastPart(head));
		if (name < 0) return "";
		const own = this.bestOf(program.structs, file, name, moduleOf(head));
		// a record of C
		const symbol = own !== NONE ? own : program.bestSymbol(program.structs, file, name);
		if (symbol === NONE) return "";
		const struct = { file: program.structs.file(symbol), index: program.structs.index(symbol), name };
		const found = findMember(program, struct, member);
		if (found === null || found.type.type < 0) return "";
		return fillIn(this.typeText(found.type.file, found.type.type), this.genericsOf(file, head, type));
	}

	/** What a call gives. */
	private resultOf(file: FileId, callee: string, args: readonly string[], depth: number): string {
		const hash = lastTop(callee, "#");
		const method = hash < 0 ? "" : callee.slice(hash + 1);
		const self = hash < 0 ? "" : this.typeOf(file, callee.slice(0, hash), depth + 1);
		if (hash >= 0 && self === "") return "";
		const found = hash < 0 ? this.pathNamed(file, callee) : this.methodOf(file, self, method);
		if (found === null) return hash < 0 ? this.factResult(callee, "", args) : this.unseenResult(file, self, method);
		const known = this.factResult(
			found.text,
			found.self,
			args.map((arg) => this.typeOf(file, arg, depth + 1)),
		);
		if (known !== "") return known;
		if (found.fn === NONE) return hash < 0 ? "" : standardResult(self, method);
		return this.declaredResult(file, found, args, depth);
	}

	private factResult(callee: string, self: string, args: readonly string[]): string {
		for (const { pattern, is } of this.facts.types.get(`${callee}()`) ?? []) {
			const found: Bindings = new Map();
			if (self !== "") matchType(pattern, self, found);
			// the first argument stands for the parameter that is not known yet
			const first = args[0] ?? "";
			if (!found.has("T") && first !== "" && first !== "_") {
				const made = /^impl \w+<(.*)>$/.exec(first)?.[1];
				found.set("T", made === undefined ? first : (splitTop(made)[0] ?? ""));
			}
			return fillIn(is, found);
		}
		return "";
	}

	/** What a method gives that no unit of the program defines: by a fact, or as the standard library has it. */
	private unseenResult(file: FileId, self: string, method: string): string {
		for (let type = self, i = 0; i < MAX_DEREFS && type !== ""; i++) {
			for (const name of this.namesOf(file, type)) {
				const known = this.factResult(`${lastPart(headOfType(name))}::${method}`, name, []);
				if (known !== "") return known;
			}
			const standard = standardResult(type, method);
			if (standard !== "") return standard;
			type = this.derefOf(file, type);
		}
		return "";
	}

	private declaredResult(file: FileId, found: Found, args: readonly string[], depth: number): string {
		const { program } = this;
		const home = program.fnFile(found.fn);
		const type = this.typeText(home, program.fnField(found.fn, FnField.ReturnType));
		const bound: Bindings = new Map();
		const count = program.fnField(found.fn, FnField.ParamCount);
		if (found.self !== "" && count > 0) matchType(this.paramType(found.fn, 0), found.self, bound);
		args.forEach((arg, i) => {
			const given = i < count ? this.typeOf(file, arg, depth + 1) : "";
			if (given !== "") matchType(this.paramType(found.fn, i), given, bound);
		});
		return isParameter(stripReferences(type)) && !bound.has(stripReferences(type)) ? "" : fillIn(type, bound);
	}

	private paramType(fn: FnId, index: number): string {
		const { program } = this;
		if (index >= program.fnField(fn, FnField.ParamCount)) return "";
		const file = program.fnFile(fn);
		const at = (program.fnField(fn, FnField.VarStart) + index) * VAR_SIZE;
		return this.typeText(file, program.unit(file).vars[at + VarField.Type]!);
	}

	/** A type record as text. */
	private typeText(file: FileId, type: number): string {
		if (type < 0) return "";
		const { program } = this;
		const { types } = program.unit(file);
		const name = types[type * TYPE_SIZE + TypeField.Name]!;
		if (name < 0) return "";
		const pointers = types[type * TYPE_SIZE + TypeField.Pointers]!;
		return (pointers > 0 ? "&" : "") + program.names.text(program.globalName(file, name));
	}
}

/** Results of methods that types have without saying so, or that the standard library gives them. */
function standardResult(self: string, method: string): string {
	if (GIVES_ELEMENT.test(method) && /^(\[|(KVec|VVec|KVVec|Vec)<)/.test(stripReferences(self)))
		return `Option<&${argumentsOf(self)[0] ?? "_"}>`;
	if (method === "init") return `Result<${argumentsOf(self)[0] ?? "_"}>`;
	return SAME.test(method) ? self : "";
}

/** A pattern of another name of a type: what is no parameter in it must be there as it is. */
function isMatch(pattern: string, type: string, found: Bindings): boolean {
	const wanted = argumentsOf(pattern);
	const given = argumentsOf(type);
	if (
		wanted.some((part, i) => !isParameter(part) && lastPart(headOfType(part)) !== lastPart(headOfType(given[i] ?? "")))
	)
		return false;
	return matchType(pattern, type, found);
}

function isMethod(name: string): boolean {
	return /^[A-Z]/.test(name);
}
