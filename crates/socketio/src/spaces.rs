//! The namespaces of a server.

use std::{
    collections::{BTreeSet, HashMap},
    fmt,
    sync::{
        Arc, Weak,
        atomic::{AtomicUsize, Ordering},
    },
};

use bytestring::ByteString;
use parking_lot::{Mutex, RwLock};
use serde::Serialize;
use tokio::time::Instant;

use crate::{
    Namespace,
    namespace::{Setup, Space},
    server::Shared,
};

/// Whether a namespace of this path may be made.
pub(crate) type Accepts = Box<dyn Fn(&str) -> bool + Send + Sync>;

/// The namespaces that one function accepts. A clone is another handle to the same ones.
///
/// ```
/// use socketio::{Config, SocketIo, SocketRef};
///
/// let io = SocketIo::new(Config::default());
/// let tenants = io
///     .dynamic(|path| path.starts_with("/tenant-"))
///     .on_connect(async |socket: SocketRef| socket.emit("welcome", socket.namespace().path()));
/// tenants.emit("maintenance", "at noon");
/// ```
#[derive(Clone)]
pub struct DynamicNamespace {
    pub(crate) family: Arc<Family>,
    pub(crate) spaces: Arc<Spaces>,
}

impl DynamicNamespace {
    /// Those that exist, which is to say those that have sockets, in no order.
    pub fn namespaces(&self) -> Vec<Namespace> {
        let tables = self.spaces.tables.read();
        let spaces = tables.open.values();
        let own = spaces.filter(|space| {
            space.family.as_ref().is_some_and(|member| Arc::ptr_eq(&member.family, &self.family))
        });
        own.map(|space| Namespace(Arc::clone(space))).collect()
    }

    /// Sends an event to all sockets of all namespaces; it is encoded once for each namespace, which it names.
    pub fn emit<T: Serialize + ?Sized>(&self, event: &str, data: &T) {
        for namespace in self.namespaces() {
            namespace.emit(event, data);
        }
    }
}

impl fmt::Debug for DynamicNamespace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DynamicNamespace").finish_non_exhaustive()
    }
}

pub(crate) struct Spaces {
    shared: Arc<Shared>,
    tables: RwLock<Tables>,
}

#[derive(Default)]
struct Tables {
    open: HashMap<ByteString, Arc<Space>>,
    families: Vec<Arc<Family>>,
    /// Namespaces without sockets, to which somebody may come back until then; at most one entry for each.
    dormant: BTreeSet<(Instant, ByteString)>,
}

pub(crate) struct Family {
    accepts: Accepts,
    setup: Arc<Setup>,
}

/// What a namespace has that was made for a client.
pub(crate) struct Member {
    family: Arc<Family>,
    spaces: Weak<Spaces>,
    /// Sockets, those included that are about to join. Raised under the lock of the tables.
    users: AtomicUsize,
    /// The time of its entry among the dormant ones. Changed under the lock of the tables.
    dormant_until: Mutex<Option<Instant>>,
}

impl Spaces {
    pub(crate) fn new(shared: Arc<Shared>) -> Arc<Self> {
        Arc::new(Self { shared, tables: RwLock::default() })
    }

    /// The namespace of this path, if it exists.
    pub(crate) fn find(&self, path: &str) -> Option<Arc<Space>> {
        self.tables.read().open.get(path).cloned()
    }

    pub(crate) fn all(&self) -> Vec<Arc<Space>> {
        self.tables.read().open.values().cloned().collect()
    }

    /// Describes a namespace, which is made unless it exists.
    pub(crate) fn open(&self, path: ByteString, setup: Setup) -> Arc<Space> {
        let mut tables = self.tables.write();
        match tables.open.get(&path) {
            Some(space) => {
                space.set_up(setup);
                Arc::clone(space)
            }
            None => {
                let space = Space::new(path.clone(), Arc::clone(&self.shared), Arc::new(setup), None);
                tables.open.insert(path, Arc::clone(&space));
                space
            }
        }
    }

    /// Describes all namespaces that a function accepts.
    pub(crate) fn offer(&self, accepts: Accepts, setup: Setup) -> Arc<Family> {
        let family = Arc::new(Family { accepts, setup: Arc::new(setup) });
        self.tables.write().families.push(Arc::clone(&family));
        family
    }

    /// The namespace of this path for a socket that wants to join, made if somebody offers it.
    ///
    /// The socket calls [`Space::release`] when it is gone.
    pub(crate) fn enter(self: &Arc<Self>, path: &str) -> Option<Arc<Space>> {
        let families = {
            let tables = self.tables.read();
            if let Some(space) = tables.open.get(path) {
                space.retain();
                return Some(Arc::clone(space));
            }
            tables.families.clone()
        };
        // Without the lock, as that is the application's code.
        let family = families.into_iter().find(|family| (family.accepts)(path))?;
        let mut tables = self.tables.write();
        tables.wake();
        if !tables.open.contains_key(path) {
            if tables.open.len() >= self.shared.config.max_namespaces {
                tracing::warn!("a namespace was not made, as there are {} already", tables.open.len());
                return None;
            }
            let setup = Arc::clone(&family.setup);
            let member = Member {
                family,
                spaces: Arc::downgrade(self),
                users: AtomicUsize::new(0),
                dormant_until: Mutex::default(),
            };
            let space = Space::new(path.into(), Arc::clone(&self.shared), setup, Some(member));
            tables.open.insert(path.into(), space);
        }
        let space = tables.open.get(path)?;
        space.retain();
        Some(Arc::clone(space))
    }
}

