// Threads that help to solve a tree. One that dies is not replaced: the analysis does its part itself.

import { Worker } from "node:worker_threads";
import type { Crew, CrewStart } from "@might-sleep/analyzer";
import type { ToAssistant } from "./assistant.js";
import { threadScript } from "./threads.js";

/** More help than this is not worth its memory. */
const MAX_ASSISTANTS = 7;

/** Starts the threads that `jobs` leaves beside the caller's. */
export function startCrew(start: CrewStart, jobs: number): Crew {
	const count = Math.min(jobs - 1, MAX_ASSISTANTS);
	const workers = Array.from({ length: count }, () => {
		const worker = new Worker(threadScript("host/assistant"));
		worker.on("error", () => {});
		worker.unref();
		post(worker, { kind: "start", start });
		return worker;
	});
	let hasBegun = false;
	return {
		size: count,
		survey: (work) => {
			workers.forEach((worker, i) => {
				post(worker, { kind: "survey", work, number: i + 1 });
			});
		},
		begin: (work) => {
			hasBegun = true;
			workers.forEach((worker, i) => {
				post(worker, { kind: "work", work, number: i + 1 });
			});
		},
		end: () => {
			if (!hasBegun) for (const worker of workers) void worker.terminate();
		},
	};
}

function post(worker: Worker, message: ToAssistant): void {
	worker.postMessage(message);
}
