//! The bytes of a client's connection, between its socket and the part that understands HTTP.

use std::{future::pending, io, sync::Arc, time::Duration};

use bytes::{Bytes, BytesMut};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, duplex, split},
    sync::{mpsc, watch},
    time::{Instant, sleep_until, timeout_at},
};

use super::{Faults, Flow, Kind, Proxy, Stream, Way, http};

/// What is known about one connection of a client.
#[derive(Debug)]
pub(super) struct Connection {
    kind: watch::Sender<Kind>,
    /// When bytes passed last.
    moved: watch::Sender<Instant>,
    /// How many bytes have passed.
    passed: watch::Sender<u64>,
    /// The numbers of the cuts when it began.
    born: [u64; 2],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Direction {
    Up,
    Down,
}

pub(super) async fn serve(proxy: &Proxy, client: impl Stream) {
    let limit = proxy.0.faults.borrow().connection_limit;
    if limit.is_some_and(|limit| proxy.stats().open >= limit) {
        return proxy.count(|stats| stats.rejected += 1);
    }
    proxy.count(|stats| stats.open += 1);
    let connection = Arc::new(Connection {
        kind: watch::Sender::new(Kind::Http),
        moved: watch::Sender::new(Instant::now()),
        passed: watch::Sender::new(0),
        born: *proxy.0.cuts.borrow(),
    });
    let (near, far) = duplex(BUFFER);
    let ((client_read, client_write), (near_read, near_write)) = (split(client), split(near));
    let up = async {
        let _ = pass(proxy, &connection, Direction::Up, client_read, near_write).await;
        // The client has said all it has to say; what the server says decides.
        pending::<()>().await;
    };
    let requests = async {
        http::serve(proxy, &connection, far).await;
        // What has been answered still has to reach the client.
        pending::<()>().await;
    };
    tokio::select! {
        () = up => {}
        _ = pass(proxy, &connection, Direction::Down, near_read, client_write) => {}
        () = requests => {}
        () = connection.cut(proxy) => proxy.count(|stats| stats.cut += 1),
        () = connection.idle(proxy) => proxy.count(|stats| stats.idled += 1),
    }
    proxy.count(|stats| {
        stats.open -= 1;
        if connection.kind() == Kind::WebSocket {
            stats.open_websockets -= 1;
        }
    });
}

/// Passes bytes on in one direction to the end of the stream.
async fn pass(
    proxy: &Proxy,
    connection: &Connection,
    direction: Direction,
    from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
) -> io::Result<()> {
    let (sender, receiver) = mpsc::channel(CHUNKS);
    let read = read(proxy, connection, from, sender);
    let write = write(proxy, connection, direction, receiver, &mut to);
    let (read, written) = tokio::join!(read, write);
    to.shutdown().await?;
    read.and(written)
}

async fn read(
    proxy: &Proxy,
    connection: &Connection,
    mut from: impl AsyncRead + Unpin,
    sender: mpsc::Sender<(Instant, Bytes)>,
) -> io::Result<()> {
    loop {
        let mut buffer = BytesMut::with_capacity(BUFFER);
        if from.read_buf(&mut buffer).await? == 0 {
            return Ok(());
        }
        connection.moved.send_replace(Instant::now());
        let delay = connection.flow(&proxy.0.faults.borrow()).delay();
        if sender.send((Instant::now() + delay, buffer.freeze())).await.is_err() {
            return Ok(());
        }
    }
}

async fn write(
    proxy: &Proxy,
    connection: &Connection,
    direction: Direction,
    mut receiver: mpsc::Receiver<(Instant, Bytes)>,
    to: &mut (impl AsyncWrite + Unpin),
) -> io::Result<()> {
    let mut faults = proxy.0.faults.subscribe();
    let mut discards = false;
    while let Some((at, bytes)) = receiver.recv().await {
        sleep_until(at).await;
        let way = |faults: &Faults| connection.flow(faults).way(direction);
        let (way, limit) = match faults.wait_for(|faults| way(faults) != Way::Stall).await {
            Ok(faults) => (way(&faults), connection.flow(&faults).cut_after),
            Err(_) => return Ok(()),
        };
        discards |= way == Way::Discard;
        if !discards {
            to.write_all(&connection.allowed(&bytes, limit)).await?;
            connection.passed.send_modify(|passed| *passed += bytes.len() as u64);
        }
    }
    Ok(())
}

impl Connection {
    pub(super) fn kind(&self) -> Kind {
        *self.kind.borrow()
    }

    pub(super) fn becomes_websocket(&self, proxy: &Proxy) {
        self.passed.send_replace(0);
        self.kind.send_replace(Kind::WebSocket);
        proxy.count(|stats| {
            stats.websockets += 1;
            stats.open_websockets += 1;
        });
    }

    fn flow<'f>(&self, faults: &'f Faults) -> &'f Flow {
        faults.flow(self.kind())
    }

    /// As much of these bytes as may still pass.
    fn allowed(&self, bytes: &Bytes, limit: Option<u64>) -> Bytes {
        let rest = limit.map(|limit| limit.saturating_sub(*self.passed.borrow()));
        let rest = rest.and_then(|rest| usize::try_from(rest).ok()).unwrap_or(bytes.len());
        bytes.slice(..rest.min(bytes.len()))
    }

    /// Ends when the connection is to be cut.
    async fn cut(&self, proxy: &Proxy) {
        let (mut cuts, mut faults) = (proxy.0.cuts.subscribe(), proxy.0.faults.subscribe());
        let (mut kind, mut passed) = (self.kind.subscribe(), self.passed.subscribe());
        loop {
            let now = *kind.borrow_and_update();
            let by_order = cuts.borrow_and_update()[now as usize] > self.born[now as usize];
            let limit = faults.borrow_and_update().flow(now).cut_after;
            if by_order || limit.is_some_and(|limit| *passed.borrow_and_update() >= limit) {
                return;
            }
            tokio::select! {
                _ = cuts.changed() => {}
                _ = faults.changed() => {}
                _ = kind.changed() => {}
                _ = passed.changed(), if limit.is_some() => {}
            }
        }
    }

    /// Ends when nothing has passed for too long.
    async fn idle(&self, proxy: &Proxy) {
        let (mut faults, mut kind) = (proxy.0.faults.subscribe(), self.kind.subscribe());
        let mut moved = self.moved.subscribe();
        loop {
            let limit = faults.borrow_and_update().flow(*kind.borrow_and_update()).idle();
            let deadline = *moved.borrow_and_update() + limit.unwrap_or(A_DAY);
            let change = async {
                tokio::select! {
                    _ = faults.changed() => {}
                    _ = kind.changed() => {}
                    _ = moved.changed() => {}
                }
            };
            if timeout_at(deadline, change).await.is_err() && limit.is_some() {
                return;
            }
        }
    }
}

impl Flow {
    fn way(&self, direction: Direction) -> Way {
        match direction {
            Direction::Up => self.up,
            Direction::Down => self.down,
        }
    }
}

/// Bytes that are read at once.
const BUFFER: usize = 16 * 1024;

/// Pieces that may be under way in a direction; with more, the sender is held up.
const CHUNKS: usize = 256;

const A_DAY: Duration = Duration::from_secs(24 * 3600);