impl Tables {
    /// Removes a namespace that nobody uses, now or as soon as nobody can come back.
    fn tidy(&mut self, path: &ByteString) {
        let Some(space) = self.open.get(path).filter(|space| !space.is_used()) else { return };
        let Some(member) = &space.family else { return };
        let expiry = space.keeper.as_ref().and_then(|keeper| keeper.last_expiry());
        let before = std::mem::replace(&mut *member.dormant_until.lock(), expiry);
        // A client can leave the namespace empty as often as it likes.
        if let Some(before) = before {
            self.dormant.remove(&(before, path.clone()));
        }
        match expiry {
            None => drop(self.open.remove(path)),
            Some(expiry) => drop(self.dormant.insert((expiry, path.clone()))),
        }
    }

    /// Removes those that were dormant for long enough.
    fn wake(&mut self) {
        let now = Instant::now();
        while self.dormant.first().is_some_and(|(expiry, _)| *expiry <= now)
            && let Some((_, path)) = self.dormant.pop_first()
        {
            self.tidy(&path);
        }
    }
}

impl Space {
    fn retain(&self) {
        if let Some(member) = &self.family {
            member.users.fetch_add(1, Ordering::AcqRel);
        }
    }

    /// A socket is gone.
    pub(crate) fn release(&self) {
        let Some(member) = &self.family else { return };
        if member.users.fetch_sub(1, Ordering::AcqRel) == 1
            && let Some(spaces) = member.spaces.upgrade()
        {
            let mut tables = spaces.tables.write();
            tables.tidy(&self.path);
            tables.wake();
        }
    }

    fn is_used(&self) -> bool {
        self.family.as_ref().is_none_or(|member| member.users.load(Ordering::Acquire) > 0)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use engineio::EngineIo;
    use http::Request;
    use http_body_util::{BodyExt, Full};
    use tower::ServiceExt;

    use crate::{Config, Gateway, Recovery, SocketIo};

    async fn request(service: &EngineIo<Gateway>, method: &str, sid: &str, body: &str) -> String {
        let uri = format!("/socket.io/?EIO=4&transport=polling{sid}");
        let body = Full::new(bytes::Bytes::copy_from_slice(body.as_bytes()));
        let request = Request::builder().method(method).uri(uri).body(body).unwrap();
        let response = service.clone().oneshot(request).await.unwrap();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        String::from_utf8(body.to_vec()).unwrap()
    }

    /// Sends messages on a connection of their own, and gives the answer to the first one.
    async fn visit(io: &SocketIo, first: &str, last: &str) -> String {
        let service = io.service();
        let open = request(&service, "GET", "", "").await;
        let sid = format!("&sid={}", open.split('"').nth(3).unwrap());
        request(&service, "POST", &sid, first).await;
        let answer = request(&service, "GET", &sid, "").await;
        request(&service, "POST", &sid, last).await;
        answer
    }

    #[tokio::test(start_paused = true)]
    async fn a_namespace_is_dormant_once_however_often_it_is_left() {
        let io = SocketIo::new(Config { recovery: Some(Recovery::default()), ..Config::default() });
        let spaces = io.dynamic(|path| path.starts_with("/t")).open().spaces;
        let count = || (spaces.tables.read().open.contains_key("/t"), spaces.tables.read().dormant.len());
        let answer = visit(&io, "40/t,", "1").await;
        for second in 0..60 {
            // Half of the visitors may come back themselves, which makes the namespace last longer.
            visit(&io, "40/t,", if second % 2 == 0 { "41/t," } else { "1" }).await;
            assert_eq!(count(), (true, 1), "{second}");
            tokio::time::advance(Duration::from_secs(1)).await;
        }
        // Those of the last second may come back for two minutes.
        for (seconds, is_open) in [(118, true), (3, false)] {
            tokio::time::advance(Duration::from_secs(seconds)).await;
            spaces.tables.write().wake();
            assert_eq!(count(), (is_open, usize::from(is_open)), "{answer}");
        }

        // Who comes back and leaves for good takes the entry along.
        let answer = visit(&io, "40/t,", "1").await;
        assert_eq!(count(), (true, 1));
        let pid = answer.split('"').nth(7).unwrap();
        let back = visit(&io, &format!(r#"40/t,{{"pid":"{pid}"}}"#), "41/t,").await;
        assert_eq!(back, answer);
        assert_eq!(count(), (false, 0));
    }
}
