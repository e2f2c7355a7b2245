//! What a row would do: looks users up and writes nothing.

use super::event::LedgerRow;
use super::lookup::Found;
use super::settle::{Refused, Sent, Settler, Work};
use super::view::{JobTrouble, Outcome};

impl Settler {
    /// The outcome that a row would have.
    pub(super) async fn rehearse(&self, sent: &Sent) -> Result<LedgerRow, JobTrouble> {
        let found = match &sent.work {
            Work::Create(_) if !self.skips_existing => return Ok(sent.entry(Outcome::Created, None)),
            Work::Delete(id) => return Ok(self.doomed(sent, *id)),
            Work::Create(_) | Work::Change(_) | Work::Find => self.find(&sent.key).await?,
        };
        Ok(match (found, &sent.work) {
            (Found::Several(users), _) => sent.refused(Refused::ambiguous(users), None),
            (Found::Refused(refused), _) => sent.refused(refused, None),
            (Found::One(user), Work::Change(change)) => {
                let is_same = change.against(&user).is_empty();
                sent.entry(if is_same { Outcome::Unchanged } else { Outcome::Updated }, Some(user.id))
            }
            (Found::One(user), Work::Create(_)) => sent.exists(&user),
            (Found::One(user), _) if self.protected.holds(&user.username, user.id) => {
                sent.entry(Outcome::Skipped, Some(user.id)).because(Refused::protected())
            }
            (Found::One(user), _) => sent.entry(Outcome::Deleted, Some(user.id)),
            (Found::Nobody, Work::Create(_)) => sent.entry(Outcome::Created, None),
            (Found::Nobody, Work::Change(change)) => match &change.creation {
                Some(creation) => match Refused::incomplete(creation) {
                    Some(refused) => sent.refused(refused, None),
                    None => sent.entry(Outcome::Created, None),
                },
                None => sent.refused(Refused::not_found(self.key), None),
            },
            (Found::Nobody, _) => sent.entry(Outcome::Skipped, None).because(Refused::not_found(self.key)),
        })
    }

    fn doomed(&self, sent: &Sent, id: uuid::Uuid) -> LedgerRow {
        match self.protected.holds(&sent.key, id) {
            true => sent.entry(Outcome::Skipped, Some(id)).because(Refused::protected()),
            false => sent.entry(Outcome::Deleted, Some(id)),
        }
    }
}

impl Refused {
    fn protected() -> Self {
        Self::own("PROTECTED", "the user is on the list of those who are never deleted".to_owned())
    }
}
