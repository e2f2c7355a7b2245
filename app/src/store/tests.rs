//! Tests of the store.

use jiff::Timestamp;
use tempfile::TempDir;

use super::events::PAGE_BYTES;
use super::{Commit, JobRecord, Key, Keyed, Store, StoreError};
use crate::jobs::{
    Completion, Counts, ErrorEvent, EventBody, JobId, JobOptions, JobStatus, JobTrouble, LedgerRow, Outcome,
    PopulationRef, Progress, WelcomeMails,
};

fn record() -> JobRecord {
    JobRecord {
        number: 0,
        id: JobId::new(),
        status: JobStatus::Queued,
        file: "users.csv".to_owned(),
        options: JobOptions { delimiter: Some(';'), ..JobOptions::default() },
        population: Some(PopulationRef { id: Some("p".to_owned()), name: "People".to_owned() }),
        environment: "e".to_owned(),
        simulator: true,
        total: 10,
        counts: Counts::default(),
        dispatched_through: 0,
        elapsed_ms: 0,
        last_seq: 0,
        created_at: now(),
        started_at: None,
        remote_started_at: None,
        welcomed_through: 0,
        welcome_mails: Some(WelcomeMails { sent: 3, ..WelcomeMails::default() }),
        finished_at: None,
        error: None,
        retry_of: None,
    }
}

/// Now, as precisely as the store keeps it.
fn now() -> Timestamp {
    Timestamp::from_millisecond(Timestamp::now().as_millisecond()).unwrap()
}

fn row(row: u64, outcome: Outcome) -> LedgerRow {
    let is_failure = outcome == Outcome::Failed;
    let reason = |text: &str| is_failure.then(|| text.to_owned());
    LedgerRow {
        row,
        line: row + 1,
        column: is_failure.then_some(2),
        column_name: is_failure.then(|| "mail".to_owned()),
        key: format!("user{row}"),
        outcome,
        code: reason("CODE"),
        message: reason("a reason"),
        target: reason("email"),
        correlation_id: reason("c"),
        user_id: (!is_failure).then(|| format!("id{row}")),
        has_generated_password: row.is_multiple_of(2),
    }
}

fn progress() -> EventBody {
    EventBody::Progress(Progress {
        status: JobStatus::Running,
        total: 10,
        counts: Counts::default(),
        rate: 1.5,
        remaining_seconds: None,
        seconds: 0.1,
    })
}

async fn inserted(store: &Store) -> JobRecord {
    let record = record();
    store.insert_job(&record, &[]).await.unwrap();
    store.job(record.id).await.unwrap().unwrap()
}

async fn store() -> (TempDir, Store) {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).await.unwrap();
    (dir, store)
}

#[tokio::test]
async fn a_job_comes_back_as_it_was_stored() {
    let (dir, store) = store().await;
    let mut record = inserted(&store).await;
    record.status = JobStatus::Paused;
    record.counts = Counts { processed: 3, created: 1, failed: 2, ..Counts::default() };
    record.dispatched_through = 7;
    record.elapsed_ms = 1234;
    record.started_at = Some(now());
    record.finished_at = Some(now());
    record.error = Some(JobTrouble { code: "unreachable".to_owned(), message: "gone".to_owned() });
    store.commit(&mut record, Commit::default()).await.unwrap();
    store.close().await;
    drop(store);
    let store = Store::open(dir.path()).await.unwrap();
    assert_eq!(store.job(record.id).await.unwrap(), Some(record));
}

#[tokio::test]
async fn events_tell_of_the_rows_of_their_own_commit() {
    let (_dir, store) = store().await;
    let mut one = inserted(&store).await;
    let mut other = inserted(&store).await;
    let first = [row(2, Outcome::Created), row(1, Outcome::Failed)];
    store
        .commit(&mut one, Commit { rows: &first, events: &[progress()], ..Commit::default() })
        .await
        .unwrap();
    store
        .commit(&mut other, Commit { rows: &[row(1, Outcome::Created)], events: &[], ..Commit::default() })
        .await
        .unwrap();
    let second = [row(3, Outcome::Skipped)];
    store.commit(&mut one, Commit { rows: &second, events: &[], ..Commit::default() }).await.unwrap();
    let events = store.events(&one, 0, 100).await.unwrap();
    let seqs: Vec<_> = events.iter().map(|event| (event.seq, event.body.name())).collect();
    assert_eq!(seqs, [(1, "row"), (2, "progress"), (3, "row")]);
    let told = |index: usize| match &events[index].body {
        EventBody::Row(rows) => rows.rows.clone(),
        body => panic!("{body:?}"),
    };
    assert_eq!((told(0), told(2)), (first.to_vec(), second.to_vec()));
    assert_eq!((one.last_seq, other.last_seq), (3, 1));
    assert_eq!(store.events(&one, 2, 100).await.unwrap(), events[2..]);
    assert_eq!(store.events(&one, 0, 1).await.unwrap(), events[..1]);
}

