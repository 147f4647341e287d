// What the panel's page and the extension say to each other.

import type { ChooseArguments, MemoryArguments, PanelState, Timeline } from "@might-sleep/server/debug/messages";

export type ToPage =
	/** the machine stands at a step; the timeline is the part that the page asked for */
	| { readonly kind: "shown"; readonly timeline: Timeline; readonly state: PanelState; readonly session: string }
	/** it runs, or nothing is debugged */
	| { readonly kind: "running" }
	| { readonly kind: "idle" };

export type FromPage =
	/** the page is there, or has another size or window; null: the whole run */
	| { readonly kind: "window"; readonly room: number; readonly from: number | null; readonly to: number | null }
	| { readonly kind: "seek"; readonly index: number }
	| { readonly kind: "choose"; readonly choice: ChooseArguments }
	| { readonly kind: "memory"; readonly memory: MemoryArguments }
	| { readonly kind: "act"; readonly action: number }
	| { readonly kind: "move"; readonly movement: PageMovement }
	| { readonly kind: "launch" | "open-scenario" };

export type PageMovement =
	| "reverseContinue"
	| "reverseStepOut"
	| "stepBack"
	| "reverseStepInto"
	| "stepInto"
	| "stepOver"
	| "stepOut"
	| "continue";
