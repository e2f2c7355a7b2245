//! Groups and who is in them: <https://developer.pingidentity.com/pingone-api/platform/groups.html>

use reqwest::Method;
use serde::Deserialize;
use uuid::Uuid;

use super::{Client, call::JSON};
use crate::{Error, Group, model::Reference};

impl Client {
    /// Every group, in PingOne's order.
    ///
    /// # Errors
    /// As every call: see [`Error`].
    pub async fn groups(&self) -> Result<Vec<Group>, Error> {
        let first = self.call(Method::GET, &["groups"]);
        self.shared.collect(first, |list: Groups| list.groups).await
    }

    /// The groups that a user is in.
    ///
    /// # Errors
    /// As every call: see [`Error`].
    pub async fn groups_of(&self, user: Uuid) -> Result<Vec<Group>, Error> {
        let first = self.call(Method::GET, &["users", &user.to_string(), "memberOfGroups"]);
        self.shared.collect(first, |list: Memberships| list.memberships).await
    }

    /// Puts a user into a group. A group of a population takes only users of this population.
    ///
    /// # Errors
    /// As every call: see [`Error`].
    pub async fn add_to_group(&self, user: Uuid, group: Uuid) -> Result<(), Error> {
        let call = self.call(Method::POST, &["users", &user.to_string(), "memberOfGroups"]);
        self.shared.send(&call.with_body(JSON, &Reference { id: group })).await?;
        Ok(())
    }

    /// Takes a user out of a group; one who is not in it counts as taken out.
    ///
    /// # Errors
    /// As every call: see [`Error`].
    pub async fn remove_from_group(&self, user: Uuid, group: Uuid) -> Result<(), Error> {
        let path = ["users", &user.to_string(), "memberOfGroups", &group.to_string()];
        match self.shared.send(&self.call(Method::DELETE, &path)).await {
            Err(error) if error.is_not_found() => Ok(()),
            result => result.map(|_| ()),
        }
    }
}

#[derive(Deserialize)]
struct Groups {
    #[serde(default)]
    groups: Vec<Group>,
}

#[derive(Deserialize)]
struct Memberships {
    #[serde(default, rename = "groupMemberships")]
    memberships: Vec<Group>,
}
