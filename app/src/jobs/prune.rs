//! Old jobs go, with everything that belongs to them.

use std::io::ErrorKind;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::{Interval, MissedTickBehavior, interval};

use super::error::Error;
use super::service::Jobs;
use super::view::JobId;

/// Days after which a server deletes jobs that are over, where nothing else is said.
pub const PRUNED_AFTER: u32 = 90;

impl Jobs {
    /// Deletes the jobs that finished more than `days` days ago, with their inputs, ledgers, events, outputs and
    /// keys of passwords. A job that has not finished stays, and so does one that a younger job needs.
    ///
    /// # Errors
    /// When the store or the data directory fails; what was deleted until then is gone.
    pub async fn prune(&self, days: u32) -> Result<Vec<JobId>, Error> {
        let age = SignedDuration::from_hours(24 * i64::from(days));
        let before = Timestamp::now().saturating_sub(age).unwrap_or(Timestamp::MIN);
        let dir = self.inner.store.dir();
        let mut pruned = Vec::new();
        for record in self.inner.store.finished_before(before).await? {
            let (output, id) = (dir.output(record.id), record.id);
            // Files first: one without a job would never be found again.
            for path in [dir.input(id), output.with_extension("partial"), output, dir.secret(id)] {
                match std::fs::remove_file(path) {
                    Err(error) if error.kind() != ErrorKind::NotFound => return Err(error.into()),
                    _ => {}
                }
            }
            self.inner.store.delete_job(&record).await?;
            pruned.push(id);
        }
        Ok(pruned)
    }

    /// As [`Self::prune`], now and each day for as long as this is polled; with 0 days, never.
    pub async fn prune_daily(&self, days: u32) {
        let Some(mut daily) = daily(days) else { return };
        loop {
            daily.tick().await;
            match self.prune(days).await {
                Ok(pruned) if pruned.is_empty() => {}
                Ok(pruned) => {
                    tracing::info!(jobs = pruned.len(), days, "deleted jobs that finished long ago")
                }
                Err(error) => tracing::warn!(%error, "old jobs stay, and are tried again tomorrow"),
            }
        }
    }
}

/// When to prune: now and each day, if at all.
fn daily(days: u32) -> Option<Interval> {
    let mut day = (days > 0).then(|| interval(DAY))?;
    day.set_missed_tick_behavior(MissedTickBehavior::Delay);
    Some(day)
}

const DAY: Duration = Duration::from_hours(24);

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_server_prunes_at_its_start_and_each_day() {
        let (start, mut days, mut hours) = (Instant::now(), daily(90).unwrap(), Vec::new());
        for _ in 0..3 {
            days.tick().await;
            hours.push(start.elapsed().as_secs() / 3600);
        }
        assert_eq!(hours, [0, 24, 48]);
        assert!(daily(0).is_none(), "0 days are never");
    }
}
