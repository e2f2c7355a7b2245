//! Jobs that would change the same users at the same time.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use super::create::blocking;
use super::error::Error;
use super::event::{ErrorEvent, EventBody};
use super::run::reading;
use super::service::Jobs;
use super::view::{JobId, Kind};
use crate::plan::{Directory, UserFile};
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
        let hasher = RandomState::new();
        let mut mine = None;
        let mut warnings = Vec::new();
        for id in others {
            let Some(other) = self.inner.store.job(id).await? else { continue };
            // Users that are named by different attributes cannot be compared without asking for every one.
            if !writes(&other) || other.options.match_by != record.options.match_by {
                continue;
            }
            if mine.is_none() {
                mine = Some(self.keys(record, directory, &hasher).await?);
            }
            let theirs = self.keys(&other, directory, &hasher).await?;
            let common = mine.iter().flatten().filter(|key| theirs.contains(*key)).count();
            if common > 0 {
                let message = format!(
                    "{common} users of this job are also in job {id}, which runs now; \
                     what they are in the end depends on which job comes to them last"
                );
                let event = ErrorEvent::warning(SAME_USERS, message);
                warnings.push(EventBody::Error(ErrorEvent { other_job: Some(id), ..event }));
            }
        }
        Ok(warnings)
    }

    /// Hashes of what a job names its users by, letter case ignored.
    async fn keys(
        &self,
        record: &JobRecord,
        directory: &Arc<Directory>,
        hasher: &RandomState,
    ) -> Result<HashSet<u64>, Error> {
        if let Some(plan) = record.options.plan {
            let Some(plan) = self.inner.store.job(plan).await? else { return Ok(HashSet::new()) };
            let mut keys = HashSet::new();
            self.inner
                .store
                .keys(&plan, |key| {
                    keys.insert(hash(hasher, key));
                })
                .await?;
            return Ok(keys);
        }
        let (path, hasher) = (self.inner.store.dir().input(record.id), hasher.clone());
        let (reading, directory) = (reading(&record.options, None), Arc::clone(directory));
        Ok(blocking(move || {
            let mut keys = HashSet::new();
            UserFile::open(&path, &reading, directory)?.each_key(|key| {
                keys.insert(hash(&hasher, key));
            })?;
            Ok(keys)
        })
        .await?)
    }
}

/// The code of such a warning.
pub(super) const SAME_USERS: &str = "same_users";

fn writes(record: &JobRecord) -> bool {
    !record.options.dry_run && record.options.kind != Kind::Export
}

fn hash(hasher: &RandomState, key: &str) -> u64 {
    hasher.hash_one(key.to_lowercase())
}
