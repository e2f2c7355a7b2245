use std::sync::atomic::{AtomicU64, Ordering};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use engineio_proto::{Sid, Transport};
use http::{HeaderMap, HeaderValue, Uri, header};
use percent_encoding::percent_decode_str;
use url::Url;

use crate::ConfigError;

/// The server's endpoint, checked once.
#[derive(Debug)]
pub(crate) struct Endpoint {
    /// Scheme, host, port and path.
    pub(super) base: String,
    /// The application's own query with the sign before it, if any.
    query: String,
    pub(crate) host: HeaderValue,
    pub(crate) headers: HeaderMap,
    /// Makes each URI another, for caches that ignore what the server says.
    requests: AtomicU64,
}

impl Endpoint {
    pub(crate) fn new(address: &str, path: &str, mut headers: HeaderMap) -> Result<Self, ConfigError> {
        let url = Url::parse(address)?;
        let scheme = match url.scheme() {
            "http" | "ws" => "http",
            "https" | "wss" => "https",
            other => return Err(ConfigError::Scheme(other.to_owned())),
        };
        if !matches!(url.path(), "" | "/") {
            return Err(ConfigError::Path(url.path().to_owned()));
        }
        // Anything else would be read as a part of the host or port.
        if !path.starts_with('/') {
            return Err(ConfigError::RelativePath(path.to_owned()));
        }
        if let Some(credentials) = basic(&url) {
            headers.entry(header::AUTHORIZATION).or_insert(credentials);
        }
        let host = url.host_str().unwrap_or_default();
        let authority = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        let query = url.query().map(|query| format!("&{query}")).unwrap_or_default();
        let base = format!("{scheme}://{authority}{path}");
        format!("{base}?{query}").parse::<Uri>()?;
        // What is a URI's authority is a header's value too.
        let host = HeaderValue::try_from(authority).unwrap_or(HeaderValue::from_static(""));
        Ok(Self { base, query, host, headers, requests: AtomicU64::new(0) })
    }

    /// The URI of the next request.
    pub(crate) fn uri(&self, transport: Transport, sid: Option<&Sid>) -> Uri {
        let number = self.requests.fetch_add(1, Ordering::Relaxed);
        let sid = sid.map(|sid| format!("&sid={sid}")).unwrap_or_default();
        let (base, query) = (&self.base, &self.query);
        let uri = format!("{base}?EIO=4{query}&transport={}&t={number:x}{sid}", transport.name());
        // The base is a URI, and what is added needs no escaping.
        uri.parse().unwrap_or_default()
    }

    /// The URI with a query that the session has written.
    pub(crate) fn uri_with(&self, query: &str) -> Uri {
        format!("{}?{query}{}", self.base, self.query).parse().unwrap_or_default()
    }
}

/// The user and password of an address, as HTTP's Basic scheme sends them.
///
/// <https://www.rfc-editor.org/rfc/rfc7617#section-2>
fn basic(url: &Url) -> Option<HeaderValue> {
    let (user, password) = (url.username(), url.password());
    if user.is_empty() && password.is_none() {
        return None;
    }
    let decode = |text| percent_decode_str(text).collect::<Vec<u8>>();
    let credentials = [decode(user), b":".to_vec(), decode(password.unwrap_or_default())].concat();
    let mut value = HeaderValue::try_from(format!("Basic {}", STANDARD.encode(credentials))).ok()?;
    value.set_sensitive(true);
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uri(address: &str) -> Result<String, ConfigError> {
        let endpoint = Endpoint::new(address, "/socket.io/", HeaderMap::new())?;
        Ok(endpoint.uri(Transport::Polling, Some(&"abc".parse().unwrap())).to_string())
    }

    #[test]
    fn addresses_become_endpoints() {
        let rest = "&transport=polling&t=0&sid=abc";
        for (address, base) in [
            ("http://a", "http://a/socket.io/?EIO=4"),
            ("ws://a:80/", "http://a/socket.io/?EIO=4"),
            ("https://a:4443?token=x%20y", "https://a:4443/socket.io/?EIO=4&token=x%20y"),
            ("wss://[::1]:1", "https://[::1]:1/socket.io/?EIO=4"),
        ] {
            assert_eq!(uri(address).unwrap(), format!("{base}{rest}"), "{address}");
        }
        assert!(matches!(uri("a"), Err(ConfigError::Url(_))));
        assert!(matches!(uri("ftp://a"), Err(ConfigError::Scheme(scheme)) if scheme == "ftp"));
        assert!(matches!(uri("http://a/admin"), Err(ConfigError::Path(path)) if path == "/admin"));
        for path in ["socket.io/", ":81/", "@b/", ""] {
            let endpoint = Endpoint::new("http://a", path, HeaderMap::new());
            assert!(matches!(endpoint, Err(ConfigError::RelativePath(relative)) if relative == path));
        }
        assert!(matches!(Endpoint::new("http://a", "/ /", HeaderMap::new()), Err(ConfigError::Endpoint(_))));
    }

    #[test]
    fn the_user_of_an_address_is_authorized() {
        let authorized = |address: &str, headers| {
            let headers = Endpoint::new(address, "/", headers).unwrap().headers;
            headers.get(header::AUTHORIZATION).map(|value| value.to_str().unwrap().to_owned())
        };
        let none = HeaderMap::new();
        assert_eq!(authorized("http://a", none.clone()), None);
        assert_eq!(authorized("http://ada:p%40ss@a", none.clone()).unwrap(), "Basic YWRhOnBAc3M=");
        assert_eq!(authorized("http://ada@a", none).unwrap(), "Basic YWRhOg==");
        let own = HeaderMap::from_iter([(header::AUTHORIZATION, HeaderValue::from_static("Bearer x"))]);
        assert_eq!(authorized("http://ada:secret@a", own).unwrap(), "Bearer x");
    }
}
