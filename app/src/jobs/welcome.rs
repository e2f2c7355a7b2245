//! Mails to users whom an import has created, where that was asked for.
//!
//! They are written after the last row has its outcome. What is about to be sent is on the disk before it is sent, so
//! nobody gets two mails, and whoever's turn it was when the process ended gets none.

use std::sync::Arc;

use futures_util::future::join_all;
use pingone::NewUser;
use tokio::sync::{mpsc, oneshot, watch};

use super::bits::Bits;
use super::dispatch::{Intent, Stop};
use super::error::Error;
use super::event::ErrorEvent;
use super::feed::{Batch, Feed, Item};
use super::mails::WelcomeMails;
use super::options::JobOptions;
use super::recorder::Entry;
use super::run::{Run, population_id, reading};
use super::service::Jobs;
use super::template::Template;
use super::view::JobTrouble;
use crate::notify::{Mail, Notifier, Unsent};
use crate::plan::{Action, Directory, PlannedRow};
use crate::store::StoreError;

impl Jobs {
    /// Refuses a mail that cannot be sent before there is a job.
    pub(super) fn check_welcome(&self, options: &JobOptions, directory: &Directory) -> Result<(), Error> {
        let Some(template) = &options.welcome_mail else { return Ok(()) };
        let checked = Template::parse(template).and_then(|template| template.check(&directory.schema));
        checked.map_err(|reason| Error::Options(format!("the welcome mail cannot be used: {reason}")))?;
        match self.inner.notifier.get().and_then(Notifier::mail) {
            Some(_) => Ok(()),
            None => Err(Error::Options(format!("a welcome mail needs a mail server: {SETTINGS}"))),
        }
    }
}

impl Run {
    /// Writes to the users that the job has created and that were not written to yet.
    pub(super) async fn welcome(&self, recorder: mpsc::Sender<Entry>) -> Result<Stop, StoreError> {
        let (record, intent) = (&self.record, self.intent.clone());
        let template = record.options.welcome_mail.as_deref().map(Template::parse);
        let (Some(Ok(template)), Some(mail)) = (template, self.mail.clone()) else {
            let message =
                format!("users are to be written to, and there is no mail server: {SETTINGS}, then resume");
            return Ok(Stop::Trouble(JobTrouble { code: "no_mail_server".to_owned(), message }));
        };
        let welcome = Welcome { mail, template, recorder, intent };
        // Until then the last rows may not be in the ledger.
        if let Err(stop) = welcome.announce(record.welcomed_through).await {
            return Ok(stop);
        }
        let (mut created, mut others) = (Bits::default(), Bits::default());
        self.store.created_rows(record, record.welcomed_through, |row| created.insert(row)).await?;
        (1..=record.total).filter(|row| !created.contains(*row)).for_each(|row| others.insert(row));
        let feed = Feed {
            input: self.store.dir().input(record.id),
            reading: reading(&record.options, population_id(record)),
            directory: Arc::clone(&self.directory),
            settled: others,
            rows: record.total,
            counts_only: false,
            // What is odd about the file was told when its rows were sent.
            recorder: mpsc::channel(1).0.downgrade(),
        };
        Ok(welcome.write(feed.start()).await)
    }
}

/// Writes to the users of rows.
struct Welcome {
    mail: Mail,
    template: Template,
    recorder: mpsc::Sender<Entry>,
    intent: watch::Receiver<Intent>,
}

/// What became of the mails.
#[derive(Debug, Default)]
struct Tally {
    failed: u64,
    unsent: u64,
    /// How many failed since the last one that did not.
    in_a_row: u64,
    reason: String,
}

impl Welcome {
    /// Writes to the users of all rows that come out of `feed`.
    async fn write(&self, mut feed: mpsc::Receiver<Batch>) -> Stop {
        let mut tally = Tally::default();
        let stop = loop {
            let Some(batch) = feed.recv().await else { break Stop::Done };
            match batch {
                Ok(batch) => {
                    if let Err(stop) = self.portions(batch, &mut tally).await {
                        break stop;
                    }
                }
                Err(stop) => break stop,
            }
        };
        match self.tell(&tally).await {
            Ok(()) => stop,
            Err(stop) => stop,
        }
    }

