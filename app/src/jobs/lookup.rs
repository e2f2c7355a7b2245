//! Finding the user that a row is about.

use pingone::{User, UserKey};
use uuid::Uuid;

use super::error::trouble;
use super::settle::{Refused, Settler};
use super::view::JobTrouble;
use crate::plan::MatchBy;

/// Whom a row's key names.
#[derive(Debug)]
pub(super) enum Found {
    Nobody,
    One(Box<User>),
    Several(usize),
    Refused(Refused),
}

impl Settler {
    /// Looks a user up by its key. Reads only.
    ///
    /// # Errors
    /// When PingOne cannot be asked, which is trouble of the whole job.
    pub(super) async fn find(&self, key: &str) -> Result<Found, JobTrouble> {
        let text = key.to_owned();
        let key = match self.key {
            MatchBy::Username => UserKey::Username(text),
            MatchBy::Email => UserKey::Email(text),
            MatchBy::ExternalId => UserKey::ExternalId(text),
            MatchBy::Id => match key.parse::<Uuid>() {
                Ok(id) => UserKey::Id(id),
                Err(_) => {
                    let message = format!("{key:?} is not the id of a user: ids of PingOne are UUIDs");
                    return Ok(Found::Refused(Refused::own("INVALID_VALUE", message)));
                }
            },
        };
        match self.client.find_users(&key).await {
            Ok(mut found) => {
                // A user with exactly this name comes before those whose names differ in letter case.
                if let UserKey::Username(name) = &key
                    && let Some(exact) = found.iter().position(|user| user.username == *name)
                {
                    return Ok(Found::One(Box::new(found.swap_remove(exact))));
                }
                Ok(match (found.pop(), found.len()) {
                    (None, _) => Found::Nobody,
                    (Some(user), 0) => Found::One(Box::new(user)),
                    (Some(_), others) => Found::Several(others + 1),
                })
            }
            Err(error @ pingone::Error::Rejected(_)) => Ok(Found::Refused(Refused::new(&error))),
            Err(error) => Err(trouble(&error)),
        }
    }
}
