// Several threads look at the files of a program (survey.ts). What others find they write into logs, which the thread
// that owns the program reads; what names mean they write into the program's own memory. Rust is left to the owner: what
// its names mean is found by reading all of it.

import { sharedCopy, sharedInts } from "../base/ints.js";
import type { Steps } from "../base/steps.js";
import type { SharedViews } from "../base/views.js";
import { OP_SIZE } from "../ir/ops.js";
import type { FileId, Program } from "../ir/program.js";
import { FN_SIZE } from "../ir/unit.js";
import type { CallGraph } from "./callGraph.js";
import { logPlace, MAX_MEMBERS, memberAt, offsetAt } from "./logs.js";
import { hasCode, Surveyor, SurveyPart } from "./survey.js";
import { newProgress, type Progress, Turns } from "./turns.js";
import type { World } from "./world.js";

/** Ops of the files that a thread takes at a time: some milliseconds. */
const CHUNK_OPS = 20_000;
/** Room of a log in ints for each op, function and file; what is never written is never taken. */
const LOG_INTS_PER_OP = 4;
const LOG_INTS_PER_FN = 2;
const LOG_INTS_PER_FILE = 8;

/** What is to be done, and how far it is: all of it shared. */
export interface SurveyWork {
	/** by file: room for what its names mean */
	readonly bindings: SharedViews;
	readonly files: Int32Array;
	/** by chunk: its first place in `files`; one more at the end */
	readonly chunks: Int32Array;
	readonly progress: Progress;
	/** by place in `files`: where the survey is (logs.ts); 0: the owner has it */
	readonly where: Int32Array;
	/** by member but the owner */
	readonly logs: readonly Int32Array[];
}

/** Surveys all files, with a crew that has been started for this program. `help` sends it the work. */
export function* surveyTogether(
	world: World,
	graph: CallGraph,
	nHelpers: number,
	help: (work: SurveyWork) => void,
): Steps<void> {
	const work = planSurvey(world.program, Math.min(nHelpers, MAX_MEMBERS - 1));
	const turns = new Turns(work.progress);
	const look = (chunk: number) => {
		for (let i = work.chunks[chunk]!; i < work.chunks[chunk + 1]!; i++) graph.survey(work.files[i]!);
		turns.finish(chunk);
	};
	help(work);
	try {
		for (let chunk = turns.take(); chunk >= 0; chunk = turns.take()) {
			look(chunk);
			yield;
		}
		while (!turns.waitForLevel(turns.nLevels)) {
			look(turns.leftBehind(turns.nLevels));
			yield;
		}
	} finally {
		turns.stop();
	}
	for (let i = 0; i < work.files.length; i++) {
		const where = Atomics.load(work.where, i);
		if (where === 0) continue;
		const log = work.logs[memberAt(where) - 1]!;
		const at = offsetAt(where);
		graph.adopt(work.files[i]!, log.subarray(at, at + log[at + SurveyPart.End]!));
	}
}

/** The part of another thread: member `number`, 1 … */
export function helpSurvey(world: World, work: SurveyWork, number: number): void {
	const log = work.logs[number - 1];
	if (log === undefined) return;
	world.program.takeBindings(work.bindings);
	const turns = new Turns(work.progress);
	const surveyor = new Surveyor(world);
	let logged = 0;
	for (let chunk = turns.take(); chunk >= 0; chunk = turns.take()) {
		for (let i = work.chunks[chunk]!; i < work.chunks[chunk + 1]!; i++) {
			const survey = surveyor.look(work.files[i]!);
			// without room the chunk stays undone, which the owner sees
			if (logged + survey.length > log.length) return;
			log.set(survey, logged);
			Atomics.store(work.where, i, logPlace(logged, number));
			logged += survey.length;
		}
		turns.finish(chunk);
	}
}

function planSurvey(program: Program, nHelpers: number): SurveyWork {
	const files: FileId[] = [];
	const chunks: number[] = [];
	let room = 0;
	let ops = CHUNK_OPS;
	for (const file of program.filesInOrder()) {
		const unit = program.unit(file);
		if (!hasCode(unit) || program.isRust(file)) continue;
		if (ops >= CHUNK_OPS) {
			chunks.push(files.length);
			ops = 0;
		}
		files.push(file);
		ops += unit.ops.length / OP_SIZE;
		room += LOG_INTS_PER_FILE + (unit.ops.length / OP_SIZE) * LOG_INTS_PER_OP;
		room += (unit.fns.length / FN_SIZE) * LOG_INTS_PER_FN;
	}
	const progress = newProgress(new Int32Array(chunks.length));
	chunks.push(files.length);
	return {
		bindings: program.openBindings(files),
		files: sharedCopy(files),
		chunks: sharedCopy(chunks),
		progress,
		where: sharedInts(files.length),
		logs: Array.from({ length: nHelpers }, () => sharedInts(room)),
	};
}
