//! The connection to PingOne, from the environment.

use std::fs;
use std::str::FromStr;

use pingone::{AuthMethod, Config, Region};
use thiserror::Error;
use url::Url;
use uuid::Uuid;

use super::Variables;

/// The environment describes no connection that can work.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ConnectionError {
    /// Some variables are set and others are not.
    #[error("the connection to PingOne is incomplete: {} not set", missing.join(" and "))]
    Incomplete {
        /// The variables that are missing.
        missing: Vec<&'static str>,
    },
    /// A variable has a value that cannot be used.
    #[error("{name} cannot be used: {reason}")]
    Invalid {
        /// The variable.
        name: &'static str,
        /// What is wrong with its value.
        reason: String,
    },
    /// Several of these.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Several(Vec<Self>),
}

/// The connection that the environment describes; `None` when it says nothing of one.
///
/// - `PINGONE_ENVIRONMENT_ID`, `PINGONE_CLIENT_ID`, `PINGONE_CLIENT_SECRET`: always needed.
/// - `PINGONE_CLIENT_SECRET_FILE`: a file that holds the secret, instead of `PINGONE_CLIENT_SECRET`.
/// - `PINGONE_REGION`: `NA`, `EU`, `CA`, `AP`, `AU` or `SG`; needed unless both URLs are given.
/// - `PINGONE_API_URL` (ends in `/v1`), `PINGONE_AUTH_URL`: override the region's hosts.
/// - `PINGONE_AUTH_DOMAIN`: a custom domain of the authorization service, instead of `PINGONE_AUTH_URL`; its token
///   path holds no environment.
/// - `PINGONE_AUTH_ENVIRONMENT_ID`: the environment that owns the worker application. Default: the one whose users are
///   managed.
/// - `PINGONE_AUTH_METHOD`: `basic` (default) or `post`, as the worker application is set.
/// - `PINGONE_RATE_LIMIT`: requests per second that are never exceeded. Default: 100 at a region's hosts, which is
///   what PingOne allowed each source address for long; no limit at other hosts. The actual rate adapts below it.
/// - `PINGONE_CA_FILE`: PEM certificates to trust beside the platform's.
///
/// What PingOne's own tools read is read where these say nothing: `PINGONE_REGION_CODE`, and
/// `PINGONE_API_SERVICE_HOSTNAME` and `PINGONE_AUTH_SERVICE_HOSTNAME`, which are host names alone.
///
/// # Errors
/// When the description is incomplete or makes no sense.
pub fn connection(variables: &impl Variables) -> Result<Option<Config>, ConnectionError> {
    if NAMES.iter().all(|name| variables.value(name).is_none()) {
        return Ok(None);
    }
    let mut wrong = Vec::new();
    let region = keep(region(variables), &mut wrong);
    let api = keep(api_url(variables, region), &mut wrong);
    let custom = keep(auth_domain(variables), &mut wrong);
    let auth = keep(auth_url(variables, region), &mut wrong);
    let auth = custom.clone().or(auth);
    let environment = keep(environment_id(variables, ENVIRONMENT_ID), &mut wrong);
    let auth_environment = keep(environment_id(variables, AUTH_ENVIRONMENT_ID), &mut wrong);
    let rate_limit = keep(rate_limit(variables), &mut wrong);
    let secret = keep(secret(variables), &mut wrong);
    let method = variables.value(AUTH_METHOD).map(|word| auth_method(&word)).transpose();
    let method = keep(method, &mut wrong);
    let roots = keep(extra_roots(variables), &mut wrong);
    if !wrong.is_empty() {
        return Err(if wrong.len() == 1 { wrong.remove(0) } else { ConnectionError::Several(wrong) });
    }
    let missing = missing(variables, api.is_some(), auth.is_some());
    let (Some(api), Some(auth), Some(environment), Some(id), Some(secret)) =
        (api, auth, environment, variables.value(CLIENT_ID), secret)
    else {
        return Err(ConnectionError::Incomplete { missing });
    };
    let mut config = Config::new(api, auth, environment, id, secret);
    (config.custom_auth_domain, config.auth_environment) = (custom.is_some(), auth_environment);
    if config.region().is_none() {
        config.rate_ceiling = f64::INFINITY;
    }
    config.rate_ceiling = rate_limit.unwrap_or(config.rate_ceiling);
    config.auth_method = method.unwrap_or(config.auth_method);
    config.extra_roots.extend(roots);
    Ok(Some(config))
}

/// The value, or its fault among the others.
fn keep<T>(result: Result<Option<T>, ConnectionError>, wrong: &mut Vec<ConnectionError>) -> Option<T> {
    result.unwrap_or_else(|error| {
        wrong.push(error);
        None
    })
}

