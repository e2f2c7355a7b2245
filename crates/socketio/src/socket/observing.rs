use std::sync::Arc;

use super::SocketRef;
use crate::{
    Event, EventContext, Handler, ListenerId, Outcome, Verdict,
    handler::{erase, erase_middleware},
    namespace::{Handlers, Listeners},
};

/// What sees the events of a socket beside their handlers.
impl SocketRef {
    /// Adds a function that lets an event pass or drops it. They run in order, before the handler of the event.
    ///
    /// The client is not told of a dropped event; it is counted by
    /// [`SocketIo::rejected_events`](crate::SocketIo::rejected_events).
    ///
    /// ```
    /// # use socketio::{Config, Event, SocketIo, SocketRef};
    /// # let io = SocketIo::new(Config::default());
    /// io.ns("/", async |socket: SocketRef| {
    ///     socket.event_middleware(async |event: Event| {
    ///         if event.name.starts_with("admin:") { Err("not authorised") } else { Ok(()) }
    ///     });
    /// });
    /// ```
    pub fn event_middleware<H, T: 'static>(&self, middleware: H)
    where
        H: Handler<EventContext, T>,
        H::Output: Verdict,
    {
        let mut handlers = self.0.handlers.lock();
        if !self.is_gone() {
            handlers.checks.push(erase_middleware(middleware));
        }
    }

    /// Sees every event before middleware and handlers do; it cannot acknowledge it. Of several functions the one that
    /// was added first is called first.
    pub fn on_any<H, T: 'static>(&self, handler: H) -> ListenerId
    where
        H: Handler<EventContext, T>,
        H::Output: Outcome,
    {
        self.listen(|handlers| &mut handlers.any, |any| any.push(erase(handler)))
    }

    /// As [`SocketRef::on_any`], called before the functions that are there already.
    pub fn prepend_any<H, T: 'static>(&self, handler: H) -> ListenerId
    where
        H: Handler<EventContext, T>,
        H::Output: Outcome,
    {
        self.listen(|handlers| &mut handlers.any, |any| any.push_front(erase(handler)))
    }

    /// Removes a function that [`SocketRef::on_any`] or [`SocketRef::prepend_any`] added, or with `None` all of them;
    /// those of the namespace stay.
    pub fn off_any(&self, listener: impl Into<Option<ListenerId>>) {
        self.0.handlers.lock().any.remove(listener.into());
    }

    /// Sees every event, broadcasts included, before it is sent to this socket. Of several functions the one that was
    /// added first is called first.
    ///
    /// It costs the encoding of each event a second time, and every broadcast of the namespace a look at its sockets.
    pub fn on_any_outgoing(&self, watch: impl Fn(&Self, &Event) + Send + Sync + 'static) -> ListenerId {
        self.0.space.watch();
        self.listen(|handlers| &mut handlers.outgoing, |outgoing| outgoing.push(Arc::new(watch)))
    }

    /// As [`SocketRef::on_any_outgoing`], called before the functions that are there already.
    pub fn prepend_any_outgoing(&self, watch: impl Fn(&Self, &Event) + Send + Sync + 'static) -> ListenerId {
        self.0.space.watch();
        self.listen(|handlers| &mut handlers.outgoing, |outgoing| outgoing.push_front(Arc::new(watch)))
    }

    /// Removes a function that [`SocketRef::on_any_outgoing`] or [`SocketRef::prepend_any_outgoing`] added, or with
    /// `None` all of them.
    pub fn off_any_outgoing(&self, listener: impl Into<Option<ListenerId>>) {
        self.0.handlers.lock().outgoing.remove(listener.into());
    }

    fn listen<T>(
        &self,
        list: impl FnOnce(&mut Handlers) -> &mut Listeners<T>,
        add: impl FnOnce(&mut Listeners<T>) -> ListenerId,
    ) -> ListenerId {
        let mut handlers = self.0.handlers.lock();
        let list = list(&mut handlers);
        // What a socket that is gone would be told never comes.
        if self.is_gone() { ListenerId::new() } else { add(list) }
    }
}
