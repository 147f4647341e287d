// Variants of a driver: tables of functions, each set as a whole, of which an object has one. A chain that comes through a
// function of one table does not go on to that of another where its own has such a function, too.

import { addTo } from "../base/lists.js";
import { NONE } from "../ir/ops.js";
import type { FileId, FnId } from "../ir/program.js";
import { CallMap } from "./callMap.js";
import { type FieldTarget, structOfKey } from "./fieldKeys.js";
import type { Link } from "./link.js";
import type { Pointers } from "./pointers.js";
import type { Contexts } from "./topDown.js";
import { staticCallee, type World } from "./world.js";

export class Variants {
	/** by struct: the keys of its fields that hold functions */
	private keys: Map<number, number[]> | null = null;
	/** by call: the key of the field that it goes through, NONE for others */
	private readonly fieldOf = new CallMap<number>();
	/** by key of a field: the files whose functions it holds */
	private readonly filesOf = new Map<number, ReadonlySet<FileId>>();
	/** by function and struct: where the function is held in that */
	private readonly held = new Map<string, readonly FieldTarget[]>();

	constructor(
		private readonly world: World,
		private readonly pointers: Pointers,
		private readonly contexts: Contexts,
	) {}

	/** Does a chain change from one variant to another? */
	changes(links: readonly Link[]): boolean {
		const { pointerCalls } = this.contexts;
		for (let i = 0; i + 1 < links.length; i++) {
			if (!pointerCalls.isFrom(links[i]!.fn) || !pointerCalls.isTo(links[i + 1]!.fn)) continue;
			const key = this.fieldAt(links[i]!);
			if (key !== NONE && this.isElsewhere(links, i, key)) return true;
		}
		return false;
	}

	private fieldAt({ fn, op }: Link): number {
		const known = this.fieldOf.get(fn, op);
		if (known !== undefined) return known;
		const isField = staticCallee(this.world, fn, op) === NONE;
		return this.fieldOf.add(fn, op, isField ? this.contexts.fieldCalled(fn, op) : NONE);
	}

	private filesAt(key: number, targets: readonly FieldTarget[]): ReadonlySet<FileId> {
		let files = this.filesOf.get(key);
		if (files === undefined) {
			files = new Set(targets.map(({ target }) => this.world.program.fnFile(target)));
			this.filesOf.set(key, files);
		}
		return files;
	}

	private isElsewhere(links: readonly Link[], at: number, key: number): boolean {
		const targets = this.pointers.targetsOf(key);
		const called = targets?.find(({ target }) => target === links[at + 1]!.fn);
		if (targets === null || called === undefined || targets.length < 2) return false;
		const { program } = this.world;
		const home = program.fnFile(called.target);
		const files = this.filesAt(key, targets);
		for (let i = 0; i <= at; i++) {
			const { fn } = links[i]!;
			const file = program.fnFile(fn);
			if (file === home || !files.has(file)) continue;
			const own = this.heldIn(structOfKey(key), fn);
			if (own.length > 0 && !own.some((one) => this.areSetTogether(one, called))) return true;
		}
		return false;
	}

	/** Where a struct of tables holds a function. */
	private heldIn(struct: number, fn: FnId): readonly FieldTarget[] {
		const name = `${struct}/${fn}`;
		let found = this.held.get(name);
		if (found === undefined) {
			this.keys ??= this.findKeys();
			const all = (this.keys.get(struct) ?? []).flatMap((key) => this.pointers.targetsOf(key) ?? []);
			found = all.filter(({ target }) => target === fn);
			this.held.set(name, found);
		}
		return found;
	}

	private findKeys(): Map<number, number[]> {
		const found = new Map<number, number[]>();
		for (const key of this.pointers.fields.keys()) addTo(found, structOfKey(key), key);
		return found;
	}

	/** Does one initialiser, or one function, set both? */
	private areSetTogether(a: FieldTarget, b: FieldTarget): boolean {
		const others = this.pointers.settersOf(b);
		return this.pointers.settersOf(a).some((setter) => others.includes(setter));
	}
}
