use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use engineio_proto::{CloseReason, Event};

use crate::{
    Connection,
    connection::Link,
    cork::{Cork, SessionAddress, Whose},
};

impl Link {
    /// Tells the handler what happened, one event at a time and without the lock.
    ///
    /// Whoever holds the handler tells it everything that comes meanwhile, so the others have nothing to do.
    pub(crate) fn dispatch(self: &Arc<Self>) {
        let mut inner = self.lock();
        let Some(mut handler) = inner.handler.take() else {
            return;
        };
        let (mut cork, mut next) = (None, inner.session.poll_event());
        while let Some(event) = next {
            next = inner.session.poll_event();
            let whose = match &next {
                Some(_) => Whose::Everybodys,
                // What misses the answer to a poll needs another round trip, so it waits for all that the handler sends.
                None if inner.is_polled() => Whose::Only(SessionAddress::of(self)),
                None => Whose::Nobodys,
            };
            drop(inner);
            match &mut cork {
                None if whose == Whose::Nobodys => {}
                None => cork = Cork::begin(whose),
                Some(cork) => cork.hold(whose),
            }
            match self.tell(handler, event) {
                Some(same) => handler = same,
                None => return,
            }
            inner = self.lock();
            next = next.or_else(|| inner.session.poll_event());
        }
        inner.handler = Some(handler);
        inner.go_on();
        // What was held may be this session's own.
        drop(inner);
    }

    /// Gives the handler back unless this was its last event.
    fn tell(self: &Arc<Self>, handler: Box<dyn Connection>, event: Event) -> Option<Box<dyn Connection>> {
        let reason = match event {
            Event::Message(message) => {
                if catch_unwind(AssertUnwindSafe(|| handler.message(message))).is_ok() {
                    return Some(handler);
                }
                tracing::error!("a handler panicked; its connection is closed");
                self.lock().session.close(crate::clock::now(), CloseReason::ForcedClose);
                CloseReason::ForcedClose
            }
            Event::Closed(reason) => {
                self.engine.meters.closed(reason);
                reason
            }
            // A server session is open from the beginning, and which transport carries it is no event.
            _ => return Some(handler),
        };
        if catch_unwind(AssertUnwindSafe(|| handler.close(reason))).is_err() {
            tracing::error!("a handler panicked when its connection closed");
        }
        drop(catch_unwind(AssertUnwindSafe(|| drop(handler))));
        let mut inner = self.lock();
        // After a panic there is nobody for the rest.
        while inner.session.poll_event().is_some() {}
        inner.go_on();
        self.settle(inner);
        None
    }
}
