// The signs of the movements, drawn: what fonts have of arrows differs too much.

import { svg } from "./dom.js";
import type { PageMovement } from "./messages.js";

interface Sign {
	readonly lines: string;
	/** filled */
	readonly shape?: string;
	/** centre of the dot: the line that one comes to */
	readonly dot?: readonly [x: number, y: number];
	readonly isMirrored?: true;
}

const RUN: Sign = { lines: "M12.5 3v10", shape: "M3 3v10l7-5z" };
const OVER: Sign = { lines: "M2.5 9.5a5.5 5.5 0 0 1 10-2.5M13 2.5V7H8.5", dot: [7.5, 12] };

const SIGNS: Readonly<Record<PageMovement, Sign>> = {
	continue: RUN,
	reverseContinue: { ...RUN, isMirrored: true },
	stepOver: OVER,
	stepBack: { ...OVER, isMirrored: true },
	stepInto: { lines: "M8 1.5v8M4.5 6 8 9.5 11.5 6", dot: [8, 13] },
	stepOut: { lines: "M8 10V2M4.5 5.5 8 2l3.5 3.5", dot: [8, 13] },
	reverseStepInto: { lines: "M13 2.5 4 11.5M4 6v5.5h5.5", dot: [12, 12] },
	reverseStepOut: { lines: "M12 9.5 4 2.5M4 8V2.5h5.5", dot: [12, 12.5] },
};

export function movementIcon(movement: PageMovement): SVGElement {
	const { lines, shape, dot, isMirrored } = SIGNS[movement];
	const parts = [svg("path", { d: lines, class: "stroke" })];
	if (shape !== undefined) parts.push(svg("path", { d: shape, class: "fill" }));
	const icon = svg("svg", { class: "icon", viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": true });
	const group = svg("g", isMirrored ? { transform: "matrix(-1 0 0 1 16 0)" } : {}, ...parts);
	if (dot !== undefined) group.append(svg("circle", { cx: dot[0], cy: dot[1], r: 2, class: "fill" }));
	icon.append(group);
	return icon;
}
