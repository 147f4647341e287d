// What a subcommand is, how its options are read, and the options that several share.

import { resolve } from "node:path";
import { type ParseArgsConfig, parseArgs } from "node:util";
import type { Confidence, Profile } from "@might-sleep/analyzer";
import { defaultRoot, isFolder } from "../host/roots.js";
import { nearest } from "./near.js";

export interface Command {
	/** one line, without "usage: " */
	readonly usage: string;
	/** the exit status */
	readonly run: (args: readonly string[]) => Promise<number>;
}

/** Wrong usage or unreadable input: one line for the person, exit status 2. */
export class UsageError extends Error {}

type OptionTable = NonNullable<ParseArgsConfig["options"]>;

export interface ParsedArgs {
	/** text options; a repeated one keeps the last */
	readonly text: (name: string) => string | undefined;
	readonly list: (name: string) => readonly string[];
	readonly flag: (name: string) => boolean;
	readonly positionals: readonly string[];
}

/** Reads options strictly: an unknown one, or one without its value, is wrong usage. */
export function readArgs(command: string, args: readonly string[], options: OptionTable): ParsedArgs {
	const known = Object.keys(options);
	const { tokens } = parseArgs({ args: [...args], options, allowPositionals: true, strict: false, tokens: true });
	const values = new Map<string, string[]>();
	const positionals: string[] = [];
	for (const token of tokens) {
		if (token.kind === "positional") positionals.push(token.value);
		if (token.kind !== "option") continue;
		const option = Object.hasOwn(options, token.name) ? options[token.name] : undefined;
		if (!option) throw new UsageError(unknownOption(command, token.rawName, known));
		if (option.type === "boolean" && token.value !== undefined) {
			throw new UsageError(`${command}: option '${token.rawName}' takes no value`);
		}
		if (
			option.type === "string" &&
			(token.value === undefined || (!token.inlineValue && token.value.startsWith("--")))
		) {
			throw new UsageError(`${command}: option '${token.rawName}' needs a value`);
		}
		values.set(token.name, [...(values.get(token.name) ?? []), token.value ?? ""]);
	}
	return {
		text: (name) => values.get(name)?.at(-1),
		list: (name) => values.get(name) ?? [],
		flag: (name) => values.has(name),
		positionals,
	};
}

function unknownOption(command: string, raw: string, known: readonly string[]): string {
	const near = nearest(
		raw,
		known.map((name) => `--${name}`),
	);
	return `${command}: unknown option '${raw}'${near ? `; did you mean '${near}'?` : ""}`;
}

/** The value of an option that allows some words only. */
export function choice<T extends string>(
	command: string,
	args: ParsedArgs,
	name: string,
	allowed: readonly T[],
	fallback: T,
): T {
	const value = args.text(name);
	if (value === undefined) return fallback;
	const found = allowed.find((word) => word === value);
	if (found === undefined) {
		throw new UsageError(`${command}: --${name} must be one of ${allowed.join(", ")}, not '${value}'`);
	}
	return found;
}

export const PROFILES: readonly Profile[] = ["default", "rt"];
/** from the surest to the least sure */
export const CONFIDENCES: readonly Confidence[] = ["high", "medium", "low"];

export function jobsOption(command: string, args: ParsedArgs): number {
	const value = args.text("jobs");
	if (value === undefined) return 0;
	const jobs = Number(value);
	if (!Number.isInteger(jobs) || jobs < 1 || jobs > 512) {
		throw new UsageError(`${command}: --jobs must be a number from 1 to 512, not '${value}'`);
	}
	return jobs;
}

export function rootOption(command: string, args: ParsedArgs): string {
	const value = args.text("root");
	if (value === undefined) return defaultRoot(process.cwd());
	return existingFolder(command, value);
}

export function existingFolder(command: string, path: string): string {
	const full = resolve(path);
	if (!isFolder(full)) throw new UsageError(`${command}: no such folder: ${path}`);
	return full;
}

export function noPositionals(command: string, args: ParsedArgs): void {
	if (args.positionals.length > 0) throw new UsageError(`${command}: unexpected argument '${args.positionals[0]}'`);
}
