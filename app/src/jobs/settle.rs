//! What becomes of one row at PingOne: creates, and what every kind of row shares.

use std::collections::HashMap;
use std::sync::Arc;

use pingone::{Client, Reconciled, User};
use tokio::sync::{mpsc, oneshot, watch};
use uuid::Uuid;

use super::dispatch::Intent;
use super::error::trouble;
use super::event::LedgerRow;
use super::own::Since;
use super::passwords::Passwords;
use super::protect::Protected;
use super::recorder::Entry;
use super::view::{JobTrouble, Outcome};
use crate::plan::{Change, Creation, MatchBy, PlannedRow};

/// How the rows of one run are settled.
#[derive(Clone, Debug)]
pub(super) struct Settler {
    pub(super) client: Client,
    pub(super) since: Since,
    /// What the job is asked to do.
    pub(super) intent: watch::Receiver<Intent>,
    /// Whether a user that exists is skipped, and so is looked for before it is created.
    pub(super) skips_existing: bool,
    /// Whether rows are looked up and nothing is written.
    pub(super) rehearses: bool,
    pub(super) key: MatchBy,
    /// What rows of an earlier run were about to do.
    pub(super) announced: Arc<HashMap<u64, Outcome>>,
    pub(super) protected: Protected,
    /// Gives passwords to created users that have none.
    pub(super) passwords: Option<Passwords>,
    pub(super) recorder: mpsc::Sender<Entry>,
}

/// A row that was sent, or may have been.
#[derive(Debug)]
pub(super) struct Sent {
    pub(super) row: u64,
    pub(super) line: u64,
    pub(super) key: String,
    pub(super) work: Work,
    /// Whether an earlier run may have sent it, so that its user may exist.
    pub(super) in_doubt: bool,
    /// The user that the job which this one repeats has created for it.
    pub(super) created: Option<Uuid>,
}

/// What a row has PingOne do.
#[derive(Debug)]
pub(super) enum Work {
    /// Create a user.
    Create(Box<Creation>),
    /// Change the user that has the row's key.
    Change(Box<Change>),
    /// Find the user that has the row's key.
    Find,
    /// Delete the user with this id.
    Delete(Uuid),
}

/// The user of a row, or why there is none.
enum Settled {
    User(User),
    Refused(Refused),
    Absent,
}

/// Why PingOne did not do what a row wants.
#[derive(Debug)]
pub(super) struct Refused {
    pub(super) code: String,
    pub(super) message: String,
    pub(super) target: Option<String>,
    pub(super) correlation_id: Option<String>,
}

impl Settler {
    /// Whether new work is begun; otherwise only what was begun before is brought to its end.
    pub(super) fn begins(&self) -> bool {
        *self.intent.borrow() != Intent::Cancel
    }

    /// Settles a row; `None` when it turned out never to have been sent and is not to be.
    ///
    /// A row is failed only when it is known what did not happen; whatever leaves that open is trouble of the
    /// whole job, and the row is looked up when the job is resumed.
    pub(super) async fn settle(&self, sent: &Sent) -> Result<Option<LedgerRow>, JobTrouble> {
        if self.rehearses {
            return self.rehearse(sent).await.map(Some);
        }
        if let (Some(id), Work::Create(creation)) = (sent.created, &sent.work)
            && let Some(user) = self.created(id).await?
        {
            return self.disable(sent, creation, &user).await.map(Some);
        }
        match &sent.work {
            Work::Create(creation) if self.skips_existing => self.create_or_skip(sent, creation).await,
            Work::Create(creation) => self.settle_create(sent, creation, sent.in_doubt).await,
            Work::Change(change) => self.change(sent, change).await,
            Work::Delete(id) => self.delete(sent, *id).await,
            // Finding is all that a plan does.
            Work::Find => self.rehearse(sent).await.map(Some),
        }
    }

    /// Creates a user, or finds out what an earlier run made of it.
    pub(super) async fn settle_create(
        &self,
        sent: &Sent,
        creation: &Creation,
        in_doubt: bool,
    ) -> Result<Option<LedgerRow>, JobTrouble> {
        let settled = match in_doubt {
            true => self.look_up(&sent.key, creation).await?,
            false => self.create(&sent.key, creation, false).await?,
        };
        match settled {
            Settled::User(user) => self.disable(sent, creation, &user).await.map(Some),
            Settled::Refused(refused) => Ok(Some(sent.refused(refused, None))),
            Settled::Absent => Ok(None),
        }
    }

