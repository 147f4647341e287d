// Drop scopes: what a scope owns is dropped where control leaves it, last first: locals at the end of their block,
// temporaries at the end of their statement. What some paths have moved away carries a flag.
import { ExprKind, NONE, OP_SIZE, Op, OpField, OpFlag } from "../ir/ops.js";
import { VarFlag } from "../ir/unit.js";
import {
	addVariable,
	type Breakable,
	bindJumps,
	emit,
	emitBranch,
	emitJump,
	type Lowering,
	localExpr,
	nameExpr,
	type Owned,
	type Value,
} from "./state.js";
import { mayDrop } from "./terms.js";

/** More methods than this on one value are not looked through for one that takes it. */
const MAX_METHODS = 4;

/**
 * Lets the innermost scope own a value; answers the record, or null when nothing is done when it is dropped. The slot of
 * what `let` binds, which a flag may take later, begins where the statement does.
 */
export function own(r: Lowering, value: Value, start: number, end: number, hasSlot: boolean): Owned | null {
	if (!mayDrop(value.term) || r.dead) return null;
	const slot = hasSlot ? emit(r, Op.Nop, r.letStart === NONE ? start : r.letStart, end, 0, 0, 0) : NONE;
	const owned: Owned = { expr: value.expr, term: value.term, start, end, moved: false, flag: NONE, slot, methods: [] };
	r.owned.push(owned);
	return owned;
}

export function noteMethod(owned: Owned | null, name: string): void {
	if (owned !== null && owned.methods.length < MAX_METHODS && !owned.methods.includes(name)) owned.methods.push(name);
}

function emitDrop(r: Lowering, owned: Owned): void {
	if (owned.moved || r.dead || !mayDrop(owned.term)) return;
	const { builder } = r;
	const { start, end } = owned;
	const guard = owned.flag === NONE ? NONE : emitBranch(r, localExpr(r, owned.flag), start, end);
	const first = builder.lists.length;
	builder.lists.push3(owned.expr, start, end);
	const methods = owned.methods.length === 0 ? "" : `;${owned.methods.join()}`;
	const callee = nameExpr(r, `${owned.term}#drop${methods}`);
	emit(r, Op.Call | (OpFlag.Cleanup << 8), start, end, callee, first, 1);
	bindJumps(r, [guard]);
}

/** Emits the drops of all that is owned beyond the first `keep`; they stay owned. */
export function emitDrops(r: Lowering, keep: number): void {
	for (let i = r.owned.length - 1; i >= keep && !r.dead; i--) emitDrop(r, r.owned[i]!);
}

/** Control leaves the scope at its end: drops what it owns and forgets it. */
export function endDrops(r: Lowering, keep: number): void {
	emitDrops(r, keep);
	r.owned.length = keep;
}

/** The value of a local is replaced: what was there is dropped. */
export function overwrite(r: Lowering, owned: Owned): void {
	emitDrop(r, owned);
}

/** After the new value is in place. */
export function renew(r: Lowering, owned: Owned): void {
	owned.moved = false;
	if (owned.flag !== NONE) setFlag(r, owned, 1);
}

function setFlag(r: Lowering, owned: Owned, to: number): void {
	emit(r, Op.Assign, owned.start, owned.end, localExpr(r, owned.flag), r.builder.intOf(to), 0);
}

/** What was moved before a branch. */
export function movedNow(r: Lowering): boolean[] {
	return r.owned.map((owned) => owned.moved);
}

/** Says at run time what has been moved since `before`: paths that meet may differ. */
export function flagMoves(r: Lowering, before: readonly boolean[]): void {
	for (let i = 0; i < before.length && !r.dead; i++) {
		const owned = r.owned[i]!;
		if (!owned.moved || before[i] === true || owned.slot === NONE) continue;
		if (owned.flag === NONE) raiseFlag(r, owned, 1);
		setFlag(r, owned, 0);
	}
}

/** A name that gets its value later, perhaps on some paths only, of a type that is known then. */
export function ownLater(r: Lowering, value: Value, start: number, end: number): Owned | null {
	if (r.dead || (value.term !== "" && !mayDrop(value.term))) return null;
	const slot = emit(r, Op.Nop, start, end, 0, 0, 0);
	const owned: Owned = { expr: value.expr, term: value.term, start, end, moved: false, flag: NONE, slot, methods: [] };
	r.owned.push(owned);
	raiseFlag(r, owned, 0);
	return owned;
}

function raiseFlag(r: Lowering, owned: Owned, to: number): void {
	owned.flag = addVariable(r, "", "bool", VarFlag.Temp, NONE);
	const at = (r.opBase + owned.slot) * OP_SIZE;
	const { data } = r.builder.ops;
	data[at + OpField.Code] = Op.Assign;
	data[at + OpField.A] = r.builder.expr(ExprKind.Local, owned.flag, 0, 0);
	data[at + OpField.B] = r.builder.intOf(to);
}

export function restoreMoves(r: Lowering, before: readonly boolean[]): void {
	for (let i = 0; i < before.length; i++) r.owned[i]!.moved = before[i]!;
}

/** Arms that meet again: what each has moved, as long as control gets to its end. */
export class Arms {
	private readonly before: readonly boolean[];
	private readonly ends: number[] = [];
	private readonly moved: boolean[][] = [];

	constructor(private readonly r: Lowering) {
		this.before = movedNow(r);
	}

	/** The arm is done; the next one begins with what was there before. */
	end(start: number, end: number): void {
		const { r } = this;
		if (!r.dead) {
			flagMoves(r, this.before);
			this.moved.push(movedNow(r).slice(0, this.before.length));
			this.ends.push(emitJump(r, start, end));
		}
		restoreMoves(r, this.before);
	}

	/** All arms lead here. What every arm that gets here has moved is gone. */
	meet(): void {
		bindJumps(this.r, this.ends);
		for (let i = 0; i < this.before.length; i++) {
			const everywhere = this.moved.length > 0 && this.moved.every((arm) => arm[i] === true);
			if (everywhere) this.r.owned[i]!.moved = true;
			else if (this.moved.some((arm) => arm[i] === true) && this.r.owned[i]!.slot === NONE)
				this.r.owned[i]!.moved = true;
		}
	}
}

/** Leaves a loop or block: drops what is owned inside, and says what of the outside is gone. */
export function leave(r: Lowering, target: Breakable): void {
	emitDrops(r, target.before.length);
	flagMoves(r, target.before);
}

/** What leaves code that is no loop by `break` or `?`; its value comes into `result`. */
export function breakableCode(r: Lowering, label: string, result: number): Breakable {
	return { label, breaks: [], again: NONE, continues: [], before: movedNow(r), result, isLoop: false };
}
