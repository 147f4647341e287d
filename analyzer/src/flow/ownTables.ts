// What core code does for objects whose table of functions lacks one (`if (ops->alloc) … else …`): a chain that has come
// through a driver which has that function does not go on there.

import { EXPR_SIZE, ExprKind, OP_SIZE, Op, OpField, UnaryOp } from "../ir/ops.js";
import type { FileId, FnId } from "../ir/program.js";
import { FnField } from "../ir/unit.js";
import { CallMap } from "./callMap.js";
import { fieldKeyOf } from "./fieldKeys.js";
import type { Link } from "./link.js";
import type { Pointers } from "./pointers.js";
import { decisionsOf } from "./ways.js";
import type { World } from "./world.js";

type Keys = readonly number[];
const NO_KEYS: Keys = [];

export class OwnTables {
	/** by function: does it ask a field for a function at all? */
	private readonly asks = new Map<FnId, boolean>();
	/** by call: keys of the fields that hold no function where control comes to it */
	private readonly empty = new CallMap<Keys>();

	constructor(
		private readonly world: World,
		private readonly pointers: Pointers,
	) {}

	/** Does a chain go on where a table lacks what the driver's has that it has come through? */
	areMissed(links: readonly Link[]): boolean {
		return links.some((link, i) => i > 0 && this.emptyAt(link).some((key) => this.isOwn(links, i, key)));
	}

	/** Has a driver before the link at `at`, which is none of its own code, such a function? */
	private isOwn(links: readonly Link[], at: number, key: number): boolean {
		const fileOf = (i: number): FileId => this.world.program.fnFile(links[i]!.fn);
		for (const { target } of this.pointers.targetsOf(key) ?? []) {
			const home = this.world.program.fnFile(target);
			if (this.pointers.areOfOneDriver(home, fileOf(at))) continue;
			for (let i = 0; i < at; i++) if (this.pointers.areOfOneDriver(home, fileOf(i))) return true;
		}
		return false;
	}

	private emptyAt({ fn, op }: Link): Keys {
		if (!this.asksTables(fn)) return NO_KEYS;
		const known = this.empty.get(fn, op);
		if (known !== undefined) return known;
		const found = decisionsOf(this.world.program, fn, op).flatMap(({ condition, isSo }) => {
			const { expr, isNegated } = this.askedBy(fn, condition);
			return isSo === isNegated ? this.functionsIn(fn, expr) : NO_KEYS;
		});
		return this.empty.add(fn, op, found);
	}

	private asksTables(fn: FnId): boolean {
		const known = this.asks.get(fn);
		if (known !== undefined) return known;
		const { program } = this.world;
		const { ops } = program.unit(program.fnFile(fn));
		const start = program.fnField(fn, FnField.OpStart);
		const end = start + program.fnField(fn, FnField.OpCount);
		let isFound = false;
		for (let at = start; at < end && !isFound; at++) {
			if ((ops[at * OP_SIZE]! & 255) !== Op.Branch) continue;
			isFound = this.functionsIn(fn, this.askedBy(fn, ops[at * OP_SIZE + OpField.A]!).expr).length > 0;
		}
		this.asks.set(fn, isFound);
		return isFound;
	}

	/** What a condition asks, `!` aside. */
	private askedBy(fn: FnId, condition: number): { readonly expr: number; readonly isNegated: boolean } {
		const { exprs } = this.world.program.unit(this.world.program.fnFile(fn));
		let [expr, isNegated] = [condition, false];
		while (expr >= 0 && exprs[expr * EXPR_SIZE] === ExprKind.Unary && exprs[expr * EXPR_SIZE + 1] === UnaryOp.Not) {
			expr = exprs[expr * EXPR_SIZE + 2]!;
			isNegated = !isNegated;
		}
		return { expr, isNegated };
	}

	/** The key of a field that holds functions; none for other expressions. */
	private functionsIn(fn: FnId, expr: number): Keys {
		const { program } = this.world;
		const { exprs } = program.unit(program.fnFile(fn));
		if (expr < 0 || exprs[expr * EXPR_SIZE] !== ExprKind.Field) return NO_KEYS;
		const key = fieldKeyOf(program, fn, expr);
		return key >= 0 && this.pointers.targetsOf(key) !== null ? [key] : NO_KEYS;
	}
}
