//! The failed rows of a job: as a file, and as a new job.

use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::sync::mpsc;

use super::error::Error;
use super::run::reading;
use super::service::Jobs;
use super::view::{JobId, JobStatus, Outcome};
use crate::background;
use crate::plan::{FileError, Rejects, csv_line};
use crate::store::JobRecord;

impl Jobs {
    /// Writes the failed rows as CSV, with their reasons, so that the file can be mended and imported again.
    ///
    /// # Errors
    /// When there is no such job, or its input cannot be read any more.
    pub async fn rejects(&self, id: JobId, out: &mut (impl AsyncWrite + Unpin + Send)) -> Result<(), Error> {
        let record = self.record(id).await?;
        if record.options.goes_without_file() {
            return self.listed(&record, out).await;
        }
        let (failures, receiver) = mpsc::channel(PAGES);
        let (lines, mut written) = mpsc::channel(PAGES);
        let (input, reading) = (self.inner.store.dir().input(id), reading(&record.options, None));
        let reader = background::spawn("writing failed rows", move || {
            write(Rejects::open(&input, &reading)?, receiver, &lines)
        });
        let feeding = self.feed_failures(&record, failures);
        let writing = async {
            while let Some(text) = written.recv().await {
                out.write_all(&text).await.map_err(Error::Output)?;
            }
            out.flush().await.map_err(Error::Output)
        };
        let (fed, wrote) = tokio::join!(feeding, writing);
        reader.await.map_err(std::io::Error::from)??;
        wrote?;
        fed
    }

    /// A new job with only the failed rows of `id`, which must not be running.
    ///
    /// # Errors
    /// When there is no such job, it runs, no row failed, or its users come from no file.
    pub async fn retry(&self, id: JobId) -> Result<JobId, Error> {
        let _stays = self.inner.holds.need(id).ok_or(Error::NotFound(id))?;
        let record = self.record(id).await?;
        if !record.status.is_final() {
            let status = self.view(record).status;
            return Err(Error::Conflict { job: id, status, action: "retried before it has ended" });
        }
        if record.counts.failed == 0 || record.status == JobStatus::Failed && record.total == 0 {
            return Err(Error::NothingFailed(id));
        }
        if record.options.goes_without_file() {
            return Err(Error::NoRetry(id));
        }
        let mut incoming = self.receive(&record.file).await?;
        self.rejects(id, incoming.file()).await.map_err(|error| match error {
            Error::Output(source) => Error::Io(source),
            error => error,
        })?;
        let mut options = record.options.clone();
        // The new file is one of ours, whatever the old one was.
        options.delimiter = Some(',');
        options.encoding = Some("utf-8".to_owned());
        options.population = record.population.map(|population| population.id.unwrap_or(population.name));
        Ok(self.create_new(incoming, &options, None, Some(id)).await?.id)
    }

    /// The failed rows of a job that has no file: by what they name their users, and why they failed.
    async fn listed(
        &self,
        record: &JobRecord,
        out: &mut (impl AsyncWrite + Unpin + Send),
    ) -> Result<(), Error> {
        let plan = match record.options.plan {
            Some(plan) => self.inner.store.job(plan).await?,
            None => None,
        };
        let key = plan.as_ref().unwrap_or(record).options.match_by.attribute();
        let mut text = csv_line([key, "error_code", "error_message"].into_iter());
        let mut after = 0;
        loop {
            out.write_all(std::mem::take(&mut text).as_bytes()).await.map_err(Error::Output)?;
            let page = self.inner.store.rows(record, Some(Outcome::Failed), after, PAGE).await?;
            let Some(last) = page.last() else { return out.flush().await.map_err(Error::Output) };
            after = last.row;
            for row in &page {
                let reason = [row.code.as_deref(), row.message.as_deref()].map(Option::unwrap_or_default);
                text.push_str(&csv_line([row.key.as_str(), reason[0], reason[1]].into_iter()));
            }
        }
    }

    async fn feed_failures(
        &self,
        record: &JobRecord,
        failures: mpsc::Sender<Vec<Failure>>,
    ) -> Result<(), Error> {
        let mut after = 0;
        loop {
            let page = self.inner.store.rows(record, Some(Outcome::Failed), after, PAGE).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = last.row;
            let page = page.into_iter().map(|row| Failure {
                row: row.row,
                code: row.code.unwrap_or_default(),
                message: row.message.unwrap_or_default(),
            });
            if failures.send(page.collect()).await.is_err() {
                return Ok(());
            }
        }
    }
}

struct Failure {
    row: u64,
    code: String,
    message: String,
}

/// Writes the rows of `failures` as lines.
fn write(
    mut rejects: Rejects,
    mut failures: mpsc::Receiver<Vec<Failure>>,
    lines: &mpsc::Sender<Vec<u8>>,
) -> Result<(), FileError> {
    let mut text = rejects.header();
    while let Some(page) = failures.blocking_recv() {
        for failure in page {
            text.push_str(&rejects.row(failure.row, &failure.code, &failure.message)?);
        }
        if lines.blocking_send(std::mem::take(&mut text).into_bytes()).is_err() {
            return Ok(());
        }
    }
    // Without a failed row there is still the header. A reader that is gone needs nothing.
    let _ = lines.blocking_send(text.into_bytes());
    Ok(())
}

const PAGE: u32 = 500;
const PAGES: usize = 2;
