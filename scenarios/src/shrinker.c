// SPDX-License-Identifier: GPL-2.0
/*
 * A cache that gives memory back when reclaim asks for it. Its lock is taken by whoever adds an entry, and by the
 * shrinker.
 */
#include <linux/mutex.h>
#include <linux/shrinker.h>
#include <linux/slab.h>

#define MAX_ENTRIES 8

static DEFINE_MUTEX(nest_lock);
static void *nest_entries[MAX_ENTRIES];
static int nest_count;

static void nest_drop(int wanted)
{
	int n;

	for (n = 0; n < wanted && nest_count > 0; n++) {
		nest_count--;
		kfree(nest_entries[nest_count]);
	}
}

static unsigned long nest_count_objects(struct shrinker *shrinker, struct shrink_control *sc)
{
	return nest_count;
}

static unsigned long nest_scan_objects(struct shrinker *shrinker, struct shrink_control *sc)
{
	int before;

	mutex_lock(&nest_lock);
	before = nest_count;
	nest_drop(sc->nr_to_scan);
	mutex_unlock(&nest_lock);
	return before - nest_count;
}

static struct shrinker nest_shrinker = {
	.count_objects = nest_count_objects,
	.scan_objects = nest_scan_objects,
};

/* Lets reclaim come back for the lock. */
int nest_add_locked(void)
{
	void *entry;

	nest_count = 0;
	mutex_lock(&nest_lock);
	for (;;) {
		entry = kmalloc(4096, GFP_KERNEL);
		if (!entry || nest_count == MAX_ENTRIES)
			break;
		nest_entries[nest_count] = entry;
		nest_count++;
	}
	mutex_unlock(&nest_lock);
	return nest_count;
}

/* Has the memory before it takes the lock: the shrinker may run, and frees what is there. */
int nest_add_before(void)
{
	void *entry;
	int n;

	nest_count = 0;
	for (n = 0; n < 2 * MAX_ENTRIES; n++) {
		entry = kmalloc(4096, GFP_KERNEL);
		if (!entry)
			return -ENOMEM;
		mutex_lock(&nest_lock);
		if (nest_count == MAX_ENTRIES)
			nest_drop(MAX_ENTRIES);
		nest_entries[nest_count] = entry;
		nest_count++;
		mutex_unlock(&nest_lock);
	}
	return nest_count;
}