/// The secret itself, or the content of the file that holds it and nothing else.
fn secret(variables: &impl Variables) -> Result<Option<String>, ConnectionError> {
    if let Some(secret) = variables.value(CLIENT_SECRET) {
        return Ok(Some(secret));
    }
    let Some(file) = variables.value(CLIENT_SECRET_FILE) else { return Ok(None) };
    let text =
        fs::read_to_string(&file).map_err(|error| invalid(CLIENT_SECRET_FILE, format!("{file}: {error}")))?;
    match text.trim() {
        "" => Err(invalid(CLIENT_SECRET_FILE, format!("{file} is empty"))),
        secret => Ok(Some(secret.to_owned())),
    }
}

fn rate_limit(variables: &impl Variables) -> Result<Option<f64>, ConnectionError> {
    let Some(value) = variables.value(RATE_LIMIT) else { return Ok(None) };
    let value = value.trim();
    match value.parse::<f64>() {
        Ok(rate) if rate > 0.0 => Ok(Some(rate)),
        _ => {
            let reason =
                format!("{value:?} is no number of requests per second above zero, such as 50 or 0.5");
            Err(invalid(RATE_LIMIT, reason))
        }
    }
}

fn environment_id(variables: &impl Variables, name: &'static str) -> Result<Option<Uuid>, ConnectionError> {
    let Some(value) = variables.value(name) else { return Ok(None) };
    value.trim().parse().map(Some).map_err(|_| {
        let reason = format!(
            "{:?} is no environment id, which looks like 0c0b4b6e-5d4f-4a5c-9d8f-1f2e3d4c5b6a; \
             copy it from the environment's properties in PingOne",
            value.trim()
        );
        invalid(name, reason)
    })
}

fn extra_roots(variables: &impl Variables) -> Result<Option<String>, ConnectionError> {
    let Some(file) = variables.value(CA_FILE) else { return Ok(None) };
    fs::read_to_string(&file).map(Some).map_err(|error| invalid(CA_FILE, format!("{file}: {error}")))
}

fn api_url(variables: &impl Variables, region: Option<Region>) -> Result<Option<Url>, ConnectionError> {
    let Some(mut url) = parsed::<Url>(variables, API_URL)? else {
        let host = host_name(variables, API_HOST, "/v1")?;
        return Ok(host.or_else(|| region.map(Region::api_url)));
    };
    let path = url.path().trim_end_matches('/').to_owned();
    if !path.ends_with("/v1") {
        return Err(invalid(API_URL, format!("{url} does not end in /v1")));
    }
    url.set_path(&path);
    Ok(Some(url))
}

fn auth_url(variables: &impl Variables, region: Option<Region>) -> Result<Option<Url>, ConnectionError> {
    if let Some(url) = parsed::<Url>(variables, AUTH_URL)? {
        return Ok(Some(url));
    }
    let host = host_name(variables, AUTH_HOST, "")?;
    Ok(host.or_else(|| region.map(Region::auth_url)))
}

/// The authorization service under a domain of the customer's own.
fn auth_domain(variables: &impl Variables) -> Result<Option<Url>, ConnectionError> {
    match variables.value(AUTH_DOMAIN) {
        Some(_) if variables.value(AUTH_URL).is_some() => {
            Err(invalid(AUTH_DOMAIN, format!("{AUTH_URL} is set, too, and only one of them can be right")))
        }
        // A server of one's own may listen elsewhere.
        Some(value) if value.contains("://") => parsed(variables, AUTH_DOMAIN),
        _ => host_name(variables, AUTH_DOMAIN, ""),
    }
}

fn region(variables: &impl Variables) -> Result<Option<Region>, ConnectionError> {
    Ok(parsed(variables, REGION)?.or(parsed(variables, REGION_CODE)?))
}

/// `https` at the host that a variable names.
fn host_name(
    variables: &impl Variables,
    name: &'static str,
    path: &str,
) -> Result<Option<Url>, ConnectionError> {
    let Some(value) = variables.value(name) else { return Ok(None) };
    let host = value.trim();
    let is_host = !host.contains(['/', '@', '?', '#', '\\']);
    match Url::parse(&format!("https://{host}{path}")) {
        Ok(url) if is_host => Ok(Some(url)),
        _ => Err(invalid(name, format!("{host:?} is no host name, such as auth.example.com"))),
    }
}

