//! Jobs that would change the same users at the same time.

use std::sync::Arc;

use super::create::blocking;
use super::error::Error;
use super::event::{ErrorEvent, EventBody};
use super::run::reading;
use super::service::Jobs;
use super::view::{JobId, Kind};
use crate::plan::{Directory, UserFile};
use crate::seen::Seen;
use crate::store::JobRecord;

impl Jobs {
    /// A warning for each job that runs now and has users in common with `record`.
    pub(super) async fn overlaps(
        &self,
        record: &JobRecord,
        directory: &Arc<Directory>,
    ) -> Result<Vec<EventBody>, Error> {
        let others: Vec<JobId> =
            self.inner.active.lock().keys().copied().filter(|id| *id != record.id).collect();
        if others.is_empty() || !writes(record) {
            return Ok(Vec::new());
        }
        let mut mine = None;
        let mut warnings = Vec::new();
        for id in others {
            let Some(other) = self.inner.store.job(id).await? else { continue };
            // Users that are named by different attributes cannot be compared without asking for every one.
            if !writes(&other) || other.options.match_by != record.options.match_by {
                continue;
            }
            let known = match mine.take() {
                Some(known) => known,
                None => self.keys(record, directory, Keys::of_one(self)).await?,
            };
            let both = self.keys(&other, directory, Keys::among(known)).await?;
            let common = both.common;
            mine = both.others.map(|known| Keys { seen: known, others: None, common: 0 });
            if common > 0 {
                let (users, them) = match common {
                    1 => ("user of this job is", "that user"),
                    _ => ("users of this job are", "them"),
                };
                let message = format!(
                    "{common} {users} also in job {id}, which runs now; what becomes of {them} in the end depends on \
                     which job comes last"
                );
                let event = ErrorEvent::warning(SAME_USERS, message);
                warnings.push(EventBody::Error(ErrorEvent { other_job: Some(id), ..event }));
            }
        }
        Ok(warnings)
    }

    /// Notes in `keys` what a job names its users by, letter case ignored.
    async fn keys(
        &self,
        record: &JobRecord,
        directory: &Arc<Directory>,
        mut keys: Keys,
    ) -> Result<Keys, Error> {
        if let Some(plan) = record.options.plan {
            if let Some(plan) = self.inner.store.job(plan).await? {
                self.inner.store.keys(&plan, |key| keys.note(key)).await?;
            }
            return Ok(keys);
        }
        let path = self.inner.store.dir().input(record.id);
        let (reading, directory) = (reading(&record.options, None), Arc::clone(directory));
        Ok(blocking(move || {
            UserFile::open(&path, &reading, directory)?.each_key(|key| keys.note(key))?;
            Ok(keys)
        })
        .await?)
    }
}

/// What a job names its users by, and how many of these another job has.
struct Keys {
    seen: Seen,
    others: Option<Seen>,
    common: u64,
}

impl Keys {
    fn of_one(jobs: &Jobs) -> Self {
        let dir = jobs.inner.store.dir().scratch();
        Self { seen: Seen::new(&dir), others: None, common: 0 }
    }

    fn among(others: Self) -> Self {
        Self { seen: others.seen.sibling(), others: Some(others.seen), common: 0 }
    }

    fn note(&mut self, key: &str) -> std::io::Result<()> {
        let hash = self.seen.name(key);
        if self.seen.note(hash, 1)?.is_none()
            && let Some(others) = &self.others
        {
            self.common += u64::from(others.contains(hash)?);
        }
        Ok(())
    }
}

/// The code of such a warning.
pub(super) const SAME_USERS: &str = "same_users";

fn writes(record: &JobRecord) -> bool {
    !record.options.dry_run && record.options.kind != Kind::Export
}
