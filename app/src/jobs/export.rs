//! Writing users to a file: an export, and the backup before a delete.

use std::collections::HashSet;
use std::io;
use std::path::PathBuf;

use pingone::Client;
use tokio::sync::{mpsc, watch};

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
        let mut spool = self.open()?;
        let mut after = 0;
        loop {
            let page = planned::doomed(store, plan, after).await;
            let page = page.map_err(|error| Stop::failed("internal", &error))?;
            let Some((last, _)) = page.last() else { break };
            after = *last;
            for (_, id) in page {
                self.check_intent()?;
                match self.client.user(id).await {
                    Ok(user) => spool.push(&user).map(drop).map_err(|error| Stop::disk(&error))?,
                    Err(error) if error.is_not_found() => {}
                    Err(error) => return Err(Stop::Trouble(trouble(&error))),
                }
            }
        }
        self.write(spool).await
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
