// Two locks that two functions take in different orders.

#include <linux/spinlock.h>

struct account {
	spinlock_t lock;
	int balance;
};

static struct account savings;
static DEFINE_SPINLOCK(ledger);
static int entries;

int account_deposit(int amount)
{
	spin_lock(&savings.lock);
	savings.balance += amount;
	spin_lock(&ledger);
	entries++;
	spin_unlock(&ledger);
	spin_unlock(&savings.lock);
	return 0;
}

int account_audit(void)
{
	int balance;

	spin_lock(&ledger);
	entries++;
	spin_lock(&savings.lock);
	balance = savings.balance;
	spin_unlock(&savings.lock);
	spin_unlock(&ledger);
	return balance;
}
