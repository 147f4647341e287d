// What the fields that conditional callback rows look at are set to: by the initialiser that holds the callback,
// else by assignments in the same folder. A value that is not constant may be anything.

import { constantOf } from "../ir/consts.js";
import { NONE } from "../ir/ops.js";
import type { FileId } from "../ir/program.js";
import type { CallbackRow } from "../model/schema.js";
import { bitsNamed } from "./sleeping.js";
import type { World } from "./world.js";

type Condition = NonNullable<CallbackRow["whenField"]>;

/** Values seen in one place; undefined among them: one that is not known. */
type Seen = Set<number | undefined>;

/** Where a callback is set: file, folder, and the variable whose initialiser it is in (NONE: assigned). */
export interface SettingPlace {
	readonly file: FileId;
	readonly folder: string;
	readonly owner: number;
}

export class Settings {
	private readonly seen = new Map<string, Seen>();

	constructor(private readonly world: World) {}

	/** `place` sets the field of this program-wide name to an expression of unit scope or of a function. */
	note(place: SettingPlace, name: number, value: number): void {
		const constant = constantOf(this.world.program, place.file, value);
		if (place.owner === NONE) this.at(`${place.folder} assigned ${name}`).add(constant);
		else {
			this.at(`${place.file} ${place.owner} ${name}`).add(constant);
			this.at(`${place.folder} initialised ${name}`).add(constant);
		}
	}

	/** Does the row's condition hold for a callback that is set at `place`? */
	holds(place: SettingPlace, condition: Condition | undefined): boolean {
		if (condition === undefined) return true;
		const name = this.world.program.names.lookupText(condition.field);
		const own = condition.struct === undefined && place.owner !== NONE;
		const beside = own ? this.seen.get(`${place.file} ${place.owner} ${name}`) : undefined;
		if (beside !== undefined) return this.test(beside, condition);
		const values: Seen = new Set(this.seen.get(`${place.folder} assigned ${name}`));
		if (!own) for (const value of this.seen.get(`${place.folder} initialised ${name}`) ?? []) values.add(value);
		return this.test(values, condition);
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

	private at(key: string): Seen {
		const known = this.seen.get(key);
		if (known !== undefined) return known;
		const fresh: Seen = new Set();
		this.seen.set(key, fresh);
		return fresh;
	}
}
