// A queue of requests behind a spinlock, in Rust: the flags of a push are those of its context, or not.
use kernel::prelude::*;
use kernel::sync::SpinLock;

struct Pending {
    requests: KVec<u32>,
}

struct Queue {
    pending: SpinLock<Pending>,
}

impl Queue {
    fn push_kernel(&self, id: u32) -> Result {
        let mut pending = self.pending.lock();
        pending.requests.push(id, GFP_KERNEL)?;
        Ok(())
    }

    fn push_atomic(&self, id: u32) -> Result {
        let mut pending = self.pending.lock();
        pending.requests.push(id, GFP_ATOMIC)?;
        Ok(())
    }

    fn push_prepared(&self, id: u32) -> Result {
        let mut more = KVec::with_capacity(16, GFP_KERNEL)?;
        more.push(id, GFP_KERNEL)?;
        let mut pending = self.pending.lock();
        pending.requests = more;
        Ok(())
    }
}
