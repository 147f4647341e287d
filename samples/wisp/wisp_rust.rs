// SPDX-License-Identifier: MIT

//! The same mistakes in Rust, in a module of its own.

use kernel::alloc::flags::GFP_DMA32;
use kernel::bindings;
use kernel::prelude::*;
use kernel::sync::{new_mutex, new_spinlock, rcu, Arc, Mutex, SpinLock};

module! {
    type: WispRust,
    name: "wisp_rust",
    license: "Dual MIT/GPL",
}

struct Port {
    id: u32,
}

#[pin_data]
struct Ports {
    #[pin]
    ports: SpinLock<KVec<Port>>,
    #[pin]
    names: Mutex<KVec<CString>>,
    #[pin]
    total: SpinLock<u32>,
}

impl Ports {
    fn new() -> impl PinInit<Self> {
        pin_init!(Self {
            ports <- new_spinlock!(KVec::new()),
            names <- new_mutex!(KVec::new()),
            total <- new_spinlock!(0),
        })
    }

    /// A vector grows while a spinlock is held.
    /// might-sleep: error at the call, with the line that took the lock; the
    /// quick fix writes GFP_ATOMIC.
    fn add(&self, id: u32) -> Result {
        let mut ports = self.ports.lock();
        ports.push(Port { id }, GFP_KERNEL)?;
        Ok(())
    }

    /// Nothing wrong: the flag says what the lock asks for, and each call may
    /// fail. The hover on it tells how much of the reserve it may use.
    fn add_three(&self) -> Result {
        let mut ports = self.ports.lock();
        ports.push(Port { id: 1 }, GFP_ATOMIC)?;
        ports.push(Port { id: 2 }, GFP_ATOMIC)?;
        ports.push(Port { id: 3 }, GFP_ATOMIC)?;
        Ok(())
    }

    /// The spelling of before: it names no flags, and allocated with GFP_KERNEL
    /// wherever it was called. might-sleep: error at the call; the quick fix
    /// writes push() with the flag that the lock asks for.
    fn add_old(&self, id: u32) -> Result {
        let mut ports = self.ports.lock();
        ports.try_push(Port { id })?;
        Ok(())
    }

    /// A mutex may be held while sleeping: the quick fix for the missing flag
    /// writes GFP_KERNEL here.
    fn name_old(&self, name: CString) -> Result {
        let mut names = self.names.lock();
        names.try_push(name)?;
        Ok(())
    }

    /// Better than another flag: what can be allocated before the lock is taken
    /// may sleep.
    fn add_early(&self, id: u32) -> Result {
        let boxed = KBox::new(Port { id }, GFP_KERNEL)?;
        let mut total = self.total.lock();
        *total += boxed.id;
        Ok(())
    }

    /// Waits for all readers while being one: the guard lives to the end of the
    /// block. might-sleep: error at the wait.
    fn flush(&self) {
        let _reader = rcu::read_lock();
        // SAFETY: It may be called at any time, but not by a reader.
        unsafe { bindings::synchronize_rcu() };
    }
}

/// An allocator whose flag is built in: who calls it does not see what it asks
/// for. might-sleep: error at the flag, by the caller below; the hover on the
/// flag says which contexts it is wrong for.
fn grow(old: *mut u8, size: usize) -> *mut u8 {
    // SAFETY: `old` is what an earlier call gave, or null.
    unsafe { bindings::krealloc(old.cast(), size, bindings::GFP_KERNEL) as *mut u8 }
}

/// Calls it under a lock, with nothing to say so at the call.
fn grow_locked(ports: &Ports, old: *mut u8) -> *mut u8 {
    let total = ports.total.lock();
    grow(old, *total as usize)
}

/// The flag in the name of the function: the quick fix writes it out.
fn boxed_atomic() -> Result<KBox<u32>> {
    Box::try_new_atomic(101)
}

/// The names of before, where every flag is right that may sleep.
fn boxed_old() -> Result<Arc<u32>> {
    let first = Box::try_new(101)?;
    Arc::try_new(*first)
}

/// Explicit flags, also two of them: the hover on each says what it adds.
fn boxed() -> Result<KBox<u32>> {
    Ok(KBox::new(101, GFP_KERNEL | GFP_DMA32)?)
}

struct WispRust {
    ports: Pin<KBox<Ports>>,
}

impl kernel::Module for WispRust {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        let ports = KBox::pin_init(Ports::new(), GFP_KERNEL)?;
        ports.add(1)?;
        ports.add_three()?;
        ports.add_old(2)?;
        ports.add_early(3)?;
        ports.name_old(CString::try_from_fmt(fmt!("port"))?)?;
        ports.flush();
        grow_locked(&ports, core::ptr::null_mut());
        boxed_atomic()?;
        boxed_old()?;
        boxed()?;
        Ok(WispRust { ports })
    }
}
