//! Writing users to a file: an export, and the backup before a delete.

use std::io;
use std::path::PathBuf;

use futures_util::{StreamExt as _, stream};
use pingone::Client;
use tokio::sync::{mpsc, watch};
use uuid::Uuid;

use super::dispatch::{Intent, Stop};
use super::error::trouble;
use super::options::JobOptions;
use super::planned;
use super::recorder::Entry;
use super::selection::Selection;
use super::view::{JobTrouble, Outcome};
use crate::background;
use crate::disk::{DISK_FULL, is_full};
use crate::export::{Layout, Spool, write};
use crate::plan::Directory;
use crate::seen::Seen;
use crate::store::{JobRecord, Store};

/// What an export needs.
#[derive(Debug)]
pub(super) struct Export<'a> {
    pub(super) client: &'a Client,
    pub(super) directory: &'a Directory,
    pub(super) options: &'a JobOptions,
    /// Where users are collected.
    pub(super) spool: PathBuf,
    /// Where the file is in the end.
    pub(super) output: PathBuf,
    /// Where files go that are gone with the process.
    pub(super) scratch: PathBuf,
    pub(super) intent: &'a watch::Receiver<Intent>,
}

impl Export<'_> {
    /// Exports the users that `selection` chooses. One that is stopped begins anew.
    pub(super) async fn selected(&self, selection: &Selection, recorder: &mpsc::Sender<Entry>) -> Stop {
        match self.try_selected(selection, recorder).await {
            Ok(()) => Stop::Done,
            Err(stop) => self.given_up(stop),
        }
    }

    /// Leaves nothing that takes room: what was collected is collected anew when the job is resumed.
    fn given_up(&self, stop: Stop) -> Stop {
        // Where nothing was written, there is nothing to delete.
        let _ = std::fs::remove_file(&self.spool);
        stop
    }

    async fn try_selected(&self, selection: &Selection, recorder: &mpsc::Sender<Entry>) -> Result<(), Stop> {
        let mut spool = self.open()?;
        let mut pages = selection.pages(self.client);
        while let Some(page) = pages.next().await.map_err(|error| Stop::Trouble(trouble(&error)))? {
            self.check_intent()?;
            let before = spool.len();
            for user in &page {
                spool.push(user).map_err(|error| Stop::disk(&error))?;
            }
            let total = pages.count().unwrap_or_default().max(spool.len());
            let counted = Entry::Counted(Outcome::Unchanged, spool.len() - before);
            for entry in [Entry::Total(total), counted] {
                recorder.send(entry).await.map_err(|_| Stop::Unrecorded)?;
            }
        }
        // PingOne's own count may lag behind what there is.
        recorder.send(Entry::Total(spool.len())).await.map_err(|_| Stop::Unrecorded)?;
        self.write(spool).await
    }

    /// Counts the users that `selection` chooses, and writes nothing.
    pub(super) async fn counted(&self, selection: &Selection, recorder: &mpsc::Sender<Entry>) -> Stop {
        match self.try_counted(selection, recorder).await {
            Ok(()) => Stop::Done,
            Err(stop) => stop,
        }
    }

    async fn try_counted(&self, selection: &Selection, recorder: &mpsc::Sender<Entry>) -> Result<(), Stop> {
        let mut known = Seen::new(&self.scratch);
        let mut pages = selection.pages(self.client);
        while let Some(page) = pages.next().await.map_err(|error| Stop::Trouble(trouble(&error)))? {
            self.check_intent()?;
            let before = known.len();
            for user in &page {
                let hash = known.bytes(user.id.as_bytes());
                known.note(hash, 1).map_err(|error| Stop::disk(&error))?;
            }
            let total = pages.count().unwrap_or_default().max(known.len());
            let counted = Entry::Counted(Outcome::Unchanged, known.len() - before);
            for entry in [Entry::Total(total), counted] {
                recorder.send(entry).await.map_err(|_| Stop::Unrecorded)?;
            }
        }
        recorder.send(Entry::Total(known.len())).await.map_err(|_| Stop::Unrecorded)
    }

    /// Exports the users that `plan` deletes, as they are now.
    pub(super) async fn planned(&self, store: &Store, plan: &JobRecord) -> Result<(), Stop> {
        self.try_planned(store, plan).await.map_err(|stop| self.given_up(stop))
    }

    async fn try_planned(&self, store: &Store, plan: &JobRecord) -> Result<(), Stop> {
        let mut spool = self.open()?;
        self.collect_pages(store, plan, &mut spool).await?;
        let mut after = 0;
        while let Some((last, page)) = self.doomed(store, plan, after).await? {
            after = last;
            let mut left = Vec::new();
            for id in page {
                if !spool.contains(id).map_err(|error| Stop::disk(&error))? {
                    left.push(id);
                }
            }
            self.collect_each(left, &mut spool).await?;
        }
        self.write(spool).await
    }

    /// Some of the users that `plan` deletes, after the row `after`, and the last row of these.
    async fn doomed(
        &self,
        store: &Store,
        plan: &JobRecord,
        after: u64,
    ) -> Result<Option<(u64, Vec<Uuid>)>, Stop> {
        let page = planned::doomed(store, plan, after).await;
        let page = page.map_err(|error| Stop::failed("internal", &error))?;
        Ok(page.last().map(|(last, _)| (*last, page.iter().map(|(_, id)| *id).collect())))
    }

    /// Collects those whom `plan` deletes and the search finds that it was made by, a page with each request.
    async fn collect_pages(&self, store: &Store, plan: &JobRecord, spool: &mut Spool) -> Result<(), Stop> {
        let selection = Selection::new(&plan.options, plan.population.as_ref());
        let Some(selection) = selection.ok().filter(|_| plan.options.selects()) else { return Ok(()) };
        let (mut doomed, mut after) = (Seen::new(&self.scratch), 0);
        while let Some((last, page)) = self.doomed(store, plan, after).await? {
            after = last;
            for id in page {
                let hash = doomed.bytes(id.as_bytes());
                doomed.note(hash, 1).map_err(|error| Stop::disk(&error))?;
            }
        }
        let mut pages = selection.pages(self.client);
        while spool.len() < doomed.len() {
            self.check_intent()?;
            let page = match pages.next().await {
                Ok(Some(page)) => page,
                Ok(None) => break,
                // What is not found in this way is found one by one.
                Err(pingone::Error::Rejected(_)) => break,
                Err(error) => return Err(Stop::Trouble(trouble(&error))),
            };
            for user in &page {
                let is_doomed = doomed.contains(doomed.bytes(user.id.as_bytes()));
                let pushed = is_doomed.and_then(|is_doomed| Ok(is_doomed && spool.push(user)?));
                pushed.map_err(|error| Stop::disk(&error))?;
            }
        }
        Ok(())
    }

    /// Collects users one by one, some at the same time; those that are gone are left out.
    async fn collect_each(&self, users: Vec<Uuid>, spool: &mut Spool) -> Result<(), Stop> {
        let mut found = stream::iter(users).map(|id| self.client.user(id)).buffer_unordered(AT_ONCE);
        while let Some(user) = found.next().await {
            self.check_intent()?;
            match user {
                Ok(user) => spool.push(&user).map(drop).map_err(|error| Stop::disk(&error))?,
                Err(error) if error.is_not_found() => {}
                Err(error) => return Err(Stop::Trouble(trouble(&error))),
            }
        }
        Ok(())
    }

    fn open(&self) -> Result<Spool, Stop> {
        let layout = Layout::new(&self.options.attributes, self.directory);
        Spool::create(&self.spool, &self.scratch, layout).map_err(|error| Stop::disk(&error))
    }

    async fn write(&self, spool: Spool) -> Result<(), Stop> {
        let (from, to, format) = (self.spool.clone(), self.output.clone(), self.options.format);
        let written = background::spawn("writing an export", move || write(spool, &from, &to, format)).await;
        written.unwrap_or_else(|panic| Err(io::Error::other(panic))).map_err(|error| Stop::disk(&error))
    }

    fn check_intent(&self) -> Result<(), Stop> {
        if *self.intent.borrow() == Intent::Run { Ok(()) } else { Err(Stop::Asked) }
    }
}

impl Stop {
    /// Trouble of ours that is not PingOne's.
    pub(super) fn failed(code: &str, error: &dyn std::error::Error) -> Self {
        Self::Trouble(JobTrouble { code: code.to_owned(), message: error.to_string() })
    }

    pub(super) fn disk(error: &io::Error) -> Self {
        let message = match error.kind() {
            // More users than a workbook holds stay too many.
            io::ErrorKind::InvalidInput => format!("the file cannot be written: {error}"),
            _ => format!("the file cannot be written: {error}; make room on the disk and resume the job"),
        };
        let code = if is_full(error) { DISK_FULL } else { "output_failed" };
        Self::Trouble(JobTrouble { code: code.to_owned(), message })
    }
}

/// Users that are asked for at the same time; the client sends no more than PingOne bears.
const AT_ONCE: usize = 32;
