// SPDX-License-Identifier: GPL-2.0
/*
 * A file system with a log. Whoever writes pages back takes the log's lock, and so does sync, which needs memory
 * while it has it. When there is none, reclaim writes dirty pages back to get some.
 */
#include <linux/fs.h>
#include <linux/mutex.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

struct brook_record {
	struct list_head list;
	u64 block;
	char data[3000];
};

static DEFINE_MUTEX(brook_log_lock);
static LIST_HEAD(brook_log);

static int brook_log_add(u64 block, gfp_t gfp)
{
	struct brook_record *record;

	record = kmalloc(4096, gfp);
	if (!record)
		return -ENOMEM;
	record->block = block;
	list_add_tail(&record->list, &brook_log);
	return 0;
}

static int brook_writepage(struct page *page, struct writeback_control *wbc)
{
	mutex_lock(&brook_log_lock);
	set_page_writeback(page);
	mutex_unlock(&brook_log_lock);
	return 0;
}

static const struct address_space_operations brook_aops = {
	.writepage = brook_writepage,
};

/* Reclaim comes back for the lock that is held: the task waits for itself. */
int brook_sync_kernel(void)
{
	int ret;

	mutex_lock(&brook_log_lock);
	ret = brook_log_add(1, GFP_KERNEL);
	mutex_unlock(&brook_log_lock);
	return ret;
}

/* Reclaim keeps out of file systems, and finds clean pages. */
int brook_sync_nofs(void)
{
	int ret;

	mutex_lock(&brook_log_lock);
	ret = brook_log_add(1, GFP_NOFS);
	mutex_unlock(&brook_log_lock);
	return ret;
}

/* The same, and no I/O either. */
int brook_sync_noio(void)
{
	int ret;

	mutex_lock(&brook_log_lock);
	ret = brook_log_add(1, GFP_NOIO);
	mutex_unlock(&brook_log_lock);
	return ret;
}

/* What is to be avoided is said where it begins, and holds for everything that is called. */
int brook_sync_scope(void)
{
	unsigned int flags;
	int ret;

	flags = memalloc_nofs_save();
	mutex_lock(&brook_log_lock);
	ret = brook_log_add(1, GFP_KERNEL);
	mutex_unlock(&brook_log_lock);
	memalloc_nofs_restore(flags);
	return ret;
}