#[tokio::test]
async fn many_rows_become_several_events_in_order() {
    let (_dir, store) = store().await;
    let mut job = inserted(&store).await;
    let rows: Vec<_> = (1..=1234).map(|number| row(number, Outcome::Created)).collect();
    store.commit(&mut job, Commit { rows: &rows, events: &[], ..Commit::default() }).await.unwrap();
    let events = store.events(&job, 0, 100).await.unwrap();
    let told: Vec<_> = events
        .into_iter()
        .flat_map(|event| match event.body {
            EventBody::Row(rows) => rows.rows,
            body => panic!("{body:?}"),
        })
        .collect();
    assert_eq!(job.last_seq, 5);
    assert_eq!(told, rows);
}

#[tokio::test]
async fn a_second_entry_for_a_row_writes_nothing_of_its_commit() {
    let (_dir, store) = store().await;
    let mut job = inserted(&store).await;
    store
        .commit(&mut job, Commit { rows: &[row(1, Outcome::Created)], events: &[], ..Commit::default() })
        .await
        .unwrap();
    let before = job.clone();
    job.counts.created = 99;
    let rows = [row(2, Outcome::Created), row(1, Outcome::Failed)];
    let failed =
        store.commit(&mut job, Commit { rows: &rows, events: &[progress()], ..Commit::default() }).await;
    assert!(matches!(failed, Err(StoreError::Database(_))), "{failed:?}");
    assert_eq!(job.last_seq, before.last_seq);
    let stored = store.job(job.id).await.unwrap().unwrap();
    assert_eq!(stored, before);
    assert_eq!(store.events(&stored, 0, 10).await.unwrap().len(), 1);
    assert_eq!(store.rows(&stored, None, 0, 10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn only_the_newest_progress_is_left_for_a_slow_reader() {
    let (_dir, store) = store().await;
    let mut job = inserted(&store).await;
    let trouble = ErrorEvent {
        code: "throttled".to_owned(),
        message: "slow".to_owned(),
        fatal: false,
        other_job: None,
    };
    let completion =
        Completion { status: JobStatus::Completed, total: 1, counts: Counts::default(), seconds: 1.0 };
    let events =
        [progress(), EventBody::Error(trouble), progress(), progress(), EventBody::Completion(completion)];
    store
        .commit(&mut job, Commit { rows: &[row(1, Outcome::Created)], events: &events, ..Commit::default() })
        .await
        .unwrap();
    let names = |events: Vec<crate::jobs::Event>| {
        events.into_iter().map(|event| (event.seq, event.body.name())).collect::<Vec<_>>()
    };
    let coalesced = names(store.events_coalesced(&job, 0, 100).await.unwrap());
    assert_eq!(coalesced, [(1, "row"), (3, "error"), (5, "progress"), (6, "completion")]);
    let headlines = names(store.headlines(&job, 0, 100).await.unwrap());
    assert_eq!(headlines.len(), 5);
    assert!(headlines.iter().all(|(_, name)| *name != "row"));
}

#[tokio::test]
async fn ledger_pages_follow_the_file_and_the_outcome() {
    let (_dir, store) = store().await;
    let mut job = inserted(&store).await;
    let rows = [
        row(4, Outcome::Failed),
        row(1, Outcome::Created),
        row(3, Outcome::Skipped),
        row(2, Outcome::Failed),
    ];
    store.commit(&mut job, Commit { rows: &rows, events: &[], ..Commit::default() }).await.unwrap();
    let numbers = async |outcome, after, limit| {
        let rows = store.rows(&job, outcome, after, limit).await.unwrap();
        rows.iter().map(|row| row.row).collect::<Vec<_>>()
    };
    assert_eq!(numbers(None, 0, 10).await, [1, 2, 3, 4]);
    assert_eq!(numbers(None, 1, 2).await, [2, 3]);
    assert_eq!(numbers(Some(Outcome::Failed), 0, 10).await, [2, 4]);
    assert_eq!(numbers(Some(Outcome::Failed), 2, 10).await, [4]);
    assert_eq!(numbers(Some(Outcome::Created), 0, 10).await, [1]);
    assert_eq!(store.settled_through(&job, 3).await.unwrap(), 3);
    let mut settled = Vec::new();
    store.settled_rows(&job, |row| settled.push(row)).await.unwrap();
    assert_eq!(settled, [1, 2, 3, 4]);
}

#[tokio::test]
async fn a_key_gives_the_same_job_again() {
    let (_dir, store) = store().await;
    let (one, other) = (record(), record());
    let key = |text: &str| Key { text: text.to_owned(), request: Some(vec![1, 2]) };
    assert!(store.insert_job(&one, &[key("key")]).await.unwrap());
    assert!(!store.insert_job(&other, &[key("new"), key("key"), key("another")]).await.unwrap());
    let keyed = Keyed { job: one.id, request: Some(vec![1, 2]) };
    for text in ["key", "new"] {
        assert_eq!(store.job_of_key(text).await.unwrap().as_ref(), Some(&keyed));
    }
    assert_eq!(store.job_of_key("another").await.unwrap(), None);
    assert_eq!(store.job(other.id).await.unwrap(), None, "nothing is stored of the second");
}

#[tokio::test]
async fn jobs_are_listed_newest_first_in_pages() {
    let (_dir, store) = store().await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(inserted(&store).await.id);
    }
    ids.reverse();
    let list = async |limit, before| {
        let jobs = store.jobs(limit, before).await.unwrap();
        jobs.iter().map(|job| job.id).collect::<Vec<_>>()
    };
    assert_eq!(list(10, None).await, ids);
    assert_eq!(list(2, None).await, ids[..2]);
    assert_eq!(list(10, Some(ids[1])).await, ids[2..]);
}

#[tokio::test]
async fn a_directory_is_for_one_process() {
    let (dir, store) = store().await;
    let second = Store::open(dir.path()).await.map(drop).unwrap_err().to_string();
    assert!(second.contains("in use by another process"), "{second}");
    assert!(second.contains(&format!("process {}", std::process::id())), "{second}");
    let job = inserted(&store).await;
    let reader = Store::open_for_reading(dir.path()).await.unwrap();
    assert!(!reader.dir().is_held());
    assert_eq!(reader.job(job.id).await.unwrap(), Some(job), "others may look while one works");
    drop(store);
    Store::open(dir.path()).await.unwrap();
}

#[tokio::test]
async fn a_received_file_without_a_job_is_deleted_at_the_next_start() {
    let (dir, store) = store().await;
    let left_over = store.dir().incoming();
    std::fs::write(&left_over, b"half").unwrap();
    drop(store);
    Store::open(dir.path()).await.unwrap();
    assert!(!left_over.exists());
}

#[tokio::test]
async fn a_page_of_events_ends_when_it_is_large_and_goes_on_where_it_ended() {
    let (_dir, store) = store().await;
    let mut job = inserted(&store).await;
    let wordy = |number| LedgerRow { message: Some("x".repeat(10_000)), ..row(number, Outcome::Failed) };
    let rows: Vec<_> = (1..=200).map(wordy).collect();
    store.commit(&mut job, Commit { rows: &rows, ..Commit::default() }).await.unwrap();
    let (mut after, mut told, mut pages) = (0, Vec::new(), 0);
    loop {
        let page = store.events(&job, after, 500).await.unwrap();
        let Some(last) = page.last() else { break };
        (after, pages) = (last.seq, pages + 1);
        let mut bytes = 0;
        for event in page {
            let EventBody::Row(rows) = event.body else { panic!("only rows were written") };
            bytes += rows.rows.iter().map(LedgerRow::weight).sum::<usize>();
            assert!(rows.rows.iter().map(LedgerRow::weight).sum::<usize>() <= 64 * 1024);
            told.extend(rows.rows);
        }
        assert!(bytes <= PAGE_BYTES + 64 * 1024, "{bytes}");
    }
    assert!(pages > 5, "{pages}");
    assert_eq!(told, rows);
}

#[tokio::test]
async fn a_row_that_is_too_large_for_an_event_has_one_of_its_own() {
    let (_dir, store) = store().await;
    let mut job = inserted(&store).await;
    let huge = LedgerRow { message: Some("x".repeat(2 * PAGE_BYTES)), ..row(2, Outcome::Failed) };
    let rows = [row(1, Outcome::Created), huge, row(3, Outcome::Created)];
    store.commit(&mut job, Commit { rows: &rows, ..Commit::default() }).await.unwrap();
    let first = store.events(&job, 0, 500).await.unwrap();
    assert_eq!((job.last_seq, first.len()), (3, 2), "the page ends behind the large one");
    assert_eq!(store.events(&job, 2, 500).await.unwrap().len(), 1);
}

#[tokio::test]
async fn files_without_a_job_are_deleted_when_the_store_opens() {
    let (dir, store) = store().await;
    let job = inserted(&store).await;
    let (known, orphan) = (job.id, JobId::new());
    let files = |id: JobId| [store.dir().input(id), store.dir().output(id), store.dir().secret(id)];
    let (kept, lost) = (files(known), files(orphan));
    let incoming = store.dir().incoming();
    let foreign = dir.path().join("inputs/notes.txt");
    for path in kept.iter().chain(&lost).chain([&incoming, &foreign]) {
        std::fs::write(path, "x").unwrap();
    }
    store.close().await;
    drop(store);
    let _store = Store::open(dir.path()).await.unwrap();
    assert!(kept.iter().all(|path| path.exists()) && foreign.exists());
    assert!(!lost.iter().chain([&incoming]).any(|path| path.exists()));
}
