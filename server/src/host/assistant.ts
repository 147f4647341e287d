// Entry of a thread that helps to solve a tree: first the program, then the work, then it ends.

import { parentPort } from "node:worker_threads";
import { type CrewStart, type CrewWork, createAssistant } from "@might-sleep/analyzer";

export type ToAssistant =
	| { readonly kind: "start"; readonly start: CrewStart }
	| { readonly kind: "work"; readonly work: CrewWork; readonly number: number };

let help: ReturnType<typeof createAssistant> | null = null;

parentPort!.on("message", (message: ToAssistant) => {
	if (message.kind === "start") {
		help = createAssistant(message.start);
		return;
	}
	help?.(message.work, message.number);
	parentPort!.close();
});
