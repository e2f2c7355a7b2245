//! The task of a client: feeds the state machines with commands, bytes and time, and carries out what they say.

mod ladder;
mod link;
mod phase;
mod websocket;

use std::{
    sync::{Arc, atomic::Ordering},
    time::Instant,
};

use engineio_proto::{
    CloseReason, Delivery, Event, Sent, Transport,
    session::adaptive::ladder::{Cause as SwitchCause, Tier},
};
use futures_util::{StreamExt as _, stream::FuturesUnordered};
use socketio_proto::Limits;
use tokio::sync::{mpsc, watch};

use crate::{
    AdaptiveStatus, Backoff, Cause, Status, Switch,
    command::{Command, Outgoing, Shared},
    manager::{self, Manager},
    net::Net,
    socket::{Delivered, Inner, Notice, Running},
};
use link::CarrierInput;
use phase::Phase;

/// Everything that one client consists of while it runs.
pub(crate) struct Task {
    shared: Arc<Shared>,
    net: Arc<Net>,
    commands: mpsc::UnboundedReceiver<Command>,
    manager: Manager,
    phase: Phase,
    backoff: Option<Backoff>,
    last_good: Option<Transport>,
    /// What carried an adaptive session, and when that was noted.
    remembered: Option<(Tier, Instant)>,
    /// Whether the application expects events.
    expecting: bool,
    /// Since when nothing carries the adaptive session, and what did before.
    blind: Option<(Instant, Tier)>,
    adaptive: watch::Sender<AdaptiveStatus>,
    status: watch::Sender<Status>,
    /// Handlers that wait for something.
    handlers: FuturesUnordered<Running>,
    /// What sockets have to do while they are there; none of it ends by itself.
    workers: FuturesUnordered<Running>,
    /// Connections that say goodbye.
    lingering: FuturesUnordered<Running>,
    /// Set once the client is to end, with the latest time for it.
    closing: Option<Instant>,
}

/// Everything that can happen.
enum Input {
    Carrier(CarrierInput),
    Command(Command),
    /// A handler has ended, or a connection has said goodbye.
    Finished,
    Timeout,
}

impl Task {
    pub(crate) fn new(
        shared: Arc<Shared>,
        net: Net,
        commands: mpsc::UnboundedReceiver<Command>,
        status: watch::Sender<Status>,
        adaptive: watch::Sender<AdaptiveStatus>,
    ) -> Self {
        let limits = Limits { max_attachments: shared.config.max_attachments, ..Limits::default() };
        let manager = Manager::new(shared.config.parser, limits);
        Self {
            backoff: shared.config.reconnection.clone().map(Backoff::new),
            shared,
            net: Arc::new(net),
            commands,
            manager,
            phase: Phase::Idle,
            last_good: None,
            remembered: None,
            expecting: false,
            blind: None,
            adaptive,
            status,
            handlers: FuturesUnordered::new(),
            workers: FuturesUnordered::new(),
            lingering: FuturesUnordered::new(),
            closing: None,
        }
    }

    /// Runs until the client is closed.
    pub(crate) async fn run(mut self) {
        loop {
            self.settle();
            if self.is_done() {
                return;
            }
            let input = self.next_input().await;
            self.handle(input);
        }
    }

    async fn next_input(&mut self) -> Input {
        let deadlines = [self.phase.deadline(), self.manager.poll_timeout(), self.closing];
        let deadline = deadlines.into_iter().flatten().min().map(tokio::time::Instant::from_std);
        let phase = &mut self.phase;
        tokio::select! {
            Some(command) = self.commands.recv() => Input::Command(command),
            input = std::future::poll_fn(|cx| phase.poll_input(cx)) => Input::Carrier(input),
            Some(()) = self.handlers.next() => Input::Finished,
            Some(()) = self.lingering.next() => Input::Finished,
            Some(()) = self.workers.next() => Input::Finished,
            () = tokio::time::sleep_until(deadline.unwrap_or_else(far_future)), if deadline.is_some() => {
                Input::Timeout
            }
        }
    }

    fn handle(&mut self, input: Input) {
        match input {
            Input::Carrier(input) => {
                if let Some(link) = self.phase.link() {
                    link.handle(input);
                }
            }
            Input::Command(command) => self.command(command),
            Input::Finished => {}
            Input::Timeout => {
                let now = now();
                self.manager.handle_timeout(now);
                self.handle_phase_timeout(now);
                if self.closing.is_some_and(|deadline| deadline <= now) {
                    // What has not been sent by now is not sent.
                    self.phase = Phase::Idle;
                    self.lingering.clear();
                    self.handlers.clear();
                }
            }
        }
    }

    fn command(&mut self, command: Command) {
        match command {
            Command::Close => {
                let timeout = self.shared.config.close_timeout;
                self.closing.get_or_insert_with(|| now() + timeout);
                let sockets: Vec<_> = self.manager.sockets().cloned().collect();
                let reason = self.phase.describe(Cause::ClientDisconnect);
                sockets.iter().for_each(|socket| self.manager.leave(socket, &reason));
            }
            Command::Expect(expecting) => {
                self.expecting = expecting;
                if let Some(link) = self.phase.link() {
                    link.session.expect_events(now(), expecting);
                }
            }
            Command::Hint(hint) => {
                if let Some(link) = self.phase.link() {
                    link.session.handle_hint(now(), hint);
                }
            }
            Command::Emit(inner, outgoing) => self.emit(&inner, outgoing),
            Command::Join(inner) if self.closing.is_some() => inner.close(),
            Command::Join(inner) => {
                self.workers.extend(inner.work());
                self.manager.join(inner);
            }
            Command::Leave(inner) => {
                let reason = self.phase.describe(Cause::ClientDisconnect);
                self.manager.leave(&inner, &reason);
            }
        }
    }

