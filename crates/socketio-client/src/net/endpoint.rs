use std::sync::atomic::{AtomicU64, Ordering};

use engineio_proto::{Sid, Transport};
use http::{HeaderMap, HeaderValue, Uri};
use url::Url;

use crate::ConfigError;

/// The server's endpoint, checked once.
#[derive(Debug)]
pub(crate) struct Endpoint {
    /// Scheme, host, port and path.
    base: String,
    /// The application's own query with the sign before it, if any.
    query: String,
    pub(crate) host: HeaderValue,
    pub(crate) headers: HeaderMap,
    /// Makes each URI another, for caches that ignore what the server says.
    requests: AtomicU64,
}

impl Endpoint {
    pub(crate) fn new(address: &str, path: &str, headers: HeaderMap) -> Result<Self, ConfigError> {
        let url = Url::parse(address)?;
        let scheme = match url.scheme() {
            "http" | "ws" => "http",
            "https" | "wss" => "https",
            other => return Err(ConfigError::Scheme(other.to_owned())),
        };
        if !matches!(url.path(), "" | "/") {
            return Err(ConfigError::Path(url.path().to_owned()));
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
        assert!(matches!(Endpoint::new("http://a", "/ /", HeaderMap::new()), Err(ConfigError::Endpoint(_))));
    }
}
