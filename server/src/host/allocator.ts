// What glibc's allocator is told for a process that reads a whole tree. It can only be told when a process starts, by
// whoever starts it: the command for itself, the extension for the server. Other allocators do not listen.

export const ALLOCATOR = {
	/**
	 * What is larger (bytes) goes back to the system when it is freed; by default such blocks stay, for threads that have
	 * ended, too.
	 */
	MALLOC_MMAP_THRESHOLD_: "4194304",
	/**
	 * So much (bytes) of what is free at the end of the heap stays: what V8's compiler frees, it wants again soon, and by
	 * default the allocator gives it back to the system each time.
	 */
	MALLOC_TRIM_THRESHOLD_: "67108864",
} as const;
