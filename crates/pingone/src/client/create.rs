use std::future::Future;

use reqwest::Method;
use serde::de::DeserializeOwned;

use super::{
    Client, Shared,
    call::{Call, IMPORT},
    exchange::{Attempts, Tried},
};
use crate::{Error, NewUser, User};

impl Client {
    /// Creates a user, exactly once, whatever happens to the answers.
    ///
    /// When an answer is lost, or PingOne fails in between, the user is looked up before the request is repeated;
    /// one who is as this request wants him counts as created by it.
    ///
    /// # Errors
    /// [`Error::ResponseLost`] if it stays unknown whether the user exists; otherwise the user does not exist by
    /// this call.
    pub async fn create_user(&self, user: &NewUser) -> Result<User, Error> {
        self.create_user_unless(user, |_| false).await
    }

    /// As [`Self::create_user`], where a user that is found afterwards and that `is_foreign` knows to be somebody
    /// else's does not count as created, however alike.
    ///
    /// # Errors
    /// As [`Self::create_user`].
    pub async fn create_user_unless(
        &self,
        user: &NewUser,
        is_foreign: impl Fn(&User) -> bool,
    ) -> Result<User, Error> {
        self.create_user_after(user, is_foreign, Earlier::None).await
    }

    /// As [`Self::create_user_unless`], where an earlier program may have sent the same request and ended without the
    /// answer.
    ///
    /// When the name is taken, the user is looked for as after an answer that this client has lost: for some seconds,
    /// because a search may lag behind.
    ///
    /// # Errors
    /// As [`Self::create_user`].
    pub async fn create_user_again(
        &self,
        user: &NewUser,
        is_foreign: impl Fn(&User) -> bool,
    ) -> Result<User, Error> {
        self.create_user_after(user, is_foreign, Earlier::Perhaps).await
    }

    async fn create_user_after(
        &self,
        user: &NewUser,
        is_foreign: impl Fn(&User) -> bool,
        earlier: Earlier,
    ) -> Result<User, Error> {
        let call = self.call(Method::POST, &["users"]).with_body(IMPORT, user);
        let is_foreign = &is_foreign;
        let find = || async move {
            Ok(match self.reconcile(user).await? {
                Reconciled::NotFound => Found::Nothing,
                Reconciled::Ours(user) if !is_foreign(&user) => Found::Ours(user),
                Reconciled::Ours(_) | Reconciled::Other(_) => Found::Other,
            })
        };
        self.shared.create(&call, find, earlier).await
    }

    /// Tells what became of a create whose outcome is unknown.
    ///
    /// # Errors
    /// PingOne could not be asked.
    pub async fn reconcile(&self, user: &NewUser) -> Result<Reconciled, Error> {
        Ok(match self.user_by_username(&user.username).await? {
            None => Reconciled::NotFound,
            Some(found) if user.describes(&found) => Reconciled::Ours(found),
            Some(found) => Reconciled::Other(found),
        })
    }
}

impl Client {
    /// As [`Self::reconcile`], where the create may have been sent a moment ago: a search that finds nobody is
    /// repeated for some seconds, because it may lag behind.
    ///
    /// # Errors
    /// PingOne could not be asked.
    pub async fn reconcile_patiently(&self, user: &NewUser) -> Result<Reconciled, Error> {
        for search in 1..SEARCHES {
            match self.reconcile(user).await? {
                Reconciled::NotFound => self.shared.wait(search, None).await,
                found => return Ok(found),
            }
        }
        self.reconcile(user).await
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

/// Whether another program may have sent the same create.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Earlier {
    None,
    Perhaps,
}

/// What a look at PingOne finds where a resource was to be created.
#[derive(Debug)]
pub(super) enum Found<T> {
    Nothing,
    Ours(T),
    Other,
}

impl Shared {
    /// Sends a request that must take effect once. `find` looks for the resource when an answer was lost.
    pub(super) async fn create<T, F>(
        &self,
        call: &Call,
        find: impl Fn() -> F,
        earlier: Earlier,
    ) -> Result<T, Error>
    where
        T: DeserializeOwned,
        F: Future<Output = Result<Found<T>, Error>>,
    {
        let mut attempts = Attempts::default();
        loop {
            let error = match self.try_create(call, &mut attempts).await {
                Ok(Created::Now(created)) => return Ok(created),
                Ok(Created::No(error)) => error,
                Ok(Created::Perhaps(error)) => {
                    attempts.is_doubtful = true;
                    error
                }
                Err(error)
                    if error.is_uniqueness_violation()
                        && (attempts.is_doubtful || earlier == Earlier::Perhaps) =>
                {
                    return self.claim(error, find).await;
                }
                Err(error) if !attempts.is_doubtful => return Err(error),
                // PingOne read the request and wants no such thing; it did not want it before either.
                Err(error @ Error::Rejected(_)) => return Err(error),
                Err(error) => return Err(lost(error)),
            };
            let last = self.next_attempt(call.manner, &mut attempts, error).await;
            if !attempts.is_doubtful {
                last?;
                continue;
            }
            match find().await.map_err(lost)? {
                Found::Ours(created) => return Ok(self.recovered(created)),
                // The next attempt, or its absence, tells it in PingOne's words.
                Found::Nothing | Found::Other => last.map_err(lost)?,
            }
        }
    }

    async fn try_create<T: DeserializeOwned>(
        &self,
        call: &Call,
        attempts: &mut Attempts,
    ) -> Result<Created<T>, Error> {
        Ok(match self.try_send(call, attempts).await? {
            // An answer that cannot be read says at least that the request was carried out.
            Tried::Answered(answer) => answer.json().map_or_else(Created::Perhaps, Created::Now),
            Tried::Failed(error) => Created::Perhaps(error),
            Tried::Unsent(error) => Created::No(error),
        })
    }

    /// The name is taken: by an earlier attempt of ours, or by somebody else.
    ///
    /// A search may lag behind, so one that finds nothing is repeated a few times.
    async fn claim<T, F>(&self, refused: Error, find: impl Fn() -> F) -> Result<T, Error>
    where
        F: Future<Output = Result<Found<T>, Error>>,
    {
        for search in 1..=SEARCHES {
            match find().await.map_err(lost)? {
                Found::Ours(created) => return Ok(self.recovered(created)),
                Found::Other => return Err(refused),
                Found::Nothing if search < SEARCHES => self.wait(search, None).await,
                Found::Nothing => {}
            }
        }
        // Another unique attribute explains that nobody is found under the name; the name itself does not.
        let is_name = matches!(refused.target(), Some("username" | "name"));
        Err(if is_name { lost(refused) } else { refused })
    }

    fn recovered<T>(&self, created: T) -> T {
        self.counters.recovered.add();
        created
    }
}

enum Created<T> {
    Now(T),
    Perhaps(Error),
    No(Error),
}

fn lost(source: Error) -> Error {
    Error::ResponseLost { source: Box::new(source) }
}

/// With the default policy the last one comes some six seconds after the first.
const SEARCHES: u32 = 6;
