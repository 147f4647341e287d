// Callbacks of file systems, memory management and the files that drivers offer (sysfs, debugfs, procfs).
import { ops } from "./callbackRow.js";
import type { CallbackRow } from "./schema.js";

const LOCKING = "Documentation/filesystems/locking.rst";

export const fsCallbacks: readonly CallbackRow[] = [
	...ops(
		"file_operations",
		"process",
		LOCKING,
		"llseek read write read_iter write_iter iterate iterate_shared poll unlocked_ioctl compat_ioctl mmap open flush release fsync fasync splice_write splice_read fallocate show_fdinfo copy_file_range remap_file_range",
	),
	...ops("shrinker", "reclaim", "mm/vmscan.c:do_shrink_slab", "count_objects scan_objects"),
];
