// SPDX-License-Identifier: GPL-2.0
/*
 * A receive ring is filled with pages, with its lock held: it may not sleep. Whether it may also use up what
 * others need in an emergency is in the mask.
 */
#include <linux/gfp.h>
#include <linux/spinlock.h>

#define RING_SIZE 400

struct ring {
	spinlock_t lock;
	struct page *pages[RING_SIZE];
	int count;
};

static struct ring rx_ring;

static int ring_fill(struct ring *ring, gfp_t gfp)
{
	struct page *page;
	int n;

	spin_lock(&ring->lock);
	for (n = 0; n < RING_SIZE; n++) {
		page = alloc_page(gfp);
		if (!page)
			break;
		ring->pages[n] = page;
	}
	ring->count = n;
	spin_unlock(&ring->lock);
	return n;
}

/* Goes on into the reserve, until five eighths of it are gone. */
int ring_fill_atomic(void)
{
	return ring_fill(&rx_ring, GFP_ATOMIC);
}

/* Stops where the reserve begins, and makes do with a shorter ring. */
int ring_fill_nowait(void)
{
	return ring_fill(&rx_ring, GFP_NOWAIT);
}

/* Sleeps with the lock held, unless something turns the mask. */
int ring_fill_kernel(void)
{
	return ring_fill(&rx_ring, GFP_KERNEL);
}
