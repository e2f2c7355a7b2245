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
        let (part, error) = match self.apply(user.id, &difference).await {
            Ok(()) => return Ok(sent.entry(Outcome::Updated, Some(user.id))),
            Err(failed) => failed,
        };
        if concerns_everybody(&error) {
            return Err(trouble(&error));
        }
        // An answer that was lost may have been a yes.
        if !is_refusal(&error) && self.is_done(user.id, change).await? {
            return Ok(sent.entry(Outcome::Updated, Some(user.id)));
        }
        let mut refused = Refused::new(&error);
        refused.message = told_apart(&difference, part, &refused.message);
        Ok(sent.refused(refused, Some(user.id)))
    }

    /// Sends what differs, each part by a request that may be repeated, and says with which part that failed.
    async fn apply(&self, id: Uuid, difference: &Difference) -> Result<(), (&'static str, pingone::Error)> {
        let failed = |part| move |error| (part, error);
        if !difference.attributes.is_empty() {
            let updated = self.client.update_user(id, &difference.attributes).await;
            updated.map_err(failed(ATTRIBUTES))?;
        }
        if let Some(population) = difference.population {
            self.client.set_population(id, population).await.map_err(failed(POPULATION))?;
        }
        if let Some(enabled) = difference.enabled {
            self.client.set_enabled(id, enabled).await.map_err(failed(ENABLED))?;
        }
        if let Some(password) = &difference.password {
            self.client.set_password(id, password).await.map_err(failed(PASSWORD))?;
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

/// Why a change failed at `part`, with what was changed before it and what was not tried.
fn told_apart(difference: &Difference, part: &str, message: &str) -> String {
    let wanted = [
        (!difference.attributes.is_empty()).then_some(ATTRIBUTES),
        difference.population.and(Some(POPULATION)),
        difference.enabled.and(Some(ENABLED)),
        difference.password.as_ref().and(Some(PASSWORD)),
    ];
    let wanted: Vec<&str> = wanted.into_iter().flatten().collect();
    let mut sides = wanted.split(|wanted| *wanted == part);
    let mut side = || sides.next().unwrap_or_default().join(" and ");
    let (before, after) = (side(), side());
    let mut told = match before.as_str() {
        "" => message.to_owned(),
        before => format!("{before} changed, but {part} did not: {message}"),
    };
    if !after.is_empty() {
        told.push_str(&format!("; {after} was left as it is"));
    }
    told
}

const ATTRIBUTES: &str = "the attributes";
const POPULATION: &str = "the population";
const ENABLED: &str = "enabled";
const PASSWORD: &str = "the password";