    /// Creates a user that was not there a moment ago, after it is on the disk that this is about to happen.
    pub(super) async fn create_announced(
        &self,
        sent: &Sent,
        creation: &Creation,
    ) -> Result<Option<LedgerRow>, JobTrouble> {
        let was_announced = self.announced.get(&sent.row) == Some(&Outcome::Created);
        if !was_announced {
            if !self.begins() {
                return Ok(None);
            }
            if let Some(refused) = Refused::incomplete(creation) {
                return Ok(Some(sent.refused(refused, None)));
            }
            self.announce(sent.row, Outcome::Created).await?;
        }
        self.settle_create(sent, creation, was_announced).await
    }

    /// Skips a row whose user exists, and creates every other one.
    async fn create_or_skip(
        &self,
        sent: &Sent,
        creation: &Creation,
    ) -> Result<Option<LedgerRow>, JobTrouble> {
        use super::lookup::Found;

        if self.announced.contains_key(&sent.row) {
            return self.create_announced(sent, creation).await;
        }
        match self.find(&sent.key).await? {
            Found::One(user) => Ok(Some(sent.exists(&user))),
            Found::Several(users) => Ok(Some(sent.refused(Refused::ambiguous(users), None))),
            Found::Refused(refused) => Ok(Some(sent.refused(refused, None))),
            Found::Nobody => self.create_announced(sent, creation).await,
        }
    }

    /// Waits until it is on the disk that `row` is about to be sent and has `outcome` if that arrives.
    pub(super) async fn announce(&self, row: u64, outcome: Outcome) -> Result<(), JobTrouble> {
        let (done, written) = oneshot::channel();
        let gone = || JobTrouble {
            code: "internal".to_owned(),
            message: "the outcome could not be recorded; resume the job".to_owned(),
        };
        self.recorder.send(Entry::Announce { row, outcome, done }).await.map_err(|_| gone())?;
        written.await.map_err(|_| gone())
    }

    async fn look_up(&self, key: &str, creation: &Creation) -> Result<Settled, JobTrouble> {
        match self.reconcile(creation, self.since).await? {
            Settled::Absent if self.begins() => self.create(key, creation, true).await,
            settled => Ok(settled),
        }
    }

    async fn create(&self, key: &str, creation: &Creation, in_doubt: bool) -> Result<Settled, JobTrouble> {
        let generated = self.passwords.as_ref().and_then(|passwords| passwords.complete(&creation.user, key));
        let user = generated.as_ref().unwrap_or(&creation.user);
        let since = if in_doubt { self.since } else { self.since.now(&self.client) };
        let is_foreign = |user: &User| !since.includes(user);
        // The request of an earlier run may have arrived, although a search does not find its user yet.
        let created = match in_doubt {
            true => self.client.create_user_again(user, is_foreign).await,
            false => self.client.create_user_unless(user, is_foreign).await,
        };
        let error = match created {
            Ok(user) => return Ok(Settled::User(user)),
            Err(error) => error,
        };
        if is_refusal(&error) {
            return Ok(Settled::Refused(Refused::new(&error)));
        }
        if concerns_everybody(&error) {
            return Err(trouble(&error));
        }
        match self.reconcile(creation, since).await? {
            Settled::Absent => Ok(Settled::Refused(Refused::new(&error))),
            settled => Ok(settled),
        }
    }

    /// Finds out whether the user exists and is the one that this job sent.
    async fn reconcile(&self, creation: &Creation, since: Since) -> Result<Settled, JobTrouble> {
        // Where nothing is begun any more, no create that is refused tells that the user is there.
        let reconciled = match self.begins() {
            true => self.client.reconcile(&creation.user).await,
            false => self.client.reconcile_patiently(&creation.user).await,
        };
        match reconciled {
            Ok(Reconciled::NotFound) => Ok(Settled::Absent),
            Ok(Reconciled::Ours(user)) if since.includes(&user) => Ok(Settled::User(user)),
            Ok(Reconciled::Ours(_) | Reconciled::Other(_)) => Ok(Settled::Refused(Refused::taken())),
            Err(error) => Err(trouble(&error)),
        }
    }

