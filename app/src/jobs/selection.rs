//! Users that are chosen by a search in PingOne.

use pingone::{Client, Filter, UserPages};
use tokio::sync::mpsc;
use tracing::Instrument as _;
use uuid::Uuid;

use super::dispatch::Stop;
use super::error::{Error, trouble};
use super::event::LedgerRow;
use super::feed::{BATCHES, Batch, Item};
use super::options::JobOptions;
use super::recorder::Entry;
use super::settle::{Sent, Settler, Work};
use super::view::PopulationRef;
use crate::seen::Seen;

/// Which users of the environment are meant.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Selection {
    pub(super) filter: Option<Filter>,
}

impl Selection {
    /// The users that `options` choose, in the population that they name.
    ///
    /// # Errors
    /// When the filter cannot be one, or PingOne does not have the population: a selection is never widened.
    pub(super) fn new(options: &JobOptions, population: Option<&PopulationRef>) -> Result<Self, Error> {
        let given = options.filter.as_deref().map(Filter::verbatim).transpose();
        let given = given.map_err(|error| Error::Filter(error.to_string()))?;
        let id = population.map(id).transpose()?;
        let filter = match (id.map(Filter::population), given) {
            (Some(population), Some(given)) => Some(population.and(given)),
            (population, given) => population.or(given),
        };
        Ok(Self { filter })
    }

    /// The users, page by page.
    pub(super) fn pages(&self, client: &Client) -> UserPages {
        client.users(self.filter.as_ref())
    }

    /// Asks for the first page, which tells whether PingOne takes the filter.
    ///
    /// # Errors
    /// When it does not, or cannot be asked.
    pub(super) async fn check(&self, client: &Client) -> Result<(), Error> {
        match self.pages(client).next().await {
            Ok(_) => Ok(()),
            Err(error @ pingone::Error::Rejected(_)) => Err(Error::Filter(error.to_string())),
            Err(error) => Err(Error::pingone(&error)),
        }
    }
}

fn id(population: &PopulationRef) -> Result<Uuid, Error> {
    let PopulationRef { id, name } = population;
    let id = id.as_deref().and_then(|id| id.parse().ok());
    id.ok_or_else(|| Error::Filter(format!("population {name:?} does not exist any more")))
}

/// Plans the deletion of selected users; those that an earlier run has planned are left out.
#[derive(Debug)]
pub(super) struct Census {
    pub(super) selection: Selection,
    pub(super) settler: Settler,
    /// Users that the ledger has, and the number of its last row.
    pub(super) known: Seen,
    pub(super) last_row: u64,
}

impl Census {
    /// Starts to read; the channel ends with the users, or when its receiver is dropped.
    pub(super) fn start(mut self) -> mpsc::Receiver<Batch> {
        let (sender, receiver) = mpsc::channel(BATCHES);
        let reading = async move {
            if let Err(stop) = self.read(&sender).await {
                // The receiver may be gone because the job was paused.
                let _ = sender.send(Err(stop)).await;
            }
        };
        tokio::spawn(reading.in_current_span());
        receiver
    }

    async fn read(&mut self, sender: &mpsc::Sender<Batch>) -> Result<(), Stop> {
        let mut pages = self.selection.pages(&self.settler.client);
        loop {
            let page = pages.next().await.map_err(|error| Stop::Trouble(trouble(&error)))?;
            let Some(page) = page else { return Ok(()) };
            let mut batch = Vec::with_capacity(page.len());
            for user in page {
                // A page may repeat users when others are created or deleted meanwhile.
                let hash = self.known.bytes(user.id.as_bytes());
                let known = self.known.note(hash, 1).map_err(|error| Stop::disk(&error))?;
                if known.is_none() {
                    self.last_row += 1;
                    batch.push(Item::Settled(self.plan(user.id, user.username).await?));
                }
            }
            let total = Entry::Total(self.last_row);
            self.settler.recorder.send(total).await.map_err(|_| Stop::Unrecorded)?;
            if sender.send(Ok(batch)).await.is_err() {
                return Ok(());
            }
        }
    }

    async fn plan(&self, id: Uuid, username: String) -> Result<LedgerRow, Stop> {
        let row = self.last_row;
        let sent =
            Sent { row, line: row, key: username, work: Work::Delete(id), in_doubt: false, created: None };
        self.settler.rehearse(&sent).await.map_err(Stop::Trouble)
    }
}

#[cfg(test)]
mod tests {
    use super::{JobOptions, PopulationRef, Selection};

    #[test]
    fn what_cannot_be_selected_does_not_select_everybody() {
        let filter = |text: &str| JobOptions { filter: Some(text.to_owned()), ..JobOptions::default() };
        for blank in ["", " ", "\t"] {
            assert!(Selection::new(&filter(blank), None).is_err(), "{blank:?}");
        }
        for id in [None, Some("x".to_owned())] {
            let population = PopulationRef { id, name: "Staff".to_owned() };
            assert!(Selection::new(&JobOptions::default(), Some(&population)).is_err(), "{population:?}");
        }
        assert_eq!(Selection::new(&JobOptions::default(), None).unwrap(), Selection::default());
    }
}
