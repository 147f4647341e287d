// SPDX-License-Identifier: GPL-2.0
/*
 * Requests from a pool: with no memory left its elements keep I/O going, as long as those who have one give it
 * back before they ask for another.
 */
#include <linux/mempool.h>
#include <linux/spinlock.h>

#define POOL_SIZE 2

static mempool_t *request_pool;
static void *request_done;

void requests_init(void)
{
	request_pool = mempool_create_kmalloc_pool(POOL_SIZE, 4096);
}

/* One at a time: the pool is enough for ever. */
int requests_in_turn(void)
{
	void *request;
	int n;

	for (n = 0; n < 5; n++) {
		request = mempool_alloc(request_pool, GFP_NOIO);
		mempool_free(request, request_pool);
	}
	return n;
}

/* Keeps what it has and waits for one more than there are. */
int requests_hoarded(void)
{
	void *requests[POOL_SIZE + 1];
	int n;

	for (n = 0; n <= POOL_SIZE; n++)
		requests[n] = mempool_alloc(request_pool, GFP_NOIO);
	for (n = 0; n <= POOL_SIZE; n++)
		mempool_free(requests[n], request_pool);
	return n;
}

/* May not wait: is told that there is none. */
int requests_in_interrupt(void)
{
	void *requests[POOL_SIZE + 1];
	int n;

	for (n = 0; n <= POOL_SIZE; n++) {
		requests[n] = mempool_alloc(request_pool, GFP_NOWAIT);
		if (!requests[n])
			break;
	}
	return n;
}

/* Waits until the completion of another request gives an element back. */
int requests_completed(void)
{
	void *first = mempool_alloc(request_pool, GFP_NOIO);
	void *second;

	request_done = mempool_alloc(request_pool, GFP_NOIO);
	second = mempool_alloc(request_pool, GFP_NOIO);
	mempool_free(first, request_pool);
	mempool_free(second, request_pool);
	return 0;
}

int request_completes(void)
{
	mempool_free(request_done, request_pool);
	return 1;
}
