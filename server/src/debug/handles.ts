// Numbers that stand for things of the current stop: a client sends them back to ask for members.

export class Handles<T> {
	private readonly values: T[] = [];

	/** From 1: 0 means "no members" in the protocol. */
	create(value: T): number {
		return this.values.push(value);
	}

	get(handle: number): T | undefined {
		return this.values[handle - 1];
	}

	/** Everything handed out so far is void. */
	reset(): void {
		this.values.length = 0;
	}
}
