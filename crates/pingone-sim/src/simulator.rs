use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::watch;
use uuid::Uuid;

use crate::exchange::Exchange;
use crate::faults::{Fault, RequestInfo};
use crate::state::{Access, State};
use crate::stats::Stats;
use crate::store::Group;
use crate::time::Millis;
use crate::tls::Tls;
use crate::{Options, server, users};

/// A running simulator; dropping it stops it and closes its connections.
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
    /// With TLS, the certificate to trust, as PEM.
    pub certificate: Option<String>,
    address: SocketAddr,
    state: Arc<State>,
    _stop: watch::Sender<bool>,
}

impl Simulator {
    /// Starts a simulator in this process, with real HTTP. Needs a tokio runtime.
    pub async fn start(options: Options) -> io::Result<Self> {
        let listener = TcpListener::bind(options.listen).await?;
        let address = listener.local_addr()?;
        let tls = options.tls.then(|| Tls::new(address.ip(), &options.tls_names)).transpose()?;
        let scheme = if tls.is_some() { "https" } else { "http" };
        let (acceptor, certificate) = tls.map(|tls| (tls.acceptor, tls.authority)).unzip();
        let state = Arc::new(State::new(options));
        let (stop, stopped) = watch::channel(false);
        tokio::spawn(server::run(listener, acceptor, Arc::clone(&state), stopped));
        Ok(Self {
            api_url: format!("{scheme}://{address}/v1"),
            auth_url: format!("{scheme}://{address}"),
            certificate,
            environment: state.environment.id,
            client_id: state.tokens.client_id.clone(),
            client_secret: state.tokens.client_secret.clone(),
            address,
            state,
            _stop: stop,
        })
    }

    /// Address that the simulator listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What the simulator has seen so far.
    pub fn stats(&self) -> Stats {
        self.state.counters.snapshot()
    }

    /// Waits until `holds` is true of the statistics. They are looked at whenever a request comes or ends.
    pub async fn wait_until(&self, holds: impl Fn(&Stats) -> bool) -> Stats {
        self.state.counters.wait_until(holds).await
    }

    /// Number of users.
    pub fn user_count(&self) -> usize {
        self.state.environment.store.read().live()
    }

    /// Every user in the order of creation: `id`, `username`, `enabled`, `population`, `passwordStatus` and all
    /// attributes.
    pub fn users(&self) -> Vec<Value> {
        let store = self.state.environment.store.read();
        let population = |slot| store.populations.at(slot).map_or_else(Uuid::nil, |population| population.id);
        store.from(0).map(|(_, record)| users::profile_value(record, population(record.population))).collect()
    }

    /// The user with this username.
    pub fn user(&self, username: &str) -> Option<Value> {
        let store = self.state.environment.store.read();
        let record = store.record(store.slot_by_username(username)?)?;
        let population = store.populations.at(record.population)?.id;
        Some(users::profile_value(record, population))
    }

    /// Makes the user with this username look as if it had been created `age` earlier.
    pub fn age(&self, username: &str, age: Duration) {
        let mut store = self.state.environment.store.write();
        let slot = store.slot_by_username(username);
        if let Some(record) = slot.and_then(|slot| store.record_mut(slot)) {
            let age = i64::try_from(age.as_millis()).unwrap_or(i64::MAX);
            record.created = Millis(record.created.0.saturating_sub(age));
        }
    }

    /// Whether the user with this username has this password. One that came encoded is never recognised.
    pub fn has_password(&self, username: &str, password: &str) -> bool {
        let store = self.state.environment.store.read();
        let record = store.slot_by_username(username).and_then(|slot| store.record(slot));
        record
            .and_then(|record| record.flags.password.digest)
            .is_some_and(|d| Some(d) == users::digest(password))
    }

    /// Successful writes per username — create, change and delete — deleted users included.
    pub fn write_counts(&self) -> HashMap<String, u32> {
        let writes = self.state.environment.store.read().writes();
        writes.into_iter().map(|(username, (writes, _))| (username, writes)).collect()
    }

    /// As [`write_counts`](Self::write_counts), without those that asked for what was so already, as a request does
    /// that is repeated because its answer was lost.
    pub fn change_counts(&self) -> HashMap<String, u32> {
        let writes = self.state.environment.store.read().writes();
        writes.into_iter().map(|(username, (_, changes))| (username, changes)).collect()
    }

    /// Ids and names of the populations, in the order of creation.
    pub fn populations(&self) -> Vec<(Uuid, String)> {
        let store = self.state.environment.store.read();
        store.populations.iter().map(|(_, population)| (population.id, population.name.clone())).collect()
    }

    /// Adds a group, of one population's users or of all, and returns its id.
    pub fn add_group(&self, name: &str, population: Option<Uuid>) -> Uuid {
        let (id, now) = (self.state.ids.uuid(), Millis::now());
        let group = Group {
            id,
            name: name.into(),
            description: None,
            external_id: None,
            population,
            created: now,
            updated: now,
        };
        self.state.environment.store.write().groups.insert(group);
        id
    }

    /// Every request so far with its answer, if [`Options::record`] is set. A request that never got an answer is
    /// not among them.
    pub fn exchanges(&self) -> Vec<Exchange> {
        self.state.exchanges.lock().clone()
    }

    /// Gives the next `times` requests for which `predicate` holds this fault.
    ///
    /// Several such orders are looked at in the order in which they were given.
    pub fn fail_next(
        &self,
        times: usize,
        fault: Fault,
        predicate: impl Fn(&RequestInfo<'_>) -> bool + Send + Sync + 'static,
    ) {
        self.state.plan.add(times, fault, Box::new(predicate));
    }

    /// Forgets every order given with [`fail_next`](Self::fail_next).
    pub fn clear_faults(&self) {
        self.state.plan.clear();
    }

    /// Makes every token that was given out so far invalid.
    pub fn revoke_tokens(&self) {
        self.state.tokens.revoke_all();
    }

    /// Changes what the worker application may do.
    pub fn set_access(&self, access: Access) {
        *self.state.access.write() = access;
    }

    /// Changes the limit on writes per second; `None` lifts it.
    pub fn set_rate_limit(&self, rate: Option<f64>) {
        self.state.limits.write().set_write(rate);
    }
}
