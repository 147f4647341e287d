// Which rules of the watermarks hold: those of the kernel's version, or those a run asks for by name.

import { type WatermarkRuleId, type WatermarkRules, watermarkRules } from "../../model/allocator.js";
import { holdsFor } from "../../model/compile.js";

export function rulesFor(version: readonly [number, number], asked: WatermarkRuleId | null): WatermarkRules {
	const fitting = watermarkRules.filter(({ id }) => asked === null || id === asked);
	return fitting.find(({ versions }) => holdsFor(versions, version)) ?? fitting[fitting.length - 1]!;
}
