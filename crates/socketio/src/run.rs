//! Running handlers: within the caller until they first wait, then in a task of their own.

use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    task::{Context, Poll, Waker},
};

use bytestring::ByteString;
use engineio::CloseReason;
use futures_util::FutureExt;

use crate::{
    ExtractError, Refusal, SocketRef, handler::Running, namespace::Space, server::Shared, stats::count,
};

/// What runs, for logs.
#[derive(Clone, Debug)]
pub(crate) enum What {
    Connect,
    Disconnect,
    Event(ByteString),
}

/// Polls what `call` starts once and spawns it if it waits.
///
/// The waker of this first poll does nothing, which is sound: a task polls its future as soon as it is spawned.
pub(crate) fn start<O: Owner>(owner: &O, what: What, call: impl FnOnce() -> Result<Running, ExtractError>) {
    let first = catch_unwind(AssertUnwindSafe(|| {
        let mut running = call()?;
        Ok(match running.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(error) => Progress::Done(error),
            Poll::Pending => Progress::Waits(running),
        })
    }));
    match first {
        Ok(Ok(Progress::Done(error))) => what.finished(owner, error),
        Ok(Ok(Progress::Waits(running))) => {
            let owner = owner.clone();
            tokio::spawn(async move {
                match AssertUnwindSafe(running).catch_unwind().await {
                    Ok(error) => what.finished(&owner, error),
                    Err(_) => what.panicked(&owner),
                }
            });
        }
        Ok(Err(error)) => what.not_called(owner, &error),
        Err(_) => what.panicked(owner),
    }
}

/// Whom a handler runs for.
pub(crate) trait Owner: Clone + Send + 'static {
    fn path(&self) -> &str;
    fn server(&self) -> &Shared;
    /// A handler may have left things half done.
    fn distrust(&self);
}

/// The client starts anew on another connection.
impl Owner for SocketRef {
    fn path(&self) -> &str {
        self.namespace_path()
    }

    fn server(&self) -> &Shared {
        self.shared()
    }

    fn distrust(&self) {
        self.close_connection(CloseReason::ForcedClose);
    }
}

impl Owner for Arc<Space> {
    fn path(&self) -> &str {
        &self.path
    }

    fn server(&self) -> &Shared {
        &self.shared
    }

    fn distrust(&self) {}
}

enum Progress {
    Done(Option<String>),
    Waits(Running),
}

impl What {
    fn finished(&self, owner: &impl Owner, error: Option<String>) {
        if let Some(error) = error {
            tracing::warn!(namespace = owner.path(), handler = %self, error, "a handler failed");
        }
    }

    /// Tells the kind of the error only, as its source may quote what the client sent.
    /// What a client can cause at will is no warning.
    pub(crate) fn not_called(&self, owner: &impl Owner, error: &ExtractError) {
        let namespace = owner.path();
        match error {
            ExtractError::State(_) | ExtractError::Extension(_) => {
                tracing::error!(namespace, handler = %self, %error, "a handler was not called");
            }
            ExtractError::Data(_) | ExtractError::Auth(_) | ExtractError::Other(_) => {
                count(&owner.server().counters.rejected);
                tracing::debug!(namespace, handler = %self, %error, "a handler was not called");
            }
        }
    }

    pub(crate) fn refused(&self, socket: &SocketRef, refusal: &Refusal) {
        count(&socket.shared().counters.rejected);
        tracing::debug!(namespace = socket.namespace_path(), handler = %self, %refusal, "an event was refused");
    }

    fn panicked(&self, owner: &impl Owner) {
        count(&owner.server().counters.panics);
        tracing::error!(namespace = owner.path(), handler = %self, "a handler panicked");
        owner.distrust();
    }
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect => f.write_str("connect"),
            Self::Disconnect => f.write_str("disconnect"),
            // The client chose the name, and its length.
            Self::Event(name) => write!(f, "{name:.64}"),
        }
    }
}
