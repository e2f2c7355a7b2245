//! A data directory, a simulated PingOne, and the checks that hold for every job.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use pingone::Config;
use pingone_sim::{Options, Simulator};
use tempfile::TempDir;

use crate::jobs::{
    Connection, Counts, Error, Event, EventBody, Incoming, JobId, JobOptions, JobStatus, JobView, Jobs, Kind,
    LedgerRow, Mode, Outcome, RowQuery,
};
use crate::store::{JobRecord, Store};

pub(super) struct World {
    pub(super) dir: TempDir,
    pub(super) simulator: Simulator,
    pub(super) jobs: Jobs,
}

impl World {
    pub(super) async fn new() -> Self {
        Self::with(Options { populations: vec!["Staff".into(), "Guests".into()], ..Options::default() }).await
    }

    pub(super) async fn with(options: Options) -> Self {
        let simulator = Simulator::start(options).await.unwrap();
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).await.unwrap();
        let jobs = Jobs::new(store, Some(connection(&simulator, |_| {})));
        Self { dir, simulator, jobs }
    }

    /// The same jobs with another connection; the earlier handle must not be used any more.
    pub(super) async fn reconnect(&mut self, change: impl FnOnce(&mut Config)) {
        let store = self.jobs.inner.store.clone();
        self.jobs = Jobs::new(store, Some(connection(&self.simulator, change)));
    }

    pub(super) async fn incoming(&self, file: impl AsRef<[u8]>) -> Incoming {
        let mut incoming = self.jobs.receive("users.csv").await.unwrap();
        incoming.write(file.as_ref()).await.unwrap();
        incoming
    }

    pub(super) async fn create(&self, csv: &str, options: &JobOptions) -> Result<JobId, Error> {
        let incoming = self.incoming(csv).await;
        Ok(self.jobs.create(incoming, options, None).await?.id)
    }

    /// A job with the file and the options of one that is over, without a row of it, as a crash leaves it that lost
    /// what the ledger had.
    pub(super) async fn forgotten(&self, done: JobId) -> JobRecord {
        let store = &self.jobs.inner.store;
        let mut record = store.job(done).await.unwrap().unwrap();
        record.id = JobId::new();
        store.insert_job(&record, &[]).await.unwrap();
        std::fs::copy(store.dir().input(done), store.dir().input(record.id)).unwrap();
        record = store.job(record.id).await.unwrap().unwrap();
        (record.status, record.counts) = (JobStatus::Running, Counts::default());
        record
    }

    /// Imports `csv` and waits for the end.
    pub(super) async fn import(&self, csv: &str) -> JobView {
        let id = self.create(csv, &JobOptions::default()).await.unwrap();
        self.jobs.wait(id).await.unwrap()
    }

    /// Every ledger row, in the order of the file.
    pub(super) async fn ledger(&self, id: JobId) -> Vec<LedgerRow> {
        let mut rows = Vec::new();
        let mut after = 0;
        loop {
            let page = self.jobs.rows(id, RowQuery { outcome: None, after, limit: 100 }).await.unwrap();
            rows.extend(page.rows);
            match page.next {
                Some(next) => after = next,
                None => return rows,
            }
        }
    }

    /// Checks what holds for a job that does not run: ledger, events, counts and PingOne agree.
    pub(super) async fn check(&self, id: JobId) -> JobView {
        let job = self.jobs.job(id).await.unwrap();
        let ledger = self.ledger(id).await;
        assert!(ledger.windows(2).all(|pair| pair[0].row < pair[1].row), "one entry for each row");
        let mut counts = Counts::default();
        ledger.iter().for_each(|row| counts.add(row.outcome));
        // What an export or a plan that asks nobody counts is not listed.
        let is_plain_plan = job.dry_run && job.kind == Kind::Import && job.mode == Mode::Create;
        counts.add_many(Outcome::Unchanged, if job.kind == Kind::Export { job.counts.unchanged } else { 0 });
        counts.add_many(Outcome::Created, if is_plain_plan { job.counts.created } else { 0 });
        assert_eq!(job.counts, counts);
        if job.status == JobStatus::Completed {
            assert_eq!(job.counts.processed, job.total);
        }
        self.check_events(&job, &ledger).await;
        if !job.dry_run {
            self.check_users(&ledger);
        }
        job
    }

    /// All events of a job, page by page.
    pub(super) async fn events(&self, id: JobId) -> Vec<Event> {
        let mut events: Vec<Event> = Vec::new();
        loop {
            let after = events.last().map_or(0, |event| event.seq);
            let page = self.jobs.events_after(id, after, u32::MAX).await.unwrap();
            if page.is_empty() {
                return events;
            }
            events.extend(page);
        }
    }

    async fn check_events(&self, job: &JobView, ledger: &[LedgerRow]) {
        let events = self.events(job.id).await;
        let seqs: Vec<_> = events.iter().map(|event| event.seq).collect();
        assert_eq!(seqs, (1..=job.last_seq).collect::<Vec<_>>(), "numbered without gaps");
        let mut told = BTreeMap::new();
        let mut completions = 0;
        for event in &events {
            match &event.body {
                EventBody::Row(rows) => {
                    for row in &rows.rows {
                        assert_eq!(told.insert(row.row, row.clone()), None, "told once");
                    }
                }
                EventBody::Progress(progress) => {
                    assert!(progress.counts.processed >= told.len() as u64, "told after it was counted");
                }
                EventBody::Completion(completion) => {
                    completions += 1;
                    assert_eq!((completion.counts, completion.status), (job.counts, job.status));
                }
                EventBody::Error(_) => {}
            }
        }
        assert_eq!(told.into_values().collect::<Vec<_>>(), ledger);
        assert_eq!(completions, usize::from(job.status.is_final()));
        if job.status.is_final() {
            assert!(
                matches!(events.last().unwrap().body, EventBody::Completion(_)),
                "the completion is last"
            );
        }
    }

    fn check_users(&self, ledger: &[LedgerRow]) {
        let users = self.simulator.users();
        let ids: HashSet<_> = users.iter().filter_map(|user| user["id"].as_str()).collect();
        for row in ledger.iter().filter(|row| row.outcome != Outcome::Failed) {
            let Some(id) = &row.user_id else { continue };
            let is_gone = row.outcome == Outcome::Deleted;
            assert_eq!(ids.contains(id.as_str()), !is_gone, "{row:?} was told");
        }
    }

    /// The usernames that PingOne has, sorted.
    pub(super) fn usernames(&self) -> Vec<String> {
        let users = self.simulator.users();
        let mut names: Vec<_> =
            users.iter().map(|user| user["username"].as_str().unwrap().to_owned()).collect();
        names.sort_unstable();
        names
    }
}

/// A connection that repeats quickly, so that faults cost no time.
pub(super) fn connection(simulator: &Simulator, change: impl FnOnce(&mut Config)) -> Connection {
    let mut config = Config::new(
        simulator.api_url.parse().unwrap(),
        simulator.auth_url.parse().unwrap(),
        simulator.environment,
        simulator.client_id.clone(),
        simulator.client_secret.clone(),
    );
    config.rate_ceiling = f64::INFINITY;
    config.request_timeout = Duration::from_secs(2);
    config.retry.base = Duration::from_millis(1);
    config.retry.cap = Duration::from_millis(20);
    change(&mut config);
    Connection::new(config, true).unwrap()
}

/// A file of `count` good users.
pub(super) fn users(count: usize) -> String {
    let rows = (1..=count).map(|row| format!("user{row:05},user{row:05}@example.com,Given,Family\n"));
    std::iter::once("username,email,given name,family name\n".to_owned()).chain(rows).collect()
}
