//! Where to probe, how to get there, and as whom.

use std::fmt;
use std::sync::Arc;

use hyper::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use url::Url;

use super::Notes;

/// A server as a client sees it.
#[derive(Clone)]
pub struct Target {
    base: Url,
    pub(super) authorization: Option<HeaderValue>,
    pub(super) origin: Option<HeaderValue>,
    pub(super) proxy: Option<Arc<Url>>,
    pub(super) roots: Arc<Vec<CertificateDer<'static>>>,
    path: Arc<str>,
    /// Whether the server has this program's own endpoints beside Socket.IO.
    is_tool: bool,
    /// Cookies, as a browser keeps them, and what answers looked like.
    notes: Arc<Notes>,
}

/// A URL that cannot be probed.
#[derive(Debug, thiserror::Error)]
pub enum InvalidTarget {
    /// It is not an `http` or `https` URL with a host.
    #[error("{0:?} is no address of a server; name it like http://127.0.0.1:4000 or localhost:4000")]
    Url(String),
    /// The token has characters that no header may hold.
    #[error("the token holds characters that no token has")]
    Token,
    /// The proxy is not an `http` URL with a host.
    #[error("the proxy {0:?} is not an http URL; name it like http://proxy.example:3128")]
    Proxy(String),
    /// There is no certificate in the file of certificates.
    #[error("the file of certificates holds no PEM certificate")]
    Roots,
}

impl Target {
    /// A server at `base` (`http` or `https`, with the path that it is mounted under, if any); without a scheme, as in
    /// `localhost:4000`, it is `http`.
    ///
    /// `token` is sent as a bearer token. `Origin` is that of the server's own pages, as browsers send it.
    ///
    /// # Errors
    /// If the URL is of another kind or the token cannot be sent.
    pub fn new(base: &str, token: Option<&str>) -> Result<Self, InvalidTarget> {
        let invalid = || InvalidTarget::Url(base.to_owned());
        let mut url = match base.contains("://") {
            true => Url::parse(base),
            false => Url::parse(&format!("http://{base}")),
        }
        .map_err(|_| invalid())?;
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
            return Err(invalid());
        }
        url.set_query(None);
        url.set_fragment(None);
        if !url.path().ends_with('/') {
            let path = format!("{}/", url.path());
            url.set_path(&path);
        }
        let authorization = token.map(bearer).transpose()?;
        let origin = HeaderValue::try_from(url.origin().ascii_serialization()).ok();
        Ok(Self {
            base: url,
            authorization,
            origin,
            proxy: None,
            roots: Arc::default(),
            path: "socket.io/".into(),
            is_tool: true,
            notes: Arc::default(),
        })
    }

    /// Requests come from a page of this origin.
    ///
    /// # Errors
    /// If it is not like `https://host`.
    pub fn with_origin(mut self, origin: &str) -> Result<Self, InvalidTarget> {
        let invalid = || InvalidTarget::Url(origin.to_owned());
        let url = Url::parse(origin).map_err(|_| invalid())?;
        self.origin = Some(HeaderValue::try_from(url.origin().ascii_serialization()).map_err(|_| invalid())?);
        Ok(self)
    }

    /// The way to the server leads through a forward proxy.
    ///
    /// # Errors
    /// If it is not like `http://host:port`.
    pub fn through(mut self, proxy: &str) -> Result<Self, InvalidTarget> {
        let invalid = || InvalidTarget::Proxy(proxy.to_owned());
        let url = Url::parse(proxy).map_err(|_| invalid())?;
        if url.scheme() != "http" || url.host_str().is_none() {
            return Err(invalid());
        }
        self.proxy = Some(Arc::new(url));
        Ok(self)
    }

    /// Certificates of authorities to trust beside the system's, as PEM.
    ///
    /// # Errors
    /// If there is none.
    pub fn trusting(mut self, pem: &[u8]) -> Result<Self, InvalidTarget> {
        let roots: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
        let roots = roots.ok().filter(|roots| !roots.is_empty()).ok_or(InvalidTarget::Roots)?;
        self.roots = Arc::new(roots);
        Ok(self)
    }

    /// Socket.IO is at another path than `/socket.io/`, relative to the base.
    #[must_use]
    pub fn at_path(mut self, path: &str) -> Self {
        self.path = format!("{}/", path.trim_matches('/')).into();
        self
    }

    /// It is some Socket.IO server, without the endpoints that only this program has.
    #[must_use]
    pub(in crate::doctor) fn foreign(mut self) -> Self {
        self.is_tool = false;
        self
    }

    /// With another token; one that cannot be sent changes nothing.
    #[must_use]
    pub(in crate::doctor) fn with_token(mut self, token: &str) -> Self {
        self.authorization = bearer(token).ok().or(self.authorization);
        self
    }

    /// Another visitor: no cookies.
    #[must_use]
    pub(in crate::doctor) fn fresh(mut self) -> Self {
        self.notes = Arc::new(self.notes.without_cookies());
        self
    }

    /// The same host, with the server below another path.
    pub(in crate::doctor) fn mount(&mut self, path: &str) {
        self.base.set_path(path);
    }

    /// The address that is probed.
    pub fn base(&self) -> &Url {
        &self.base
    }

    pub(in crate::doctor) fn is_tool(&self) -> bool {
        self.is_tool
    }

    pub(in crate::doctor) fn notes(&self) -> &Notes {
        &self.notes
    }

    /// The endpoint of Socket.IO with the protocol's version and a transport, relative to the base.
    pub(in crate::doctor) fn socket_io(&self, transport: &str) -> String {
        format!("{}?EIO=4&transport={transport}", self.path)
    }

    pub(crate) fn socket_io_path(&self) -> &str {
        &self.path
    }

    /// The headers that say who asks.
    pub(crate) fn authorization(&self) -> HeaderMap {
        self.authorization.iter().map(|value| (AUTHORIZATION, value.clone())).collect()
    }

    /// The host, without the brackets of an IPv6 address, and the port.
    pub(in crate::doctor) fn host_and_port(&self) -> (String, u16) {
        host_and_port(&self.base)
    }

    pub(in crate::doctor) fn has_token(&self) -> bool {
        self.authorization.is_some()
    }

    pub(crate) fn is_tls(&self) -> bool {
        self.base.scheme() == "https"
    }

    pub(in crate::doctor) fn proxy(&self) -> Option<&Url> {
        self.proxy.as_deref()
    }

    pub(in crate::doctor) fn origin(&self) -> Option<&HeaderValue> {
        self.origin.as_ref()
    }

    /// Whether the page whose requests are imitated is of another origin than the server.
    pub(in crate::doctor) fn is_cross_origin(&self) -> bool {
        let own = self.base.origin().ascii_serialization();
        self.origin.as_ref().is_some_and(|origin| origin.as_bytes() != own.as_bytes())
    }

    pub(super) fn authority(&self) -> String {
        let host = self.base.host_str().unwrap_or_default();
        match self.base.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        }
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Target").field("base", &self.base.as_str()).finish_non_exhaustive()
    }
}

