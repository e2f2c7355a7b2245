use reqwest::Method;
use serde::{Deserialize, de::DeserializeOwned};

use super::{
    Client, Shared,
    answer::Answer,
    call::{Call, host},
};
use crate::{Error, User};

/// Users, page by page. Made by [`Client::users`].
#[derive(Debug)]
pub struct UserPages {
    client: Client,
    next: Option<Call>,
    count: Option<u64>,
}

impl UserPages {
    pub(super) fn new(client: Client, first: Call) -> Self {
        Self { client, next: Some(first), count: None }
    }

    /// The next page; `None` after the last. A page may be short or empty and not be the last.
    ///
    /// # Errors
    /// As every call: see [`Error`]. A call after an error asks for the same page again.
    pub async fn next(&mut self) -> Result<Option<Vec<User>>, Error> {
        let Some(call) = &self.next else {
            return Ok(None);
        };
        let page: Page<UserList> = self.client.shared.send(call).await?.json()?;
        self.next = self.client.shared.following(call, page.links)?;
        self.count = page.count.or(self.count);
        Ok(Some(page.embedded.map(|list| list.users).unwrap_or_default()))
    }

    /// Number of all users that are listed, if PingOne told it on a page so far.
    pub fn count(&self) -> Option<u64> {
        self.count
    }
}

impl Shared {
    /// All items of a collection.
    pub(super) async fn collect<L: DeserializeOwned, T>(
        &self,
        first: Call,
        items: impl Fn(L) -> Vec<T>,
    ) -> Result<Vec<T>, Error> {
        let mut all = Vec::new();
        let mut next = Some(first);
        while let Some(call) = next {
            let answer: Answer = self.send(&call).await?;
            let page: Page<L> = answer.json()?;
            all.extend(page.embedded.map(&items).unwrap_or_default());
            next = self.following(&call, page.links)?;
        }
        Ok(all)
    }

    /// The request for the next page, whose link is followed as it is, but never to another host.
    fn following(&self, call: &Call, links: Option<Links>) -> Result<Option<Call>, Error> {
        let Some(href) = links.and_then(|links| links.next).map(|link| link.href) else {
            return Ok(None);
        };
        let unusable = |reason: &str| {
            Err(Error::UnexpectedResponse { host: call.host(), status: 200, reason: reason.to_owned() })
        };
        match call.url.join(&href) {
            Ok(url) if url.origin() != self.config.api_url.origin() => {
                Err(Error::ForeignLink { host: host(&url) })
            }
            // Following it would never end.
            Ok(url) if url == call.url => unusable("a page's next link leads to the page itself"),
            Ok(url) => {
                Ok(Some(Call { method: Method::GET, url, body: None, manner: call.manner, trace: None }))
            }
            Err(_) => unusable("a page's next link is not a URL"),
        }
    }
}

#[derive(Deserialize)]
struct Page<L> {
    #[serde(rename = "_links")]
    links: Option<Links>,
    #[serde(rename = "_embedded")]
    embedded: Option<L>,
    count: Option<u64>,
}

#[derive(Deserialize)]
struct Links {
    next: Option<Link>,
}

#[derive(Deserialize)]
struct Link {
    href: String,
}

#[derive(Deserialize)]
struct UserList {
    #[serde(default)]
    users: Vec<User>,
}
