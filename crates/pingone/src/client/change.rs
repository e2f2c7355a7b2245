//! Changes of a user that exists. All of them leave the same state when they are repeated, and are repeated when
//! an answer is lost.

use reqwest::Method;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{Client, call::JSON};
use crate::{Error, User, model::Reference};

impl Client {
    /// Changes the attributes named in `changes` and keeps the others; `null` clears. Complex attributes are
    /// merged: a sub-attribute that is not named is kept. `username` may be among them.
    ///
    /// [`User::changes_to`] makes `changes`. PingOne ignores attributes that it does not know, and those with a
    /// request of their own: `enabled`, `population`, `mfaEnabled` and `password`.
    ///
    /// # Errors
    /// As every call: see [`Error`].
    pub async fn update_user(&self, id: Uuid, changes: &Map<String, Value>) -> Result<User, Error> {
        let call = self.call(Method::PATCH, &["users", &id.to_string()]);
        self.shared.send(&call.with_body(JSON, changes)).await?.json()
    }

    /// Lets a user sign on or not.
    ///
    /// # Errors
    /// As every call: see [`Error`].
    pub async fn set_enabled(&self, id: Uuid, enabled: bool) -> Result<(), Error> {
        let call = self.call(Method::PUT, &["users", &id.to_string(), "enabled"]);
        self.shared.send(&call.with_body(JSON, &json!({ "enabled": enabled }))).await?;
        Ok(())
    }

    /// Says whether multi-factor authentication is on for a user.
    ///
    /// # Errors
    /// As every call: see [`Error`].
    pub async fn set_mfa_enabled(&self, id: Uuid, enabled: bool) -> Result<(), Error> {
        let call = self.call(Method::PUT, &["users", &id.to_string(), "mfaEnabled"]);
        self.shared.send(&call.with_body(JSON, &json!({ "mfaEnabled": enabled }))).await?;
        Ok(())
    }

    /// Moves a user to another population. It leaves the groups that belong to its old one.
    ///
    /// # Errors
    /// As every call: see [`Error`].
    pub async fn set_population(&self, id: Uuid, population: Uuid) -> Result<(), Error> {
        let call = self.call(Method::PUT, &["users", &id.to_string(), "population"]);
        self.shared.send(&call.with_body(JSON, &Reference { id: population })).await?;
        Ok(())
    }

    /// Deletes a user; one that does not exist any more counts as deleted.
    ///
    /// # Errors
    /// As every call: see [`Error`].
    pub async fn delete_user(&self, id: Uuid) -> Result<(), Error> {
        let call = self.call(Method::DELETE, &["users", &id.to_string()]);
        match self.shared.send(&call).await {
            Err(error) if error.is_not_found() => Ok(()),
            result => result.map(|_| ()),
        }
    }
}
