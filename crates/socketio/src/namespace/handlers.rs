use std::{borrow::Cow, sync::Arc};

use smallvec::SmallVec;

use crate::{
    Event, EventContext, SocketRef,
    handler::{EventHandler, Middleware},
};

/// Handlers of events.
#[derive(Default)]
pub(crate) struct Handlers {
    /// A list, as there are few and a comparison of lengths rules out most.
    named: Vec<(Cow<'static, str>, EventHandler<EventContext>)>,
    pub(crate) fallback: Option<EventHandler<EventContext>>,
    /// Those that see every event.
    pub(crate) any: Vec<EventHandler<EventContext>>,
    /// Those that let an event pass or drop it.
    pub(crate) checks: Vec<Middleware<EventContext>>,
    /// Sees every event that is sent.
    pub(crate) outgoing: Option<Outgoing>,
}

pub(crate) type Outgoing = Arc<dyn Fn(&SocketRef, &Event) + Send + Sync>;

/// What happens with one event.
#[derive(Default)]
pub(crate) struct Plan {
    pub(crate) any: SmallVec<[EventHandler<EventContext>; 1]>,
    pub(crate) checks: SmallVec<[Middleware<EventContext>; 1]>,
    pub(crate) handler: Option<EventHandler<EventContext>>,
}

impl Handlers {
    pub(crate) fn insert(&mut self, event: Cow<'static, str>, handler: EventHandler<EventContext>) {
        match self.named.iter_mut().find(|(name, _)| *name == event) {
            Some((_, existing)) => *existing = handler,
            None => self.named.push((event, handler)),
        }
    }

    /// Adds what these handlers do with an event; of several that handle it, the one of the last call counts.
    pub(crate) fn plan(&self, event: &str, plan: &mut Plan) {
        plan.any.extend(self.any.iter().cloned());
        plan.checks.extend(self.checks.iter().cloned());
        if let Some(handler) = self.find(event) {
            plan.handler = Some(handler);
        }
    }

    fn find(&self, event: &str) -> Option<EventHandler<EventContext>> {
        let named = self.named.iter().find(|(name, _)| name == event).map(|(_, handler)| handler);
        named.or(self.fallback.as_ref()).cloned()
    }
}
