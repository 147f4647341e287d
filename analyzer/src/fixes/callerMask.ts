// The mask that is right at a call which is to say one: the function's own where it has one, else the flag that its
// contexts call for.

import { applyCtx, forbidsSleep } from "../flow/context.js";
import type { MaskParams } from "../flow/maskParams.js";
import { Need, RECLAIM_LEVELS } from "../flow/need.js";
import type { Solved } from "../flow/solved.js";
import type { CallState } from "../flow/summary.js";
import { isWellKnown } from "../flow/wellKnown.js";
import { NONE } from "../ir/ops.js";
import type { FnId } from "../ir/program.js";
import { FnField, unitName, VAR_SIZE, VarField } from "../ir/unit.js";
import { AVOIDING, COMMON_NAMES, commonNamesThat } from "../model/gfp.js";

/** Paths of reclaim that are believed less than this say nothing. */
const MAX_DOUBT = 1;

/** What a call is to pass. */
export interface CallerMask {
	/** a flag, or the name of the function's own mask; null: its contexts do not agree, and it is not told */
	readonly text: string | null;
	/** false: a person should look */
	readonly certain: boolean;
	readonly why: string;
}

/** What is known of the contexts of a call. */
export interface CallContexts {
	/** some state is atomic by what the function itself does; all of them are */
	readonly isOwnAtomic: boolean;
	readonly isAllOwnAtomic: boolean;
	/** of no more doubt than was asked for */
	readonly nAtomic: number;
	readonly nSleepable: number;
	/** of the atomic ones, the least: 0 when one is certain */
	readonly doubt: number;
	/** how many records say how the function is entered */
	readonly nEntered: number;
}

/** What calls are to pass that are not told. */
export interface WantedMask {
	/** where they may sleep */
	readonly flag: string;
	/** where no context is known */
	readonly unknown: string;
	/** atomic contexts of more doubt than this count for nothing: 0 high confidence only, 2 all */
	readonly doubt: number;
}

/** The mask of a call. */
export function maskForCall(solved: Solved, masks: MaskParams, fn: FnId, op: number, wanted: WantedMask): CallerMask {
	const { flag, unknown } = wanted;
	const name = solved.world.program.fnName(fn);
	const [atomic, nowait] = commonNamesThat("cannot-sleep");
	const [usual] = commonNamesThat("can-sleep");
	const known = callContexts(solved, fn, op, wanted.doubt);
	const mayNot = flag === nowait ? nowait : atomic!;
	if (known.isAllOwnAtomic) return { text: mayNot, certain: true, why: `${name}() is atomic at the call` };
	const own = masks.of(fn);
	if (own !== NONE && !known.isOwnAtomic)
		return { text: paramText(solved, fn, own), certain: true, why: `${name}() is given a mask` };
	if (known.isOwnAtomic)
		return { text: mayNot, certain: false, why: `${name}() is atomic at the call on some of its paths` };
	if (known.nAtomic === 0) {
		const sure = reclaimNeed(solved, fn, op, 0);
		const need = sure !== Need.None ? sure : reclaimNeed(solved, fn, op, MAX_DOUBT);
		if (need !== Need.None) {
			const restricted = AVOIDING[RECLAIM_LEVELS[need]!].flag;
			const narrower = COMMON_NAMES.indexOf(restricted) > COMMON_NAMES.indexOf(flag) ? restricted : flag;
			return { text: narrower, certain: need === sure, why: `reclaim may wait for ${name}()` };
		}
		// the flag that it allocates with already cannot become wrong by that
		if (known.nEntered === 0)
			return { text: unknown, certain: unknown === flag, why: `no context of ${name}() is known` };
		const isDear = flag === atomic || flag === nowait;
		const text = isDear && isWellKnown(solved, fn) ? usual! : flag;
		return { text, certain: true, why: `${name}() may sleep` };
	}
	if (known.nSleepable === 0)
		return { text: mayNot, certain: known.doubt === 0, why: `${name}() is called in atomic context only` };
	return { text: null, certain: false, why: `${name}() is called in atomic context and where it may sleep` };
}

/**
 * Counts the contexts of a call, atomic ones up to a doubt. Records made for the function's own regions say nothing of
 * how it is entered.
 */
export function callContexts(solved: Solved, fn: FnId, op: number, maxDoubt: number): CallContexts {
	const { contexts } = solved;
	const { kinds } = solved.world;
	const states = contexts.statesOf(fn, op);
	const isOwn = (state: CallState) => forbidsSleep(applyCtx(kinds, 0, state.ctx));
	let nAtomic = 0;
	let nSleepable = 0;
	let nEntered = 0;
	let doubt = 2;
	for (let record = contexts.first(fn); record !== NONE; record = contexts.next(record)) {
		if (contexts.isSeed(record)) continue;
		nEntered++;
		for (const state of states) {
			const ac = contexts.contextAt(record, state);
			if (ac === NONE) continue;
			const doubtHere = Math.max(contexts.records.doubt(record), contexts.unprovedAt(record, state));
			if (!forbidsSleep(ac)) nSleepable++;
			else if (doubtHere <= maxDoubt) {
				nAtomic++;
				doubt = Math.min(doubt, doubtHere);
			}
		}
	}
	return {
		isOwnAtomic: states.some(isOwn),
		isAllOwnAtomic: states.length > 0 && states.every(isOwn),
		nAtomic,
		nSleepable,
		doubt,
		nEntered,
	};
}

/** Is a call atomic on some path by what its function itself does? */
export function isOwnAtomic({ contexts, world }: Solved, fn: FnId, op: number): boolean {
	return contexts.statesOf(fn, op).some((state) => forbidsSleep(applyCtx(world.kinds, 0, state.ctx)));
}

/** What reclaim must not do at a call, by the paths of no more doubt that lead to it. */
export function reclaimNeed({ reclaim, contexts }: Solved, fn: FnId, op: number, maxDoubt: number): Need {
	let need = Need.None;
	for (let path = reclaim.first(fn); path !== NONE; path = reclaim.next(path)) {
		if (reclaim.isStale(path) || reclaim.records.doubt(path) > maxDoubt) continue;
		for (const state of contexts.statesOf(fn, op)) {
			if (reclaim.doubtAt(path, state) <= maxDoubt) need = Math.max(need, reclaim.needAt(path, state));
		}
	}
	return need;
}

/** The name of a function's parameter. */
export function paramText({ world: { program } }: Solved, fn: FnId, param: number): string {
	const unit = program.unit(program.fnFile(fn));
	const name = unit.vars[(program.fnField(fn, FnField.VarStart) + param) * VAR_SIZE + VarField.Name]!;
	return name < 0 ? "" : unitName(unit, name);
}
