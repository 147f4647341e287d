// The machine at the current step: what may be done, preempt_count by its bits, locks, RCU, the choices.

import type {
	ChooseArguments,
	MemoryArguments,
	PanelChoice,
	PanelState,
	PanelZone,
	Timeline,
} from "@might-sleep/server/debug/messages";
import { button, html, svg } from "./dom.js";

export interface MachineEvents {
	readonly onChoose: (choice: ChooseArguments) => void;
	/** the dials of the memory */
	readonly onMemory: (memory: MemoryArguments) => void;
	/** something is to happen next, by its number */
	readonly onAct: (action: number) => void;
	readonly onSeek: (index: number) => void;
}

export class MachineView {
	readonly element = html("div", { class: "machine" });

	constructor(private readonly events: MachineEvents) {}

	show(state: PanelState, timeline: Timeline): void {
		const focused = document.activeElement?.getAttribute("data-key");
		this.element.replaceChildren(
			section("Context", verdict(state), count(state, timeline), facts(state)),
			section(
				"Locks held",
				list(
					state.locks.map(({ name, value }) => [name, value]),
					"none",
				),
			),
			section(
				"RCU",
				list(
					state.rcu.map(({ name, value }) => [name, value]),
					"no readers",
				),
			),
			section("Choices", this.choices(state.choices)),
			section("What happens next", this.actions(state)),
			section("Splats", this.splats(timeline)),
			section("Memory", ...this.memory(state)),
		);
		if (focused !== null && focused !== undefined) {
			this.element.querySelector<HTMLElement>(`[data-key="${CSS.escape(focused)}"]`)?.focus();
		}
	}

	private choices(choices: readonly PanelChoice[]): HTMLElement {
		if (choices.length === 0) return html("p", { class: "none" }, "this line asks nothing");
		return html("ul", { class: "choices" }, ...choices.map((choice, i) => this.choice(choice, i)));
	}

	private choice(choice: PanelChoice, which: number): HTMLElement {
		const when = choice.isAhead ? `line ${choice.line}` : `line ${choice.line}, on the way`;
		const options = choice.options.map((option, i) => {
			const isTaken = choice.answer === i;
			const isDefault = choice.answer === null && choice.default === i;
			const act = () => {
				if (!isTaken) this.events.onChoose({ ...choice.ask, option: i });
			};
			const hint = isTaken ? "taken" : isDefault ? "taken when nobody says otherwise" : "take this one instead";
			return button(option, act, {
				"aria-pressed": String(isTaken),
				class: isDefault ? "option likely" : "option",
				title: hint,
				"data-key": `choice-${which}-${i}`,
			});
		});
		const text = html("span", { class: "question" }, choice.text);
		const place = html("span", { class: "when" }, when);
		return html(
			"li",
			{},
			text,
			place,
			html("span", { class: "options", role: "group", "aria-label": choice.text }, ...options),
		);
	}

	private memory(state: PanelState): HTMLElement[] {
		const busiest = [...state.zones].sort((a, b) => a.free / a.high - b.free / b.high)[0];
		const dial = (text: string, title: string, memory: MemoryArguments) => {
			return button(text, () => this.events.onMemory(memory), { title, "data-key": `memory-${text}` });
		};
		const dials = [
			dial("raise pressure", "a process takes pages every few steps, from here on", { pressure: PRESSURE }),
			dial("no pressure", "no process takes pages, from here on", { pressure: 0 }),
		];
		if (busiest !== undefined) {
			const { name, min } = busiest;
			dials.push(
				dial(`${name} to min`, `leave as many pages free in ${name} as its minimum`, { zone: name, free: min }),
			);
		}
		const facts: [string, string][] = [["kswapd", state.kswapd]];
		if (state.waiting !== null) facts.push(["allocation", state.waiting]);
		return [...state.zones.map(zone), list(facts, ""), html("div", { class: "dials" }, ...dials)];
	}

	private actions({ actions, heldOff }: PanelState): HTMLElement {
		if (actions.length === 0) return html("p", { class: "none" }, "nothing: the run is over");
		const items = actions.map(({ text }, i) => {
			return html(
				"li",
				{},
				button(text, () => this.events.onAct(i), { class: "action", "data-key": `action-${i}` }),
			);
		});
		const list = html("ul", { class: "actions" }, ...items);
		if (heldOff.length === 0) return list;
		const why = `Not now: ${heldOff.join(", ")}. Interrupts are off there, or one is being handled.`;
		return html("div", {}, list, html("p", { class: "none" }, why));
	}

