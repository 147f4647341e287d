// Fields that are given what other fields have: `pipe->receive = attr->receive`. What the one may hold, the other may.

import { IntVec } from "../base/vec.js";
import { EXPR_SIZE, NONE, OpField } from "../ir/ops.js";
import type { FnId, Program } from "../ir/program.js";
import { memberOf } from "../ir/typing.js";
import type { Unit } from "../ir/unit.js";
import { type FieldTarget, fieldKeyOf, fieldOfKey } from "./fieldKeys.js";
import { isFunctionType } from "./functionValues.js";

/** A field with more functions than this is that of a whole subsystem: which of them a copy means, nobody knows. */
const MAX_FUNCTIONS = 8;
/** Copies of copies that are followed. */
const MAX_ROUNDS = 4;

interface Copy {
	/** fieldKey of the field that is set, NONE when it is not known, and of the one that it is given */
	readonly to: number;
	readonly from: number;
	/** of the code that does so */
	readonly folder: string;
}

/** Ints of a copy: function, field that is set (an expression), field that it is given, and the name of that. */
const COPY_SIZE = 4;

export class FieldCopies {
	private readonly copies = new IntVec(1 << 12);

	constructor(private readonly program: Program) {}

	/** Notes an assignment of a field to a field, the op at `record` of a function's unit. */
	note(fn: FnId, unit: Unit, record: number): void {
		const value = unit.ops[record + OpField.B]!;
		this.copies.push(fn);
		this.copies.push(unit.ops[record + OpField.A]!);
		this.copies.push(value);
		this.copies.push(this.program.globalName(this.program.fnFile(fn), unit.exprs[value * EXPR_SIZE + 2]!));
	}

	/** Adds to each field the functions of those that it is given; where these are many, only those of the copy's own folder. */
	follow(fields: ReadonlyMap<number, readonly FieldTarget[]>, add: (key: number, taken: FieldTarget) => void): void {
		const names = new Set<number>();
		for (const key of fields.keys()) names.add(fieldOfKey(key));
		const pairs = this.pairsOf(names);
		for (let round = 0, isNew = true; round < MAX_ROUNDS && isNew; round++) {
			isNew = false;
			for (const { to, from, folder } of pairs) {
				const all = fields.get(from) ?? [];
				const known = fields.get(to) ?? [];
				const held = all.length > MAX_FUNCTIONS ? all.filter((taken) => this.isIn(folder, taken)) : all;
				if (held.length + known.length > MAX_FUNCTIONS) continue;
				for (const taken of held) {
					if (known.some(({ target }) => target === taken.target)) continue;
					add(to, { ...taken, owner: NONE, init: NONE });
					isNew = true;
				}
			}
		}
	}

	private isIn(folder: string, { target }: FieldTarget): boolean {
		return this.program.pathInfo(this.program.fnFile(target)).folder === folder;
	}

	/** The copies that may be of functions, by fieldKey: fields of one of these names, or ones that such are copied to. */
	private pairsOf(names: Set<number>): Copy[] {
		const { program } = this;
		const { data, length } = this.copies;
		const found = new Map<number, Copy>();
		for (let size = -1; size < names.size; ) {
			size = names.size;
			for (let at = 0; at < length; at += COPY_SIZE) {
				if (!names.has(data[at + 3]!) || found.has(at)) continue;
				const from = functionField(program, data[at]!, data[at + 2]!);
				const to = from === NONE ? NONE : fieldKeyOf(program, data[at]!, data[at + 1]!);
				found.set(at, { to, from, folder: program.pathInfo(program.fnFile(data[at]!)).folder });
				if (to !== NONE) names.add(fieldOfKey(to));
			}
		}
		return [...found.values()].filter(({ to, from }) => to !== NONE && to !== from);
	}
}

/** The (struct, field) of a field that is declared as a pointer to a function, or NONE. */
function functionField(program: Program, fn: FnId, expr: number): number {
	const member = memberOf(program, fn, expr);
	if (member === null || !isFunctionType(program, member.type.file, member.type.type)) return NONE;
	return fieldKeyOf(program, fn, expr);
}
