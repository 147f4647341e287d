// hot: what the states of calls are made of, shared by all functions: of a million states in which calls are made
// in the caller's own context, one in fourteen is unlike all others.

import { ListPool } from "../base/listPool.js";
import { noneOf } from "../base/lists.js";
import { IntVec } from "../base/vec.js";
import { NONE } from "../ir/ops.js";
import { type Ctx, NEUTRAL } from "./context.js";
import type { CallState, Guard } from "./summary.js";
import type { ValueId } from "./values.js";

const NO_GUARDS = noneOf<Guard>();

export class StatePool {
	private readonly argIds = new ListPool();
	private readonly args: (readonly ValueId[])[] = [];
	private readonly guardIds = new ListPool();
	private readonly guards: (readonly Guard[])[] = [];
	/** states in the caller's own context: each as the list of itself */
	private readonly stateIds = new ListPool();
	private readonly states: (readonly CallState[])[] = [];
	/** of what is looked up */
	private readonly key = new IntVec();

	/** The list of one state with these parts. */
	listOf(
		ctx: Ctx,
		guards: readonly Guard[],
		args: readonly ValueId[] | null,
		callee: number,
		conditional: boolean,
	): readonly CallState[] {
		if (ctx !== NEUTRAL)
			return [{ ctx, guards, args: this.shareArgs(args), callee, conditional, merged: false, told: false }];
		const { key } = this;
		key.clear();
		key.push(callee);
		key.push(conditional ? 1 : 0);
		key.push(args === null ? NONE : args.length);
		if (args !== null) this.addArgs(args);
		this.addGuards(guards);
		const id = this.stateIds.intern(key);
		const known = this.states[id];
		if (known !== undefined) return known;
		const made = [{ ctx, guards, args: this.shareArgs(args), callee, conditional, merged: false, told: false }];
		this.states[id] = made;
		return made;
	}

	/** The one list that is equal to this. */
	shareGuards(guards: readonly Guard[]): readonly Guard[] {
		if (guards.length === 0) return NO_GUARDS;
		this.key.clear();
		this.addGuards(guards);
		const id = this.guardIds.intern(this.key);
		this.guards[id] ??= guards;
		return this.guards[id]!;
	}

	private shareArgs(args: readonly ValueId[] | null): readonly ValueId[] | null {
		if (args === null) return null;
		this.key.clear();
		this.addArgs(args);
		const id = this.argIds.intern(this.key);
		this.args[id] ??= args;
		return this.args[id]!;
	}

	private addArgs(args: readonly ValueId[]): void {
		for (let i = 0; i < args.length; i++) this.key.push(args[i]!);
	}

	private addGuards(guards: readonly Guard[]): void {
		for (let i = 0; i < guards.length; i++) {
			this.key.push(guards[i]!.param);
			this.key.push(guards[i]!.value);
		}
	}
}
