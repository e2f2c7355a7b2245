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

use crate::{
    AckError, Response, SocketId, SocketRef,
    ack::Waiter,
    clock,
    cluster::{self, Incomings},
    namespace::Space,
    rooms::Target,
    wire::Frames,
};

/// What clients answered to a broadcast; made by [`Broadcast::emit_with_ack`](crate::Broadcast::emit_with_ack).
///
/// ```
/// # async fn example(io: socketio::SocketIo) -> Result<(), socketio::EncodeError> {
/// let answers = io.emit_with_ack::<String>("version?", &()).await?;
/// for (id, version) in &answers.answered {
///     println!("{id}: {version}");
/// }
/// for (id, error) in &answers.failed {
///     println!("{id}: {error}");
/// }
/// # Ok(()) }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Answers<R> {
    /// Those that answered, in the order in which they did.
    pub answered: Vec<(SocketId, R)>,
    /// Those that did not, with the reason.
    pub failed: Vec<(SocketId, AckError)>,
    /// What sockets of other servers answered; those servers do not tell which.
    pub remote: Vec<R>,
    /// How many sockets of other servers did not answer in time, or not in the shape of `R`.
    pub remote_missing: usize,
    /// How many other servers did not tell whom they asked.
    pub missing_servers: usize,
}

impl<R> Answers<R> {
    /// Whether every client answered.
    pub fn is_complete(&self) -> bool {
        self.failed.is_empty() && self.remote_missing == 0 && self.missing_servers == 0
    }
}

/// Waits for the answers to a broadcast until all are here, or the time is over.
///
/// The event was sent already, and the time runs; the future only waits.
///
/// ```
/// # use std::time::Duration;
/// # async fn example(io: socketio::SocketIo) -> Result<(), socketio::EncodeError> {
/// let asked = io.to("voters").timeout(Duration::from_secs(60)).emit_with_ack::<bool>("agreed?", &());
/// println!("the vote is open");
/// println!("{} votes", asked.await?.answered.len());
/// # Ok(()) }
/// ```
#[must_use = "the event was sent; nothing waits for its answers unless this is awaited"]
pub struct AnswersFuture<R> {
    collecting: Pin<Box<dyn Future<Output = Result<Collected, EncodeError>> + Send>>,
    shape: PhantomData<fn() -> R>,
}

impl<R: DeserializeOwned> AnswersFuture<R> {
    pub(crate) fn new(
        asked: Result<Asked, EncodeError>,
        remote: Option<Incomings>,
        timeout: Duration,
    ) -> Self {
        let deadline = clock::after(timeout);
        let collecting = Box::pin(async move {
            let asked = asked?.collect(deadline);
            let Some(remote) = remote else { return Ok(asked.await) };
            let (mut collected, remote) = tokio::join!(asked, cluster::collect(remote, deadline));
            collected.remote = remote;
            Ok(collected)
        });
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
    remote: cluster::Collected,
}

impl Collected {
    fn read<R: DeserializeOwned>(self) -> Answers<R> {
        let Self { answered, mut failed, remote } = self;
        let mut local = Vec::with_capacity(answered.len());
        for (id, args) in answered {
            match args.deserialize() {
                Ok(answer) => local.push((id, answer)),
                Err(error) => failed.push((id, AckError::Data(error))),
            }
        }
        let acks = remote.responses.into_iter().filter_map(|response| match response {
            Response::Ack(args) => args.deserialize().ok(),
            _ => None,
        });
        let answers: Vec<R> = acks.collect();
        Answers {
            answered: local,
            failed,
            remote_missing: remote.clients.saturating_sub(answers.len()),
            remote: answers,
            missing_servers: remote.missing_servers,
        }
    }
}

/// An event that was sent to several sockets; dropping it forgets the answers that are missing.
pub(crate) struct Asked {
    id: u64,
    waiting: HashMap<SocketId, SocketRef>,
    dropped: Vec<SocketId>,
    /// Ends when no socket holds a sender any more: each has answered or is gone.
    answers: mpsc::UnboundedReceiver<(SocketId, Args)>,
    in_time: bool,
}

impl Asked {
    pub(crate) fn start(
        space: &Space,
        target: &Target,
        delivery: Delivery,
        id: u64,
        frames: &Frames,
    ) -> Self {
        let (sender, answers) = mpsc::unbounded_channel();
        let mut asked = Self { id, waiting: HashMap::new(), dropped: Vec::new(), answers, in_time: true };
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

    /// How many have not answered yet.
    pub(crate) fn count(&self) -> usize {
        self.waiting.len()
    }

    /// The next answer; `None` when all have answered or are gone, or the time is over.
    pub(crate) async fn next(&mut self, deadline: Instant) -> Option<(SocketId, Args)> {
        let next = tokio::time::timeout_at(deadline, self.answers.recv()).await;
        self.in_time = next.is_ok();
        let (id, args) = next.ok()??;
        self.waiting.remove(&id);
        Some((id, args))
    }

    async fn collect(mut self, deadline: Instant) -> Collected {
        let mut answered = Vec::with_capacity(self.waiting.len());
        while let Some(answer) = self.next(deadline).await {
            answered.push(answer);
        }
        let mut failed: Vec<_> = self.dropped.drain(..).map(|id| (id, AckError::Dropped)).collect();
        for (id, socket) in &self.waiting {
            let is_late = !self.in_time && socket.is_connected();
            failed.push((*id, if is_late { AckError::Timeout } else { AckError::Disconnected }));
        }
        Collected { answered, failed, remote: cluster::Collected::default() }
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        for socket in self.waiting.values() {
            socket.forget_ack(self.id);
        }
    }
}
