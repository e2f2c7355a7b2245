use std::{
    collections::HashMap,
    fmt,
    marker::PhantomData,
    pin::Pin,
    task::{self, Poll},
    time::Duration,
};

use engineio::{Delivery, Sent};
use serde::de::DeserializeOwned;
use socketio_proto::{Args, EncodeError};
use tokio::{sync::mpsc, time::Instant};

use crate::{AckError, SocketId, SocketRef, ack::Waiter, namespace::Space, rooms::Target, wire::Frames};

/// What clients answered to a broadcast; made by [`Broadcast::emit_with_ack`](crate::Broadcast::emit_with_ack).
#[derive(Debug)]
#[non_exhaustive]
pub struct Answers<R> {
    /// Those that answered, in the order in which they did.
    pub answered: Vec<(SocketId, R)>,
    /// Those that did not, with the reason.
    pub failed: Vec<(SocketId, AckError)>,
}

impl<R> Answers<R> {
    /// Whether every client answered.
    pub fn is_complete(&self) -> bool {
        self.failed.is_empty()
    }
}

/// Waits for the answers to a broadcast until all are here, or the time is over.
///
/// The event was sent already, and the time runs; the future only waits.
#[must_use = "the event was sent; nothing waits for its answers unless this is awaited"]
pub struct AnswersFuture<R> {
    collecting: Pin<Box<dyn Future<Output = Result<Collected, EncodeError>> + Send>>,
    shape: PhantomData<fn() -> R>,
}

impl<R: DeserializeOwned> AnswersFuture<R> {
    pub(crate) fn start(
        space: &Space,
        target: &Target,
        delivery: Delivery,
        timeout: Duration,
        write: impl FnOnce(u64) -> Result<Frames, EncodeError>,
    ) -> Self {
        let id = space.next_ack_id();
        let asked = write(id).map(|frames| Asked::start(space, target, delivery, id, &frames));
        let deadline = Instant::now() + timeout;
        let collecting = Box::pin(async move { Ok(asked?.collect(deadline).await) });
        Self { collecting, shape: PhantomData }
    }
}

impl<R: DeserializeOwned> Future for AnswersFuture<R> {
    type Output = Result<Answers<R>, EncodeError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<Self::Output> {
        self.collecting.as_mut().poll(cx).map(|collected| collected.map(Collected::read))
    }
}

impl<R> fmt::Debug for AnswersFuture<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AnswersFuture").finish_non_exhaustive()
    }
}

struct Collected {
    answered: Vec<(SocketId, Args)>,
    failed: Vec<(SocketId, AckError)>,
}

impl Collected {
    fn read<R: DeserializeOwned>(self) -> Answers<R> {
        let mut answers = Answers { answered: Vec::with_capacity(self.answered.len()), failed: self.failed };
        for (id, args) in self.answered {
            match args.deserialize() {
                Ok(answer) => answers.answered.push((id, answer)),
                Err(error) => answers.failed.push((id, AckError::Data(error))),
            }
        }
        answers
    }
}

/// An event that was sent to several sockets; dropping it forgets the answers that are missing.
struct Asked {
    id: u64,
    waiting: HashMap<SocketId, SocketRef>,
    dropped: Vec<SocketId>,
    /// Ends when no socket holds a sender any more: each has answered or is gone.
    answers: mpsc::UnboundedReceiver<(SocketId, Args)>,
}

impl Asked {
    fn start(space: &Space, target: &Target, delivery: Delivery, id: u64, frames: &Frames) -> Self {
        let (sender, answers) = mpsc::unbounded_channel();
        let mut asked = Self { id, waiting: HashMap::new(), dropped: Vec::new(), answers };
        space.rooms.for_each(target, |socket| {
            let waiter = Waiter::Many(socket.id(), sender.clone());
            if !socket.expect_answer(id, waiter) {
                return;
            }
            match socket.send(frames, delivery) {
                Sent::Queued => drop(asked.waiting.insert(socket.id(), socket.clone())),
                Sent::Dropped => {
                    socket.forget_ack(id);
                    asked.dropped.push(socket.id());
                }
            }
        });
        asked
    }

    async fn collect(mut self, deadline: Instant) -> Collected {
        let mut answered = Vec::with_capacity(self.waiting.len());
        let mut in_time = true;
        loop {
            match tokio::time::timeout_at(deadline, self.answers.recv()).await {
                Ok(Some((id, args))) => {
                    self.waiting.remove(&id);
                    answered.push((id, args));
                }
                Ok(None) => break,
                Err(_) => {
                    in_time = false;
                    break;
                }
            }
        }
        let mut failed: Vec<_> = self.dropped.drain(..).map(|id| (id, AckError::Dropped)).collect();
        for (id, socket) in &self.waiting {
            let is_late = !in_time && socket.is_connected();
            failed.push((*id, if is_late { AckError::Timeout } else { AckError::Disconnected }));
        }
        Collected { answered, failed }
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        for socket in self.waiting.values() {
            socket.forget_ack(self.id);
        }
    }
}
