//! Old jobs go, with everything that belongs to them.

use std::io::ErrorKind;

use jiff::{SignedDuration, Timestamp};

use super::error::Error;
use super::service::Jobs;
use super::view::JobId;

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
            // Files first: one without a job would never be found again.
            for path in [dir.input(record.id), dir.output(record.id), dir.secret(record.id)] {
                match std::fs::remove_file(path) {
                    Err(error) if error.kind() != ErrorKind::NotFound => return Err(error.into()),
                    _ => {}
                }
            }
            self.inner.store.delete_job(&record).await?;
            pruned.push(record.id);
        }
        Ok(pruned)
    }
}
