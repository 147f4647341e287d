// A helper that is called from several contexts, in four versions.

#include <linux/delay.h>
#include <linux/preempt.h>
#include <linux/spinlock.h>

struct meter {
	spinlock_t lock;
	int value;
};

static struct meter meter;

static void settle(void)
{
	msleep(1);
}

/* Chooses by its context: where nobody counts, every context looks like one that may sleep. */
static void settle_if_possible(void)
{
	if (in_atomic())
		udelay(10);
	else
		msleep(1);
}

/* Says that it may sleep, also when it then does not. */
static void settle_documented(int value)
{
	might_sleep();
	if (value > 100)
		msleep(1);
}

static void settle_large(int value)
{
	if (value > 100)
		msleep(1);
}

/* The same lock is held or not, as an argument says. */
int meter_read_either_way(bool locked)
{
	if (locked)
		spin_lock(&meter.lock);
	settle();
	if (locked)
		spin_unlock(&meter.lock);
	return meter.value;
}

int meter_read_plainly(bool locked)
{
	if (locked) {
		spin_lock(&meter.lock);
		meter.value++;
		spin_unlock(&meter.lock);
	}
	settle();
	return meter.value;
}

int meter_read_asking(void)
{
	spin_lock(&meter.lock);
	settle_if_possible();
	spin_unlock(&meter.lock);
	return meter.value;
}

/* The mistake shows at the first call, not only with a large value. */
int meter_read_checked(void)
{
	spin_lock(&meter.lock);
	settle_documented(5);
	spin_unlock(&meter.lock);
	return meter.value;
}

int meter_read_unchecked(void)
{
	spin_lock(&meter.lock);
	settle_large(5);
	spin_unlock(&meter.lock);
	return meter.value;
}

int meter_count(void)
{
	int value;

	spin_lock(&meter.lock);
	value = ++meter.value;
	spin_unlock(&meter.lock);
	return value;
}
