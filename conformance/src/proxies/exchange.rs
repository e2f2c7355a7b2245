use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result, bail, ensure};
use socketio::{Data, SocketIo, SocketRef};
use socketio_client::{Events, Notice, Socket};

/// Numbers that travel in both directions, and what has come of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Numbers {
    /// What the server has received.
    server: Arc<Mutex<Vec<u64>>>,
    /// What the client has received.
    client: Arc<Mutex<Vec<u64>>>,
}

impl Numbers {
    /// A server that notes each number and sends one of its own.
    pub(super) fn server(&self) -> SocketIo {
        let io = SocketIo::new(socketio::Config::default());
        let received = Arc::clone(&self.server);
        let number = move |socket: SocketRef, Data((number, _)): Data<(u64, String)>| {
            let received = Arc::clone(&received);
            async move {
                let mut received = received.lock().unwrap_or_else(PoisonError::into_inner);
                socket.emit("number", &(received.len(), "y".repeat(PADDING)));
                received.push(number);
            }
        };
        io.namespace("/").on("number", number).open();
        io
    }

    /// Sends so many numbers, and waits for as many.
    pub(super) async fn exchange(&self, socket: &Socket, events: &mut Events, count: u64) -> Result<()> {
        let first = self.client.lock().unwrap_or_else(PoisonError::into_inner).len() as u64;
        let mut sent = first;
        for received in first..first + count {
            while sent < first + count && sent < received + WINDOW {
                socket.emit("number", &(sent, "x".repeat(PADDING)))?;
                sent += 1;
            }
            let event = loop {
                match events.next().await.context("the client is closed")? {
                    Notice::Event(event) => break event,
                    Notice::Connected { .. } if received == 0 => {}
                    other => bail!("the application saw {other:?}"),
                }
            };
            let (number, _): (u64, String) = event.data()?;
            self.client.lock().unwrap_or_else(PoisonError::into_inner).push(number);
        }
        Ok(())
    }

    /// Each side must have received every number once and in order, and nothing after it.
    pub(super) async fn verify(&self, count: u64, events: &mut Events) -> Result<()> {
        while let Some(notice) = events.next().await {
            ensure!(!matches!(notice, Notice::Event(_)), "something came behind the end: {notice:?}");
        }
        for (side, received) in [("server", &self.server), ("client", &self.client)] {
            let received = received.lock().unwrap_or_else(PoisonError::into_inner);
            let wrong = received.iter().zip(0..).find(|(number, index)| *number != index);
            ensure!(wrong.is_none(), "the {side} has a wrong number first at {wrong:?}");
            ensure!(received.len() as u64 == count, "the {side} has {} numbers of {count}", received.len());
        }
        Ok(())
    }
}

/// Bytes beside a number.
const PADDING: usize = 100;

/// Numbers that are under way.
const WINDOW: u64 = 200;
