// SPDX-License-Identifier: MIT
/* Helpers that are called from more than one context, in the ways one meets. */
#include <linux/delay.h>
#include <linux/io.h>
#include <linux/preempt.h>

#include "wisp.h"

/*
 * Called from the interrupt handler and from the ioctl (main.c). GFP_KERNEL is
 * right for the ioctl only.
 * might-sleep: error at the flag; its chain leads from request_irq() to here,
 * the code lens above shows both contexts.
 */
int wisp_event_add(struct wisp_dev *wisp, u32 code)
{
	struct wisp_event *event;
	unsigned long flags;

	event = kmalloc(sizeof(*event), GFP_KERNEL);
	if (!event)
		return -ENOMEM;
	event->code = code;

	spin_lock_irqsave(&wisp->lock, flags);
	list_add_tail(&event->node, &wisp->events);
	spin_unlock_irqrestore(&wisp->lock, flags);
	return 0;
}

/*
 * Asks for its context instead of being told. Without CONFIG_PREEMPT_COUNT
 * in_atomic() does not see a spinlock, and then this sleeps under one. The
 * caller should pass the flags. might-sleep: warning at the question.
 */
void *wisp_buffer_get(size_t size)
{
	return kmalloc(size, in_atomic() ? GFP_ATOMIC : GFP_KERNEL);
}

/*
 * Conditional locking: whether the lock is held in the middle depends on an
 * argument, so nobody can say what may be done there without knowing the
 * caller. might-sleep: warning at the taking; the hover in the loop shows both
 * cases.
 */
void wisp_event_drain(struct wisp_dev *wisp, bool locked)
{
	struct wisp_event *event, *next;
	unsigned long flags = 0;

	if (!locked)
		spin_lock_irqsave(&wisp->lock, flags);
	list_for_each_entry_safe(event, next, &wisp->events, node) {
		list_del(&event->node);
		kfree(event);
	}
	if (!locked)
		spin_unlock_irqrestore(&wisp->lock, flags);
}

/*
 * Draws on the small reserve for no reason: nothing here is atomic.
 * might-sleep: hint at the call; the quick fix writes GFP_KERNEL.
 */
u32 *wisp_stats_alloc(unsigned int nr)
{
	might_sleep();
	return kcalloc(nr, sizeof(u32), GFP_ATOMIC);
}

void wisp_reset(struct wisp_dev *wisp, bool wait)
{
	/*
	 * The interrupt handler resets the device at once, the ioctl waits for it:
	 * which of them may do what follows from an argument, and nothing above
	 * says so to the next caller. might-sleep: hint at the name; the quick fix
	 * adds a comment that says it.
	 */
	writel(WISP_RESET, wisp->regs + WISP_CONTROL);
	if (wait)
		msleep(10);
}
