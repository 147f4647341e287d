// SPDX-License-Identifier: MIT
/* Where the contexts come from: interrupt, ioctl, init and exit. */
#include <linux/fs.h>
#include <linux/io.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>

#include "wisp.h"

#define WISP_IOC_EVENT	_IOW('w', 1, u32)
#define WISP_IOC_VPORT	_IOW('w', 2, u32)
#define WISP_IOC_CLONE	_IOW('w', 3, u32)
#define WISP_IOC_ROUTE	_IOW('w', 4, u32)
#define WISP_IOC_REMOVE	_IOW('w', 5, u32)
#define WISP_IOC_FLUSH	_IO('w', 6)
#define WISP_IOC_PUSH	_IOW('w', 7, u32)
#define WISP_IOC_CONFIG	_IO('w', 8)
#define WISP_IOC_RESET	_IO('w', 9)

static struct wisp_dev wisp;

/* A hard interrupt: everything that is called from here must not sleep. */
static irqreturn_t wisp_irq(int irq, void *data)
{
	struct wisp_dev *dev = data;
	u32 status = readl(dev->regs + WISP_STATUS);

	if (!status)
		return IRQ_NONE;
	wisp_event_add(dev, status);
	wisp_spare_take(dev, status);
	if (status & WISP_HUNG)
		wisp_reset(dev, false);
	return IRQ_HANDLED;
}

/* A system call: process context, may sleep. */
static long wisp_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	switch (cmd) {
	case WISP_IOC_EVENT:
		return wisp_event_add(&wisp, arg);
	case WISP_IOC_VPORT:
		return wisp_vport_create(&wisp, arg) ? 0 : -ENOMEM;
	case WISP_IOC_CLONE:
		return wisp_vport_clone(&wisp, arg) ? 0 : -ENOMEM;
	case WISP_IOC_REMOVE:
		return wisp_vport_remove(&wisp, arg);
	case WISP_IOC_ROUTE:
		return wisp_route_replace(&wisp, arg);
	case WISP_IOC_FLUSH:
		wisp_route_flush(&wisp);
		wisp_event_drain(&wisp, false);
		schedule_work(&wisp.flush);
		return 0;
	case WISP_IOC_PUSH:
		return wisp_entry_push(&wisp, arg) ?: wisp_entry_push_early(&wisp, arg);
	case WISP_IOC_CONFIG:
		wisp_config_apply(&wisp);
		wisp_entry_trim(&wisp, arg);
		return wisp_spare_fill(&wisp) ?: wisp_config_flush(&wisp);
	case WISP_IOC_RESET:
		wisp_reset(&wisp, true);
		return 0;
	default:
		return -ENOTTY;
	}
}

static const struct file_operations wisp_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = wisp_ioctl,
};

static struct miscdevice wisp_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "wisp",
	.fops = &wisp_fops,
};

static int __init wisp_init(void)
{
	int err;

	spin_lock_init(&wisp.lock);
	mutex_init(&wisp.config);
	INIT_LIST_HEAD(&wisp.vports);
	INIT_LIST_HEAD(&wisp.events);
	INIT_LIST_HEAD(&wisp.routes);
	INIT_WORK(&wisp.flush, wisp_flush_work);

	wisp.stats = wisp_stats_alloc(WISP_NR_STATS);
	wisp.buffer = wisp_buffer_get(WISP_BUFFER_SIZE);

	err = request_irq(wisp.irq, wisp_irq, IRQF_SHARED, "wisp", &wisp);
	if (err)
		return err;
	err = misc_register(&wisp_misc);
	if (err)
		free_irq(wisp.irq, &wisp);
	return err;
}
module_init(wisp_init);

static void __exit wisp_exit(void)
{
	misc_deregister(&wisp_misc);
	free_irq(wisp.irq, &wisp);
	cancel_work_sync(&wisp.flush);
	kfree(wisp.buffer);
	kfree(wisp.stats);
}
module_exit(wisp_exit);

MODULE_DESCRIPTION("A small module with the mistakes that might-sleep finds");
MODULE_LICENSE("Dual MIT/GPL");
