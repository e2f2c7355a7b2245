//! Starting and stopping jobs.

use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::watch;
use tracing::Instrument as _;

use super::connection::Connection;
use super::dispatch::Intent;
use super::error::Error;
use super::event::EventBody;
use super::population;
use super::protect;
use super::recorder::{Pace, completion};
use super::run::Run;
use super::service::{Active, Jobs};
use super::view::{JobId, JobStatus, JobTrouble, JobView, PopulationRef};
use crate::disk::DISK_FULL;
use crate::metrics::count_job;
use crate::notify::Notifier;
use crate::plan::Directory;
use crate::store::{Commit, JobRecord, StoreError};

impl Jobs {
    /// Stops dispatching rows; those in flight settle. Returns when the job stands still.
    ///
    /// # Errors
    /// When there is no such job, or it does not run.
    pub async fn pause(&self, id: JobId) -> Result<JobView, Error> {
        if self.ask(id, Intent::Pause) {
            return self.wait(id).await;
        }
        let view = self.job(id).await?;
        match view.status {
            JobStatus::Paused => Ok(view),
            JobStatus::Interrupted => self.pause_standing(id).await,
            status => Err(Error::Conflict { job: id, status, action: "paused" }),
        }
    }

    /// Continues a paused or interrupted job.
    ///
    /// # Errors
    /// When there is no such job, it runs or has ended, or PingOne cannot be used.
    pub async fn resume(&self, id: JobId) -> Result<JobView, Error> {
        let record = self.record(id).await?;
        let is_active = self.inner.active.lock().contains_key(&id);
        if is_active || record.status.is_final() {
            let status = self.view(record).status;
            return Err(Error::Conflict { job: id, status, action: "resumed" });
        }
        if record.status == JobStatus::Cancelling {
            return self.cancel_standing(id).await;
        }
        self.restart(record, Intent::Run).await?;
        self.job(id).await
    }

    /// Stops a job for good; rows in flight settle first, in the background. This returns when it is on the disk.
    ///
    /// # Errors
    /// When there is no such job or it has ended; when it stands still with rows whose outcome is unknown, and
    /// PingOne cannot be asked for them.
    pub async fn cancel(&self, id: JobId) -> Result<JobView, Error> {
        if self.ask(id, Intent::Cancel)
            && let Some(view) = self.noted(id).await?
        {
            return Ok(view);
        }
        self.cancel_standing(id).await
    }

    /// Waits until a running job that is being cancelled is known as such to the store; `None` when it stood still
    /// before.
    async fn noted(&self, id: JobId) -> Result<Option<JobView>, Error> {
        let mut told = self.inner.told(id).subscribe();
        loop {
            let done = self.inner.active.lock().get(&id).map(|active| active.done.clone());
            let record = self.record(id).await?;
            if record.status == JobStatus::Cancelling || record.status.is_final() {
                return Ok(Some(self.view(record)));
            }
            let Some(mut done) = done else { return Ok(None) };
            // Either may close or be told; what that means is looked up.
            tokio::select! {
                _ = told.changed() => {}
                _ = done.changed() => {}
            }
        }
    }

    /// Stops what runs and waits until everything in flight has settled. The jobs are interrupted, not paused, so
    /// that the next process goes on with them.
    pub async fn shut_down(&self) {
        let ids: Vec<JobId> = self.inner.active.lock().keys().copied().collect();
        for id in &ids {
            self.ask(*id, Intent::Suspend);
        }
        for id in ids {
            if let Err(error) = self.wait(id).await {
                tracing::error!(job = %id, %error, "the job's end could not be read");
            }
        }
    }

    /// Closes the store; nothing may be asked of it afterwards.
    pub async fn close(&self) {
        self.inner.store.close().await;
    }

