// SPDX-License-Identifier: MIT
/* The I/O path: memory that is needed to write memory out. */
#include "wisp.h"

#define WISP_SEGMENTS 16
#define WISP_MIRRORS 2

static void wisp_end_io(struct bio *bio)
{
	bio_put(bio);
}

/*
 * One bio after another, in process context: sleeping is fine, so GFP_KERNEL
 * is no bug of context. But reclaim may write dirty pages to this very device
 * and wait for the bio that is being allocated. It needs GFP_NOIO, or
 * memalloc_noio_save() where the flush begins.
 * might-sleep: the hover on the flag says what the flag allows here, and who
 * calls.
 */
static int wisp_flush(struct wisp_dev *wisp)
{
	struct bio *bio;
	int i;

	for (i = 0; i < WISP_SEGMENTS; i++) {
		bio = bio_alloc_bioset(wisp->bdev, 1, REQ_OP_WRITE, GFP_KERNEL, &wisp->bios);
		if (!bio)
			return -ENOMEM;
		bio->bi_end_io = wisp_end_io;
		submit_bio(bio);
	}
	return 0;
}

static void wisp_transfer(struct bio *bio, void *bounce)
{
	struct bio_vec bvec;
	struct bvec_iter iter;

	bio_for_each_segment(bvec, bio, iter)
		memcpy_from_bvec(bounce, &bvec);
}

/* A work item runs in a kworker: process context, may sleep. */
void wisp_flush_work(struct work_struct *work)
{
	struct wisp_dev *wisp = container_of(work, struct wisp_dev, flush);

	wisp_flush(wisp);
}

/*
 * The same loop, but on the way of every bio of this disk: there is no progress
 * until the bios are there, and no memory for them until there is progress.
 * might-sleep: warning at the call; the quick fix writes GFP_NOIO.
 */
static int wisp_mirror(struct wisp_dev *wisp, struct bio *from)
{
	struct bio *bio;
	int i;

	for (i = 0; i < WISP_MIRRORS; i++) {
		bio = bio_alloc_bioset(wisp->bdev, 1, REQ_OP_WRITE, GFP_KERNEL, &wisp->bios);
		if (!bio)
			return -ENOMEM;
		bio->bi_end_io = wisp_end_io;
		bio->bi_iter = from->bi_iter;
		submit_bio(bio);
	}
	return 0;
}

/*
 * The block layer calls this for every bio of the disk, also for those that
 * reclaim writes to get memory. With GFP_KERNEL, reclaim may write to this very
 * disk and wait for the bio that is being handled here.
 * might-sleep: warning at the call; the quick fix writes GFP_NOIO.
 */
static void wisp_submit_bio(struct bio *bio)
{
	void *bounce;

	bounce = kmalloc(WISP_BUFFER_SIZE, GFP_KERNEL);
	if (!bounce || wisp_mirror(bio->bi_private, bio)) {
		kfree(bounce);
		bio_io_error(bio);
		return;
	}
	wisp_transfer(bio, bounce);
	kfree(bounce);
	bio_endio(bio);
}

const struct block_device_operations wisp_disk_ops = {
	.submit_bio = wisp_submit_bio,
};
