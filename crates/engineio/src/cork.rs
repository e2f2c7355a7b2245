//! Writing once for several messages.
//!
//! A client that sends many messages at a time makes a handler send many packets at a time, often to the same sessions.
//! While more messages of a batch are to be handled, packets wait in their sessions; whoever would write the last of
//! them writes all, in one system call for each session. A single message is not held at all.

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
    /// Whether packets that are sent now wait too.
    is_holding: bool,
}

/// Holds back what this thread sends; what was held is written when it is dropped.
#[derive(Debug)]
pub(crate) struct Cork {
    since: Instant,
}

impl Cork {
    /// `None` if somebody further up holds already.
    pub(crate) fn begin() -> Option<Self> {
        CORK.with_borrow_mut(|cork| match cork {
            Some(_) => None,
            None => {
                *cork = Some(Held { is_holding: true, ..Held::default() });
                Some(Self { since: clock::now() })
            }
        })
    }

    /// Says whether packets that are sent from now on wait. Those that do not take those with them that wait for the
    /// same session. What has waited long enough, because handlers took long, is written now.
    pub(crate) fn hold(&mut self, is_holding: bool) {
        let is_late = clock::now().saturating_duration_since(self.since) >= MAX_HELD;
        let late = CORK.with_borrow_mut(|cork| {
            let held = cork.as_mut()?;
            held.is_holding = is_holding;
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

/// Whether packets that this thread sends are to wait.
pub(crate) fn is_holding() -> bool {
    CORK.with_borrow(|cork| cork.as_ref().is_some_and(|held| held.is_holding))
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
const MAX_HELD: Duration = Duration::from_millis(5);

#[cfg(test)]
mod tests {
    use engineio_proto::{
        CloseReason, Message, Query,
        session::{Opening, PollId},
    };
    use http::request::Parts;

    use super::*;
    use crate::{Config, Connection, EngineIo, Handler, Socket};

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

    #[tokio::test]
    async fn the_answers_to_messages_that_came_together_leave_together() {
        let engine = EngineIo::new(Config::default(), Echo);
        let query = Query::parse("EIO=4&transport=polling").unwrap();
        let (request, ()) = http::Request::new(()).into_parts();
        let link = engine.open("a-session".parse().unwrap(), request, &query, Opening::Polling, |_| {});
        let poll = |number| {
            let mut inner = link.lock();
            inner.session.handle_reply_sent(PollId(number - 1));
            let answer = inner.add_poll(PollId(number));
            inner.session.handle_poll(clock::now(), PollId(number)).unwrap();
            link.settle(inner);
            answer
        };
        assert!(poll(1).try_recv().unwrap().body.starts_with(b"0{"));
        for (number, messages) in [(2, "4one"), (3, "4one\x1e4two\x1e4three")] {
            let mut answer = poll(number);
            let mut inner = link.lock();
            inner.session.handle_post(clock::now(), messages.into()).unwrap();
            link.settle(inner);
            assert_eq!(answer.try_recv().unwrap().body, messages);
        }
    }
}
