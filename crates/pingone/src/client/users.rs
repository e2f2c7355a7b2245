use reqwest::Method;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{
    Client, UserPages,
    call::{JSON, SET_PASSWORD},
};
use crate::{Error, Filter, NewPassword, User, model::Reference};

impl Client {
    /// Reads a user; a missing one is an error for which [`Error::is_not_found`] holds.
    ///
    /// # Errors
    /// As every call: see [`Error`].
    pub async fn user(&self, id: Uuid) -> Result<User, Error> {
        let call = self.shared.call(Method::GET, &["users", &id.to_string()]);
        self.shared.send(&call).await?.json()
    }

    /// Looks a user up by its username; letter case counts only between users that differ in nothing else.
    ///
    /// # Errors
    /// As every call: see [`Error`].
    pub async fn user_by_username(&self, username: &str) -> Result<Option<User>, Error> {
        let mut pages = self.users(Some(&Filter::username(username)));
        while let Some(page) = pages.next().await? {
            // What the filter takes for equal is not documented, so it is not relied on.
            let same = |user: &&User| user.username.to_lowercase() == username.to_lowercase();
            let exact = page.iter().find(|user| user.username == username);
            if let Some(user) = exact.or_else(|| page.iter().find(same)) {
                return Ok(Some(user.clone()));
            }
        }
        Ok(None)
    }

    /// The users that `filter` selects, or all, page by page.
    pub fn users(&self, filter: Option<&Filter>) -> UserPages {
        let mut call = self.shared.call(Method::GET, &["users"]);
        if let Some(filter) = filter {
            call = call.with_query("filter", &filter.to_string());
        }
        UserPages::new(self.clone(), call.with_query("limit", USERS_PER_PAGE))
    }

    /// Changes the attributes named in `changes` and keeps the others; `null` clears.
    ///
    /// # Errors
    /// As every call: see [`Error`].
    pub async fn update_user(&self, id: Uuid, changes: &Map<String, Value>) -> Result<User, Error> {
        let call = self.shared.call(Method::PATCH, &["users", &id.to_string()]);
        self.shared.send(&call.with_body(JSON, changes)).await?.json()
    }

    /// Lets a user sign on or not. Safe to repeat.
    ///
    /// # Errors
    /// As every call: see [`Error`].
    pub async fn set_enabled(&self, id: Uuid, enabled: bool) -> Result<(), Error> {
        let call = self.shared.call(Method::PUT, &["users", &id.to_string(), "enabled"]);
        self.shared.send(&call.with_body(JSON, &json!({ "enabled": enabled }))).await?;
        Ok(())
    }

    /// Moves a user to another population. Safe to repeat.
    ///
    /// # Errors
    /// As every call: see [`Error`].
    pub async fn set_population(&self, id: Uuid, population: Uuid) -> Result<(), Error> {
        let call = self.shared.call(Method::PUT, &["users", &id.to_string(), "population"]);
        self.shared.send(&call.with_body(JSON, &Reference { id: population })).await?;
        Ok(())
    }

    /// Sets a user's password.
    ///
    /// # Errors
    /// As every call: see [`Error`].
    pub async fn set_password(&self, id: Uuid, password: &NewPassword) -> Result<(), Error> {
        let call = self.shared.call(Method::PUT, &["users", &id.to_string(), "password"]);
        self.shared.send(&call.with_body(SET_PASSWORD, password)).await?;
        Ok(())
    }

    /// Deletes a user; one that does not exist any more counts as deleted.
    ///
    /// # Errors
    /// As every call: see [`Error`].
    pub async fn delete_user(&self, id: Uuid) -> Result<(), Error> {
        let call = self.shared.call(Method::DELETE, &["users", &id.to_string()]);
        match self.shared.send(&call).await {
            Err(error) if error.is_not_found() => Ok(()),
            result => result.map(|_| ()),
        }
    }
}

/// The page size that the documentation allows for users.
const USERS_PER_PAGE: &str = "200";
