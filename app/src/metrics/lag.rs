//! How long tasks keep others waiting.

use std::time::Duration;

use metrics::histogram;
use tokio::time::{Instant, sleep};

use super::names::LAG;

const INTERVAL: Duration = Duration::from_millis(250);

/// Measures how late a timer fires, for ever.
pub async fn watch_lag() {
    loop {
        let asked = Instant::now();
        sleep(INTERVAL).await;
        histogram!(LAG).record(asked.elapsed().saturating_sub(INTERVAL).as_secs_f64());
    }
}
