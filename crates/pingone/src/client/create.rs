use reqwest::Method;

use super::{
    Client,
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
        let call = self.shared.call(Method::POST, &["users"]).with_body(IMPORT, user);
        let mut attempts = Attempts::default();
        let mut doubtful = false;
        loop {
            let error = match self.try_create(&call, &mut attempts).await {
                Ok(Created::User(created)) => return Ok(*created),
                Ok(Created::Perhaps(error)) => {
                    doubtful = true;
                    error
                }
                Ok(Created::No(error)) => error,
                Err(error) if doubtful && error.is_uniqueness_violation() => {
                    return self.find_own(user, error).await;
                }
                Err(error) if doubtful => return Err(lost(error)),
                Err(error) => return Err(error),
            };
            let last = self.shared.next_attempt(&mut attempts, error).await;
            if !doubtful {
                last?;
                continue;
            }
            match self.reconcile(user).await.map_err(lost)? {
                Reconciled::Ours(created) => {
                    self.shared.counters.recovered.add();
                    return Ok(created);
                }
                // The next attempt, or its absence, tells it in PingOne's words.
                Reconciled::NotFound | Reconciled::Other(_) => last.map_err(lost)?,
            }
        }
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

    async fn try_create(&self, call: &Call, attempts: &mut Attempts) -> Result<Created, Error> {
        Ok(match self.shared.try_send(call, attempts).await? {
            // An answer that cannot be read says at least that the request was carried out.
            Tried::Answered(answer) => match answer.json() {
                Ok(user) => Created::User(Box::new(user)),
                Err(error) => Created::Perhaps(error),
            },
            Tried::Failed(error) => Created::Perhaps(error),
            Tried::Unsent(error) => Created::No(error),
        })
    }

    /// The username is taken: by an earlier attempt of ours, or by somebody else.
    async fn find_own(&self, user: &NewUser, refused: Error) -> Result<User, Error> {
        match self.reconcile(user).await.map_err(lost)? {
            Reconciled::Ours(created) => {
                self.shared.counters.recovered.add();
                Ok(created)
            }
            Reconciled::NotFound | Reconciled::Other(_) => Err(refused),
        }
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

enum Created {
    User(Box<User>),
    Perhaps(Error),
    No(Error),
}

fn lost(source: Error) -> Error {
    Error::ResponseLost { source: Box::new(source) }
}