	private splats(timeline: Timeline): HTMLElement {
		const splats = timeline.marks.filter(({ kind }) => kind === "splat");
		if (splats.length === 0) return html("p", { class: "none" }, "none in the steps shown");
		const items = splats.map(({ index, text, count }) => {
			const more = count > 1 ? ` (+${count - 1})` : "";
			const attributes = { class: "link", "data-key": `splat-${index}`, title: `go to step ${index}` };
			return html(
				"li",
				{},
				button(`${index}: ${text}${more}`, () => this.events.onSeek(index), attributes),
			);
		});
		return html("ul", { class: "splats" }, ...items);
	}
}

/** Pages that a process takes at a time when somebody raises the pressure. */
const PRESSURE = 32;

/** A zone: its free pages on a scale with the watermarks, and how far each flag may go. */
function zone({ name, free, min, low, high, lowest, reaches }: PanelZone): HTMLElement {
	const top = high * 2;
	const share = (pages: number) => `${Math.min((pages / top) * 100, 100)}%`;
	const meter = svg("svg", { class: free < low ? "meter short" : "meter", "aria-hidden": true });
	meter.append(svg("rect", { class: "free", x: 0, y: 0, width: share(free), height: 10 }));
	const marks = [
		["min", min],
		["low", low],
		["high", high],
	] as const;
	for (const [mark, pages] of marks) {
		meter.append(svg("line", { class: mark, x1: share(pages), x2: share(pages), y1: 0, y2: 10 }));
		meter.append(svg("text", { x: share(pages), y: 20 }, mark));
	}
	const flags = reaches.map(({ flag, lowest: floor, isAllowed }) => {
		const title = `${flag} gets a page while at least ${floor} would be left`;
		return html("li", { class: isAllowed ? "allowed" : "refused", title }, `${flag} ${isAllowed ? "≥" : "✗"} ${floor}`);
	});
	const text = `${name}: ${free} pages free, min ${min}, low ${low}, high ${high}, lowest so far ${lowest}`;
	return html("div", { class: "zone" }, html("p", {}, text), meter, html("ul", { class: "reaches" }, ...flags));
}

function section(title: string, ...children: readonly Node[]): HTMLElement {
	return html("section", {}, html("h2", {}, title), ...children);
}

function verdict(state: PanelState): HTMLElement {
	return html("p", { class: state.maySleep ? "verdict sleeps" : "verdict atomic" }, state.verdict);
}

/** The fields of preempt_count from the highest to the lowest, each with its bits. */
function count(state: PanelState, timeline: Timeline): HTMLElement {
	const fields = [...timeline.fields].reverse().map(({ name, bits }) => {
		const value = state.count.fields.find((field) => field.name === name)?.value ?? 0;
		const cells = Array.from({ length: bits }, (_, i) => {
			const isSet = Math.floor(value / 2 ** (bits - 1 - i)) % 2 === 1;
			return html("span", { class: isSet ? "bit set" : "bit" });
		});
		return html(
			"div",
			{ class: value === 0 ? "field" : "field set", title: `${name}: ${value} (${bits} bits)` },
			html("span", { class: "name" }, name),
			html("span", { class: "value" }, String(value)),
			html("span", { class: "bits", "aria-hidden": true }, ...cells),
		);
	});
	const label = `preempt_count ${state.count.hex}`;
	return html(
		"div",
		{ class: "count", role: "group", "aria-label": label },
		html("code", {}, label),
		html("div", { class: "fields" }, ...fields),
	);
}

function facts(state: PanelState): HTMLElement {
	return list(
		[
			["irqs", state.irqsOn ? "enabled" : "disabled"],
			["need_resched", state.needResched ? "1" : "0"],
			["level", state.level],
			["task", state.task],
		],
		"",
	);
}

function list(entries: readonly (readonly [name: string, value: string])[], none: string): HTMLElement {
	if (entries.length === 0) return html("p", { class: "none" }, none);
	const parts = entries.flatMap(([name, value]) => [html("dt", {}, name), html("dd", {}, value)]);
	return html("dl", {}, ...parts);
}
