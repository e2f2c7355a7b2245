use std::{
    collections::BTreeMap,
    sync::{Arc, Weak},
    time::{Duration, Instant},
};

use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::{clock, connection::Link};

/// The deadlines of all sessions, served by one task.
///
/// Deadlines are rounded up to [`TICK`], so that sessions opened together share an entry and wake together.
#[derive(Debug)]
pub(crate) struct Timers {
    start: Instant,
    ticks: Mutex<BTreeMap<u64, Vec<Weak<Link>>>>,
    earlier: Notify,
}

impl Timers {
    /// Starts the task, which ends when the value is dropped.
    pub(crate) fn start() -> Arc<Self> {
        let timers = Arc::new(Self { start: clock::now(), ticks: Mutex::default(), earlier: Notify::new() });
        tokio::spawn(run(Arc::downgrade(&timers)));
        timers
    }

    /// The tick that serves a deadline, at most [`TICK`] later.
    pub(crate) fn tick(&self, deadline: Instant) -> u64 {
        let since = deadline.saturating_duration_since(self.start);
        #[expect(clippy::cast_possible_truncation, reason = "five milliseconds times 2^64 do not pass")]
        let tick = since.as_nanos().div_ceil(TICK.as_nanos()) as u64;
        tick
    }

    /// Calls [`Link::handle_timeout`] at this tick.
    pub(crate) fn schedule(&self, tick: u64, link: Weak<Link>) {
        let mut ticks = self.ticks.lock();
        let is_first = ticks.first_key_value().is_none_or(|(first, _)| tick < *first);
        ticks.entry(tick).or_default().push(link);
        drop(ticks);
        if is_first {
            self.earlier.notify_one();
        }
    }

    fn next(&self) -> Option<Instant> {
        let ticks = self.ticks.lock();
        let tick = *ticks.first_key_value()?.0;
        // Truncation would be a deadline in 250 days.
        Some(self.start + TICK * u32::try_from(tick).unwrap_or(u32::MAX))
    }

    fn take_first(&self) -> Option<(u64, Vec<Weak<Link>>)> {
        self.ticks.lock().pop_first()
    }
}

/// How finely deadlines are told apart.
const TICK: Duration = Duration::from_millis(5);

/// How long the task sleeps when there is nothing to wait for; then it looks whether it is still needed.
const IDLE: Duration = Duration::from_secs(60);

async fn run(timers: Weak<Timers>) {
    while let Some(timers) = timers.upgrade() {
        let now = clock::now();
        let next = timers.next().unwrap_or(now + IDLE);
        if next > now {
            let earlier = timers.earlier.notified();
            let sleep = tokio::time::sleep_until(next.into());
            tokio::select! {
                () = earlier => {}
                () = sleep => {}
            }
            continue;
        }
        let Some((tick, links)) = timers.take_first() else { continue };
        for link in links.iter().filter_map(Weak::upgrade) {
            link.handle_timeout(tick);
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use engineio_proto::{
        CloseReason, Message, Tier,
        session::{PollId, adaptive::Exchange},
    };
    use http::{Request, request::Parts};
    use http_body_util::{BodyExt as _, Full};

    use super::*;
    use crate::{Config, Connection, EngineIo, Handler, Socket};

    struct Silent;

    impl Handler for Silent {
        type Connection = Self;

        fn open(&self, _: Socket, _: Parts) -> Self {
            Self
        }
    }

    impl Connection for Silent {
        fn message(&self, _: Message) {}

        fn close(&self, _: CloseReason) {}
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_between_the_end_of_a_session_and_its_tick_does_not_revive_it() {
        const MS: Duration = Duration::from_millis(1);
        for (method, body, after, status) in
            [("POST", "1:2", 1999 * MS, 200), ("POST", "1:2", 2001 * MS, 400), ("GET", "", 2001 * MS, 400)]
        {
            let mut config = Config::default();
            (config.allow_eio3, config.ping_interval, config.ping_timeout) = (true, 1000 * MS, 1000 * MS);
            let mut engine = EngineIo::new(config, Silent);
            let mut ask = async |method: &str, session: &str, body: &'static str| {
                let uri = format!("/engine.io/?EIO=3&transport=polling{session}");
                let request = Request::builder().method(method).uri(uri);
                let request = request.body(Full::<Bytes>::from(body)).unwrap();
                let response = tower::Service::call(&mut engine, request).await.unwrap();
                (response.status().as_u16(), response.into_body().collect().await.unwrap().to_bytes())
            };
            // Ticks are counted from the first session, so that the end of the second lies 4 ms before one.
            ask("GET", "", "").await;
            tokio::time::advance(MS).await;
            let opened = String::from_utf8(ask("GET", "", "").await.1.to_vec()).unwrap();
            let session = format!("&sid={}", opened.split('"').nth(3).unwrap());
            tokio::time::advance(after).await;
            let answer = ask(method, &session, body).await;
            assert_eq!(answer.0, status, "{method} after {after:?}: {answer:?}");
        }
    }

    /// Each request has a deadline before that of the session, so each arms a timer beside the one that is armed.
    #[tokio::test(start_paused = true)]
    async fn the_timers_of_a_session_do_not_pile_up() {
        let engine = EngineIo::new(Config::default(), Silent).engine;
        let link = Link::adaptive(&engine, "a-session".parse().unwrap(), "k".repeat(22).parse().unwrap());
        for seq in 1..=1000 {
            // The first is answered with OPEN, which the others acknowledge.
            let ack = u64::from(seq > 1);
            let hold = Some(Duration::from_millis(200));
            let exchange = Exchange { tier: Tier::LongPoll, epoch: 1, ack, seq, hold };
            let (poll, body) = (PollId(u32::try_from(seq).unwrap()), Bytes::from(format!("a{ack}\u{1e}")));
            {
                let mut inner = link.lock();
                inner.session.handle_request(clock::now(), poll, &exchange, body).unwrap();
                link.settle(inner);
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        assert!(link.lock().session.is_open());
        let entries: usize = engine.timers().ticks.lock().values().map(Vec::len).sum();
        assert!(entries <= 3, "{entries} entries for one session");
    }
}
