use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// Whether requests may have changed something at PingOne. Clones share the answer.
///
/// A caller that stops waiting for a call learns from it whether the call can be forgotten: one that still waits for
/// its turn has left nothing.
#[derive(Debug, Clone, Default)]
pub struct Trace(Arc<AtomicBool>);

impl Trace {
    /// Whether a request that writes was sent, other than those that PingOne has turned away unread.
    pub fn is_left(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }

    /// Notes that a request that writes is sent; tells whether an earlier one was.
    pub(super) fn leave(&self) -> bool {
        self.0.swap(true, Ordering::SeqCst)
    }

    /// Takes that back.
    pub(super) fn wipe(&self) {
        self.0.store(false, Ordering::SeqCst);
    }
}
