// Types of Rust that the analysis meets without their definition: what stands for a type (`Guard<T, SpinLockBackend>`
// is the guard of a spinlock), what it gives way to, and what functions of the model's rows give. Parameters of a
// pattern are single capitals; T is also the type of the first argument where nothing else says what it is.
import type { RustTypeRow } from "./schema.js";

const rows = (source: string, lines: string): RustTypeRow[] =>
	lines
		.trim()
		.split("\n")
		.map((line) => {
			const [of = "", is = ""] = line.split(" = ");
			return { of: of.trim(), is: is.trim(), source };
		});

const boxes = ["Box", "KBox", "VBox", "KVBox"].flatMap((type) =>
	rows(
		"rust/kernel/alloc/kbox.rs",
		`${type}<T>* = T
		${type}<T>::new() = Result<${type}<T>>
		${type}<T>::try_new() = Result<${type}<T>>
		${type}<T>::pin() = Result<${type}<T>>
		${type}<T>::pin_init() = Result<${type}<T>>
		${type}<T>::try_pin_init() = Result<${type}<T>>
		${type}<T>::init() = Result<${type}<T>>`,
	),
);

const vectors = ["Vec", "KVec", "VVec", "KVVec"].flatMap((type) =>
	rows(
		"rust/kernel/alloc/kvec.rs",
		`${type}<T>* = [T]
		${type}<T>::new() = ${type}<_>
		${type}<T>::with_capacity() = Result<${type}<_>>
		${type}<T>::try_with_capacity() = Result<${type}<_>>
		${type}<T>::from_elem() = Result<${type}<T>>
		${type}<T>::push() = Result<()>
		${type}<T>::pop() = Option<T>`,
	),
);

const arcs = ["Arc", "UniqueArc", "ListArc"].flatMap((type) =>
	rows(
		"rust/kernel/sync/arc.rs",
		`${type}<T>* = T
		${type}<T>::new() = Result<${type}<T>>
		${type}<T>::try_new() = Result<${type}<T>>
		${type}<T>::pin_init() = Result<${type}<T>>
		${type}<T>::try_pin_init() = Result<${type}<T>>
		${type}<T>::clone() = ${type}<T>`,
	),
);

const locks = ["SpinLock", "RawSpinLock", "Mutex"].flatMap((type) =>
	rows(
		"rust/kernel/sync/lock.rs",
		`${type}<T>::lock() = ${type}Guard<T>
		${type}<T>::try_lock() = Option<${type}Guard<T>>
		${type}<T>::new() = impl PinInit<${type}<T>>
		${type}Guard<T>* = T
		Lock<T,${type}Backend> = ${type}<T>
		Guard<T,${type}Backend> = ${type}Guard<T>`,
	),
);

export const rustTypes: readonly RustTypeRow[] = [
	...boxes,
	...vectors,
	...arcs,
	...locks,
	...rows(
		"rust/kernel/sync/lock/spinlock.rs",
		`SpinLockIrq<T>::lock() = SpinLockIrqGuard<T>
		SpinLockIrq<T>::lock_with() = SpinLockIrqWithGuard<T>
		SpinLockIrqGuard<T>* = T
		SpinLockIrqWithGuard<T>* = T
		new_spinlock!() = impl PinInit<SpinLock<T>>
		new_spinlock_irq!() = impl PinInit<SpinLockIrq<T>>
		new_mutex!() = impl PinInit<Mutex<T>>
		new_condvar!() = impl PinInit<CondVar>
		interrupt::local_interrupt_disable() = LocalInterruptDisabled`,
	),
	...rows(
		"rust/kernel/sync/rcu.rs",
		`rcu::read_lock() = RcuGuard
		RcuGuard::new() = RcuGuard
		rcu::Guard = RcuGuard`,
	),
	...rows(
		"rust/kernel/sync/srcu.rs",
		`Srcu::read_lock() = SrcuGuard
		srcu::Guard = SrcuGuard`,
	),
	...rows(
		"rust/kernel/xarray.rs",
		`XArray<T>::lock() = XArrayGuard<T>
		XArray<T>::try_lock() = Option<XArrayGuard<T>>
		XArray<T>::new() = impl PinInit<XArray<T>>
		xarray::Guard<T> = XArrayGuard<T>`,
	),
	...rows(
		"rust/kernel/types.rs",
		`ARef<T>* = T
		ARef<T>::clone() = ARef<T>
		ArcBorrow<T>* = T
		Opaque<T>::new() = Opaque<T>
		Opaque<T>::get() = *T
		UnsafeCell<T>::get() = *T
		NonNull<T>::as_ptr() = *T
		NonNull<T>::as_ref() = &T
		NonNull<T>::as_mut() = &T
		ManuallyDrop<T>* = T
		ScopeGuard<T>* = T
		LockedBy<T,U>::access() = T
		LockedBy<T,U>::access_mut() = T
		CachePadded<T>* = T
		Devres<T>* = T
		current!() = &Task
		kvec!() = Result<KVec<T>>
		vec!() = Vec<T>`,
	),
];
