use std::sync::Arc;
use std::time::Instant;

use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::controller::{Controller, Outcome};

/// Makes requests wait until the controller lets them go, in the order in which they came.
#[derive(Debug)]
pub(crate) struct Limiter {
    places: Arc<Semaphore>,
    /// Held by the one request that waits for its time.
    gate: tokio::sync::Mutex<()>,
    shared: Mutex<Shared>,
}

#[derive(Debug)]
struct Shared {
    controller: Controller,
    /// Places that exist: free ones in the semaphore and those in use.
    places: usize,
    in_flight: usize,
}

impl Limiter {
    pub(crate) fn new(ceiling: f64, max_concurrency: usize) -> Self {
        let controller = Controller::new(ceiling, max_concurrency, now());
        let places = controller.concurrency();
        Self {
            places: Arc::new(Semaphore::new(places)),
            gate: tokio::sync::Mutex::default(),
            shared: Mutex::new(Shared { controller, places, in_flight: 0 }),
        }
    }

    /// Waits for a place and for the time to send.
    pub(crate) async fn acquire(&self) -> Permit<'_> {
        let is_unpaced = self.shared.lock().controller.is_unpaced(now());
        if is_unpaced {
            return self.take_place().await;
        }
        // Whoever waits for its time holds a place, so only one may: the others would seem to be in flight.
        let _turn = self.gate.lock().await;
        let mut permit = self.take_place().await;
        loop {
            permit.sent = now();
            let answer = self.shared.lock().controller.poll_send(permit.sent);
            match answer {
                Ok(()) => return permit,
                Err(when) => tokio::time::sleep_until(when.into()).await,
            }
        }
    }

    async fn take_place(&self) -> Permit<'_> {
        // The semaphore is never closed; should that change, requests go without a limit rather than never.
        let place = Arc::clone(&self.places).acquire_owned().await.ok();
        self.shared.lock().in_flight += 1;
        Permit { limiter: self, place, sent: now() }
    }

    /// Rate and concurrency that are allowed now, and requests in flight.
    pub(crate) fn state(&self) -> (f64, usize, usize) {
        let shared = self.shared.lock();
        (shared.controller.rate(), shared.controller.concurrency(), shared.in_flight)
    }
}

/// A request's place. Dropping it gives the place back.
#[derive(Debug)]
pub(crate) struct Permit<'a> {
    limiter: &'a Limiter,
    place: Option<OwnedSemaphorePermit>,
    sent: Instant,
}

impl Permit<'_> {
    /// Tells the controller what came of the request.
    pub(crate) fn finish(self, outcome: Outcome) {
        let mut shared = self.limiter.shared.lock();
        let is_busy = shared.in_flight >= shared.controller.concurrency();
        shared.controller.record(outcome, self.sent, now(), is_busy);
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        let mut shared = self.limiter.shared.lock();
        shared.in_flight -= 1;
        let wanted = shared.controller.concurrency();
        if shared.places < wanted {
            self.limiter.places.add_permits(wanted - shared.places);
            shared.places = wanted;
        } else if shared.places > wanted
            && let Some(place) = self.place.take()
        {
            place.forget();
            shared.places -= 1;
        }
    }
}

/// The clock that tests can pause.
fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}
