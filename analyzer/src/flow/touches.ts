// What kinds of primitives a function calls, as bits that are found once per file: most rules are about few functions.

import { sharedBytes } from "../base/ints.js";
import type { FileId, FnId } from "../ir/program.js";
import type { Primitive } from "../model/schema.js";
import type { CallGraph } from "./callGraph.js";
import { Callee, isPrimitive, primitiveAt, type World } from "./world.js";

export const enum Touch {
	/** an allocator that is given a mask */
	Allocates = 1,
	/** a question about the context */
	Asks = 2,
	/** an assertion */
	Asserts = 4,
	/** takes a lock, not by a try */
	Locks = 8,
	/** the function has been looked at */
	Seen = 128,
}

export class Touches {
	private readonly bits: Uint8Array;
	/** with Touch.Seen, 0 for those that nobody has called */
	private readonly ofPrimitive: Uint8Array;

	constructor(
		private readonly world: World,
		private readonly graph: CallGraph,
	) {
		this.bits = sharedBytes(world.program.fnLimit);
		this.ofPrimitive = new Uint8Array(world.primitives.length);
	}

	/** Does a function call a primitive of this kind? */
	has(fn: FnId, touch: Touch): boolean {
		if (this.bits[fn] === 0) this.lookAt(this.world.program.fnFile(fn));
		return (this.bits[fn]! & touch) !== 0;
	}

	private lookAt(file: FileId): void {
		for (const fn of this.world.program.fnsOf(file)) {
			let bits = Touch.Seen;
			this.graph.eachSite(fn, (_, callee) => {
				if (isPrimitive(callee)) bits |= this.bitsAt(callee);
			});
			this.bits[fn] = bits;
		}
	}

	private bitsAt(callee: number): number {
		const index = Callee.FirstPrimitive - callee;
		if (this.ofPrimitive[index] === 0) this.ofPrimitive[index] = Touch.Seen | bitsOf(primitiveAt(this.world, callee));
		return this.ofPrimitive[index]!;
	}
}

function bitsOf({ alloc, predicate, assertion, lock }: Primitive): number {
	let bits = 0;
	if (alloc !== undefined && alloc.gfp >= 0) bits |= Touch.Allocates;
	if (predicate?.contextual === true) bits |= Touch.Asks;
	if (assertion !== undefined) bits |= Touch.Asserts;
	if (lock?.does === "acquire") bits |= Touch.Locks;
	return bits;
}
