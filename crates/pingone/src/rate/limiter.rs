use std::sync::Arc;
use std::time::Instant;

use parking_lot::Mutex;
use tokio::{runtime::Handle, sync::oneshot};

use super::controller::{Controller, Outcome};
use super::lanes::{Lane, Lanes};

/// Makes requests wait until the controller lets them go: in the order in which they came within a lane, and lane
/// by lane in turn, after those who are urgent.
#[derive(Debug)]
pub(crate) struct Limiter(Mutex<State>);

#[derive(Debug)]
struct State {
    controller: Controller,
    lanes: Lanes<oneshot::Sender<Permit>>,
    in_flight: usize,
    /// When the timer fires that is set, if one is.
    timer: Option<Instant>,
}

impl Limiter {
    pub(crate) fn new(ceiling: f64, max_concurrency: usize) -> Self {
        let controller = Controller::new(ceiling, max_concurrency, now());
        Self(Mutex::new(State { controller, lanes: Lanes::new(), in_flight: 0, timer: None }))
    }

    /// Another lane, which takes turns with the others.
    pub(crate) fn lane(&self) -> Lane {
        self.0.lock().lanes.make()
    }

    /// Waits for a place and for the time to send.
    pub(crate) async fn acquire(self: &Arc<Self>, lane: Lane) -> Permit {
        let (sender, receiver) = oneshot::channel();
        {
            let mut state = self.0.lock();
            let now = now();
            if state.lanes.is_empty() && state.has_place() && state.controller.poll_send(now).is_ok() {
                state.in_flight += 1;
                return Permit { limiter: Arc::clone(self), sent: now };
            }
            state.lanes.push(lane, sender);
        }
        self.pump();
        match receiver.await {
            Ok(permit) => permit,
            // Only a limiter that is gone drops a sender, and it is here; should that change, a request goes
            // without a limit rather than never.
            Err(_) => Permit::unlimited(self),
        }
    }

    /// Lets those go who may, and sees to it that somebody looks again when the next one may.
    fn pump(self: &Arc<Self>) {
        loop {
            // A permit that nobody takes comes back through `pump`, so it must not be dropped under the lock.
            let Some(waiter) = self.next() else { return };
            let _ = waiter.send(Permit { limiter: Arc::clone(self), sent: now() });
        }
    }

    /// The next one in turn, who has a place from here on.
    fn next(self: &Arc<Self>) -> Option<oneshot::Sender<Permit>> {
        let mut state = self.0.lock();
        if state.lanes.is_empty() || !state.has_place() {
            return None;
        }
        let now = now();
        match state.controller.poll_send(now) {
            Ok(()) => {
                let waiter = state.lanes.pop(|waiter| !waiter.is_closed())?;
                state.in_flight += 1;
                Some(waiter)
            }
            Err(when) => {
                if state.timer.is_none_or(|timer| when < timer) {
                    // Without a runtime everything is about to be dropped.
                    if let Ok(runtime) = Handle::try_current() {
                        state.timer = Some(when);
                        runtime.spawn(Arc::clone(self).pump_at(when));
                    }
                }
                None
            }
        }
    }

    async fn pump_at(self: Arc<Self>, when: Instant) {
        tokio::time::sleep_until(when.into()).await;
        {
            let mut state = self.0.lock();
            if state.timer == Some(when) {
                state.timer = None;
            }
        }
        self.pump();
    }

    /// Rate and concurrency that are allowed now, and requests in flight.
    pub(crate) fn state(&self) -> (f64, usize, usize) {
        let state = self.0.lock();
        (state.controller.rate(), state.controller.concurrency(), state.in_flight)
    }
}

impl State {
    fn has_place(&self) -> bool {
        self.in_flight < self.controller.concurrency()
    }
}

/// A request's place. Dropping it gives the place back.
#[derive(Debug)]
pub(crate) struct Permit {
    limiter: Arc<Limiter>,
    sent: Instant,
}

impl Permit {
    fn unlimited(limiter: &Arc<Limiter>) -> Self {
        limiter.0.lock().in_flight += 1;
        Self { limiter: Arc::clone(limiter), sent: now() }
    }

    /// The same, of a request that is sent now: time may have passed since its turn came.
    pub(crate) fn sent_now(mut self) -> Self {
        self.sent = now();
        self
    }

    /// Tells the controller what came of the request.
    pub(crate) fn finish(self, outcome: Outcome) {
        let mut state = self.limiter.0.lock();
        let is_busy = !state.has_place();
        state.controller.record(outcome, self.sent, now(), is_busy);
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.limiter.0.lock().in_flight -= 1;
        self.limiter.pump();
    }
}

/// The clock that tests can pause.
fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}

#[cfg(test)]
#[path = "limiter_tests.rs"]
mod tests;
