//! Writing users to a file: an export, and the backup before a delete.

use std::collections::HashSet;
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
use crate::export::{Layout, Spool, write};
use crate::plan::Directory;
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
    pub(super) intent: &'a watch::Receiver<Intent>,
}

impl Export<'_> {
    /// Exports the users that `selection` chooses. One that is stopped begins anew.
    pub(super) async fn selected(&self, selection: &Selection, recorder: &mpsc::Sender<Entry>) -> Stop {
        match self.try_selected(selection, recorder).await {
            Ok(()) => Stop::Done,
            Err(stop) => stop,
        }
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
        let mut known = HashSet::new();
        let mut pages = selection.pages(self.client);
        while let Some(page) = pages.next().await.map_err(|error| Stop::Trouble(trouble(&error)))? {
            self.check_intent()?;
            let before = known.len();
            known.extend(page.iter().map(|user| user.id));
            let total = pages.count().unwrap_or_default().max(known.len() as u64);
            let counted = Entry::Counted(Outcome::Unchanged, (known.len() - before) as u64);
            for entry in [Entry::Total(total), counted] {
                recorder.send(entry).await.map_err(|_| Stop::Unrecorded)?;
            }
        }
        recorder.send(Entry::Total(known.len() as u64)).await.map_err(|_| Stop::Unrecorded)
    }

    /// Exports the users that `plan` deletes, as they are now.
    pub(super) async fn planned(&self, store: &Store, plan: &JobRecord) -> Result<(), Stop> {
        let (mut spool, mut after, mut doomed) = (self.open()?, 0, HashSet::new());
        loop {
            let page = planned::doomed(store, plan, after).await;
            let page = page.map_err(|error| Stop::failed("internal", &error))?;
            let Some((last, _)) = page.last() else { break };
            after = *last;
            doomed.extend(page.into_iter().map(|(_, id)| id));
        }
        self.collect_pages(plan, &mut doomed, &mut spool).await?;
        self.collect_each(doomed, &mut spool).await?;
        self.write(spool).await
    }

    /// Collects those of `doomed` whom the search finds that the plan was made by, a page with each request.
    async fn collect_pages(
        &self,
        plan: &JobRecord,
        doomed: &mut HashSet<Uuid>,
        spool: &mut Spool,
    ) -> Result<(), Stop> {
        let selection = Selection::new(&plan.options, plan.population.as_ref());
        let Some(selection) = selection.ok().filter(|_| plan.options.selects()) else { return Ok(()) };
        let mut pages = selection.pages(self.client);
        while !doomed.is_empty() {
            self.check_intent()?;
            let page = match pages.next().await {
                Ok(Some(page)) => page,
                Ok(None) => break,
                // What is not found in this way is found one by one.
                Err(pingone::Error::Rejected(_)) => break,
                Err(error) => return Err(Stop::Trouble(trouble(&error))),
            };
            for user in page.iter().filter(|user| doomed.remove(&user.id)) {
                spool.push(user).map_err(|error| Stop::disk(&error))?;
            }
        }
        Ok(())
    }

    /// Collects users one by one, some at the same time; those that are gone are left out.
    async fn collect_each(&self, users: HashSet<Uuid>, spool: &mut Spool) -> Result<(), Stop> {
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
        Spool::create(&self.spool, layout).map_err(|error| Stop::disk(&error))
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

    fn disk(error: &io::Error) -> Self {
        let message =
            format!("the file cannot be written: {error}; make room on the disk and resume the job");
        Self::Trouble(JobTrouble { code: "output_failed".to_owned(), message })
    }
}

/// Users that are asked for at the same time; the client sends no more than PingOne bears.
const AT_ONCE: usize = 32;
