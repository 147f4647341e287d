// What the fields that conditional callback rows look at are set to: by the initialiser that holds the callback,
// else by assignments in the same folder, else in the driver's folder above. A value that is not constant may be anything.

import { constantOf } from "../ir/consts.js";
import { NONE } from "../ir/ops.js";
import type { FileId } from "../ir/program.js";
import type { CallbackRow } from "../model/schema.js";
import { bitsNamed } from "./sleeping.js";
import type { World } from "./world.js";

type Condition = NonNullable<CallbackRow["whenField"]>;

/** Folders from the root down to that of a driver which has parts in folders of their own. */
const DRIVER_DEPTH = 3;

/** Values seen in one place; undefined among them: one that is not known. */
export type Seen = Set<number | undefined>;

/** Where a callback is set: file, folder, and the variable whose initialiser it is in (NONE: assigned). */
export interface SettingPlace {
	readonly file: FileId;
	readonly folder: string;
	readonly owner: number;
}

export class Settings {
	/** by place and field: the values by struct, NONE where the struct is not known */
	private readonly seen = new Map<string, Map<number, Seen>>();

	constructor(private readonly world: World) {}

	/** `place` sets field `name` of `struct` (program-wide names, NONE when not known) to an expression of unit scope or of a function. */
	note(place: SettingPlace, struct: number, name: number, value: number): void {
		const constant = constantOf(this.world.program, place.file, value);
		const how = place.owner === NONE ? "assigned" : "initialised";
		this.add(`${place.file} ${how} ${name}`, struct, constant);
		this.add(`${place.folder} ${how} ${name}`, struct, constant);
	}

	/**
	 * Does the row's condition hold for a callback that is set at `place`? `besideOf` gives the values that its own
	 * initialiser has for a field. What the callback's file says goes before what the folder does, and that before the rest of a driver of several folders.
	 */
	holds(place: SettingPlace, condition: Condition | undefined, besideOf: (name: number) => Seen): boolean {
		if (condition === undefined) return true;
		const { names } = this.world.program;
		const name = names.lookupText(condition.field);
		const struct = condition.struct === undefined ? undefined : names.lookupText(condition.struct);
		const own = struct === undefined && place.owner !== NONE;
		const beside = own ? besideOf(name) : undefined;
		if (beside !== undefined && beside.size > 0) return this.test(beside, condition);
		const ways = own ? ["assigned"] : ["assigned", "initialised"];
		const valuesIn = (scope: FileId | string) =>
			this.valuesAt(
				ways.map((how) => `${scope} ${how} ${name}`),
				struct,
			);
		const near = struct === undefined ? valuesIn(place.folder) : valuesIn(place.file);
		if (near.size > 0) return this.test(near, condition);
		const values = valuesIn(place.folder);
		const parent = parentOf(place.folder);
		return this.test(values.size > 0 || parent === null ? values : valuesIn(parent), condition);
	}

	/** Is anything set of a struct of one of these names? */
	knowsStruct(structs: ReadonlySet<number>): boolean {
		for (const byStruct of this.seen.values())
			for (const struct of byStruct.keys()) if (structs.has(struct)) return true;
		return false;
	}

	/** What is set at any of the keys in this struct, or in one that is not known. */
	private valuesAt(keys: readonly string[], struct: number | undefined): Seen {
		const values: Seen = new Set();
		for (const key of keys) {
			for (const [owner, seen] of this.seen.get(key) ?? []) {
				if (struct === undefined || owner === struct || owner === NONE) for (const value of seen) values.add(value);
			}
		}
		return values;
	}

	private add(key: string, struct: number, value: number | undefined): void {
		const byStruct = this.seen.get(key) ?? new Map<number, Seen>();
		this.seen.set(key, byStruct.set(struct, (byStruct.get(struct) ?? new Set()).add(value)));
	}

	private test(values: Seen, condition: Condition): boolean {
		const some = (test: (value: number) => boolean): boolean =>
			[...values].some((value) => value === undefined || test(value));
		const bits = bitsNamed(this.world, condition.bits ?? "");
		switch (condition.is) {
			case "nonzero":
				return some((value) => value !== 0);
			case "zero":
				return !some((value) => value !== 0);
			case "has-bits":
				return some((value) => (value & bits) !== 0);
			case "lacks-bits":
				return !some((value) => (value & bits) !== 0);
			case "equals": {
				const wanted = condition.value ?? 0;
				const number = typeof wanted === "number" ? wanted : bitsNamed(this.world, wanted);
				return some((value) => value === number);
			}
		}
	}
}

/** The folder of a driver that one of its parts is in; null where the folder above is that of a subsystem. */
function parentOf(folder: string): string | null {
	const parent = folder.slice(0, Math.max(0, folder.lastIndexOf("/")));
	return parent.split("/").length < DRIVER_DEPTH ? null : parent;
}
