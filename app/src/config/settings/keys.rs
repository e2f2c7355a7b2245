//! What can be set.

/// A setting by its names in the file and in the environment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Key {
    pub(super) name: &'static str,
    pub(super) variable: &'static str,
}

const fn key(name: &'static str, variable: &'static str) -> Key {
    Key { name, variable }
}

/// How the server runs.
pub(super) const SERVER: [Key; 10] = [
    key("server.listen", "PINGONE_IMPORT_LISTEN"),
    key("server.public_url", "PINGONE_IMPORT_PUBLIC_URL"),
    key("server.max_connections", "PINGONE_IMPORT_MAX_CONNECTIONS"),
    key("server.stop_within", "PINGONE_IMPORT_STOP_WITHIN"),
    key("health.interval", "PINGONE_IMPORT_HEALTH_INTERVAL"),
    key("health.deadline", "PINGONE_IMPORT_HEALTH_DEADLINE"),
    key("store.data_dir", "PINGONE_IMPORT_DATA_DIR"),
    key("store.prune_after", "PINGONE_IMPORT_PRUNE_AFTER"),
    key("log.filter", "PINGONE_IMPORT_LOG"),
    key("log.format", "PINGONE_IMPORT_LOG_FORMAT"),
];

/// The connection to PingOne.
pub(super) const CONNECTION: [Key; 11] = [
    key("pingone.region", "PINGONE_REGION"),
    key("pingone.environment_id", "PINGONE_ENVIRONMENT_ID"),
    key("pingone.client_id", "PINGONE_CLIENT_ID"),
    key("pingone.client_secret_file", "PINGONE_CLIENT_SECRET_FILE"),
    key("pingone.api_url", "PINGONE_API_URL"),
    key("pingone.auth_url", "PINGONE_AUTH_URL"),
    key("pingone.auth_domain", "PINGONE_AUTH_DOMAIN"),
    key("pingone.auth_environment_id", "PINGONE_AUTH_ENVIRONMENT_ID"),
    key("pingone.auth_method", "PINGONE_AUTH_METHOD"),
    key("pingone.rate_limit", "PINGONE_RATE_LIMIT"),
    key("pingone.ca_file", "PINGONE_CA_FILE"),
];

/// The key of this name in the file.
pub(super) fn by_name(name: &str) -> Option<Key> {
    SERVER.iter().chain(&CONNECTION).find(|key| key.name == name).copied()
}

/// The key of this variable.
pub(super) fn by_variable(variable: &str) -> Option<Key> {
    SERVER.iter().chain(&CONNECTION).find(|key| key.variable == variable).copied()
}

/// The known name that an unknown one was probably meant to be.
pub(super) fn nearest(name: &str) -> Option<&'static str> {
    let all = SERVER.iter().chain(&CONNECTION).map(|key| key.name);
    let scored = all.map(|known| (strsim::jaro_winkler(known, name), known));
    scored.filter(|(score, _)| *score > 0.85).max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, known)| known)
}
