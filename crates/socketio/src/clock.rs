use std::time::Duration;

use tokio::time::Instant;

/// The time after `duration`; one that is too long for the clock is as good as for ever.
pub(crate) fn after(duration: Duration) -> Instant {
    let now = Instant::now();
    now.checked_add(duration).unwrap_or_else(|| now + FOR_EVER)
}

/// Thirty years.
pub(crate) const FOR_EVER: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_duration_is_too_long() {
        let now = Instant::now();
        assert!(after(Duration::MAX) >= now + FOR_EVER);
        assert!(after(Duration::ZERO) < now + FOR_EVER);
    }
}
