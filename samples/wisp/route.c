// SPDX-License-Identifier: MIT
/* Routes: blocking inside an RCU read-side critical section. */
#include "wisp.h"

/* A reader as it should be. */
u32 wisp_route_lookup(struct wisp_dev *wisp, u32 target)
{
	struct wisp_route *route;
	u32 found = 0;

	rcu_read_lock();
	list_for_each_entry_rcu(route, &wisp->routes, node) {
		if (route->target == target) {
			found = route->target;
			break;
		}
	}
	rcu_read_unlock();
	return found;
}

/* A writer as it should be: under a mutex synchronize_rcu() may sleep. */
int wisp_route_replace(struct wisp_dev *wisp, u32 target)
{
	struct wisp_route *route, *old;

	route = kzalloc(sizeof(*route), GFP_KERNEL);
	if (!route)
		return -ENOMEM;
	route->target = target;

	mutex_lock(&wisp->config);
	old = list_first_entry_or_null(&wisp->routes, struct wisp_route, node);
	list_add_rcu(&route->node, &wisp->routes);
	if (old)
		list_del_rcu(&old->node);
	synchronize_rcu();
	mutex_unlock(&wisp->config);
	kfree(old);
	return 0;
}

/*
 * Waits for all readers while being one. With preemption counting this is a
 * splat; without it, the wait itself counts as a quiescent state, the grace
 * period ends too early, and the walk uses freed memory.
 * might-sleep: error at synchronize_rcu(), with the rcu_read_lock() that it
 * breaks.
 */
void wisp_route_flush(struct wisp_dev *wisp)
{
	struct wisp_route *route;

	rcu_read_lock();
	list_for_each_entry_rcu(route, &wisp->routes, node) {
		list_del_rcu(&route->node);
		synchronize_rcu();
		kfree(route);
	}
	rcu_read_unlock();
}