pub(super) fn host_and_port(url: &Url) -> (String, u16) {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
    (host, url.port_or_known_default().unwrap_or(80))
}

fn bearer(token: &str) -> Result<HeaderValue, InvalidTarget> {
    let mut value = HeaderValue::try_from(format!("Bearer {token}")).map_err(|_| InvalidTarget::Token)?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_keeps_the_path_that_it_is_mounted_under() {
        assert_eq!(Target::new("http://host/tool?x#y", None).unwrap().base().as_str(), "http://host/tool/");
        assert_eq!(Target::new("http://[::1]:4000", None).unwrap().authority(), "[::1]:4000");
        assert!(Target::new("ftp://host", None).is_err());
        for (typed, meant) in
            [("localhost:4000", "http://localhost:4000/"), ("host/tool", "http://host/tool/")]
        {
            assert_eq!(Target::new(typed, None).unwrap().base().as_str(), meant);
        }
        assert!(Target::new("", None).is_err() && Target::new("host:port", None).is_err());
    }

    #[test]
    fn the_origin_is_that_of_the_servers_own_pages_unless_told_otherwise() {
        let own = Target::new("https://host:443/tool", None).unwrap();
        assert_eq!(own.origin.as_ref().unwrap(), "https://host");
        assert!(!own.is_cross_origin());
        let other = own.with_origin("https://app.example/page").unwrap();
        assert_eq!(other.origin.as_ref().unwrap(), "https://app.example");
        assert!(other.is_cross_origin());
    }

    #[test]
    fn what_cannot_be_used_is_refused() {
        let target = || Target::new("http://host", None).unwrap();
        assert!(matches!(target().through("socks5://proxy"), Err(InvalidTarget::Proxy(_))));
        assert!(matches!(target().trusting(b"no certificate"), Err(InvalidTarget::Roots)));
        assert_eq!(target().at_path("/live/").socket_io("polling"), "live/?EIO=4&transport=polling");
    }
}
