//! Threads with clients that count what they get.

use std::{
    ops::Range,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed},
    },
    thread::{self, JoinHandle},
};

use anyhow::{Error, Result, anyhow};
use tokio::{
    runtime::{Builder, Runtime},
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    task::{JoinSet, LocalSet, spawn_local},
};

use crate::{
    client::{Kind, WebSocket},
    server::Server,
    table::part_with_table,
};

/// Clients in the room of all.
#[derive(Debug)]
pub(super) struct Clients {
    orders: Vec<UnboundedSender<Range<usize>>>,
    threads: Vec<JoinHandle<()>>,
    tally: Arc<Tally>,
}

/// What has come to all threads.
#[derive(Debug, Default)]
struct Tally {
    open: AtomicUsize,
    delivered: AtomicU64,
    failure: Mutex<Option<Error>>,
}

impl Clients {
    /// Nobody yet, and threads that wait for orders.
    pub(super) fn start(server: Server, threads: usize) -> Result<Self> {
        let mut this = Self { orders: Vec::new(), threads: Vec::new(), tally: Arc::default() };
        // A thread is woken through a file, which has to have the same number in the tables of both.
        let runtimes: Vec<_> = (0..threads)
            .map(|_| Builder::new_current_thread().enable_all().build())
            .collect::<Result<_, _>>()?;
        for runtime in runtimes {
            let (sender, receiver) = unbounded_channel();
            let tally = Arc::clone(&this.tally);
            this.orders.push(sender);
            this.threads.push(thread::spawn(move || {
                if let Err(error) = run(&runtime, server, receiver, &tally) {
                    tally.fail(error);
                }
            }));
        }
        Ok(this)
    }

    /// Lets the threads open clients until there are so many.
    pub(super) fn open(&self, level: usize) -> Result<()> {
        let (first, threads) = (self.count(), self.orders.len());
        let bound = |part: usize| first + level.saturating_sub(first) * part / threads;
        for (part, orders) in self.orders.iter().enumerate() {
            orders.send(bound(part)..bound(part + 1)).map_err(|_| anyhow!("a thread has ended"))?;
        }
        Ok(())
    }

    /// How many have joined.
    pub(super) fn count(&self) -> usize {
        self.tally.open.load(Relaxed)
    }

    pub(super) fn delivered(&self) -> u64 {
        self.tally.delivered.load(Relaxed)
    }

    /// What changes as long as something goes on.
    pub(super) fn progress(&self) -> (usize, u64) {
        (self.count(), self.delivered())
    }

    /// # Errors
    /// A client has ended.
    pub(super) fn check(&self) -> Result<()> {
        self.tally.failure.lock().unwrap_or_else(PoisonError::into_inner).take().map_or(Ok(()), Err)
    }

    /// Closes all.
    pub(super) fn finish(self) -> Result<()> {
        let Self { orders, threads, tally } = self;
        drop(orders);
        threads.into_iter().try_for_each(|thread| thread.join().map_err(|_| anyhow!("a thread panicked")))?;
        tally.failure.lock().unwrap_or_else(PoisonError::into_inner).take().map_or(Ok(()), Err)
    }
}

impl Tally {
    /// The first failure is the one that is told.
    fn fail(&self, error: Error) {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
    }
}

/// Serves orders until there are no more.
fn run(
    runtime: &Runtime,
    server: Server,
    mut orders: UnboundedReceiver<Range<usize>>,
    tally: &Arc<Tally>,
) -> Result<()> {
    part_with_table()?;
    LocalSet::new().block_on(runtime, async {
        while let Some(indices) = orders.recv().await {
            let mut opening = JoinSet::new();
            for index in indices {
                if opening.len() == OPENING
                    && let Some(client) = opening.join_next().await
                {
                    stay(client??, tally);
                }
                opening.spawn_local(WebSocket::join(server, index, Kind::Websocket));
            }
            while let Some(client) = opening.join_next().await {
                stay(client??, tally);
            }
        }
        Ok(())
    })
}

fn stay(websocket: WebSocket, tally: &Arc<Tally>) {
    tally.open.fetch_add(1, Relaxed);
    let tally = Arc::clone(tally);
    spawn_local(async move {
        let Err(error) = listen(websocket, &tally).await;
        tally.fail(error);
    });
}

async fn listen(mut websocket: WebSocket, tally: &Tally) -> Result<std::convert::Infallible> {
    loop {
        let mut delivered = 0;
        websocket.receive(|frame| delivered += u64::from(frame.payload.starts_with(EVENT))).await?;
        tally.delivered.fetch_add(delivered, Relaxed);
        websocket.shrink();
    }
}

const EVENT: &[u8] = br#"42["msg",""#;

/// Connections that a thread opens at a time.
const OPENING: usize = 16;
