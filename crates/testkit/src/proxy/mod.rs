//! A reverse proxy that breaks what passes through it, as real ones do, on demand and while it runs.

mod control;
mod faults;
mod http;
mod stream;
#[cfg(test)]
mod tests;
mod tunnel;

use std::{
    fmt, io,
    net::SocketAddr,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
};

use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::{AbortHandle, JoinSet},
};

pub use control::control;
pub use faults::{Faults, Flow, Kind, Requests, Stats, Upgrade, Way};

/// A [`Proxy`] with a listener on loopback, which ends with this value.
#[derive(Debug)]
pub struct FaultProxy {
    /// Where clients connect to.
    pub address: SocketAddr,
    proxy: Proxy,
    task: AbortHandle,
}

impl FaultProxy {
    /// Listens on a port of 127.0.0.1 and passes everything on to `upstream`.
    ///
    /// # Errors
    /// The port cannot be opened.
    pub async fn start(upstream: SocketAddr, seed: u64) -> io::Result<Self> {
        Self::listen(TcpListener::bind("127.0.0.1:0").await?, upstream, seed)
    }

    /// Accepts from this listener.
    ///
    /// # Errors
    /// The listener has no address.
    pub fn listen(listener: TcpListener, upstream: SocketAddr, seed: u64) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let proxy = Proxy::new(seed, move || async move {
            let stream = TcpStream::connect(upstream).await?;
            stream.set_nodelay(true)?;
            Ok(Box::new(stream) as BoxStream)
        });
        let server = proxy.clone();
        let task = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                while connections.try_join_next().is_some() {}
                if stream.set_nodelay(true).is_ok() {
                    let server = server.clone();
                    connections.spawn(async move { server.serve(stream).await });
                }
            }
        });
        Ok(Self { address, proxy, task: task.abort_handle() })
    }

    /// Its rules and its numbers.
    pub fn proxy(&self) -> &Proxy {
        &self.proxy
    }
}

impl std::ops::Deref for FaultProxy {
    type Target = Proxy;

    fn deref(&self) -> &Proxy {
        &self.proxy
    }
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// What a proxy does, without a listener. Clones are the same proxy.
///
/// ```no_run
/// # async fn example(server: std::net::SocketAddr) -> std::io::Result<()> {
/// use testkit::proxy::{FaultProxy, Kind, Upgrade};
///
/// let proxy = FaultProxy::start(server, 1).await?;
/// proxy.change(|faults| faults.upgrade = Upgrade::Mute);
/// proxy.cut(Kind::WebSocket);
/// proxy.reaches(|stats| stats.spoiled_upgrades == 1).await;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Proxy(Arc<Shared>);

struct Shared {
    faults: watch::Sender<Faults>,
    stats: watch::Sender<Stats>,
    /// Connections of a kind that are older than its number are to end.
    cuts: watch::Sender<[u64; 2]>,
    random: Mutex<StdRng>,
    upstream: Upstream,
}

type Upstream = Box<dyn Fn() -> Pin<Box<dyn Future<Output = io::Result<BoxStream>> + Send>> + Send + Sync>;

/// A byte stream of any kind.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// A byte stream to the server.
pub type BoxStream = Box<dyn Stream>;

impl Proxy {
    /// A proxy whose chances begin with this seed; `upstream` connects to the server.
    pub fn new<F, C>(seed: u64, upstream: C) -> Self
    where
        C: Fn() -> F + Send + Sync + 'static,
        F: Future<Output = io::Result<BoxStream>> + Send + 'static,
    {
        Self(Arc::new(Shared {
            faults: watch::Sender::default(),
            stats: watch::Sender::default(),
            cuts: watch::Sender::default(),
            random: Mutex::new(StdRng::seed_from_u64(seed)),
            upstream: Box::new(move || Box::pin(upstream())),
        }))
    }

    /// Serves one connection of a client to its end.
    pub async fn serve(&self, client: impl Stream) {
        stream::serve(self, client).await;
    }

    /// Replaces all rules, for what exists too.
    pub fn set(&self, faults: Faults) {
        self.0.faults.send_replace(faults);
    }

    /// Changes the rules, for what exists too.
    pub fn change(&self, change: impl FnOnce(&mut Faults)) {
        self.0.faults.send_modify(change);
    }

    /// Ends all connections of this kind now.
    pub fn cut(&self, kind: Kind) {
        self.0.cuts.send_modify(|cuts| cuts[kind as usize] += 1);
    }

    /// What has been done so far.
    pub fn stats(&self) -> Stats {
        self.0.stats.borrow().clone()
    }

    /// Waits until this holds.
    pub async fn reaches(&self, condition: impl Fn(&Stats) -> bool) {
        // The sender lives as long as this value.
        let _ = self.0.stats.subscribe().wait_for(|stats| condition(stats)).await;
    }

    fn count(&self, what: impl FnOnce(&mut Stats)) {
        self.0.stats.send_modify(what);
    }

    /// Whether something with this chance happens.
    fn happens(&self, chance: f64) -> bool {
        chance > 0.0 && self.random(|random| random.random::<f64>()) < chance
    }

    /// A number from 0 up to this.
    fn up_to(&self, most: u64) -> u64 {
        self.random(|random| random.random_range(0..=most))
    }

    fn random<T>(&self, draw: impl FnOnce(&mut StdRng) -> T) -> T {
        draw(&mut self.0.random.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proxy").field("faults", &*self.0.faults.borrow()).finish_non_exhaustive()
    }
}