    /// The user of a row that an earlier job has created and could not finish, if it is still there.
    async fn created(&self, id: Uuid) -> Result<Option<User>, JobTrouble> {
        match self.client.user(id).await {
            Ok(user) => Ok(Some(user)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(trouble(&error)),
        }
    }

    /// Makes good that a create ignores `enabled`.
    async fn disable(&self, sent: &Sent, creation: &Creation, user: &User) -> Result<LedgerRow, JobTrouble> {
        // A user that an earlier job has created got its password there.
        let is_ours = self.passwords.is_some() && sent.created != Some(user.id);
        let has_generated_password = is_ours && creation.user.password.is_none();
        if creation.disabled && user.enabled {
            match self.client.set_enabled(user.id, false).await {
                Ok(()) => {}
                Err(error) if concerns_everybody(&error) => return Err(trouble(&error)),
                Err(error) => {
                    let mut refused = Refused::new(&error);
                    refused.message = format!(
                        "the user was created, but could not be disabled: {}; until it is, it can sign on: retry the \
                         failed rows of this job, or import its rejects with the mode upsert and \"no\" as enabled",
                        refused.message
                    );
                    let row = sent.refused(refused, Some(user.id));
                    return Ok(LedgerRow { has_generated_password, ..row });
                }
            }
        }
        Ok(LedgerRow { has_generated_password, ..sent.entry(Outcome::Created, Some(user.id)) })
    }
}

/// Whether PingOne read the request and does not want it.
pub(super) fn is_refusal(error: &pingone::Error) -> bool {
    matches!(error, pingone::Error::Rejected(_) | pingone::Error::Forbidden(_))
}

/// Whether the row is not to blame: nobody is there, we are not let in, or somebody else uses up the limit.
pub(super) fn concerns_everybody(error: &pingone::Error) -> bool {
    error.concerns_connection() || matches!(error, pingone::Error::Throttled { .. })
}

impl Sent {
    pub(super) fn entry(&self, outcome: Outcome, user_id: Option<Uuid>) -> LedgerRow {
        LedgerRow {
            row: self.row,
            line: self.line,
            column: None,
            column_name: None,
            key: self.key.clone(),
            outcome,
            code: None,
            message: None,
            target: None,
            correlation_id: None,
            user_id: user_id.map(|id| id.to_string()),
            has_generated_password: false,
        }
    }

    pub(super) fn refused(&self, refused: Refused, user_id: Option<Uuid>) -> LedgerRow {
        self.entry(Outcome::Failed, user_id).because(refused)
    }

    /// The entry of a row that is left out because its user exists.
    pub(super) fn exists(&self, user: &User) -> LedgerRow {
        self.entry(Outcome::Skipped, Some(user.id)).because(Refused::own(
            "ALREADY_EXISTS",
            "PingOne has this user already; it was left as it is".to_owned(),
        ))
    }
}

impl LedgerRow {
    pub(super) fn because(self, refused: Refused) -> Self {
        Self {
            code: Some(refused.code),
            message: Some(refused.message),
            target: refused.target,
            correlation_id: refused.correlation_id,
            ..self
        }
    }
}

impl Refused {
    pub(super) fn new(error: &pingone::Error) -> Self {
        let (code, message) = (error.code(), error.to_string());
        // The code stands beside the message already.
        let bare = message.strip_suffix(&format!(" ({code})")).unwrap_or(&message).to_owned();
        Self {
            code: code.to_owned(),
            message: bare,
            target: error.target().map(str::to_owned),
            correlation_id: error.correlation_id().map(str::to_owned),
        }
    }

    /// A reason of ours.
    pub(super) fn own(code: &str, message: String) -> Self {
        Self { code: code.to_owned(), message, target: None, correlation_id: None }
    }

    pub(super) fn not_found(key: MatchBy) -> Self {
        let what = key.attribute();
        Self::own(
            "NOT_FOUND",
            format!("PingOne has no user with this {what}; correct it, or leave the row out"),
        )
    }

    /// The reason why the user of a row that nobody was found for is not created, if there is one.
    pub(super) fn incomplete(creation: &Creation) -> Option<Self> {
        let target = creation.missing.first()?.clone();
        let message = format!(
            "PingOne has no such user, and none can be created without {}: fill it in, or leave the row out",
            creation.missing.join(", ")
        );
        Some(Self { target: Some(target), ..Self::own("REQUIRED_VALUE", message) })
    }

    pub(super) fn ambiguous(users: usize) -> Self {
        let message =
            format!("{users} users or more match this row; match by an attribute that only one user has");
        Self::own("AMBIGUOUS_MATCH", message)
    }

    fn taken() -> Self {
        let message = "username: another user of the environment has it already".to_owned();
        Self { target: Some("username".to_owned()), ..Self::own("UNIQUENESS_VIOLATION", message) }
    }
}

/// The entry of a row that is decided without asking PingOne.
pub(super) fn unsent(
    planned: &PlannedRow,
    outcome: Outcome,
    code: &str,
    message: String,
    target: Option<String>,
) -> LedgerRow {
    LedgerRow {
        row: planned.row,
        line: planned.line,
        column: None,
        column_name: None,
        key: planned.key.clone(),
        outcome,
        code: Some(code.to_owned()),
        message: Some(message),
        target,
        correlation_id: None,
        user_id: None,
        has_generated_password: false,
    }
}
