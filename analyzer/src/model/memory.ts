// What functions do to memory that they are given the address of: bits of flags, and memory that is cleared.
import type { MemoryRow } from "./schema.js";

const BITOPS = "Documentation/core-api/kernel-api.rst";

/** Operations on one bit: its number, and what it is in. */
function onBit(names: string, does: MemoryRow["does"]): readonly MemoryRow[] {
	return names.split(" ").map((name) => ({ name, does, bit: 0, at: 1, source: BITOPS }));
}

export const memory: readonly MemoryRow[] = [
	...onBit("test_bit test_bit_acquire", "tests"),
	...onBit("set_bit __set_bit test_and_set_bit __test_and_set_bit test_and_set_bit_lock", "sets"),
	...onBit("clear_bit __clear_bit clear_bit_unlock __clear_bit_unlock", "clears"),
	...onBit("test_and_clear_bit __test_and_clear_bit", "clears"),
	...onBit("change_bit __change_bit test_and_change_bit __test_and_change_bit", "changes"),
	{ name: "assign_bit", does: "assigns", bit: 0, at: 1, value: 2, source: "include/linux/bitops.h" },
	{ name: "__assign_bit", does: "assigns", bit: 0, at: 1, value: 2, source: "include/linux/bitops.h" },
	{ name: "memset", does: "fills", at: 0, value: 1, size: 2, source: "lib/string.c" },
];