    /// Starts a run of a job that does not run.
    pub(super) async fn start(
        &self,
        id: JobId,
        connection: Connection,
        mut directory: Arc<Directory>,
        intent: Intent,
    ) -> Result<(), Error> {
        let claim = self.claim(id, intent)?;
        let mut record = self.unfinished_record(id, "started").await?;
        // A plan names users; the population may be gone because this job has deleted it.
        if let Some(population) = record.population.as_ref().filter(|_| record.options.plan.is_none()) {
            let dry_run = record.options.dry_run;
            record.population = Some(find_again(population, &mut directory, &connection, dry_run).await?);
        }
        self.name_populations(&record, &mut directory, &connection).await?;
        let mut warnings = self.overlaps(&record, &directory).await?;
        warnings.extend(protect::unknown(&record, &connection.client).await?);
        warnings.extend(self.ignored_columns(&record, &directory).await?);
        if !warnings.is_empty() {
            let commit = Commit { events: &warnings, ..Commit::default() };
            self.inner.store.commit(&mut record, commit).await?;
        }
        self.inner.unrecorded.lock().remove(&id);
        let (store, told) = (self.inner.store.clone(), self.inner.told(id));
        let (receiver, pace) = (claim.intent.clone(), Arc::clone(&claim.pace));
        let mail = self.inner.notifier.get().and_then(Notifier::mail);
        let run = Run { store, record, connection, directory, intent: receiver, told, pace, mail };
        let jobs = self.clone();
        // At the level of errors, so that every line of a job names it whatever the filter lets through. A job is no part
        // of the request that began it.
        let span =
            tracing::error_span!(parent: None, "job", job = %id, kind = run.record.options.kind.as_str());
        let running = async move {
            match tokio::spawn(run.run().in_current_span()).await {
                Ok(Ok(record)) => jobs.ended(record).await,
                Ok(Err(error)) => {
                    tracing::error!(job = %id, %error, "the job cannot be recorded; it stopped");
                    jobs.inner.unrecorded.lock().insert(id, unrecorded(&error));
                }
                Err(error) => tracing::error!(job = %id, %error, "the job's task failed"),
            }
            drop(claim);
        };
        tokio::spawn(running.instrument(span));
        Ok(())
    }

    /// Tells whoever is to be told when a job has ended for good.
    async fn ended(&self, record: JobRecord) {
        tracing::info!(job = %record.id, status = record.status.as_str(), "the run is over");
        if record.status.is_final() {
            count_job(record.options.kind, record.status);
        }
        let notifier = self.inner.notifier.get().filter(|notifier| !notifier.is_silent());
        if let Some(notifier) = notifier.filter(|_| record.status.is_final()) {
            notifier.tell(&self.view(record)).await;
        }
    }

    /// Makes this call the only one that changes the job.
    fn claim(&self, id: JobId, intent: Intent) -> Result<Claim, Error> {
        let (intent, receiver) = watch::channel(intent);
        let (finished, done) = watch::channel(());
        let pace = Arc::new(Mutex::new(Pace::default()));
        let mut active = self.inner.active.lock();
        if active.contains_key(&id) {
            return Err(Error::Conflict { job: id, status: JobStatus::Running, action: "changed meanwhile" });
        }
        active.insert(id, Active { intent, pace: Arc::clone(&pace), done });
        drop(active);
        Ok(Claim { jobs: self.clone(), id, intent: receiver, pace, _finished: finished })
    }

    async fn unfinished_record(&self, id: JobId, action: &'static str) -> Result<JobRecord, Error> {
        let record = self.record(id).await?;
        match record.status.is_final() {
            true => Err(Error::Conflict { job: id, status: record.status, action }),
            false => Ok(record),
        }
    }

    /// Tells a running job what to do; `false` when it does not run.
    fn ask(&self, id: JobId, intent: Intent) -> bool {
        let active = self.inner.active.lock();
        let Some(active) = active.get(&id) else { return false };
        active.intent.send_if_modified(|current| {
            let is_kept = match *current {
                // What is cancelled cannot be paused any more, and what somebody paused stays so.
                Intent::Cancel => true,
                Intent::Pause => intent == Intent::Suspend,
                Intent::Run | Intent::Suspend => false,
            };
            let is_new = *current != intent && !is_kept;
            if is_new {
                *current = intent;
            }
            is_new
        });
        true
    }