    fn emit(&mut self, inner: &Arc<Inner>, outgoing: Outgoing) {
        let Some(volatile) = self.manager.emit(inner, outgoing) else { return };
        let sent = match self.phase.link() {
            Some(link) => link.session.send(&volatile.frames, Delivery::Volatile),
            None => Sent::Dropped,
        };
        match sent {
            Sent::Queued => self.manager.expect(inner, volatile.answer),
            Sent::Dropped => manager::dropped(volatile.answer),
        }
    }

    /// To be called after every input: carries out all outputs.
    fn settle(&mut self) {
        loop {
            self.notify();
            self.steer();
            let Some(link) = self.phase.link() else { break };
            let mut idle = true;
            while link.has_room()
                && let Some(frames) = self.manager.poll_transmit()
            {
                idle = false;
                // The session takes all it is given; what may wait was limited before.
                let _ = link.session.send(&frames, Delivery::Reliable);
                link.transmit();
            }
            link.transmit();
            match link.session.poll_event() {
                Some(event) => self.handle_event(event),
                // What is too large to be sent is told all the same.
                None if idle && !self.manager.has_notices() => break,
                // The last packet may have been the last use of the connection.
                None => {}
            }
        }
        self.tell_status();
    }

    fn handle_event(&mut self, event: Event) {
        match event {
            Event::Opened(handshake) => {
                self.shared.max_payload.store(handshake.max_payload, Ordering::Relaxed);
                self.manager.handle_opened(handshake.max_payload);
                self.opened();
            }
            Event::Message(message) => {
                let phase = &self.phase;
                let left = || phase.describe(Cause::ServerDisconnect);
                if self.manager.handle_message(message, left).is_err()
                    && let Some(link) = self.phase.link()
                {
                    link.close(CloseReason::ParseError);
                }
            }
            Event::Closed(reason) => self.closed(reason),
            Event::Upgraded => {
                if let Some(link) = self.phase.link() {
                    link.transport = Transport::WebSocket;
                }
            }
            Event::Carried { tier, cause } => self.carried(tier, cause),
            Event::Remember(tier) => {
                self.remembered = Some((tier, now()));
                self.adaptive.send_modify(|status| status.remembered = Some(tier));
            }
            event => tracing::debug!(?event, "an event of the session that a client does not know"),
        }
    }

    /// Tells the application.
    fn notify(&mut self) {
        let mut overflow = false;
        while let Some((inner, notice)) = self.manager.poll_notice() {
            if let Notice::Connected { .. } = notice
                && let Some(backoff) = &mut self.backoff
            {
                backoff.reset();
            }
            match inner.deliver(notice) {
                Delivered::Done => {}
                Delivered::Overflow => overflow = true,
                Delivered::Run(handler) => self.handlers.push(handler),
            }
        }
        if overflow && let Some(link) = self.phase.link() {
            tracing::error!("the application reads its events too slowly; the connection is ended");
            link.close(CloseReason::SlowConsumer);
        }
    }

    /// Another carrier carries the adaptive session.
    fn carried(&mut self, to: Tier, cause: SwitchCause) {
        let blind = self.blind.take();
        if let Some(link) = self.phase.link() {
            link.failure = None;
        }
        tracing::debug!(tier = to.name(), cause = cause.name(), "another carrier");
        self.adaptive.send_modify(|status| {
            let before = status.tier.replace(to);
            let from = blind.map(|(_, tier)| tier).or(before);
            let blind = blind.map(|(since, _)| now().saturating_duration_since(since)).unwrap_or_default();
            if cause != SwitchCause::Opened {
                status.switches += 1;
                status.last_switch = Some(Switch { from, to, cause, blind });
            }
        });
    }

    fn tell_adaptive(&mut self) {
        let status = self.phase.link().and_then(|link| link.session.adaptive_status());
        let tier = status.and_then(|status| status.tier);
        let before = self.adaptive.borrow().tier.filter(|_| tier.is_none());
        if before.is_some() {
            self.blind = before.filter(|_| status.is_some()).map(|tier| (now(), tier));
        }
        self.adaptive.send_if_modified(|current| {
            let changed = current.tier != tier;
            current.tier = tier;
            current.round_trip = status.and_then(|status| status.round_trip);
            current.buffered_bytes =
                status.map_or(0, |status| status.unacknowledged_bytes + status.waiting_bytes);
            changed
        });
    }

    fn tell_status(&mut self) {
        self.tell_adaptive();
        let status = if self.closing.is_some() { Status::Closed } else { self.phase.status() };
        self.status.send_if_modified(|current| {
            let changed = *current != status;
            *current = status;
            changed
        });
    }

    fn is_done(&self) -> bool {
        self.closing.is_some()
            && matches!(self.phase, Phase::Idle)
            && self.lingering.is_empty()
            && self.handlers.is_empty()
    }
}

impl Drop for Task {
    /// Runs also when the runtime drops the task in the middle.
    fn drop(&mut self) {
        self.commands.close();
        while let Ok(command) = self.commands.try_recv() {
            if let Command::Join(inner) = command {
                inner.close();
            }
        }
        self.manager.sockets().for_each(|inner| inner.close());
        self.status.send_replace(Status::Closed);
    }
}

/// The time as the runtime sees it, which tests can pause.
fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}

/// For a branch that is disabled.
fn far_future() -> tokio::time::Instant {
    tokio::time::Instant::now() + std::time::Duration::from_secs(3600)
}
