// A configuration that readers look at under RCU, and that a writer replaces.

#include <linux/delay.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

struct limits {
	int rate;
	struct rcu_head rcu;
};

static struct limits __rcu *limits;

int limits_init(void)
{
	struct limits *first = kmalloc(sizeof(*first), GFP_KERNEL);

	if (!first)
		return -ENOMEM;
	first->rate = 10;
	rcu_assign_pointer(limits, first);
	return 0;
}

/* Waits for the grace period of the section that it is in. */
int limits_set_as_reader(int rate)
{
	struct limits *old, *new;
	int before;

	new = kmalloc(sizeof(*new), GFP_KERNEL);
	if (!new)
		return -ENOMEM;
	new->rate = rate;

	rcu_read_lock();
	old = rcu_dereference(limits);
	rcu_assign_pointer(limits, new);
	synchronize_rcu();
	kfree(old);
	before = old->rate;
	rcu_read_unlock();
	return before;
}

int limits_set(int rate)
{
	struct limits *old, *new;

	new = kmalloc(sizeof(*new), GFP_KERNEL);
	if (!new)
		return -ENOMEM;
	new->rate = rate;
	old = rcu_dereference_protected(limits, 1);
	rcu_assign_pointer(limits, new);
	synchronize_rcu();
	kfree(old);
	return 0;
}

/* Sleeps with a pointer that is good until it sleeps. */
int limits_read_slowly(void)
{
	struct limits *now;
	int rate;

	rcu_read_lock();
	now = rcu_dereference(limits);
	msleep(10);
	rate = now->rate;
	rcu_read_unlock();
	return rate;
}

int limits_read(void)
{
	int rate;

	rcu_read_lock();
	rate = rcu_dereference(limits)->rate;
	rcu_read_unlock();
	return rate;
}
