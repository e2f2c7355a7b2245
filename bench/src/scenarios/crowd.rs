//! Clients that listen.

use std::{cell::Cell, cell::RefCell, rc::Rc, time::Duration};

use anyhow::{Result, bail};
use hdrhistogram::Histogram;
use tokio::{
    sync::{Notify, Semaphore},
    task::JoinSet,
    time::timeout,
};

use super::histogram;
use crate::{
    client::{Kind, WebSocket},
    server::Server,
    stamp,
};

/// Clients in the room of all, each with a task that counts what it gets.
#[derive(Debug)]
pub(super) struct Crowd {
    tally: Rc<Tally>,
    tasks: JoinSet<Result<()>>,
}

/// What has come.
#[derive(Debug)]
struct Tally {
    delivered: Cell<u64>,
    /// Beginning of the text of events that count.
    prefix: &'static str,
    times: RefCell<Histogram<u64>>,
    news: Notify,
}

impl Crowd {
    pub(super) async fn gather(
        server: Server,
        clients: usize,
        kind: Kind,
        prefix: &'static str,
    ) -> Result<Self> {
        let tally =
            Tally { delivered: Cell::new(0), prefix, times: RefCell::new(histogram()), news: Notify::new() };
        let tally = Rc::new(tally);
        let mut tasks = JoinSet::new();
        for websocket in join_all(server, clients, kind).await? {
            tasks.spawn_local(listen(websocket, Rc::clone(&tally)));
        }
        Ok(Self { tally, tasks })
    }

    pub(super) fn delivered(&self) -> u64 {
        self.tally.delivered.get()
    }

    /// Times from sending to receipt since the last call.
    pub(super) fn take_times(&self) -> Histogram<u64> {
        self.tally.times.replace(histogram())
    }

    /// Waits until something has come.
    ///
    /// # Errors
    /// Nothing comes any more, or a client has ended.
    pub(super) async fn news(&mut self) -> Result<()> {
        if timeout(PATIENCE, self.tally.news.notified()).await.is_err() {
            bail!(
                "events were lost: for {} s nothing has come after {}",
                PATIENCE.as_secs(),
                self.delivered()
            );
        }
        match self.tasks.try_join_next() {
            None => Ok(()),
            Some(ended) => ended?.and_then(|()| bail!("a client ended")),
        }
    }
}

/// Opens clients, some at a time.
pub(super) async fn join_all(server: Server, clients: usize, kind: Kind) -> Result<Vec<WebSocket>> {
    let places = Rc::new(Semaphore::new(OPENING));
    let mut opening = JoinSet::new();
    for index in 0..clients {
        let places = Rc::clone(&places);
        opening.spawn_local(async move {
            let _place = places.acquire().await?;
            WebSocket::join(server, index, kind).await
        });
    }
    let mut opened = Vec::with_capacity(clients);
    while let Some(websocket) = opening.join_next().await {
        opened.push(websocket??);
    }
    Ok(opened)
}

async fn listen(mut websocket: WebSocket, tally: Rc<Tally>) -> Result<()> {
    loop {
        let mut delivered = 0;
        let receive = websocket.receive(|frame| {
            if frame.payload.starts_with(tally.prefix.as_bytes()) {
                delivered += 1;
                if let Some(age) = stamp::age(frame.payload, tally.prefix) {
                    tally
                        .times
                        .borrow_mut()
                        .saturating_record(u64::try_from(age.as_micros()).unwrap_or(u64::MAX));
                }
            }
        });
        receive.await?;
        tally.delivered.set(tally.delivered.get() + delivered);
        tally.news.notify_one();
    }
}

/// Connections being opened at a time.
const OPENING: usize = 64;

/// How long nothing may arrive before the rest is taken for lost.
const PATIENCE: Duration = Duration::from_secs(10);
