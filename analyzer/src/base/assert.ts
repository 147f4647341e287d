// Broken invariants. Under test they throw; in production the caller takes a safe path.

let strict = false;

/** Makes `never` throw. Tests turn it on. */
export function setStrict(on: boolean): void {
	strict = on;
}

/** True when `broken`; the caller then takes its safe path. Throws in strict mode. */
export function never(broken: boolean, message: string): boolean {
	if (broken && strict) throw new Error(`broken invariant: ${message}`);
	return broken;
}

/** For the end of an exhaustive switch. */
export function unreachable(value: never): undefined {
	if (strict) throw new Error(`unexpected value ${String(value)}`);
	return undefined;
}
