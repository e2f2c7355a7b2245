//! Changing and deleting users.

use pingone::User;
use uuid::Uuid;

use super::error::trouble;
use super::event::LedgerRow;
use super::lookup::Found;
use super::settle::{Refused, Sent, Settler, concerns_everybody, is_refusal};
use super::view::{JobTrouble, Outcome};
use crate::plan::{Change, Difference};

impl Settler {
    /// Changes the row's user, or creates it where there is none and the row says so.
    pub(super) async fn change(&self, sent: &Sent, change: &Change) -> Result<Option<LedgerRow>, JobTrouble> {
        let announced = self.announced.get(&sent.row).copied();
        if !self.begins() && announced.is_none() {
            return Ok(None);
        }
        if announced == Some(Outcome::Created)
            && let Some(creation) = &change.creation
        {
            return self.settle_create(sent, creation, true).await;
        }
        match self.find(&sent.key).await? {
            Found::One(user) => self.update(sent, change, &user, announced.is_some()).await.map(Some),
            Found::Several(users) => Ok(Some(sent.refused(Refused::ambiguous(users), None))),
            Found::Refused(refused) => Ok(Some(sent.refused(refused, None))),
            Found::Nobody => match &change.creation {
                Some(creation) => self.create_announced(sent, creation).await,
                None => Ok(Some(sent.refused(Refused::not_found(self.key), None))),
            },
        }
    }

    /// Brings `user` to what the row wants. `begun` says that an earlier run had set out to.
    async fn update(
        &self,
        sent: &Sent,
        change: &Change,
        user: &User,
        begun: bool,
    ) -> Result<LedgerRow, JobTrouble> {
        let difference = change.against(user);
        if difference.is_empty() {
            let outcome = if begun { Outcome::Updated } else { Outcome::Unchanged };
            return Ok(sent.entry(outcome, Some(user.id)));
        }
        if !begun {
            self.announce(sent.row, Outcome::Updated).await?;
        }
        let error = match self.apply(user.id, &difference).await {
            Ok(()) => return Ok(sent.entry(Outcome::Updated, Some(user.id))),
            Err(error) => error,
        };
        if concerns_everybody(&error) {
            return Err(trouble(&error));
        }
        // An answer that was lost may have been a yes.
        if !is_refusal(&error) && self.is_done(user.id, change).await? {
            return Ok(sent.entry(Outcome::Updated, Some(user.id)));
        }
        Ok(sent.refused(Refused::new(&error), Some(user.id)))
    }

    /// Sends what differs. Every request may be repeated.
    async fn apply(&self, id: Uuid, difference: &Difference) -> Result<(), pingone::Error> {
        if !difference.attributes.is_empty() {
            self.client.update_user(id, &difference.attributes).await?;
        }
        if let Some(population) = difference.population {
            self.client.set_population(id, population).await?;
        }
        if let Some(enabled) = difference.enabled {
            self.client.set_enabled(id, enabled).await?;
        }
        if let Some(password) = &difference.password {
            self.client.set_password(id, password).await?;
        }
        Ok(())
    }

    async fn is_done(&self, id: Uuid, change: &Change) -> Result<bool, JobTrouble> {
        match self.client.user(id).await {
            Ok(user) => Ok(change.against(&user).is_empty()),
            Err(error) if is_refusal(&error) => Ok(false),
            Err(error) => Err(trouble(&error)),
        }
    }

    /// Deletes a user. One that is gone already counts as deleted, since it may be this job that deleted it.
    pub(super) async fn delete(&self, sent: &Sent, id: Uuid) -> Result<Option<LedgerRow>, JobTrouble> {
        if !self.begins() {
            return Ok(self.is_gone(id).await?.then(|| sent.entry(Outcome::Deleted, Some(id))));
        }
        let error = match self.client.delete_user(id).await {
            Ok(()) => return Ok(Some(sent.entry(Outcome::Deleted, Some(id)))),
            Err(error) => error,
        };
        if concerns_everybody(&error) {
            return Err(trouble(&error));
        }
        if !is_refusal(&error) && self.is_gone(id).await? {
            return Ok(Some(sent.entry(Outcome::Deleted, Some(id))));
        }
        Ok(Some(sent.refused(Refused::new(&error), Some(id))))
    }

    async fn is_gone(&self, id: Uuid) -> Result<bool, JobTrouble> {
        match self.client.user(id).await {
            Ok(_) => Ok(false),
            Err(error) if error.is_not_found() => Ok(true),
            Err(error) => Err(trouble(&error)),
        }
    }
}
