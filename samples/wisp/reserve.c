// SPDX-License-Identifier: MIT
/* How it is done well: explicit contexts, and memory before it is needed. */
#include <linux/kernel.h>
#include <linux/sched/mm.h>

#include "wisp.h"

/**
 * wisp_entry_new() - makes an event for every context
 * @code: what has happened
 * @gfp: what the caller may do
 *
 * Context: any context; sleeps when @gfp allows it.
 *
 * might-sleep: nothing, for the caller says what may be done. The hover on @gfp
 * shows that some callers may sleep and some may not.
 */
struct wisp_event *wisp_entry_new(u32 code, gfp_t gfp)
{
	struct wisp_event *event = kmalloc(sizeof(*event), gfp);

	if (event)
		event->code = code;
	return event;
}

/*
 * The lock is taken or it is not, and what is done in between is done with it.
 * might-sleep: nothing. Compare wisp_event_drain() in pool.c.
 */
void wisp_entry_trim(struct wisp_dev *wisp, bool all)
{
	unsigned long flags;

	if (all) {
		spin_lock_irqsave(&wisp->lock, flags);
		INIT_LIST_HEAD(&wisp->events);
		spin_unlock_irqrestore(&wisp->lock, flags);
	}
}

/*
 * The right flag for the place, but the place could be another one: nothing
 * that the lock protects is needed to allocate.
 * might-sleep: hint at the call.
 */
int wisp_entry_push(struct wisp_dev *wisp, u32 code)
{
	struct wisp_event *event;
	unsigned long flags;

	spin_lock_irqsave(&wisp->lock, flags);
	event = kmalloc(sizeof(*event), GFP_ATOMIC);
	if (!event) {
		spin_unlock_irqrestore(&wisp->lock, flags);
		return -ENOMEM;
	}
	event->code = code;
	list_add_tail(&event->node, &wisp->events);
	spin_unlock_irqrestore(&wisp->lock, flags);
	return 0;
}

/* The same, allocated before. might-sleep: nothing. */
int wisp_entry_push_early(struct wisp_dev *wisp, u32 code)
{
	struct wisp_event *event = wisp_entry_new(code, GFP_KERNEL);
	unsigned long flags;

	if (!event)
		return -ENOMEM;
	spin_lock_irqsave(&wisp->lock, flags);
	list_add_tail(&event->node, &wisp->events);
	spin_unlock_irqrestore(&wisp->lock, flags);
	return 0;
}

/*
 * What the interrupt needs is allocated by another code path, in advance; the
 * interrupt only takes it.
 */
int wisp_spare_fill(struct wisp_dev *wisp)
{
	struct wisp_event *event = wisp_entry_new(0, GFP_KERNEL);
	unsigned long flags;

	if (!event)
		return -ENOMEM;
	spin_lock_irqsave(&wisp->lock, flags);
	swap(wisp->spare, event);
	spin_unlock_irqrestore(&wisp->lock, flags);
	kfree(event);
	return 0;
}

/* In the interrupt. GFP_NOWAIT leaves the reserve to others: failing is fine. */
void wisp_spare_take(struct wisp_dev *wisp, u32 code)
{
	struct wisp_event *event;

	spin_lock(&wisp->lock);
	event = wisp->spare ? wisp->spare : wisp_entry_new(code, GFP_NOWAIT);
	wisp->spare = NULL;
	if (event)
		list_add_tail(&event->node, &wisp->events);
	spin_unlock(&wisp->lock);
}

/*
 * Says what it relies on, so that a wrong caller is found where it calls.
 * might-sleep: reads the check as a fact.
 */
void wisp_config_apply(struct wisp_dev *wisp)
{
	WARN_ON_ONCE(in_atomic());
	might_sleep();
	mutex_lock(&wisp->config);
	wisp->nr_configs++;
	mutex_unlock(&wisp->config);
}

/*
 * The scope says it once for all that is allocated below, where the reason is.
 * might-sleep: the hover on the flag says that it acts as GFP_NOIO here.
 */
int wisp_config_flush(struct wisp_dev *wisp)
{
	unsigned int noio = memalloc_noio_save();
	void *list = kmalloc(WISP_BUFFER_SIZE, GFP_KERNEL);

	memalloc_noio_restore(noio);
	kfree(list);
	return list ? 0 : -ENOMEM;
}
