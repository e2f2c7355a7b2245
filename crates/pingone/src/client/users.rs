use reqwest::Method;
use uuid::Uuid;

use super::{Client, UserPages};
use crate::{Error, Filter, User, UserKey};

impl Client {
    /// Reads a user; a missing one is an error for which [`Error::is_not_found`] holds.
    ///
    /// # Errors
    /// As every call: see [`Error`].
    pub async fn user(&self, id: Uuid) -> Result<User, Error> {
        let call = self.call(Method::GET, &["users", &id.to_string()]);
        self.shared.send(&call).await?.json()
    }

    /// Looks a user up by its username; letter case counts only between users that differ in nothing else.
    ///
    /// # Errors
    /// As every call: see [`Error`].
    pub async fn user_by_username(&self, username: &str) -> Result<Option<User>, Error> {
        let mut found = self.find_users(&UserKey::Username(username.to_owned())).await?;
        // A user with exactly this name comes before one whose name differs in letter case.
        let exact = found.iter().position(|user| user.username == username).unwrap_or(0);
        Ok(if found.is_empty() { None } else { Some(found.swap_remove(exact)) })
    }

    /// Every user that `key` names: at most one by id, usually one by username, any number by e-mail address or
    /// external id, which PingOne does not hold to be unique.
    ///
    /// # Errors
    /// As every call: see [`Error`].
    pub async fn find_users(&self, key: &UserKey) -> Result<Vec<User>, Error> {
        let Some(filter) = key.filter() else {
            return match self.user(key.id()).await {
                Ok(user) => Ok(vec![user]),
                Err(error) if error.is_not_found() => Ok(Vec::new()),
                Err(error) => Err(error),
            };
        };
        let (mut pages, mut found) = (self.users(Some(&filter)), Vec::new());
        while let Some(page) = pages.next().await? {
            // What the filter takes for equal is not documented, so it is not relied on.
            found.extend(page.into_iter().filter(|user| key.names(user)));
        }
        Ok(found)
    }

    /// The users that `filter` selects, or all, page by page.
    pub fn users(&self, filter: Option<&Filter>) -> UserPages {
        self.user_pages(filter, USERS_PER_PAGE)
    }

    /// Number of users that `filter` selects, or of all; `None` if PingOne does not tell.
    ///
    /// # Errors
    /// As every call: see [`Error`].
    pub async fn count_users(&self, filter: Option<&Filter>) -> Result<Option<u64>, Error> {
        let mut pages = self.user_pages(filter, "1");
        pages.next().await?;
        Ok(pages.count())
    }

    fn user_pages(&self, filter: Option<&Filter>, limit: &str) -> UserPages {
        let mut call = self.call(Method::GET, &["users"]);
        if let Some(filter) = filter {
            call = call.with_query("filter", &filter.to_string());
        }
        UserPages::new(self.clone(), call.with_query("limit", limit))
    }
}

/// The page size that the documentation allows for users.
const USERS_PER_PAGE: &str = "200";
