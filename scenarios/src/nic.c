// A network card: its interrupt hands a buffer on and needs another one.

#include <linux/interrupt.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

struct nic {
	spinlock_t lock;
	void *spare;
	int received;
	struct work_struct refill;
};

static struct nic nic;

/* Allocates where nothing may sleep. */
irqreturn_t nic_irq_allocates(int irq, void *data)
{
	nic.spare = kmalloc(2048, GFP_KERNEL);
	nic.received++;
	return IRQ_HANDLED;
}

static void nic_refill(struct work_struct *work)
{
	void *buffer = kmalloc(2048, GFP_KERNEL);

	spin_lock_irq(&nic.lock);
	nic.spare = buffer;
	spin_unlock_irq(&nic.lock);
}

/* Takes what another path has allocated, and asks for more. */
irqreturn_t nic_irq_takes(int irq, void *data)
{
	spin_lock(&nic.lock);
	nic.received++;
	nic.spare = NULL;
	spin_unlock(&nic.lock);
	schedule_work(&nic.refill);
	return IRQ_HANDLED;
}

int nic_init(void)
{
	INIT_WORK(&nic.refill, nic_refill);
	nic.received = 0;
	nic.spare = kmalloc(2048, GFP_KERNEL);
	return nic.spare ? 0 : -ENOMEM;
}

int nic_received(void)
{
	int received;

	spin_lock_irq(&nic.lock);
	received = nic.received;
	spin_unlock_irq(&nic.lock);
	return received;
}

/* Its own interrupt may come while it holds the lock. */
int nic_received_plain_lock(void)
{
	int received;

	spin_lock(&nic.lock);
	received = nic.received;
	spin_unlock(&nic.lock);
	return received;
}
