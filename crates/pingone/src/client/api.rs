use std::sync::Arc;

use serde_json::{Map, Value};
use uuid::Uuid;

use crate::{Config, ConfigError, Error, Filter, Metrics, NewPassword, NewUser, Population, Schema, User};

/// A client of one PingOne environment. Clones are cheap and share the token, the connections and the rate.
#[derive(Debug, Clone)]
pub struct Client {
    config: Arc<Config>,
}

#[expect(
    clippy::todo,
    clippy::unused_async,
    unused_variables,
    reason = "signatures first; the bodies follow"
)]
impl Client {
    /// Checks the configuration and sets up the client; sends nothing.
    pub fn new(config: Config) -> Result<Self, ConfigError> {
        config.validate()?;
        Ok(Self { config: Arc::new(config) })
    }

    /// The configuration.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// What the client has done so far and how fast it goes.
    pub fn metrics(&self) -> Metrics {
        todo!()
    }

    /// Fetches a token now: tells whether PingOne can be reached and lets us in.
    pub async fn authenticate(&self) -> Result<(), Error> {
        todo!()
    }

    /// Creates a user, exactly once, whatever happens to the answers.
    pub async fn create_user(&self, user: &NewUser) -> Result<User, Error> {
        todo!()
    }

    /// Tells what became of a create whose outcome is unknown.
    pub async fn reconcile(&self, user: &NewUser) -> Result<Reconciled, Error> {
        todo!()
    }

    /// Reads a user; a missing one is an error for which [`Error::is_not_found`] holds.
    pub async fn user(&self, id: Uuid) -> Result<User, Error> {
        todo!()
    }

    /// Looks a user up by its username.
    pub async fn user_by_username(&self, username: &str) -> Result<Option<User>, Error> {
        todo!()
    }

    /// The users that `filter` selects, or all, page by page.
    pub fn users(&self, filter: Option<&Filter>) -> UserPages {
        todo!()
    }

    /// Changes the attributes named in `changes` and keeps the others; `null` clears.
    pub async fn update_user(&self, id: Uuid, changes: &Map<String, Value>) -> Result<User, Error> {
        todo!()
    }

    /// Lets a user sign on or not. Safe to repeat.
    pub async fn set_enabled(&self, id: Uuid, enabled: bool) -> Result<(), Error> {
        todo!()
    }

    /// Moves a user to another population. Safe to repeat.
    pub async fn set_population(&self, id: Uuid, population: Uuid) -> Result<(), Error> {
        todo!()
    }

    /// Sets a user's password.
    pub async fn set_password(&self, id: Uuid, password: &NewPassword) -> Result<(), Error> {
        todo!()
    }

    /// Deletes a user; one that does not exist any more counts as deleted.
    pub async fn delete_user(&self, id: Uuid) -> Result<(), Error> {
        todo!()
    }

    /// Every population, in PingOne's order.
    pub async fn populations(&self) -> Result<Vec<Population>, Error> {
        todo!()
    }

    /// Creates a population; a name that is taken is a uniqueness violation.
    pub async fn create_population(&self, name: &str) -> Result<Population, Error> {
        todo!()
    }

    /// The attributes that users of this environment may have.
    pub async fn schema(&self) -> Result<Schema, Error> {
        todo!()
    }
}

/// What became of a create whose outcome is unknown.
#[derive(Debug, Clone, PartialEq)]
pub enum Reconciled {
    /// No user has this username.
    NotFound,
    /// The user exists, in the same population and with every attribute that was sent.
    Ours(User),
    /// Somebody else has this username.
    Other(User),
}

/// Users, page by page. Made by [`Client::users`].
#[derive(Debug)]
pub struct UserPages {
    _client: Client,
}

impl UserPages {
    /// The next page; `None` after the last. A page may be short or empty and not be the last.
    #[expect(clippy::todo, clippy::unused_async, reason = "signatures first; the bodies follow")]
    pub async fn next(&mut self) -> Result<Option<Vec<User>>, Error> {
        todo!()
    }
}
