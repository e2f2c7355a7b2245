//! Writing once for several messages.
//!
//! A client that sends many messages at a time makes a handler send many packets at a time, often to the same sessions.
//! While more messages of a batch are to be handled, packets wait in their sessions; whoever would write the last of
//! them writes all, in one system call for each session. A single message holds nothing back but the answer to its
//! own session's poll: what misses the answer needs another round trip.

use std::{
    cell::RefCell,
    sync::Arc,
    time::{Duration, Instant},
};

use crate::{clock, connection::Link};

thread_local! {
    static CORK: RefCell<Option<Held>> = const { RefCell::new(None) };
}

#[derive(Debug, Default)]
struct Held {
    links: Vec<Arc<Link>>,
    /// Whose packets wait that are sent now.
    whose: Whose,
}

/// Whose packets wait.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Whose {
    #[default]
    Nobodys,
    /// Those of this session.
    Only(SessionAddress),
    Everybodys,
}

/// Tells sessions that are alive from one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SessionAddress(usize);

impl SessionAddress {
    pub(crate) fn of(link: &Link) -> Self {
        Self(std::ptr::from_ref(link).addr())
    }
}

/// Holds back what this thread sends; what was held is written when it is dropped.
#[derive(Debug)]
pub(crate) struct Cork {
    since: Instant,
}

impl Cork {
    /// `None` if somebody further up holds already.
    pub(crate) fn begin(whose: Whose) -> Option<Self> {
        CORK.with_borrow_mut(|cork| match cork {
            Some(_) => None,
            None => {
                *cork = Some(Held { whose, ..Held::default() });
                Some(Self { since: clock::now() })
            }
        })
    }

    /// Says whose packets wait that are sent from now on. Those that do not take those with them that wait for the
    /// same session. What has waited long enough, because handlers took long, is written now.
    pub(crate) fn hold(&mut self, whose: Whose) {
        let is_late = clock::now().saturating_duration_since(self.since) >= MAX_HELD;
        let late = CORK.with_borrow_mut(|cork| {
            let held = cork.as_mut()?;
            held.whose = whose;
            is_late.then(|| std::mem::take(&mut held.links))
        });
        if let Some(links) = late {
            links.into_iter().for_each(|link| link.flush());
            // Writing to many takes its time too, which must not make the next packets leave one by one.
            self.since = clock::now();
        }
    }
}

impl Drop for Cork {
    fn drop(&mut self) {
        let held = CORK.take();
        held.into_iter().flat_map(|held| held.links).for_each(|link| link.flush());
    }
}

/// Whether packets that this thread sends to a session are to wait.
pub(crate) fn is_holding(link: &Link) -> bool {
    CORK.with_borrow(|cork| match cork.as_ref().map_or(Whose::Nobodys, |held| held.whose) {
        Whose::Nobodys => false,
        Whose::Only(address) => address == SessionAddress::of(link),
        Whose::Everybodys => true,
    })
}

/// Remembers a session for which packets wait.
pub(crate) fn remember(link: Arc<Link>) {
    CORK.with_borrow_mut(|cork| {
        if let Some(held) = cork {
            held.links.push(link);
        }
    });
}

/// The longest that a packet waits for handlers that do not.
const MAX_HELD: Duration = Duration::from_millis(20);

#[cfg(test)]
mod tests {
    use engineio_proto::{
        CloseReason, Message, Query,
        session::{Opening, PollId},
    };
    use http::request::Parts;
    use parking_lot::Mutex;
    use tokio::sync::oneshot;

    use super::*;
    use crate::{Config, Connection, EngineIo, Handler, Socket, connection::Answer};

    struct Echo;

    struct Echoing(Socket);

    impl Handler for Echo {
        type Connection = Echoing;

        fn open(&self, socket: Socket, _: Parts) -> Echoing {
            Echoing(socket)
        }
    }

    impl Connection for Echoing {
        fn message(&self, message: Message) {
            let _ = self.0.send(&message);
        }

        fn close(&self, _: CloseReason) {}
    }

    /// Opens a session and takes the answer to its opening request.
    fn open<H: Handler>(engine: &EngineIo<H>, sid: &str) -> Arc<Link> {
        let query = Query::parse("EIO=4&transport=polling").unwrap();
        let (request, ()) = http::Request::new(()).into_parts();
        let link = engine.open(sid.parse().unwrap(), request, &query, Opening::Polling, |_| {});
        assert!(poll(&link, 1).try_recv().unwrap().body.starts_with(b"0{"));
        link
    }

    fn poll(link: &Arc<Link>, number: u32) -> oneshot::Receiver<Answer> {
        let mut inner = link.lock();
        inner.session.handle_reply_sent(PollId(number - 1));
        let answer = inner.add_poll(PollId(number));
        inner.session.handle_poll(clock::now(), PollId(number)).unwrap();
        link.settle(inner);
        answer
    }

    fn post(link: &Arc<Link>, messages: &'static str) {
        let mut inner = link.lock();
        inner.session.handle_post(clock::now(), messages.into()).unwrap();
        link.settle(inner);
    }

    #[tokio::test(start_paused = true)]
    async fn the_answers_to_messages_that_came_together_leave_together() {
        let engine = EngineIo::new(Config::default(), Echo);
        let link = open(&engine, "a-session");
        for (number, messages) in [(2, "4one"), (3, "4one\x1e4two\x1e4three")] {
            let mut answer = poll(&link, number);
            post(&link, messages);
            assert_eq!(answer.try_recv().unwrap().body, messages);
        }
    }

    /// Sends to another session, twice to its own, and says whether the other was answered by then.
    struct Relay {
        other: Other,
    }

    type Other = Arc<Mutex<Option<(Socket, oneshot::Receiver<Answer>)>>>;

    struct Relaying(Socket, Relay);

    impl Handler for Relay {
        type Connection = Relaying;

        fn open(&self, socket: Socket, _: Parts) -> Relaying {
            Relaying(socket, Self { other: Arc::clone(&self.other) })
        }
    }

    impl Connection for Relaying {
        fn message(&self, message: Message) {
            let (other, mut answer) = self.1.other.lock().take().unwrap();
            let _ = other.send(&message);
            let _ = self.0.send(&message);
            let arrived = answer.try_recv().is_ok();
            let _ = self.0.send(&Message::Text(if arrived { "arrived" } else { "held" }.into()));
        }

        fn close(&self, _: CloseReason) {}
    }

    #[tokio::test(start_paused = true)]
    async fn a_waiting_poll_holds_back_nobody_else() {
        let other = Arc::default();
        let engine = EngineIo::new(Config::default(), Relay { other: Arc::clone(&other) });
        let (one, two) = (open(&engine, "one"), open(&engine, "two"));
        *other.lock() = Some((Socket(Arc::clone(&two)), poll(&two, 2)));
        let mut answer = poll(&one, 2);
        post(&one, "4x");
        assert_eq!(answer.try_recv().unwrap().body, "4x\x1e4arrived");
    }
}
