// SPDX-License-Identifier: MIT
/* Virtual ports: allocating while a spinlock is held. */
#include "wisp.h"

/*
 * A sleeping allocation under a spinlock.
 * might-sleep: error at the flag, with the line that took the lock and the way
 * into reclaim; the quick fix writes GFP_ATOMIC. Step through it to see the
 * kernel's own complaint.
 */
struct wisp_vport *wisp_vport_create(struct wisp_dev *wisp, u32 id)
{
	struct wisp_vport *vport;
	unsigned long flags;

	spin_lock_irqsave(&wisp->lock, flags);
	vport = kzalloc(sizeof(*vport), GFP_KERNEL);
	if (!vport) {
		spin_unlock_irqrestore(&wisp->lock, flags);
		return NULL;
	}
	vport->id = id;
	list_add_tail(&vport->node, &wisp->vports);
	spin_unlock_irqrestore(&wisp->lock, flags);
	return vport;
}

/*
 * The right flag, but the wrong unlock: interrupts stay off after it.
 * might-sleep: warning at the spin_unlock(); the quick fix pairs it with the
 * spin_lock_irqsave(). And a hint at the call: it could be made before.
 */
struct wisp_vport *wisp_vport_clone(struct wisp_dev *wisp, u32 id)
{
	struct wisp_vport *vport;
	unsigned long flags;

	spin_lock_irqsave(&wisp->lock, flags);
	vport = kzalloc(sizeof(*vport), GFP_ATOMIC);
	if (!vport) {
		spin_unlock_irqrestore(&wisp->lock, flags);
		return NULL;
	}
	vport->id = id;
	list_add_tail(&vport->node, &wisp->vports);
	spin_unlock(&wisp->lock);
	return vport;
}

/*
 * One way out keeps the lock.
 * might-sleep: lock-imbalance at that return, with the return that differs.
 */
int wisp_vport_remove(struct wisp_dev *wisp, u32 id)
{
	struct wisp_vport *vport;
	unsigned long flags;

	spin_lock_irqsave(&wisp->lock, flags);
	vport = list_first_entry_or_null(&wisp->vports, struct wisp_vport, node);
	if (!vport || vport->id != id)
		return -ENOENT;
	list_del(&vport->node);
	spin_unlock_irqrestore(&wisp->lock, flags);
	kfree(vport);
	return 0;
}

/* Nothing wrong: the hover on a line between the calls says what is held. */
u32 wisp_vport_count(struct wisp_dev *wisp)
{
	struct wisp_vport *vport;
	unsigned long flags;
	u32 nr = 0;

	spin_lock_irqsave(&wisp->lock, flags);
	list_for_each_entry(vport, &wisp->vports, node)
		nr++;
	spin_unlock_irqrestore(&wisp->lock, flags);
	return nr;
}
