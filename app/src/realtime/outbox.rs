//! What waits for a plain WebSocket: bounded in messages and in bytes.

use std::sync::Arc;

use axum::extract::ws::Message;
use futures_util::stream::SplitSink;
use futures_util::{Sink, SinkExt as _};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

/// Messages that wait for a slow client; beyond that its subscriptions stop reading the log.
const MESSAGES: usize = 32;

/// The same in bytes, since events may be large. A single larger one waits alone.
const BYTES: usize = 256 * 1024;

/// The client is gone.
#[derive(Debug)]
pub(super) struct Gone;

/// Where messages for one client are put.
#[derive(Debug, Clone)]
pub(super) struct Outbox {
    queue: mpsc::Sender<Queued>,
    room: Arc<Semaphore>,
}

/// A message that takes room until it is written.
#[derive(Debug)]
pub(super) struct Queued {
    message: Message,
    _room: OwnedSemaphorePermit,
}

/// An empty outbox, and what comes out of it.
pub(super) fn outbox() -> (Outbox, mpsc::Receiver<Queued>) {
    let (queue, receiver) = mpsc::channel(MESSAGES);
    (Outbox { queue, room: Arc::new(Semaphore::new(BYTES)) }, receiver)
}

impl Outbox {
    /// Waits until there is room for a message, and puts it in.
    pub(super) async fn send(&self, message: Message) -> Result<(), Gone> {
        let room = Arc::clone(&self.room).acquire_many_owned(size(&message)).await.map_err(|_| Gone)?;
        self.queue.send(Queued { message, _room: room }).await.map_err(|_| Gone)
    }

    /// Puts a message in if there is room for it.
    pub(super) fn try_send(&self, message: Message) {
        if let Ok(room) = Arc::clone(&self.room).try_acquire_many_owned(size(&message)) {
            // One that finds the queue full is not sent.
            let _ = self.queue.try_send(Queued { message, _room: room });
        }
    }
}

/// Writes what comes until it is a close, or the client is gone.
pub(super) async fn write<S>(mut sink: SplitSink<S, Message>, mut queue: mpsc::Receiver<Queued>)
where
    S: Sink<Message> + Unpin,
{
    while let Some(Queued { message, _room }) = queue.recv().await {
        let closing = matches!(message, Message::Close(_));
        if sink.send(message).await.is_err() || closing {
            break;
        }
    }
    let _ = sink.close().await;
}

fn size(message: &Message) -> u32 {
    let bytes = match message {
        Message::Text(text) => text.len(),
        Message::Binary(bytes) | Message::Ping(bytes) | Message::Pong(bytes) => bytes.len(),
        Message::Close(_) => 0,
    };
    u32::try_from(bytes.min(BYTES)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn bytes_bound_what_waits() {
        let (outbox, mut queue) = outbox();
        let large = || Message::text("x".repeat(BYTES / 2));
        outbox.send(large()).await.unwrap();
        outbox.send(large()).await.unwrap();
        assert!(outbox.send(Message::text("y")).now_or_never().is_none(), "full, with two messages");
        outbox.try_send(Message::text("not sent"));
        drop(queue.recv().await);
        outbox.send(Message::text("y")).await.unwrap();
        assert_eq!(queue.len(), 2);
    }

    #[tokio::test]
    async fn a_message_larger_than_the_room_waits_alone() {
        let (outbox, mut queue) = outbox();
        outbox.send(Message::text("x".repeat(3 * BYTES))).await.unwrap();
        assert!(outbox.send(Message::text("y")).now_or_never().is_none());
        drop(queue.recv().await);
        outbox.send(Message::text("y")).await.unwrap();
        drop(queue);
        assert!(outbox.send(Message::text("z")).await.is_err());
    }
}
