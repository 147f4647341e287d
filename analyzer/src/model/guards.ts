// Guard classes of <linux/cleanup.h>, for trees and modules whose headers are not at hand: what the
// constructor takes and the destructor gives back.
import { since } from "./row.js";
import type { GuardRow } from "./schema.js";

const guard = (name: string, enter: string, exit: string, source: string): GuardRow => ({
	name,
	enter,
	exit,
	...since(6, 5),
	source,
});

const SPINLOCK = "include/linux/spinlock.h";
const MUTEX = "include/linux/mutex.h";
const RWSEM = "include/linux/rwsem.h";
const PREEMPT = "include/linux/preempt.h";
const IRQFLAGS = "include/linux/irqflags.h";

export const guards: readonly GuardRow[] = [
	guard("raw_spinlock", "raw_spin_lock", "raw_spin_unlock", SPINLOCK),
	guard("raw_spinlock_try", "raw_spin_trylock", "raw_spin_unlock", SPINLOCK),
	guard("raw_spinlock_nested", "raw_spin_lock", "raw_spin_unlock", SPINLOCK),
	guard("raw_spinlock_irq", "raw_spin_lock_irq", "raw_spin_unlock_irq", SPINLOCK),
	guard("raw_spinlock_irqsave", "raw_spin_lock_irqsave", "raw_spin_unlock_irqrestore", SPINLOCK),
	guard("spinlock", "spin_lock", "spin_unlock", SPINLOCK),
	guard("spinlock_try", "spin_trylock", "spin_unlock", SPINLOCK),
	guard("spinlock_irq", "spin_lock_irq", "spin_unlock_irq", SPINLOCK),
	guard("spinlock_bh", "spin_lock_bh", "spin_unlock_bh", SPINLOCK),
	guard("spinlock_irqsave", "spin_lock_irqsave", "spin_unlock_irqrestore", SPINLOCK),
	guard("read_lock", "read_lock", "read_unlock", SPINLOCK),
	guard("read_lock_irq", "read_lock_irq", "read_unlock_irq", SPINLOCK),
	guard("read_lock_irqsave", "read_lock_irqsave", "read_unlock_irqrestore", SPINLOCK),
	guard("write_lock", "write_lock", "write_unlock", SPINLOCK),
	guard("write_lock_irq", "write_lock_irq", "write_unlock_irq", SPINLOCK),
	guard("write_lock_irqsave", "write_lock_irqsave", "write_unlock_irqrestore", SPINLOCK),
	guard("mutex", "mutex_lock", "mutex_unlock", MUTEX),
	guard("mutex_try", "mutex_trylock", "mutex_unlock", MUTEX),
	guard("mutex_intr", "mutex_lock_interruptible", "mutex_unlock", MUTEX),
	guard("rwsem_read", "down_read", "up_read", RWSEM),
	guard("rwsem_read_try", "down_read_trylock", "up_read", RWSEM),
	guard("rwsem_write", "down_write", "up_write", RWSEM),
	guard("rwsem_write_try", "down_write_trylock", "up_write", RWSEM),
	guard("rcu", "rcu_read_lock", "rcu_read_unlock", "include/linux/rcupdate.h"),
	guard("srcu", "srcu_read_lock", "srcu_read_unlock", "include/linux/srcu.h"),
	guard("preempt", "preempt_disable", "preempt_enable", PREEMPT),
	guard("preempt_notrace", "preempt_disable_notrace", "preempt_enable_notrace", PREEMPT),
	guard("migrate", "migrate_disable", "migrate_enable", PREEMPT),
	guard("irq", "local_irq_disable", "local_irq_enable", IRQFLAGS),
	guard("irqsave", "local_irq_save", "local_irq_restore", IRQFLAGS),
];
