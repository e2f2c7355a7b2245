//! What becomes of one row at PingOne.

use jiff::{SignedDuration, Timestamp};
use pingone::{Client, Reconciled, User};

use super::error::trouble;
use super::event::LedgerRow;
use super::view::{JobTrouble, Outcome};
use crate::plan::{Creation, PlannedRow};

/// How the rows of one run are settled.
#[derive(Clone, Debug)]
pub(super) struct Settler {
    pub(super) client: Client,
    /// Users created before this moment are not ours, however alike they are.
    pub(super) since: Timestamp,
    /// Whether a user that does not exist is created; otherwise only what was sent before is found out.
    pub(super) creates: bool,
}

/// A row that was sent, or may have been.
#[derive(Debug)]
pub(super) struct Sent {
    pub(super) row: u64,
    pub(super) line: u64,
    pub(super) creation: Box<Creation>,
    /// Whether an earlier run may have sent it, so that its user may exist.
    pub(super) in_doubt: bool,
}

/// The user of a row, or why there is none.
enum Settled {
    User(User),
    Refused(Refused),
    Absent,
}

/// Why PingOne has no user for a row.
struct Refused {
    code: String,
    message: String,
    target: Option<String>,
    correlation_id: Option<String>,
}

impl Settler {
    /// Settles a row; `None` when it turned out never to have been sent and is not to be.
    ///
    /// A row is failed only when its user is known not to exist; whatever leaves that open is trouble of the
    /// whole job, and the row is looked up when the job is resumed.
    pub(super) async fn settle(&self, sent: &Sent) -> Result<Option<LedgerRow>, JobTrouble> {
        let settled = match sent.in_doubt {
            true => self.look_up(sent).await?,
            false => self.create(sent).await?,
        };
        match settled {
            Settled::User(user) => self.disable(sent, &user).await.map(Some),
            Settled::Refused(refused) => Ok(Some(sent.refused(refused, None))),
            Settled::Absent => Ok(None),
        }
    }

    async fn look_up(&self, sent: &Sent) -> Result<Settled, JobTrouble> {
        match self.reconcile(sent).await? {
            Settled::Absent if self.creates => self.create(sent).await,
            settled => Ok(settled),
        }
    }

    async fn create(&self, sent: &Sent) -> Result<Settled, JobTrouble> {
        let error = match self.client.create_user(&sent.creation.user).await {
            Ok(user) => return Ok(Settled::User(user)),
            Err(error) => error,
        };
        let is_refusal = matches!(error, pingone::Error::Rejected(_) | pingone::Error::Forbidden(_));
        // The request of an earlier run may have arrived only after it was looked for.
        let arrived_late = sent.in_doubt && error.is_uniqueness_violation();
        if is_refusal && !arrived_late {
            return Ok(Settled::Refused(Refused::new(&error)));
        }
        // That somebody else uses up the limit is no fault of the row either.
        if error.concerns_connection() || matches!(error, pingone::Error::Throttled { .. }) {
            return Err(trouble(&error));
        }
        match self.reconcile(sent).await? {
            Settled::Absent => Ok(Settled::Refused(Refused::new(&error))),
            settled => Ok(settled),
        }
    }

    /// Finds out whether the user exists and is the one that this job sent.
    async fn reconcile(&self, sent: &Sent) -> Result<Settled, JobTrouble> {
        match self.client.reconcile(&sent.creation.user).await {
            Ok(Reconciled::NotFound) => Ok(Settled::Absent),
            Ok(Reconciled::Ours(user)) if self.is_of_this_job(&user) => Ok(Settled::User(user)),
            Ok(Reconciled::Ours(_) | Reconciled::Other(_)) => Ok(Settled::Refused(Refused::taken())),
            Err(error) => Err(trouble(&error)),
        }
    }

    fn is_of_this_job(&self, user: &User) -> bool {
        let created =
            user.attribute("createdAt").and_then(|value| value.as_str()).map(str::parse::<Timestamp>);
        match created {
            Some(Ok(created)) => created.saturating_add(CLOCK_SKEW).is_ok_and(|latest| latest >= self.since),
            _ => true,
        }
    }

    /// Makes good that a create ignores `enabled`.
    async fn disable(&self, sent: &Sent, user: &User) -> Result<LedgerRow, JobTrouble> {
        if sent.creation.disabled && user.enabled {
            match self.client.set_enabled(user.id, false).await {
                Ok(()) => {}
                Err(error) if error.concerns_connection() => return Err(trouble(&error)),
                Err(error) => {
                    let mut refused = Refused::new(&error);
                    refused.message = format!(
                        "the user was created, but could not be disabled: {}; retry this row",
                        refused.message
                    );
                    return Ok(sent.refused(refused, Some(user.id.to_string())));
                }
            }
        }
        Ok(sent.entry(Outcome::Created, Some(user.id.to_string())))
    }
}

impl Sent {
    pub(super) fn entry(&self, outcome: Outcome, user_id: Option<String>) -> LedgerRow {
        LedgerRow {
            row: self.row,
            line: self.line,
            key: self.creation.user.username.clone(),
            outcome,
            code: None,
            message: None,
            target: None,
            correlation_id: None,
            user_id,
        }
    }

    fn refused(&self, refused: Refused, user_id: Option<String>) -> LedgerRow {
        LedgerRow {
            code: Some(refused.code),
            message: Some(refused.message),
            target: refused.target,
            correlation_id: refused.correlation_id,
            ..self.entry(Outcome::Failed, user_id)
        }
    }
}

impl Refused {
    fn new(error: &pingone::Error) -> Self {
        Self {
            code: error.code().to_owned(),
            message: error.to_string(),
            target: error.target().map(str::to_owned),
            correlation_id: error.correlation_id().map(str::to_owned),
        }
    }

    fn taken() -> Self {
        Self {
            code: "UNIQUENESS_VIOLATION".to_owned(),
            message: "username: another user of the environment has it already".to_owned(),
            target: Some("username".to_owned()),
            correlation_id: None,
        }
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
        key: planned.username.clone(),
        outcome,
        code: Some(code.to_owned()),
        message: Some(message),
        target,
        correlation_id: None,
        user_id: None,
    }
}

/// How far PingOne's clock may be behind ours.
const CLOCK_SKEW: SignedDuration = SignedDuration::from_mins(2);
