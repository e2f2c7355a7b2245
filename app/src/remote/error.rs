use socketio_client::{AckError, ConfigError, NamespaceError};
use thiserror::Error;

use crate::doctor::{Cause, Failure};

/// Why a server elsewhere does not do what it is asked.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RemoteError {
    /// The server did not answer a request as it should.
    #[error("{0}")]
    Request(Failure),
    /// The server asks who we are, or does not know the token.
    #[error(
        "the server asks for a login, and no token was given or it is spent; put one into a file for --token-file or \
         into PINGONE_IMPORT_TOKEN: that of a login link works once, that of POST /api/login until its session ends"
    )]
    NotLoggedIn,
    /// The server refused a request, or something else answered it.
    #[error("{0}")]
    Unexpected(String),
    /// There is no job.
    #[error("the server has no jobs yet")]
    NoJobs,
    /// No job has this id or beginning of one.
    #[error("the server has no job whose id begins with {0:?}; without an id, its newest job is watched")]
    NoSuchJob(String),
    /// Several jobs do.
    #[error("several jobs of the server have ids that begin with {0:?}; give more of it")]
    Ambiguous(String),
    /// The address makes no client.
    #[error("the address of the server cannot be used: {0}")]
    Address(#[from] ConfigError),
    /// TLS cannot be set up.
    #[error("TLS cannot be set up: {0}")]
    Tls(#[from] rustls::Error),
    /// The client's own fault.
    #[error("the client cannot listen: {0}")]
    Namespace(#[from] NamespaceError),
    /// The subscription was refused.
    #[error("the server does not show the job's events: {0}")]
    Refused(String),
    /// The subscription was not answered.
    #[error("the server did not answer the subscription: {0}")]
    Unanswered(#[from] AckError),
    /// The server sent something that is none of its events.
    #[error("the server sent an event that cannot be read ({0}); is it of another version?")]
    Unreadable(#[from] serde_json::Error),
    /// The connection is over for good.
    #[error("the server ended the connection: {0}")]
    Ended(String),
}

impl From<Failure> for RemoteError {
    fn from(failure: Failure) -> Self {
        match failure.cause {
            Cause::NotAuthorised => Self::NotLoggedIn,
            // It may well be the server itself that refuses, in its own words.
            Cause::UnexpectedAnswer => Self::Unexpected(failure.detail),
            _ => Self::Request(failure),
        }
    }
}
