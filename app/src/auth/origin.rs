//! Which pages may send requests with the user's cookie: only our own.

use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, Method};
use url::Url;

/// A page of another site sent the request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("requests from {origin} are not accepted")]
pub struct OriginRefused {
    /// What the browser named as the origin.
    pub origin: String,
}

/// Compares `Origin` with the address that the server is used under.
#[derive(Debug, Clone, Default)]
pub struct OriginPolicy {
    public: Option<Authority>,
}

impl OriginPolicy {
    /// Accepts the address that a request names in `Host`, and `public_url` if the proxy changes `Host`.
    pub fn new(public_url: Option<&Url>) -> Self {
        Self { public: public_url.and_then(Authority::of_url) }
    }

    /// Checks a request that changes something or opens a socket.
    ///
    /// Programs send no `Origin`, and browsers send it always on such requests, so a missing one passes.
    ///
    /// # Errors
    /// If the request comes from a page of another origin.
    pub fn check(&self, headers: &HeaderMap) -> Result<(), OriginRefused> {
        let mut origins = headers.get_all(ORIGIN).iter();
        let Some(origin) = origins.next() else { return Self::check_fetch_metadata(headers) };
        let refused = || OriginRefused { origin: String::from_utf8_lossy(origin.as_bytes()).into_owned() };
        if origins.next().is_some() {
            return Err(refused());
        }
        let url = origin.to_str().ok().and_then(|origin| Url::parse(origin).ok()).ok_or_else(refused)?;
        let from = Authority::of_url(&url).ok_or_else(refused)?;
        let host = headers.get(HOST).and_then(|host| host.to_str().ok());
        let own = host.and_then(|host| Authority::of_host(host, url.scheme()));
        if own.as_ref() == Some(&from) || self.public.as_ref() == Some(&from) {
            Ok(())
        } else {
            Err(refused())
        }
    }

    /// Whether `method` changes something.
    pub fn concerns(method: &Method) -> bool {
        !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
    }

    /// Some browsers leave `Origin` out of a same-origin request; they still tell a foreign one apart.
    fn check_fetch_metadata(headers: &HeaderMap) -> Result<(), OriginRefused> {
        match headers.get("sec-fetch-site").map(|site| site.as_bytes()) {
            None | Some(b"same-origin" | b"none") => Ok(()),
            Some(_) => Err(OriginRefused { origin: "another site".to_owned() }),
        }
    }
}

/// Host and port, with the scheme's own port filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Authority {
    host: String,
    port: u16,
}

impl Authority {
    fn of_url(url: &Url) -> Option<Self> {
        if !matches!(url.scheme(), "http" | "https") {
            return None;
        }
        Some(Self { host: url.host_str()?.to_owned(), port: url.port_or_known_default()? })
    }

    /// `Host` has no scheme; a proxy that ends TLS passes the one that the browser used only in `Origin`.
    fn of_host(host: &str, scheme: &str) -> Option<Self> {
        if host.contains(['/', '?', '#', '@', '\\']) {
            return None;
        }
        Self::of_url(&Url::parse(&format!("{scheme}://{host}/")).ok()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(public: Option<&str>, headers: &[(&'static str, &str)]) -> bool {
        let public = public.map(|url| Url::parse(url).unwrap());
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        OriginPolicy::new(public.as_ref()).check(&map).is_ok()
    }

    #[test]
    fn only_our_own_pages_pass() {
        let host = ("host", "127.0.0.1:4000");
        assert!(check(None, &[host]));
        assert!(check(None, &[host, ("origin", "http://127.0.0.1:4000")]));
        assert!(!check(None, &[host, ("origin", "http://127.0.0.1:8080")]), "another port");
        assert!(!check(None, &[host, ("origin", "http://localhost:4000")]), "another name");
        assert!(!check(None, &[host, ("origin", "https://evil.example")]));
        assert!(!check(None, &[host, ("origin", "null")]));
        assert!(!check(None, &[host, ("origin", "file:///etc/passwd")]));
        assert!(!check(
            None,
            &[host, ("origin", "http://127.0.0.1:4000"), ("origin", "http://evil.example")]
        ));
        assert!(!check(None, &[("origin", "http://127.0.0.1:4000")]), "no Host");
        assert!(!check(None, &[("host", "evil.example/@127.0.0.1"), ("origin", "http://evil.example")]));
    }

    #[test]
    fn a_local_proxy_passes_host_or_is_named() {
        assert!(check(None, &[("host", "import.example"), ("origin", "https://import.example")]));
        assert!(check(None, &[("host", "import.example:443"), ("origin", "https://import.example")]));
        let upstream = ("host", "127.0.0.1:4000");
        assert!(!check(None, &[upstream, ("origin", "https://import.example")]));
        assert!(check(
            Some("https://import.example/tool"),
            &[upstream, ("origin", "https://import.example")]
        ));
    }

    #[test]
    fn fetch_metadata_stands_in_for_a_missing_origin() {
        let host = ("host", "127.0.0.1:4000");
        assert!(check(None, &[host, ("sec-fetch-site", "same-origin")]));
        assert!(!check(None, &[host, ("sec-fetch-site", "cross-site")]));
        assert!(!check(None, &[host, ("sec-fetch-site", "same-site")]));
    }
}
