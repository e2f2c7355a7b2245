use std::time::Instant;

/// The time as the runtime sees it, which tests can pause.
pub(crate) fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}
