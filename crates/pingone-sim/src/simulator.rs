use std::io;

use uuid::Uuid;

use crate::Options;

/// A running simulator; dropping it stops it.
#[derive(Debug)]
pub struct Simulator {
    /// Base of the Platform API; ends in `/v1`.
    pub api_url: String,
    /// Base of the authorization service.
    pub auth_url: String,
    /// The one environment.
    pub environment: Uuid,
    /// Client id of the worker application.
    pub client_id: String,
    /// Client secret of the worker application.
    pub client_secret: String,
}

impl Simulator {
    /// Starts a simulator in this process, with real HTTP.
    #[expect(clippy::todo, clippy::unused_async, reason = "signature first; the body follows")]
    pub async fn start(options: Options) -> io::Result<Self> {
        drop(options);
        todo!()
    }
}
