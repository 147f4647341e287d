// The functions that the kernel calls back, by where and how they are registered. What is found of them by callback, by file
// and by field is kept while edits move places.

import { addTo } from "../base/lists.js";
import { finish, type Steps } from "../base/steps.js";
import { NONE } from "../ir/ops.js";
import type { FnId, Program } from "../ir/program.js";
import type { CallbackRow } from "../model/schema.js";
import { ByFile } from "./byFile.js";
import type { TakenAt } from "./fieldKeys.js";
import { type FieldUse, useAt } from "./fieldUses.js";
import { type Moves, placeNow } from "./moves.js";

/** A function that the kernel calls back. */
export interface Registration extends TakenAt {
	readonly callback: FnId;
	readonly row: CallbackRow;
	/** name of the registering function or `struct.field` */
	readonly how: string;
	/** handed down through parameters: not the registration's own argument */
	readonly isForwarded: boolean;
}

/** A registration by a call that sets up a field (a timer). */
export interface Setup {
	readonly registration: Registration;
	readonly use: FieldUse;
}

/** Registrations looked at between steps. */
const STEP = 512;

export class Registrations {
	readonly all: Registration[] = [];
	/** places in `all` */
	private byCallback: Map<FnId, number[]> | null = null;
	private byFile: ByFile<Registration> | null = null;
	/** the same by fieldKey of what is set up, and the key of each place, NONE where nothing is */
	private setups: Map<number, Set<number>> | null = null;
	private keys = new Float64Array(0);

	constructor(private readonly program: Program) {}

	add(registration: Registration): void {
		this.all.push(registration);
	}

	of(callback: FnId): readonly Registration[] {
		if (this.byCallback === null) {
			this.byCallback = new Map();
			for (const [i, one] of this.all.entries()) addTo(this.byCallback, one.callback, i);
		}
		return (this.byCallback.get(callback) ?? []).map((i) => this.all[i]!);
	}

	/** What sets up a field with a callback. */
	settingUp(key: number): readonly Setup[] {
		this.setups ??= finish(this.findSetups());
		const found: Setup[] = [];
		for (const i of this.setups.get(key) ?? []) {
			const registration = this.all[i]!;
			const use = useAt(this.program, registration.fn, registration.offset);
			if (use?.key === key) found.push({ registration, use });
		}
		return found;
	}

	/** After an edit that has moved places, and changed bodies at most. Gives what stands for those of which that holds. */
	move(moves: Moves): ReadonlyMap<Registration, Registration> {
		this.byFile ??= this.placesByFile();
		const moved = new Map<Registration, Registration>();
		for (const file of moves.places.keys()) {
			this.byFile.each(file, (all, i) => {
				const one = all[i]!;
				all[i] = { ...one, offset: placeNow(moves, file, one.offset) };
				moved.set(one, all[i]!);
				if (this.setups !== null) this.setKey(this.setups, i, keyOf(this.program, all[i]!));
			});
		}
		return moved;
	}

	copy(): Registrations {
		const copy = new Registrations(this.program);
		copy.all.push(...this.all);
		return copy;
	}

	/** Finds what is found on demand otherwise; no edit may come in between. */
	*prepare(): Steps<void> {
		this.setups ??= yield* this.findSetups();
		this.byFile ??= this.placesByFile();
	}

	private placesByFile(): ByFile<Registration> {
		return new ByFile([this.all], ({ file }) => file);
	}

	private *findSetups(): Steps<Map<number, Set<number>>> {
		const found = new Map<number, Set<number>>();
		this.keys = new Float64Array(this.all.length).fill(NONE);
		for (const [i, one] of this.all.entries()) {
			this.setKey(found, i, keyOf(this.program, one));
			if (i % STEP === 0) yield;
		}
		return found;
	}

	private setKey(setups: Map<number, Set<number>>, i: number, key: number): void {
		const before = this.keys[i]!;
		if (key === before) return;
		setups.get(before)?.delete(i);
		this.keys[i] = key;
		if (key === NONE) return;
		const known = setups.get(key);
		if (known === undefined) setups.set(key, new Set([i]));
		else known.add(i);
	}
}

/** The fieldKey of what a registration sets up, or NONE. */
function keyOf(program: Program, { fn, offset, isForwarded, row }: Registration): number {
	if (fn === NONE || isForwarded || row.via !== "arg") return NONE;
	return useAt(program, fn, offset)?.key ?? NONE;
}
