//! A sample import against the embedded PingOne, through the same job service as any other.

use std::collections::BTreeMap;
use std::fmt;

use pingone::NewUser;

use crate::jobs::{Connection, Error, JobId, JobOptions, JobStatus, JobView, Jobs, Outcome, RowQuery};
use crate::samples::{self, DEMO_FILE, EXISTING, Expected};

/// Rows that are read at a time for the summary.
const PAGE: u32 = 1_000;

/// What became of the sample import.
#[derive(Debug)]
pub struct Summary {
    job: JobView,
    expected: Expected,
    /// Rows by outcome and code, with the first message of each.
    reasons: BTreeMap<(&'static str, String), Reason>,
}

#[derive(Debug)]
struct Reason {
    rows: u64,
    example: String,
}

/// Imports the sample file and waits for the end.
///
/// `connection` must be to a PingOne that may be filled with sample users.
///
/// # Errors
/// If the simulator or the store fails.
pub async fn import_sample(jobs: &Jobs, connection: &Connection) -> Result<Summary, Error> {
    for username in EXISTING {
        let created = connection.client.create_user(&NewUser::new(username, None)).await;
        created.map_err(|error| Error::pingone(&error))?;
    }
    let mut file = jobs.receive(DEMO_FILE).await?;
    let sample = samples::demo();
    file.write(sample.csv.as_bytes()).await?;
    let created = jobs.create(file, &JobOptions::default(), None).await?;
    let job = jobs.wait(created.id).await?;
    let mut reasons = BTreeMap::new();
    for (word, outcome) in [("failed", Outcome::Failed), ("skipped", Outcome::Skipped)] {
        collect(jobs, job.id, word, outcome, &mut reasons).await?;
    }
    Ok(Summary { job, expected: sample.expected, reasons })
}

impl Summary {
    /// The job at its end.
    pub fn job(&self) -> &JobView {
        &self.job
    }

    /// Whether every row of the sample has the outcome that it was made for.
    pub fn is_as_expected(&self) -> bool {
        self.job.status == JobStatus::Completed && self.expected.agrees_with(&self.job.counts)
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let JobView { file, status, total, counts, seconds, .. } = &self.job;
        write!(f, "Sample import of {file} {}: {total} rows, {} created", status.as_str(), counts.created)?;
        write!(f, ", {} skipped, {} failed, {seconds:.1} s", counts.skipped, counts.failed)?;
        for ((outcome, code), reason) in &self.reasons {
            write!(f, "\n  {:>4} {outcome}  {code}: {}", reason.rows, reason.example)?;
        }
        Ok(())
    }
}

async fn collect(
    jobs: &Jobs,
    job: JobId,
    word: &'static str,
    outcome: Outcome,
    reasons: &mut BTreeMap<(&'static str, String), Reason>,
) -> Result<(), Error> {
    let mut query = RowQuery { outcome: Some(outcome), after: 0, limit: PAGE };
    loop {
        let page = jobs.rows(job, query).await?;
        for row in page.rows {
            let key = (word, row.code.unwrap_or_default());
            let first = || Reason { rows: 0, example: row.message.unwrap_or_default() };
            reasons.entry(key).or_insert_with(first).rows += 1;
        }
        match page.next {
            Some(next) => query.after = next,
            None => return Ok(()),
        }
    }
}
