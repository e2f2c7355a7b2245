//! A moment by which something must be done.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::super::cause::Cause;
use super::super::failure::Failure;

/// The moment by which a probe must be done.
#[derive(Debug, Clone, Copy)]
pub(in crate::doctor) struct Deadline(Instant);

impl Deadline {
    pub(in crate::doctor) fn after(duration: Duration) -> Self {
        Self(Instant::now() + duration)
    }

    /// The moment at which half of what is left is spent.
    pub(in crate::doctor) fn half(self) -> Self {
        let now = Instant::now();
        Self(now + self.0.saturating_duration_since(now) / 2)
    }

    /// Waits for a step; when it comes too late, the failure names `cause`.
    pub(in crate::doctor) async fn step<T>(
        self,
        cause: Cause,
        step: &str,
        future: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        match timeout_at(self.0, future).await {
            Ok(result) => result,
            Err(_) => Err(Failure::new(cause, format!("{step}: no answer before the deadline"))),
        }
    }
}
