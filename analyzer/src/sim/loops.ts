// Loop macros, `for_each_x(pos, …) { … }`: the macro's own body is run like a coroutine. It yields to the
// user's statement where its body leaves a place for one, is resumed by the jump back, and ends the loop by
// coming to its own end. Without its definition the rounds are a choice.

import { OP_SIZE, Op, OpField, OpFlag } from "../ir/ops.js";
import type { FnId } from "../ir/program.js";
import { FnField, FnFlag } from "../ir/unit.js";
import type { Frame, Machine, State } from "./machine.js";
import { ONE, ZERO } from "./value.js";

/** Is this function a macro whose user completes a statement that it begins? */
export function isLoopMacro(machine: Machine, fn: FnId): boolean {
	const { program } = machine.world;
	return (program.flagsOf(fn) & FnFlag.MacroHead) !== 0 && program.fnField(fn, FnField.OpCount) > 1;
}

/** The op is the user's statement in the body of a loop macro: control goes there. */
export function yieldRound(machine: Machine): void {
	const { depth, frame, task } = machine;
	const frames = task.frames.slice(0, depth);
	const user = frames[depth - 1]!;
	const saved: Frame = { ...frame, pc: frame.pc + 1 };
	frames[depth - 1] = {
		...user,
		pc: frame.callOp + 1,
		results: user.results.set(frame.callOp, ONE),
		loops: user.loops.set(frame.callOp, saved),
	};
	machine.updateTask({ frames });
}

/** Is the Nop at the running frame's pc the place of the user's statement? */
export function isUserStatement(machine: Machine, flags: number): boolean {
	return machine.depth > 0 && (flags & OpFlag.Asm) === 0 && isLoopMacro(machine, machine.frame.fn);
}

/** After a round: goes on in the macro that heads the loop at `op`. False: it was not entered there. */
export function resumeRound(machine: Machine, op: number): boolean {
	const saved = machine.frame.loops.get(op);
	if (saved === undefined || !isLoopHead(machine, op)) return false;
	const { depth } = machine;
	machine.updateFrame(depth, { pc: op, loops: machine.frame.loops.set(op, undefined) });
	machine.updateTask({ frames: [...machine.task.frames, saved] });
	return true;
}

/** What the macro of the loop headed at `op` said: another round or none; undefined when nobody computes it. */
export function hasRound(machine: Machine, op: number): boolean | undefined {
	if (op < 0 || !isLoopHead(machine, op)) return undefined;
	const result = machine.frame.results.get(op);
	if (result === ONE) return true;
	return result === ZERO ? false : undefined;
}

/** Rounds of a loop without a way out before the run is given up. */
const MAX_ROUNDS = 64;

/** A loop that nothing leaves, on a machine that has nothing else to do: the run ends there. */
export function spinsForEver(machine: Machine, head: number, jump: number): boolean {
	const { world, frame, depth, state } = machine;
	if (!world.isWayless(frame.fn, head, jump)) return false;
	const round = (frame.rounds.get(jump) ?? 0) + 1;
	machine.updateFrame(depth, { rounds: frame.rounds.set(jump, round) });
	if (round < MAX_ROUNDS || hasMoreToDo(state)) return false;
	const at = machine.placeOfFrame(depth);
	machine.note("this loop goes round for ever, and there is nothing else to do: the run ends", at);
	machine.end({ kind: "halted", by: world.program.fnName(frame.fn) });
	return true;
}

/** Is there anything but the task that runs: an interrupt that comes by itself, something put off, another task? */
function hasMoreToDo({ cpus, cpu, tasks, sources, items }: State): boolean {
	if (items.length > 0 || sources.some(({ left, at }) => left > 0 && at?.kind !== "asked")) return true;
	const running = cpus[cpu]!.task;
	return tasks.some(({ status, frames }, index) => index !== running && status !== "done" && frames.length > 0);
}

function isLoopHead(machine: Machine, op: number): boolean {
	const { program } = machine.world;
	const { fn } = machine.frame;
	const { ops } = program.unit(program.fnFile(fn));
	const code = ops[(program.fnField(fn, FnField.OpStart) + op) * OP_SIZE + OpField.Code]!;
	return (code & 0xff) === Op.Call && ((code >> 8) & OpFlag.LoopHead) !== 0;
}
