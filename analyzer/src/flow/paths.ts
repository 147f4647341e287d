// Access paths: the identity of a lock. A path is a root (a parameter, a global, a local, or unknown) and
// the field names that lead from it; `&`, `*`, `->` against `.`, casts and array indices make no difference.
// Paths are interned: equal ids are equal paths.

import { IntVec } from "../base/vec.js";

export type PathId = number;

export const enum Root {
	/** nothing is known of where the path starts */
	Unknown = 0,
	/** `name` is the parameter's index */
	Parameter = 1,
	/** `name` is the program-wide name of a variable */
	Global = 2,
	/** `name` is the variable's index in its function; has no meaning outside it */
	Local = 3,
	/** not a root: `name` is a field's program-wide name (or ~name for container_of by that member) */
	Field = 4,
	/** not a root: what the function `name` returns for the parent as its first argument */
	Accessor = 5,
	/** not a root: what the pointer at the parent points to, which may have another name elsewhere */
	Target = 6,
}

export class PathTable {
	private readonly parents = new IntVec();
	private readonly kinds = new IntVec();
	private readonly namesOf = new IntVec();
	private readonly index = new Map<number, Map<number, PathId>>();
	readonly unknown: PathId;

	constructor() {
		this.unknown = this.make(-1, Root.Unknown, 0);
	}

	parameter(index: number): PathId {
		return this.make(-1, Root.Parameter, index);
	}
	global(name: number): PathId {
		return this.make(-1, Root.Global, name);
	}
	local(index: number): PathId {
		return this.make(-1, Root.Local, index);
	}
	field(parent: PathId, name: number): PathId {
		// container_of(&p->member) is p again
		if (name < 0 && this.kind(parent) === Root.Field && this.name(parent) === ~name) return this.parent(parent);
		if (name >= 0 && this.kind(parent) === Root.Field && this.name(parent) === ~name) return this.parent(parent);
		return this.make(parent, Root.Field, name);
	}

	accessor(parent: PathId, name: number): PathId {
		return this.make(parent, Root.Accessor, name);
	}

	/** The lock that a field points to. */
	target(parent: PathId): PathId {
		return this.make(parent, Root.Target, -1);
	}

	kind(path: PathId): Root {
		return this.kinds.data[path]!;
	}
	name(path: PathId): number {
		return this.namesOf.data[path]!;
	}
	parent(path: PathId): PathId {
		return this.parents.data[path]!;
	}

	root(path: PathId): PathId {
		let at = path;
		while (this.kind(at) >= Root.Field) at = this.parent(at);
		return at;
	}

	/** Name of the last field, or of the global; -1 when there is none. */
	tail(path: PathId): number {
		const kind = this.kind(path);
		if (kind === Root.Target) return this.tail(this.parent(path));
		return kind === Root.Field || kind === Root.Global ? this.name(path) : -1;
	}

	/** The path with another root; fields are kept. */
	rebase(path: PathId, root: PathId): PathId {
		if (this.kind(path) < Root.Field) return root;
		const parent = this.rebase(this.parent(path), root);
		switch (this.kind(path)) {
			case Root.Field:
				return this.field(parent, this.name(path));
			case Root.Target:
				return this.target(parent);
			default:
				return this.accessor(parent, this.name(path));
		}
	}

	/** Appends a path in a form that the table of another thread can read. */
	write(path: PathId, out: IntVec): void {
		const first = out.length;
		out.push(0);
		for (let at = path; at !== -1; at = this.parent(at)) {
			out.push(this.kind(at));
			out.push(this.name(at));
		}
		out.data[first] = (out.length - first - 1) / 2;
	}

	/** The path that `write` wrote at `at`. */
	read(data: Int32Array, at: number): PathId {
		let path = -1;
		for (let i = at + data[at]! * 2 - 1; i > at; i -= 2) path = this.make(path, data[i]!, data[i + 1]!);
		return path;
	}

	/** The name says which lock it is: a field or a global. What a parameter, a local, a call or a pointer gives may be any. */
	isNamed(path: PathId): boolean {
		return this.tail(path) !== -1 && this.kind(path) !== Root.Target;
	}

	private make(parent: PathId, kind: Root, name: number): PathId {
		const key = parent * 8 + kind;
		let byName = this.index.get(key);
		if (byName === undefined) {
			byName = new Map();
			this.index.set(key, byName);
		}
		const known = byName.get(name);
		if (known !== undefined) return known;
		const id = this.parents.push(parent);
		this.kinds.push(kind);
		this.namesOf.push(name);
		byName.set(name, id);
		return id;
	}
}
