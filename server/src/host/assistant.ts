// Entry of a thread that helps to solve a tree: first the program, its units part by part, then the work, then it ends.

import { parentPort } from "node:worker_threads";
import { type Assistant, type CrewStart, type CrewWork, createAssistant, type SurveyWork } from "@might-sleep/analyzer";

export type ToAssistant =
	| { readonly kind: "units"; readonly units: CrewStart["program"]["units"] }
	/** the program without its units */
	| { readonly kind: "start"; readonly start: CrewStart }
	| { readonly kind: "survey"; readonly work: SurveyWork; readonly number: number }
	| { readonly kind: "work"; readonly work: CrewWork; readonly number: number };

const units: (SharedArrayBuffer | undefined)[] = [];
let help: Assistant | null = null;

parentPort!.on("message", (message: ToAssistant) => {
	switch (message.kind) {
		case "units":
			for (const unit of message.units) units.push(unit);
			break;
		case "start":
			help = createAssistant({ ...message.start, program: { ...message.start.program, units } });
			break;
		case "survey":
			help?.survey(message.work, message.number);
			break;
		case "work":
			help?.summarise(message.work, message.number);
			parentPort!.close();
			break;
	}
});
