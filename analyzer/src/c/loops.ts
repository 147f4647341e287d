// Scopes and loops around statements: break and continue lists, back edges, cleanups at the end of a scope.
import { NONE, Op, OpFlag } from "../ir/ops.js";
import { dropCleanups, emitCleanups, openCleanups } from "./cleanups.js";
import { emit, leaveScope, type Parser, stop } from "./parser.js";

/** Reads a loop's body with its own break and continue lists; afterwards breakList and contList hold them. */
export interface LoopState {
	breakList: number;
	contList: number;
	breakCleanups: number;
	contCleanups: number;
	inBreakable: boolean;
	inLoop: boolean;
}

export function enterLoop(p: Parser): LoopState {
	const { breakList, contList, breakCleanups, contCleanups, inBreakable, inLoop } = p;
	p.breakList = NONE;
	p.contList = NONE;
	p.breakCleanups = openCleanups(p);
	p.contCleanups = p.breakCleanups;
	p.inBreakable = true;
	p.inLoop = true;
	return { breakList, contList, breakCleanups, contCleanups, inBreakable, inLoop };
}

export function leaveLoop(p: Parser, outer: LoopState): void {
	p.breakList = outer.breakList;
	p.contList = outer.contList;
	p.breakCleanups = outer.breakCleanups;
	p.contCleanups = outer.contCleanups;
	p.inBreakable = outer.inBreakable;
	p.inLoop = outer.inLoop;
}

/** A jump back to `top`, spanning the token at `at`. */
export function jumpBack(p: Parser, top: number, at: number): void {
	emit(p, Op.Jump | (OpFlag.BackEdge << 8), p.start[at], p.end[at], top, 0, 0);
	stop(p);
}

/** Runs the cleanups opened after `keep` and forgets the names bound after `undo`. */
export function endScope(p: Parser, undo: number, keep: number): void {
	if (openCleanups(p) > keep) {
		emitCleanups(p, keep);
		dropCleanups(p, keep);
	}
	leaveScope(p, undo);
}