fn missing(variables: &impl Variables, has_api: bool, has_auth: bool) -> Vec<&'static str> {
    let is_set = |name: &&str| {
        let by_file = *name == CLIENT_SECRET && variables.value(CLIENT_SECRET_FILE).is_some();
        by_file || variables.value(name).is_some()
    };
    let needed = [ENVIRONMENT_ID, CLIENT_ID, CLIENT_SECRET];
    let mut missing: Vec<_> = needed.into_iter().filter(|name| !is_set(name)).collect();
    match (has_api, has_auth) {
        (true, true) => {}
        (false, false) => missing.push("PINGONE_REGION (or PINGONE_API_URL and PINGONE_AUTH_URL)"),
        (false, true) => missing.push(API_URL),
        (true, false) => missing.push(AUTH_URL),
    }
    missing
}

fn auth_method(word: &str) -> Result<AuthMethod, ConnectionError> {
    match word.to_ascii_lowercase().as_str() {
        "basic" => Ok(AuthMethod::Basic),
        "post" => Ok(AuthMethod::Post),
        _ => Err(invalid(AUTH_METHOD, format!("{word:?} is neither basic nor post"))),
    }
}

fn parsed<T: FromStr<Err: std::fmt::Display>>(
    variables: &impl Variables,
    name: &'static str,
) -> Result<Option<T>, ConnectionError> {
    let Some(value) = variables.value(name) else { return Ok(None) };
    value.trim().parse().map(Some).map_err(|error: T::Err| invalid(name, format!("{value:?}: {error}")))
}

fn invalid(name: &'static str, reason: String) -> ConnectionError {
    ConnectionError::Invalid { name, reason }
}

const API_HOST: &str = "PINGONE_API_SERVICE_HOSTNAME";
const API_URL: &str = "PINGONE_API_URL";
const AUTH_DOMAIN: &str = "PINGONE_AUTH_DOMAIN";
const AUTH_ENVIRONMENT_ID: &str = "PINGONE_AUTH_ENVIRONMENT_ID";
const AUTH_HOST: &str = "PINGONE_AUTH_SERVICE_HOSTNAME";
const AUTH_METHOD: &str = "PINGONE_AUTH_METHOD";
const AUTH_URL: &str = "PINGONE_AUTH_URL";
const CA_FILE: &str = "PINGONE_CA_FILE";
const CLIENT_ID: &str = "PINGONE_CLIENT_ID";
const CLIENT_SECRET: &str = "PINGONE_CLIENT_SECRET";
const CLIENT_SECRET_FILE: &str = "PINGONE_CLIENT_SECRET_FILE";
const ENVIRONMENT_ID: &str = "PINGONE_ENVIRONMENT_ID";
const RATE_LIMIT: &str = "PINGONE_RATE_LIMIT";
const REGION: &str = "PINGONE_REGION";
const REGION_CODE: &str = "PINGONE_REGION_CODE";

/// The variables that describe a connection; the others only change one.
const NAMES: [&str; 8] =
    [API_URL, AUTH_DOMAIN, AUTH_URL, CLIENT_ID, CLIENT_SECRET, CLIENT_SECRET_FILE, ENVIRONMENT_ID, REGION];

#[cfg(test)]
mod tests {
    use super::connection;

    const ID: (&str, &str) = ("PINGONE_ENVIRONMENT_ID", "0c0b4b6e-5d4f-4a5c-9d8f-1f2e3d4c5b6a");
    const CLIENT: (&str, &str) = ("PINGONE_CLIENT_ID", "worker");
    const SECRET: (&str, &str) = ("PINGONE_CLIENT_SECRET", "hunter2");

    #[test]
    fn nothing_set_is_no_connection() {
        let variables: &[(&str, &str)] = &[("PINGONE_RATE_LIMIT", "5")];
        assert!(connection(&variables).unwrap().is_none());
    }

    #[test]
    fn a_region_names_the_hosts() {
        let variables: &[_] = &[ID, CLIENT, SECRET, ("PINGONE_REGION", "EU")];
        let config = connection(&variables).unwrap().unwrap();
        assert_eq!(config.api_url.as_str(), "https://api.pingone.eu/v1");
        assert!((config.rate_ceiling - 100.0).abs() < f64::EPSILON);
    }

    #[test]
    fn urls_override_the_region() {
        let variables: &[_] = &[
            ID,
            CLIENT,
            SECRET,
            ("PINGONE_REGION", "EU"),
            ("PINGONE_API_URL", "http://127.0.0.1:9000/v1/"),
            ("PINGONE_AUTH_URL", "http://127.0.0.1:9000"),
        ];
        let config = connection(&variables).unwrap().unwrap();
        assert_eq!(config.api_url.as_str(), "http://127.0.0.1:9000/v1");
        assert!(config.rate_ceiling.is_infinite());
    }

