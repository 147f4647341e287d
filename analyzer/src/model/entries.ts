// Functions whose name says in which context they are entered: where the kernel starts and ends, and what every
// architecture provides for a core that calls it in one way only.
import type { EntryRow } from "./schema.js";

const entry = (name: string, runs: string, source: string): EntryRow => ({ name, runs, source });

export const entries: readonly EntryRow[] = [
	entry("start_kernel", "boot", "init/main.c:start_kernel"),
	entry("futex_atomic_cmpxchg_inatomic", "pagefault-off", "kernel/futex/core.c:futex_cmpxchg_value_locked"),
	entry("futex_atomic_cmpxchg_inatomic_local", "pagefault-off", "kernel/futex/core.c:futex_cmpxchg_value_locked"),
	entry("arch_futex_atomic_op_inuser", "pagefault-off", "kernel/futex/waitwake.c:futex_atomic_op_inuser"),
	entry("futex_atomic_op_inuser_local", "pagefault-off", "kernel/futex/waitwake.c:futex_atomic_op_inuser"),
];
