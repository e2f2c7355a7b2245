//! Events that are sent until they are acknowledged, one after the other.

use std::{sync::Arc, time::Duration};

use socketio_proto::Args;
use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, timeout_at},
};

use super::{Inner, Running, State};
use crate::{
    budget::Reservation,
    command::{Answer, Command, Kind, Outgoing, Pending},
    wire,
};

/// An event that waits for its turn, or for its acknowledgement.
#[derive(Debug)]
pub(super) struct Persistent {
    pub(super) name: String,
    pub(super) args: Args,
    /// How long each attempt may take.
    pub(super) timeout: Duration,
    /// Who waits for the answer, if anybody does. Nobody waits for one that is closed.
    pub(super) sender: Option<oneshot::Sender<Answer>>,
    /// Given back with the event.
    pub(super) _reservation: Reservation,
}

/// The events of one socket that have not been acknowledged.
#[derive(Debug)]
pub(super) struct Queue {
    sender: mpsc::UnboundedSender<Persistent>,
    receiver: Option<mpsc::UnboundedReceiver<Persistent>>,
    retries: u32,
}

impl Queue {
    pub(super) fn new(retries: u32) -> Self {
        let (sender, receiver) = mpsc::unbounded_channel();
        Self { sender, receiver: Some(receiver), retries }
    }

    /// Whether there is somebody to send the event.
    pub(super) fn push(&self, event: Persistent) -> bool {
        self.sender.send(event).is_ok()
    }

    /// What the connection's task has to do beside all else, from the first time on that it hears of the socket.
    pub(super) fn start(&mut self, inner: Arc<Inner>) -> Option<Running> {
        let mut events = self.receiver.take()?;
        let retries = self.retries;
        Some(Box::pin(async move {
            while let Some(event) = events.recv().await {
                event.deliver(&inner, retries).await;
            }
        }))
    }
}

impl Persistent {
    async fn deliver(mut self, inner: &Arc<Inner>, retries: u32) {
        let mut state = inner.state.subscribe();
        for attempt in 0..=retries {
            if state.wait_for(|state| matches!(state, State::Connected { .. })).await.is_err() {
                return;
            }
            if self.sender.as_ref().is_some_and(oneshot::Sender::is_closed) {
                return;
            }
            if let Some(args) = self.attempt(inner).await {
                return self.answer(Answer::Args(args));
            }
            tracing::debug!(event = self.name, attempt, "an event was not acknowledged");
        }
        tracing::warn!(
            namespace = &*inner.namespace,
            event = self.name,
            retries,
            "an event was not acknowledged and is given up"
        );
        self.answer(Answer::GivenUp);
    }

    /// Sends the event once and gives what it is answered with.
    async fn attempt(&self, inner: &Arc<Inner>) -> Option<Args> {
        let (sender, receiver) = oneshot::channel();
        let deadline = Instant::now() + self.timeout;
        // Another id each time: a late answer to an earlier attempt must not be taken for one to the next event.
        let id = inner.next_ack_id();
        let parser = inner.shared.config.parser;
        let frames =
            wire::encode(parser, |encoder| encoder.event(&inner.namespace, Some(id), &self.name, &self.args))
                .ok()?;
        let answer = Some(Pending { id, sender });
        let kind = Kind::Buffered { expires: deadline.into_std(), answer };
        inner.shared.send(Command::Emit(Arc::clone(inner), Outgoing { frames, kind, reservation: None }));
        match timeout_at(deadline, receiver).await {
            Ok(Ok(Answer::Args(args))) => Some(args),
            _ => None,
        }
    }

    fn answer(&mut self, answer: Answer) {
        if let Some(sender) = self.sender.take() {
            // Nobody waits any more, if this fails.
            let _ = sender.send(answer);
        }
    }
}