    async fn portions(&self, batch: Vec<Item>, tally: &mut Tally) -> Result<(), Stop> {
        let users: Vec<(u64, NewUser)> = batch.into_iter().filter_map(created).collect();
        for portion in users.chunks(TOGETHER) {
            if *self.intent.borrow() != Intent::Run {
                return Err(Stop::Asked);
            }
            if tally.in_a_row >= HOPELESS {
                let (addressed, others) =
                    portion.iter().partition::<Vec<_>, _>(|(_, user)| address(user).is_some());
                let not_tried = addressed.len() as u64;
                tally.unsent += not_tried;
                let without_address = others.len() as u64;
                self.note(WelcomeMails { not_tried, without_address, ..WelcomeMails::default() }).await?;
                continue;
            }
            if let Some((through, _)) = portion.last() {
                self.announce(*through).await?;
            }
            let sent = join_all(portion.iter().map(|(_, user)| self.to(user))).await;
            let mails = sent.into_iter().map(|sent| tally.add(sent));
            self.note(mails.fold(WelcomeMails::default(), WelcomeMails::with)).await?;
        }
        Ok(())
    }

    /// Writes to one user; `None` when there is no address.
    async fn to(&self, user: &NewUser) -> Option<Result<(), Unsent>> {
        let address = address(user)?;
        let (subject, text) = self.template.fill(user);
        Some(self.mail.write(address, subject, text).await)
    }

    /// Waits until it is on the disk that the users of rows up to this one are about to be written to.
    async fn announce(&self, through: u64) -> Result<(), Stop> {
        let (done, written) = oneshot::channel();
        let entry = Entry::Welcome { through, done };
        self.recorder.send(entry).await.map_err(|_| Stop::Unrecorded)?;
        written.await.map_err(|_| Stop::Unrecorded)
    }

    /// Has it counted what became of some mails.
    async fn note(&self, mails: WelcomeMails) -> Result<(), Stop> {
        self.recorder.send(Entry::Welcomed(mails)).await.map_err(|_| Stop::Unrecorded)
    }

    async fn tell(&self, tally: &Tally) -> Result<(), Stop> {
        if tally.failed == 0 {
            return Ok(());
        }
        let mut message = format!(
            "{} of the welcome mails could not be sent, the last one because of: {}",
            tally.failed, tally.reason
        );
        if tally.unsent > 0 {
            let unsent = tally.unsent;
            message.push_str(&format!("; {HOPELESS} had failed in a row, so {unsent} more were not tried"));
        }
        let warning = ErrorEvent::warning(WELCOME_FAILED, message);
        self.recorder.send(Entry::Warn(warning)).await.map_err(|_| Stop::Unrecorded)
    }
}

impl Tally {
    /// Takes what became of one mail, and counts it.
    fn add(&mut self, sent: Option<Result<(), Unsent>>) -> WelcomeMails {
        let mut mails = WelcomeMails::default();
        match sent {
            None => mails.without_address = 1,
            Some(Ok(())) => (self.in_a_row, mails.sent) = (0, 1),
            Some(Err(unsent)) => {
                // Twenty bad addresses say nothing of the mail server.
                self.in_a_row += u64::from(!unsent.is_of_recipient);
                (self.failed, self.reason) = (self.failed + 1, unsent.reason);
                mails.failed = 1;
            }
        }
        mails
    }
}

/// Where a user can be written to.
fn address(user: &NewUser) -> Option<&str> {
    user.attributes.get("email")?.as_str()
}

/// The user that the row of `item` has created.
fn created(item: Item) -> Option<(u64, NewUser)> {
    let Item::Planned(PlannedRow { row, action, .. }) = item else { return None };
    match action {
        Action::Create(creation) => Some((row, creation.user)),
        Action::Change(change) => Some((row, change.creation?.user)),
        Action::Find | Action::Refuse(_) | Action::Repeat { .. } => None,
    }
}

/// What a mail server takes.
const SETTINGS: &str = "set PINGONE_IMPORT_SMTP_URL and PINGONE_IMPORT_MAIL_FROM";

/// The code of the warning that mails could not be sent.
pub(super) const WELCOME_FAILED: &str = "welcome_failed";

/// How many mails are sent at a time. A kill loses at most so many.
const TOGETHER: usize = 4;

/// After so many failures in a row it is the server's fault, and the rest is not tried.
const HOPELESS: u64 = 20;
