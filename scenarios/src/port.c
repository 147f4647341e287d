// Ports of a switch: a list under a spinlock, and four ways to add to it.

#include <linux/list.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

struct port {
	struct list_head node;
	int number;
};

struct fabric {
	spinlock_t lock;
	int nr_ports;
	struct port *last;
};

static struct fabric fabric;

/* The allocation may sleep, the lock does not let it. */
int port_add_kernel(int number)
{
	struct port *port;
	unsigned long flags;

	spin_lock_irqsave(&fabric.lock, flags);
	port = kzalloc(sizeof(*port), GFP_KERNEL);
	if (!port) {
		spin_unlock_irqrestore(&fabric.lock, flags);
		return -ENOMEM;
	}
	port->number = number;
	fabric.last = port;
	spin_unlock_irqrestore(&fabric.lock, flags);
	return 0;
}

int port_add_atomic(int number)
{
	struct port *port;
	unsigned long flags;

	spin_lock_irqsave(&fabric.lock, flags);
	port = kzalloc(sizeof(*port), GFP_ATOMIC);
	if (!port) {
		spin_unlock_irqrestore(&fabric.lock, flags);
		return -ENOMEM;
	}
	port->number = number;
	fabric.last = port;
	spin_unlock_irqrestore(&fabric.lock, flags);
	return 0;
}

/* Nothing is allocated where the lock is held. */
int port_add_before(int number)
{
	struct port *port = kzalloc(sizeof(*port), GFP_KERNEL);
	unsigned long flags;

	if (!port)
		return -ENOMEM;
	port->number = number;
	spin_lock_irqsave(&fabric.lock, flags);
	fabric.last = port;
	spin_unlock_irqrestore(&fabric.lock, flags);
	return 0;
}

/* The lock is taken with interrupts off, and given back without turning them on. */
int port_add_one_flavour_each(int number)
{
	struct port *port;
	unsigned long flags;

	spin_lock_irqsave(&fabric.lock, flags);
	port = kzalloc(sizeof(*port), GFP_ATOMIC);
	if (!port) {
		spin_unlock_irqrestore(&fabric.lock, flags);
		return -ENOMEM;
	}
	port->number = number;
	fabric.last = port;
	spin_unlock(&fabric.lock);
	return 0;
}

int port_count(void)
{
	int count;

	spin_lock(&fabric.lock);
	count = fabric.nr_ports;
	spin_unlock(&fabric.lock);
	return count;
}
