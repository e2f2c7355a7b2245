//! `pingone-import jobs rows`.

use pingone_import::jobs::{JobId, Jobs, Outcome, RowQuery};

use super::args::Output;
use super::exit::{Exit, Failure};
use super::{output, report};

/// Lists rows of a job, a line for each.
pub(super) async fn list(
    jobs: &Jobs,
    job: JobId,
    outcome: Option<Outcome>,
    after: u64,
    limit: Option<u64>,
    output: Output,
) -> Result<Exit, Failure> {
    let of = jobs.job(job).await?;
    let has_lines = report::has_lines(jobs, job).await?;
    let mut left = limit.unwrap_or(u64::MAX);
    let mut query = RowQuery { outcome, after, limit: PAGE };
    while left > 0 {
        query.limit = u32::try_from(left).unwrap_or(PAGE).min(PAGE);
        let page = jobs.rows(job, query).await?;
        for row in &page.rows {
            match output.json {
                true => output::json(row),
                false => output::say(&report::row(&of, row, has_lines)),
            }
        }
        left -= u64::from(query.limit);
        match page.next {
            Some(next) => query.after = next,
            None => break,
        }
    }
    Ok(Exit::Done)
}

const PAGE: u32 = 1000;
