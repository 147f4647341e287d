/* SPDX-License-Identifier: MIT */
/* wisp: a made-up storage adapter with the mistakes might-sleep is about. */
#ifndef WISP_H
#define WISP_H

#include <linux/bio.h>
#include <linux/blkdev.h>
#include <linux/interrupt.h>
#include <linux/list.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/workqueue.h>

struct wisp_vport {
	struct list_head node;
	u32 id;
};

struct wisp_route {
	struct list_head node;
	struct rcu_head rcu;
	u32 target;
};

struct wisp_event {
	struct list_head node;
	u32 code;
};

struct wisp_dev {
	spinlock_t lock;		/* protects vports and events; taken by the interrupt */
	struct mutex config;		/* one configuration change at a time */
	struct list_head vports;
	struct list_head events;
	struct list_head routes;	/* readers: RCU, writers: config */
	struct work_struct flush;
	struct block_device *bdev;
	struct bio_set bios;
	void __iomem *regs;
	struct wisp_event *spare;	/* allocated in advance for the interrupt */
	void *buffer;
	u32 *stats;
	u32 nr_configs;
	int irq;
};

#define WISP_BUFFER_SIZE 4096
#define WISP_NR_STATS	8

#define WISP_STATUS	0x10
#define WISP_MASK	0x14
#define WISP_CONTROL	0x18

#define WISP_HUNG	0x80000000
#define WISP_RESET	0x01

/* vport.c */
struct wisp_vport *wisp_vport_create(struct wisp_dev *wisp, u32 id);
struct wisp_vport *wisp_vport_clone(struct wisp_dev *wisp, u32 id);
int wisp_vport_remove(struct wisp_dev *wisp, u32 id);
u32 wisp_vport_count(struct wisp_dev *wisp);

/* route.c */
u32 wisp_route_lookup(struct wisp_dev *wisp, u32 target);
int wisp_route_replace(struct wisp_dev *wisp, u32 target);
void wisp_route_flush(struct wisp_dev *wisp);

/* io.c */
extern const struct block_device_operations wisp_disk_ops;
void wisp_flush_work(struct work_struct *work);

/* pool.c */
int wisp_event_add(struct wisp_dev *wisp, u32 code);
void *wisp_buffer_get(size_t size);
void wisp_event_drain(struct wisp_dev *wisp, bool locked);
u32 *wisp_stats_alloc(unsigned int nr);
void wisp_reset(struct wisp_dev *wisp, bool wait);

/* reserve.c */
struct wisp_event *wisp_entry_new(u32 code, gfp_t gfp);
void wisp_entry_trim(struct wisp_dev *wisp, bool all);
int wisp_entry_push(struct wisp_dev *wisp, u32 code);
int wisp_entry_push_early(struct wisp_dev *wisp, u32 code);
int wisp_spare_fill(struct wisp_dev *wisp);
void wisp_spare_take(struct wisp_dev *wisp, u32 code);
void wisp_config_apply(struct wisp_dev *wisp);
int wisp_config_flush(struct wisp_dev *wisp);

#endif
