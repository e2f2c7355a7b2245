mod data;
pub use data::{Auth, Bin, Data, Event, TryAuth, TryData};

mod shared;
pub use shared::{Extension, State};

use thiserror::Error;

/// A value that handlers can take as an argument; `C` is what it is extracted from.
///
/// Implement it for your own types to name what several handlers need:
///
/// ```
/// use socketio::{ConnectContext, Extract, ExtractError};
///
/// struct UserAgent(String);
///
/// impl Extract<ConnectContext> for UserAgent {
///     fn extract(context: &mut ConnectContext) -> Result<Self, ExtractError> {
///         let agent = context.handshake().header("user-agent").unwrap_or_default();
///         Ok(Self(String::from_utf8_lossy(agent).into_owned()))
///     }
/// }
/// ```
pub trait Extract<C>: Sized {
    /// Takes the value out of the context.
    ///
    /// # Errors
    /// The context has no such value. The handler is not called: an event is dropped, which is logged at debug level,
    /// a client that wants to join a namespace is refused.
    fn extract(context: &mut C) -> Result<Self, ExtractError>;
}

/// Why a handler was not called.
///
/// ```
/// use socketio::{ConnectContext, Extract, ExtractError};
///
/// struct Agent(String);
///
/// impl Extract<ConnectContext> for Agent {
///     fn extract(context: &mut ConnectContext) -> Result<Self, ExtractError> {
///         let agent = context.handshake().header("user-agent");
///         let agent = agent.ok_or_else(|| ExtractError::Other("who are you?".to_owned()))?;
///         Ok(Self(String::from_utf8_lossy(agent).into_owned()))
///     }
/// }
/// ```
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ExtractError {
    /// The arguments of the event do not have the shape that the handler wants.
    #[error("the arguments of the event do not have the expected shape")]
    Data(#[source] serde_json::Error),
    /// The credentials do not have the shape that the handler wants.
    #[error("the credentials do not have the expected shape")]
    Auth(#[source] serde_json::Error),
    /// The server was built without state of this type.
    #[error("the server has no state of type {0}")]
    State(&'static str),
    /// The opening request had no extension of this type, or the server was not told to keep it.
    #[error("the request has no extension of type {0}")]
    Extension(&'static str),
    /// An extractor of the application refuses.
    #[error("{0}")]
    Other(String),
}
