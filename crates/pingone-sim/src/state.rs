use parking_lot::{Mutex, RwLock};
use uuid::Uuid;

use crate::Options;
use crate::exchange::Exchange;
use crate::faults::{Plan, Share};
use crate::ids::Ids;
use crate::limiter::Limits;
use crate::schema::Schema;
use crate::stats::Counters;
use crate::store::{Population, Store};
use crate::time::Millis;
use crate::token::Tokens;

/// Everything that all connections share.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) options: Options,
    pub(crate) environment: Environment,
    pub(crate) ids: Ids,
    pub(crate) tokens: Tokens,
    pub(crate) limits: RwLock<Limits>,
    pub(crate) exchanges: Mutex<Vec<Exchange>>,
    pub(crate) share: Share,
    pub(crate) plan: Plan,
    pub(crate) counters: Counters,
    pub(crate) access: RwLock<Access>,
}

/// What the worker application's role lets it do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everything, as an Identity Data Admin of the environment.
    Full,
    /// Reading only.
    ReadOnly,
    /// Nothing: every request is answered with 403.
    None,
}

/// The one environment.
#[derive(Debug)]
pub(crate) struct Environment {
    pub(crate) id: Uuid,
    pub(crate) organization: Uuid,
    pub(crate) license: Uuid,
    pub(crate) password_policy: Uuid,
    pub(crate) theme: Uuid,
    pub(crate) created: Millis,
    pub(crate) schema: Schema,
    pub(crate) store: RwLock<Store>,
}

impl State {
    pub(crate) fn new(options: Options) -> Self {
        let ids = Ids::new(options.seed);
        Self {
            environment: Environment::new(&options, &ids),
            tokens: Tokens::new(options.token_auth_method, options.token_lifetime, &ids),
            limits: RwLock::new(Limits::new(&options)),
            exchanges: Mutex::default(),
            share: Share::new(options.faults, options.fault_kinds.clone(), options.seed),
            plan: Plan::default(),
            counters: Counters::default(),
            access: RwLock::new(options.access),
            ids,
            options,
        }
    }
}

impl Environment {
    fn new(options: &Options, ids: &Ids) -> Self {
        let unique =
            options.custom_attributes.iter().filter(|attribute| attribute.unique && attribute.enabled);
        let unique = unique.map(|attribute| attribute.name.clone()).collect();
        let mut store = Store::new(options.assumptions.case_sensitive_usernames, unique);
        let now = Millis::now();
        for (index, name) in options.populations.iter().enumerate() {
            store.populations.insert(Population {
                id: ids.uuid(),
                name: name.clone(),
                description: None,
                settings: serde_json::Map::new(),
                is_default: index == 0 && options.default_population,
                users: 0,
                created: now,
                updated: now,
            });
        }
        Self {
            id: options.environment.unwrap_or_else(|| ids.uuid()),
            organization: ids.uuid(),
            license: ids.uuid(),
            password_policy: ids.uuid(),
            theme: ids.uuid(),
            created: now,
            schema: Schema::new(&options.custom_attributes, ids),
            store: RwLock::new(store),
        }
    }
}
