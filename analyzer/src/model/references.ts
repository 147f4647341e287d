// Reference counts that tell when the last one goes: a function that takes a reference and gives it back has not
// given back the last.
import type { ReferenceRow } from "./schema.js";

type Columns = Pick<ReferenceRow, "use">;

function pairs(
	does: ReferenceRow["does"],
	names: string,
	source: string,
	columns: Columns = {},
): readonly ReferenceRow[] {
	return names.split(" ").map((name) => ({ name, does, arg: 0, ...columns, source }));
}

const KREF = "include/linux/kref.h";
const REFCOUNT = "include/linux/refcount.h";
const PM = "Documentation/power/runtime_pm.rst";
const ATOMIC = "include/linux/atomic/atomic-instrumented.h";

export const references: readonly ReferenceRow[] = [
	...pairs("get", "kref_get kref_get_unless_zero", KREF),
	...pairs("put", "kref_put kref_put_mutex kref_put_lock", KREF),
	...pairs("get", "refcount_inc refcount_inc_not_zero", REFCOUNT),
	...pairs("put", "refcount_dec_and_test refcount_dec_and_lock refcount_dec_and_mutex_lock", REFCOUNT),
	...pairs("put", "refcount_dec_and_lock_irqsave", REFCOUNT),
	...pairs("put", "atomic_dec_and_lock _atomic_dec_and_lock atomic_dec_and_lock_irqsave", "lib/dec_and_lock.c"),
	...pairs("get", "atomic_inc atomic_long_inc atomic64_inc", ATOMIC),
	...pairs("get", "atomic_inc_not_zero atomic_long_inc_not_zero atomic64_inc_not_zero", ATOMIC),
	...pairs("put", "atomic_dec_and_test atomic_long_dec_and_test atomic64_dec_and_test", ATOMIC),
	...pairs("get", "pm_runtime_get_sync pm_runtime_resume_and_get", PM, { use: "awake" }),
	...pairs("get", "pm_runtime_get pm_runtime_get_noresume", PM, { use: "counted" }),
	...pairs("put", "pm_runtime_put_sync pm_runtime_put_sync_suspend pm_runtime_put_sync_autosuspend", PM, {
		use: "awake",
	}),
	...pairs("put", "pm_runtime_put pm_runtime_put_autosuspend", PM, { use: "awake" }),
	...pairs("put", "pm_runtime_put_noidle", PM, { use: "counted" }),
];
