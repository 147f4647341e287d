// Cancellation: one exception, thrown by a checkpoint only, caught in dispatch and worker loops only.

export class Cancelled extends Error {
	constructor() {
		super("cancelled");
		this.name = "Cancelled";
	}
}

/** A checkpoint that polls a flag shared between threads: non-zero means stop. */
export function sharedCheckpoint(flag: Int32Array): () => void {
	return () => {
		if (Atomics.load(flag, 0) !== 0) throw new Cancelled();
	};
}
