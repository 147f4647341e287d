// Entry of a thread that helps to solve a tree: first the program, then the work, then it ends.

import { parentPort } from "node:worker_threads";
import { type Assistant, type CrewStart, type CrewWork, createAssistant, type SurveyWork } from "@might-sleep/analyzer";

export type ToAssistant =
	| { readonly kind: "start"; readonly start: CrewStart }
	| { readonly kind: "survey"; readonly work: SurveyWork; readonly number: number }
	| { readonly kind: "work"; readonly work: CrewWork; readonly number: number };

let help: Assistant | null = null;

parentPort!.on("message", (message: ToAssistant) => {
	switch (message.kind) {
		case "start":
			help = createAssistant(message.start);
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
