// SPDX-License-Identifier: GPL-2.0
/*
 * A disk that is written through a map. Submitting I/O takes the map's lock and may need memory for it; to get
 * some, reclaim swaps pages out, to this very disk.
 */
#include <linux/blkdev.h>
#include <linux/mutex.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

struct slate {
	struct mutex map_lock;
	int nr_entries;
};

static int slate_map_add(struct slate *slate, gfp_t gfp)
{
	void *entry = kmalloc(4096, gfp);

	if (!entry)
		return -ENOMEM;
	slate->nr_entries++;
	return 0;
}

static void slate_submit_bio(struct bio *bio)
{
	struct slate *slate = bio->bi_private;

	mutex_lock(&slate->map_lock);
	slate->nr_entries++;
	mutex_unlock(&slate->map_lock);
	bio_endio(bio);
}

static const struct block_device_operations slate_ops = {
	.submit_bio = slate_submit_bio,
};

static int slate_write(struct bio *bio, gfp_t gfp)
{
	struct slate *slate = bio->bi_private;
	int ret;

	mutex_lock(&slate->map_lock);
	ret = slate_map_add(slate, gfp);
	mutex_unlock(&slate->map_lock);
	return ret;
}

int slate_write_kernel(struct bio *bio)
{
	return slate_write(bio, GFP_KERNEL);
}

/* Keeps reclaim out of file systems, not from swapping. */
int slate_write_nofs(struct bio *bio)
{
	return slate_write(bio, GFP_NOFS);
}

int slate_write_noio(struct bio *bio)
{
	return slate_write(bio, GFP_NOIO);
}

int slate_write_scope(struct bio *bio)
{
	unsigned int flags = memalloc_noio_save();
	int ret = slate_write(bio, GFP_KERNEL);

	memalloc_noio_restore(flags);
	return ret;
}