    #[test]
    fn a_custom_domain_and_the_environment_of_the_worker_are_taken() {
        const OWNER: &str = "7a3c5e0d-1b2c-4d3e-8f4a-5b6c7d8e9f0a";
        for (domain, url) in [
            ("auth.example.com", "https://auth.example.com/"),
            ("http://127.0.0.1:9000", "http://127.0.0.1:9000/"),
        ] {
            let variables: &[_] = &[
                ID,
                CLIENT,
                SECRET,
                ("PINGONE_REGION", "EU"),
                ("PINGONE_AUTH_DOMAIN", domain),
                ("PINGONE_AUTH_ENVIRONMENT_ID", OWNER),
            ];
            let config = connection(&variables).unwrap().unwrap();
            assert_eq!((config.auth_url.as_str(), config.custom_auth_domain), (url, true));
            assert_eq!(config.auth_environment.unwrap().to_string(), OWNER);
            assert_eq!(config.api_url.as_str(), "https://api.pingone.eu/v1");
        }
        let both: &[_] =
            &[ID, ("PINGONE_AUTH_DOMAIN", "auth.example.com"), ("PINGONE_AUTH_URL", "https://a.example.com")];
        assert!(connection(&both).unwrap_err().to_string().contains("only one of them"));
    }

    #[test]
    fn variables_of_other_tools_are_read_where_ours_say_nothing() {
        let theirs = [
            ID,
            CLIENT,
            SECRET,
            ("PINGONE_REGION_CODE", "CA"),
            ("PINGONE_API_SERVICE_HOSTNAME", "api.example.com"),
            ("PINGONE_AUTH_SERVICE_HOSTNAME", "auth.example.com"),
        ];
        let hosts = |variables: &[(&str, &str)]| {
            let config = connection(&variables).unwrap().unwrap();
            assert!(!config.custom_auth_domain);
            (config.api_url.to_string(), config.auth_url.to_string())
        };
        let expect = |api: &str, auth: &str| (api.to_owned(), auth.to_owned());
        assert_eq!(hosts(&theirs), expect("https://api.example.com/v1", "https://auth.example.com/"));
        assert_eq!(hosts(&theirs[..4]), expect("https://api.pingone.ca/v1", "https://auth.pingone.ca/"));
        let ours = [&theirs[..4], &[("PINGONE_REGION", "EU")]].concat();
        assert_eq!(hosts(&ours), expect("https://api.pingone.eu/v1", "https://auth.pingone.eu/"));
        let wrong: &[_] = &[ID, ("PINGONE_API_SERVICE_HOSTNAME", "https://api.example.com")];
        let message = connection(&wrong).unwrap_err().to_string();
        assert!(message.starts_with("PINGONE_API_SERVICE_HOSTNAME cannot be used"), "{message}");
    }

    #[test]
    fn what_is_missing_is_named() {
        let cases: [(&[(&str, &str)], &str); 3] = [
            (&[ID, CLIENT, SECRET], "PINGONE_REGION (or PINGONE_API_URL and PINGONE_AUTH_URL) not set"),
            (&[("PINGONE_REGION", "NA"), ID], "PINGONE_CLIENT_ID and PINGONE_CLIENT_SECRET not set"),
            (&[ID, CLIENT, SECRET, ("PINGONE_API_URL", "http://127.0.0.1/v1")], "PINGONE_AUTH_URL not set"),
        ];
        for (variables, expected) in cases {
            let message = connection(&variables).unwrap_err().to_string();
            assert!(message.ends_with(expected), "{message}");
        }
    }

    #[test]
    fn an_environment_id_that_is_none_is_told_in_words() {
        let variables: &[_] =
            &[("PINGONE_ENVIRONMENT_ID", "Production"), CLIENT, SECRET, ("PINGONE_REGION", "EU")];
        let message = connection(&variables).unwrap_err().to_string();
        assert!(message.contains("\"Production\" is no environment id, which looks like"), "{message}");
        assert!(!message.contains("invalid character"), "{message}");
    }

    #[test]
    fn a_rate_that_is_none_is_told_in_words() {
        for value in ["fast", "50/s", "0", "-1", "NaN"] {
            let variables: &[_] =
                &[ID, CLIENT, SECRET, ("PINGONE_REGION", "EU"), ("PINGONE_RATE_LIMIT", value)];
            let message = connection(&variables).unwrap_err().to_string();
            assert!(message.starts_with("PINGONE_RATE_LIMIT") && message.contains("such as 50"), "{message}");
            assert!(!message.contains("float"), "{message}");
        }
    }

    #[test]
    fn a_wrong_value_is_named_and_the_secret_is_not() {
        let variables: &[_] = &[ID, CLIENT, SECRET, ("PINGONE_REGION", "MARS")];
        let message = connection(&variables).unwrap_err().to_string();
        assert!(message.starts_with("PINGONE_REGION"), "{message}");
        assert!(!message.contains("hunter2"), "{message}");
    }
}
