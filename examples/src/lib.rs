//! What the examples have in common: listening.

use std::net::SocketAddr;

use axum::Router;
use tokio::net::TcpListener;

/// Where the examples listen.
pub const ADDRESS: &str = "127.0.0.1:3000";

/// Serves until the process ends.
///
/// # Errors
/// The address cannot be listened on.
pub async fn serve(router: Router) -> anyhow::Result<()> {
    let listener = TcpListener::bind(ADDRESS).await?;
    Ok(axum::serve(listener, router).await?)
}

/// Serves in the background on a free port, for tests.
///
/// # Errors
/// There is no free port.
pub async fn start(router: Router) -> anyhow::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(address)
}
