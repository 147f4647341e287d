// The settings: whatever a client sends becomes a complete, well-formed set.

import type { Severity } from "@might-sleep/analyzer";
import type { Settings } from "./lsp/protocol.js";

export const DEFAULT_SETTINGS: Settings = {
	trusted: true,
	readable: [],
	root: "",
	kernelTree: "",
	profile: "default",
	confidence: "medium",
	rules: {},
	jobs: 0,
	cache: true,
};

const SEVERITIES: readonly string[] = ["error", "warning", "information", "hint", "off"];

/** What `sent` does not say, or says wrongly, stays as it is in `base`. */
export function mergeSettings(base: Settings, sent: unknown): Settings {
	if (typeof sent !== "object" || sent === null) return base;
	const given = sent as Record<string, unknown>;
	return {
		trusted: flag(given.trusted, base.trusted),
		readable: texts(given.readable, base.readable),
		root: text(given.root, base.root),
		kernelTree: text(given.kernelTree, base.kernelTree),
		profile: word(given.profile, ["default", "rt"], base.profile),
		confidence: word(given.confidence, ["high", "medium", "low"], base.confidence),
		rules: ruleSettings(given.rules, base.rules),
		jobs: count(given.jobs, base.jobs),
		cache: flag(given.cache, base.cache),
	};
}

/** Whether the tree has to be solved anew for these. */
export function needsReindex(before: Settings, after: Settings): boolean {
	return (
		before.trusted !== after.trusted ||
		before.root !== after.root ||
		before.kernelTree !== after.kernelTree ||
		before.profile !== after.profile
	);
}

function flag(value: unknown, fallback: boolean): boolean {
	return typeof value === "boolean" ? value : fallback;
}

function text(value: unknown, fallback: string): string {
	return typeof value === "string" ? value.trim() : fallback;
}

function texts(value: unknown, fallback: readonly string[]): readonly string[] {
	return Array.isArray(value) ? value.filter((one) => typeof one === "string") : fallback;
}

function count(value: unknown, fallback: number): number {
	return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 512 ? value : fallback;
}

function word<T extends string>(value: unknown, allowed: readonly T[], fallback: T): T {
	return allowed.find((one) => one === value) ?? fallback;
}

function ruleSettings(value: unknown, fallback: Settings["rules"]): Settings["rules"] {
	if (typeof value !== "object" || value === null) return fallback;
	const entries = Object.entries(value).filter(([, level]) => SEVERITIES.includes(level as string));
	return Object.fromEntries(entries) as Record<string, Severity | "off">;
}
