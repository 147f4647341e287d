// Hands the model's facts on Rust to a program: with them its names of Rust mean something.
import type { Program } from "../ir/program.js";
import { RustNames } from "../ir/rustNames.js";
import type { Model } from "./schema.js";

/** From here on the program knows what the names of its Rust units mean. */
export function teachRust(program: Program, model: Model): void {
	const registrations = new Set([...model.argCallbacks.keys()].map((key) => key.slice(0, key.lastIndexOf("/"))));
	program.rust = new RustNames(program, {
		describes: (name) => model.primitives.has(name) || registrations.has(name),
		ends: (name) => {
			const { lock, section } = model.primitives.get(name) ?? {};
			return lock?.does === "release" || section?.does === "exit" || section?.does === "on";
		},
		types: model.rustTypes,
	});
}
