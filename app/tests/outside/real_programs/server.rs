//! Servers to stand behind the proxies.

use std::net::{Ipv4Addr, SocketAddr};

use pingone_import::doctor::Target;
use pingone_import::jobs::Jobs;
use pingone_import::serve::Server;
use pingone_import::store::Store;
use socketio::{Config, SocketIo, SocketRef};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio_util::task::AbortOnDropHandle;

/// This program, without a connection to PingOne.
pub(super) struct Tool {
    pub(super) address: SocketAddr,
    token: String,
    _dir: TempDir,
    _task: AbortOnDropHandle<()>,
}

impl Tool {
    pub(super) async fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let jobs = Jobs::new(Store::open(dir.path()).await.unwrap(), None);
        let server = Server::bind((Ipv4Addr::LOCALHOST, 0).into(), None, jobs).await.unwrap();
        let sessions = server.app().access.sessions().clone();
        let link = sessions.issue_link();
        let token = sessions.redeem(link.reveal()).unwrap().session.reveal().to_owned();
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, server.base().port().unwrap()));
        let task = tokio::spawn(async move { assert!(server.run(std::future::pending()).await.is_ok()) });
        Self { address, token, _dir: dir, _task: AbortOnDropHandle::new(task) }
    }

    /// It, as seen at `url`.
    pub(super) fn at(&self, url: &str) -> Target {
        Target::new(url, Some(&self.token)).unwrap()
    }
}

/// A Socket.IO server that asks for no login, such as one node of several.
pub(super) struct Node {
    pub(super) address: SocketAddr,
    _task: AbortOnDropHandle<()>,
}

impl Node {
    pub(super) async fn start() -> Self {
        let io = SocketIo::new(Config::default());
        io.ns("/", async |_: SocketRef| {});
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let task = tokio::spawn(async move { engineio::serve(listener, io.service()).await.unwrap() });
        Self { address, _task: AbortOnDropHandle::new(task) }
    }
}
