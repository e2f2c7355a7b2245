//! Running handlers: within the caller until they first wait, then in a task of their own.

use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::atomic::Ordering,
    task::{Context, Poll, Waker},
};

use bytestring::ByteString;
use engineio::CloseReason;
use futures_util::FutureExt;

use crate::{ExtractError, Refusal, SocketRef, handler::Running};

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
pub(crate) fn start(socket: &SocketRef, what: What, call: impl FnOnce() -> Result<Running, ExtractError>) {
    let first = catch_unwind(AssertUnwindSafe(|| {
        let mut running = call()?;
        Ok(match running.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(error) => Progress::Done(error),
            Poll::Pending => Progress::Waits(running),
        })
    }));
    match first {
        Ok(Ok(Progress::Done(error))) => what.finished(socket, error),
        Ok(Ok(Progress::Waits(running))) => {
            let socket = socket.clone();
            tokio::spawn(async move {
                match AssertUnwindSafe(running).catch_unwind().await {
                    Ok(error) => what.finished(&socket, error),
                    Err(_) => what.panicked(&socket),
                }
            });
        }
        Ok(Err(error)) => what.not_called(socket, &error),
        Err(_) => what.panicked(socket),
    }
}

enum Progress {
    Done(Option<String>),
    Waits(Running),
}

impl What {
    fn finished(&self, socket: &SocketRef, error: Option<String>) {
        if let Some(error) = error {
            tracing::warn!(namespace = socket.namespace_path(), handler = %self, error, "a handler failed");
        }
    }

    /// Tells the kind of the error only, as its source may quote what the client sent.
    /// What a client can cause at will is no warning.
    pub(crate) fn not_called(&self, socket: &SocketRef, error: &ExtractError) {
        let namespace = socket.namespace_path();
        match error {
            ExtractError::State(_) | ExtractError::Extension(_) => {
                tracing::error!(namespace, handler = %self, %error, "a handler was not called");
            }
            ExtractError::Data(_) | ExtractError::Auth(_) | ExtractError::Other(_) => {
                socket.shared().rejected.fetch_add(1, Ordering::Relaxed);
                tracing::debug!(namespace, handler = %self, %error, "a handler was not called");
            }
        }
    }

    pub(crate) fn refused(&self, socket: &SocketRef, refusal: &Refusal) {
        socket.shared().rejected.fetch_add(1, Ordering::Relaxed);
        tracing::debug!(namespace = socket.namespace_path(), handler = %self, %refusal, "an event was refused");
    }

    /// The handler may have left things half done, hence the client starts anew on another connection.
    fn panicked(&self, socket: &SocketRef) {
        socket.shared().panics.fetch_add(1, Ordering::Relaxed);
        tracing::error!(namespace = socket.namespace_path(), handler = %self, "a handler panicked");
        socket.close_connection(CloseReason::ForcedClose);
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
