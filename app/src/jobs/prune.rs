//! Old jobs go, with everything that belongs to them.

use std::io::ErrorKind;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};

use super::error::Error;
use super::service::Jobs;
use super::view::JobId;
use crate::store::JobRecord;

/// Days after which a server deletes jobs that are over, where nothing else is said.
pub const PRUNED_AFTER: u32 = 90;

impl Jobs {
    /// Deletes the jobs that finished more than `days` days ago, with their inputs, ledgers, events, outputs and
    /// keys of passwords. A job that has not finished stays, and so does one that a younger job needs.
    ///
    /// # Errors
    /// When the store or the data directory fails; what could be deleted is gone all the same.
    pub async fn prune(&self, days: u32) -> Result<Vec<JobId>, Error> {
        let before = before(days);
        let (mut pruned, mut failed) = (Vec::new(), None);
        for record in self.inner.store.finished_before(before, None).await? {
            match self.prune_one(&record, before).await {
                Ok(true) => pruned.push(record.id),
                Ok(false) => {}
                Err(error) => {
                    tracing::warn!(job = %record.id, %error, "an old job stays");
                    failed.get_or_insert(error);
                }
            }
        }
        failed.map_or(Ok(pruned), Err)
    }

    /// Deletes one of these jobs, unless somebody has begun to need it.
    async fn prune_one(&self, record: &JobRecord, before: Timestamp) -> Result<bool, Error> {
        let (store, dir, id) = (&self.inner.store, self.inner.store.dir(), record.id);
        let Some(_leaving) = self.inner.holds.leave(id) else { return Ok(false) };
        // What was made of it until now is in the store.
        if store.finished_before(before, Some(id)).await?.is_empty() {
            return Ok(false);
        }
        let output = dir.output(id);
        // Files first: one without a job would never be found again.
        for path in [dir.input(id), output.with_extension("partial"), output, dir.secret(id)] {
            match std::fs::remove_file(path) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error.into()),
                _ => {}
            }
        }
        store.delete_job(record).await?;
        Ok(true)
    }

    /// As [`Self::prune`], an hour from now and then each day for as long as this is polled; with 0 days, never. Says
    /// now what will be deleted, so that there is time to keep it.
    pub async fn prune_daily(&self, days: u32) {
        let Some(mut daily) = daily(days) else { return };
        match self.inner.store.finished_before(before(days), None).await {
            Ok(old) if old.is_empty() => {}
            Ok(old) => tracing::warn!(
                jobs = old.len(),
                days,
                "jobs that finished long ago are deleted in an hour, with their exports and backups; to keep them, \
                 stop and set store.prune_after to 0"
            ),
            Err(error) => tracing::warn!(%error, "it is not known which jobs are old"),
        }
        loop {
            daily.tick().await;
            match self.prune(days).await {
                Ok(pruned) if pruned.is_empty() => {}
                Ok(pruned) => {
                    tracing::warn!(jobs = ?pruned, days, "deleted jobs that finished long ago");
                }
                Err(error) => tracing::warn!(%error, "old jobs stay, and are tried again tomorrow"),
            }
        }
    }
}

/// Jobs that finished before this are more than `days` days old.
fn before(days: u32) -> Timestamp {
    let age = SignedDuration::from_hours(24 * i64::from(days));
    Timestamp::now().saturating_sub(age).unwrap_or(Timestamp::MIN)
}

/// When to prune: in an hour and then each day, if at all.
fn daily(days: u32) -> Option<Interval> {
    let mut day = (days > 0).then(|| interval_at(Instant::now() + HOUR, DAY))?;
    day.set_missed_tick_behavior(MissedTickBehavior::Delay);
    Some(day)
}

const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_server_prunes_an_hour_after_its_start_and_each_day() {
        let (start, mut days, mut hours) = (Instant::now(), daily(90).unwrap(), Vec::new());
        for _ in 0..3 {
            days.tick().await;
            hours.push(start.elapsed().as_secs() / 3600);
        }
        assert_eq!(hours, [1, 25, 49]);
        assert!(daily(0).is_none(), "0 days are never");
    }
}
