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
            // Timers are rounded up to a millisecond, in which much can be done on one machine.
            Ok(result) if Instant::now() <= self.0 || result.is_err() => result,
            _ => Err(Failure::new(cause, format!("{step}: no answer before the deadline"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn what_is_done_after_the_deadline_is_too_late() {
        let deadline = Deadline::after(Duration::ZERO);
        let late = async {
            while Instant::now() <= deadline.0 {}
            Ok(())
        };
        let failure = deadline.step(Cause::TimedOut, "count to three", late).await.unwrap_err();
        assert_eq!(failure.cause, Cause::TimedOut);
        let soon = Deadline::after(Duration::from_secs(60));
        soon.step(Cause::TimedOut, "count to three", std::future::ready(Ok(()))).await.unwrap();
    }
}
