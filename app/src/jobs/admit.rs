//! How a job comes to be there, once for each request.

use std::sync::Arc;

use tokio::sync::watch;
use tracing::Instrument as _;

use super::connection::Connection;
use super::create::Created;
use super::dispatch::Intent;
use super::error::Error;
use super::once::Once;
use super::service::Jobs;
use super::view::JobId;
use crate::plan::Directory;
use crate::store::{JobRecord, Keyed};

/// A job that is stored, or about to be, and that is taken back if it cannot start. Dropped when that is decided.
#[derive(Debug)]
struct Admission {
    jobs: Jobs,
    job: JobId,
    _undecided: watch::Sender<()>,
}

impl Jobs {
    /// The job that an earlier request has made, if this is the same.
    pub(super) async fn earlier(&self, once: &Once) -> Result<Option<Created>, Error> {
        for key in once.keys() {
            if let Some(earlier) = self.admitted(&key.text).await? {
                return once.again(&earlier).map(Some);
            }
        }
        Ok(None)
    }

    /// What `key` was used for, as soon as it is certain that the job starts.
    async fn admitted(&self, key: &str) -> Result<Option<Keyed>, Error> {
        loop {
            let Some(keyed) = self.inner.store.job_of_key(key).await? else { return Ok(None) };
            let admission = self.inner.admissions.lock().get(&keyed.job).cloned();
            if let Some(mut admission) = admission {
                // It closes, and is never told anything.
                let _ = admission.changed().await;
            }
            // Whoever took the key may have given its job up by now.
            let now = self.inner.store.job_of_key(key).await?;
            if now.as_ref().is_none_or(|now| *now == keyed) {
                return Ok(now);
            }
        }
    }

    /// Stores a job and starts it; one that cannot start is not there, so that the same key may be used again.
    pub(super) async fn admit(
        &self,
        record: &JobRecord,
        once: Option<&Once>,
        connection: &Connection,
        directory: Arc<Directory>,
    ) -> Result<Created, Error> {
        let admission = self.admission(record.id);
        let earlier = record.retry_of.or(record.options.plan);
        let stays = earlier.map(|earlier| self.inner.holds.need(earlier).ok_or(Error::NotFound(earlier)));
        let stays = stays.transpose()?;
        let (record, once, connection) = (record.clone(), once.cloned(), connection.clone());
        // Whoever asked may go away meanwhile, and a job that is stored has to be started or taken back all the same.
        let admitting = async move {
            let jobs = &admission.jobs;
            let admitted = jobs.try_admit(&record, once.as_ref(), &connection, directory).await;
            if !admitted.as_ref().is_ok_and(|created| created.id == record.id) {
                jobs.discard(&record).await;
            }
            drop(stays);
            admitted
        };
        tokio::spawn(admitting.in_current_span()).await.map_err(std::io::Error::from)?
    }

    async fn try_admit(
        &self,
        record: &JobRecord,
        once: Option<&Once>,
        connection: &Connection,
        mut directory: Arc<Directory>,
    ) -> Result<Created, Error> {
        // What PingOne may refuse comes before the job is there.
        self.name_populations(record, &mut directory, connection).await?;
        let keys = once.map_or(&[][..], Once::keys);
        while !self.inner.store.insert_job(record, keys).await? {
            if let Some(once) = once
                && let Some(earlier) = self.earlier(once).await?
            {
                return Ok(earlier);
            }
        }
        match self.start(record.id, connection.clone(), directory, Intent::Run).await {
            // Somebody was quicker, so it runs or was cancelled.
            Ok(()) | Err(Error::Conflict { .. }) => Ok(Created { id: record.id, repeated: false }),
            Err(error) => Err(error),
        }
    }

    fn admission(&self, job: JobId) -> Admission {
        let (undecided, receiver) = watch::channel(());
        self.inner.admissions.lock().insert(job, receiver);
        Admission { jobs: self.clone(), job, _undecided: undecided }
    }

    /// Takes back what there is of a job that does not come to be.
    pub(super) async fn discard(&self, record: &JobRecord) {
        let (store, dir) = (&self.inner.store, self.inner.store.dir());
        let deleted = match store.job(record.id).await {
            Ok(Some(stored)) => store.delete_job(&stored).await,
            Ok(None) => Ok(()),
            Err(error) => Err(error),
        };
        if let Err(error) = deleted {
            return tracing::error!(job = %record.id, %error, "a job that did not start stays");
        }
        for path in [dir.input(record.id), dir.secret(record.id)] {
            // What was never there needs no removal.
            let _ = tokio::fs::remove_file(path).await;
        }
    }
}

impl Drop for Admission {
    fn drop(&mut self) {
        self.jobs.inner.admissions.lock().remove(&self.job);
    }
}