    async fn restart(&self, record: JobRecord, intent: Intent) -> Result<(), Error> {
        let connection = self.inner.connection.clone().ok_or(Error::NotConnected)?;
        check_environment(&record, &connection)?;
        let directory = connection.directory().await?;
        self.start(record.id, connection, directory, intent).await
    }

    /// Pauses a job that does not run, so that the next start of a server does not go on with it; one that is to be
    /// cancelled still is.
    async fn pause_standing(&self, id: JobId) -> Result<JobView, Error> {
        let claim = self.claim(id, Intent::Pause)?;
        let mut record = self.unfinished_record(id, "paused").await?;
        if record.status != JobStatus::Cancelling {
            record.status = JobStatus::Paused;
            self.inner.store.commit(&mut record, Commit::default()).await?;
        }
        drop(claim);
        self.job(id).await
    }

    /// Cancels a job that does not run.
    async fn cancel_standing(&self, id: JobId) -> Result<JobView, Error> {
        let claim = self.claim(id, Intent::Cancel)?;
        let mut record = self.unfinished_record(id, "cancelled").await?;
        let settled = self.inner.store.settled_through(&record, record.dispatched_through).await?;
        if settled < record.dispatched_through.min(record.total) {
            drop(claim);
            self.restart(record, Intent::Cancel).await?;
            return self.job(id).await;
        }
        record.status = JobStatus::Cancelled;
        record.error = None;
        record.finished_at = Some(jiff::Timestamp::now());
        let events = [EventBody::Completion(completion(&record))];
        self.inner
            .store
            .commit(&mut record, Commit { rows: &[], events: &events, ..Commit::default() })
            .await?;
        count_job(record.options.kind, record.status);
        self.inner.told(id).send_replace(record.last_seq);
        drop(claim);
        self.job(id).await
    }
}

/// What it means that a job cannot be recorded.
fn unrecorded(error: &StoreError) -> JobTrouble {
    let message = format!(
        "{error}; the job stopped, and nothing that was told is lost: make room on the disk or mend the data \
         directory, then resume it"
    );
    let code = if error.is_full() { DISK_FULL } else { "store_failed" };
    JobTrouble { code: code.to_owned(), message }
}

/// A job stays with its environment; only a simulator may be another one each time.
pub(super) fn check_environment(record: &JobRecord, connection: &Connection) -> Result<(), Error> {
    if record.environment == connection.environment || (record.simulator && connection.simulator) {
        return Ok(());
    }
    let (expected, actual) = (record.environment.clone(), connection.environment.clone());
    Err(Error::WrongEnvironment { job: record.id, expected, actual })
}

/// The right to change a job, until it is dropped.
struct Claim {
    jobs: Jobs,
    id: JobId,
    intent: watch::Receiver<Intent>,
    pace: Arc<Mutex<Pace>>,
    /// Closes when this is dropped, which those who wait for the job learn of.
    _finished: watch::Sender<()>,
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.jobs.inner.active.lock().remove(&self.id);
    }
}

/// The population of a resumed job: the same id, or in a simulator that was started anew, the same name.
async fn find_again(
    population: &PopulationRef,
    directory: &mut Arc<Directory>,
    connection: &Connection,
    dry_run: bool,
) -> Result<PopulationRef, Error> {
    let found = population.id.as_deref().and_then(|id| directory.population(id));
    if let Some(found) = found {
        return Ok(population::reference(found));
    }
    if connection.simulator || population.id.is_none() {
        if let Some(found) = directory.population(&population.name) {
            return Ok(population::reference(found));
        }
        let mut missing = PopulationRef { id: None, name: population.name.clone() };
        if !dry_run {
            population::ensure(&mut missing, directory, connection).await?;
        }
        return Ok(missing);
    }
    let (asked, environment) = (population.name.clone(), connection.environment.clone());
    Err(Error::UnknownPopulation { asked, environment, similar: None, may_create: false })
}
