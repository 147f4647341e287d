// Architectures that PREEMPT_RT can be chosen on. A tree whose Kconfig files say so themselves is believed instead: they
// do since the last of PREEMPT_RT was merged (6.12); before, a patch set beside the kernel said it.

import type { Source } from "./schema.js";

/** The symbol that an architecture selects when PREEMPT_RT can be chosen on it. */
export const rtSupport = { symbol: "ARCH_SUPPORTS_RT", source: "kernel/Kconfig.preempt:PREEMPT_RT" };

interface ArchitectureRow {
	/** the folder below arch/ */
	readonly name: string;
	readonly source: Source;
}

const PATCHES = "Documentation/locking/locktypes.rst";

export const rtArchitectures: readonly ArchitectureRow[] = [
	{ name: "arm", source: PATCHES },
	{ name: "arm64", source: PATCHES },
	{ name: "powerpc", source: PATCHES },
	{ name: "riscv", source: PATCHES },
	{ name: "x86", source: PATCHES },
];
