use std::{fmt, sync::Arc, time::Duration};

/// What a client has done so far and how fast it goes, for a progress display or a metrics endpoint.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
#[non_exhaustive]
pub struct Metrics {
    /// Requests sent to the API, repeated ones included, token requests not.
    pub requests: u64,
    /// Of those, repetitions of an earlier request.
    pub retries: u64,
    /// Answers with 429.
    pub throttled: u64,
    /// Answers with 5xx or 408.
    pub server_errors: u64,
    /// Attempts that met their deadline.
    pub timeouts: u64,
    /// Attempts whose connection could not be made or broke.
    pub disconnects: u64,
    /// Creates whose answer was lost and that were found again by their username.
    pub recovered: u64,
    /// Tokens fetched.
    pub tokens: u64,
    /// Requests in flight now.
    pub in_flight: usize,
    /// Most requests in flight that the controller allows now.
    pub concurrency: usize,
    /// Requests per second that the controller allows now; infinite while nothing limits it.
    pub rate: f64,
}

/// Is told of each attempt of a request of the API: how long it took, and the status if there was an answer.
///
/// It is called on the task of the request and must not block.
#[derive(Clone)]
pub struct Observer(Arc<Observe>);

type Observe = dyn Fn(Duration, Option<u16>) + Send + Sync;

impl Observer {
    /// Calls `observe` after each attempt.
    pub fn new(observe: impl Fn(Duration, Option<u16>) + Send + Sync + 'static) -> Self {
        Self(Arc::new(observe))
    }

    pub(crate) fn tell(&self, took: Duration, status: Option<u16>) {
        (self.0)(took, status);
    }
}

impl fmt::Debug for Observer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Observer").finish_non_exhaustive()
    }
}
