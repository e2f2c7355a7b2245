use std::{borrow::Cow, fmt, net::SocketAddr, sync::Arc, time::SystemTime};

use engineio::PeerAddr;
use http::{Extensions, request::Parts};
use serde_json::{Map, Value, json};

/// The request that opened the connection, in a compact form that is kept as long as the connection.
///
/// ```
/// # use socketio::{Config, SocketIo};
/// use socketio::{Handshake, Refusal};
///
/// # let io = SocketIo::new(Config::default());
/// io.namespace("/")
///     .middleware(async |handshake: Handshake| match handshake.query("version").as_deref() {
///         Some("2") => Ok(()),
///         _ => Err(Refusal::new("this client is too old")),
///     })
///     .open();
/// ```
#[derive(Clone)]
pub struct Handshake(Arc<Inner>);

struct Inner {
    uri: Box<str>,
    /// Lines `name: value\r\n`; one allocation, and no share in the buffer that the request was read into.
    headers: Box<[u8]>,
    peer: Option<SocketAddr>,
    issued: SystemTime,
    extensions: Extensions,
}

/// Copies one type of extension, if the request has it.
pub(crate) type Keeper = fn(&Extensions, &mut Extensions);

impl Handshake {
    pub(crate) fn new(request: &Parts, keepers: &[Keeper]) -> Self {
        let mut headers = Vec::new();
        for (name, value) in &request.headers {
            headers.extend_from_slice(name.as_str().as_bytes());
            headers.extend_from_slice(b": ");
            headers.extend_from_slice(value.as_bytes());
            headers.extend_from_slice(b"\r\n");
        }
        let mut extensions = Extensions::new();
        for keep in keepers {
            keep(&request.extensions, &mut extensions);
        }
        Self(Arc::new(Inner {
            uri: request.uri.to_string().into(),
            headers: headers.into(),
            peer: request.extensions.get::<PeerAddr>().map(|peer| peer.0),
            issued: SystemTime::now(),
            extensions,
        }))
    }

    /// The URI of the request, as a rule path and query.
    pub fn uri(&self) -> &str {
        &self.0.uri
    }

    /// The first value of a parameter of the query, decoded.
    ///
    /// ```
    /// # fn example(handshake: &socketio::Handshake) {
    /// if handshake.query("EIO").as_deref() == Some("4") { /* … */ }
    /// # }
    /// ```
    pub fn query(&self, name: &str) -> Option<Cow<'_, str>> {
        self.queries().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// The parameters of the query, decoded.
    pub fn queries(&self) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
        let query = self.0.uri.split_once('?').map_or("", |(_, query)| query);
        pairs(query.split_once('#').map_or(query, |(query, _)| query))
    }

    /// The first value of a header; `name` is lower-case.
    pub fn header(&self, name: &str) -> Option<&[u8]> {
        self.headers().find(|(key, _)| *key == name).map(|(_, value)| value)
    }

    /// The headers, names in lower case.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &[u8])> {
        // A value holds no line break, and a name no colon; the types of `http` see to that.
        let lines = self.0.headers.split(|&byte| byte == b'\n');
        lines.filter_map(|line| {
            let line = line.strip_suffix(b"\r")?;
            let colon = line.iter().position(|&byte| byte == b':')?;
            let (name, rest) = line.split_at_checked(colon)?;
            Some((str::from_utf8(name).ok()?, rest.strip_prefix(b": ")?))
        })
    }

    /// The address of the peer, which is a proxy's where there is one.
    pub fn peer(&self) -> Option<SocketAddr> {
        self.0.peer
    }

    /// When the connection was opened.
    pub fn issued(&self) -> SystemTime {
        self.0.issued
    }

    /// As servers on Node.js show it to each other, credentials in headers included.
    pub(crate) fn to_json(&self) -> Value {
        let headers: Map<_, _> = self
            .headers()
            .map(|(name, value)| (name.to_owned(), String::from_utf8_lossy(value).into()))
            .collect();
        let query: Map<_, _> =
            self.queries().map(|(name, value)| (name.into_owned(), value.into())).collect();
        let issued = self.0.issued.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_millis();
        json!({
            "headers": headers,
            "query": query,
            "url": self.uri(),
            "address": self.peer().map(|peer| peer.ip().to_string()),
            "issued": u64::try_from(issued).unwrap_or_default(),
            "secure": false,
            "xdomain": self.header("origin").is_some(),
        })
    }

    /// An extension of the request that [`Builder::keep_extension`](crate::Builder::keep_extension) names.
    pub fn extension<T: Send + Sync + 'static>(&self) -> Option<&T> {
        self.0.extensions.get()
    }
}

/// Shows neither headers nor query, which hold credentials.
impl fmt::Debug for Handshake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handshake").field("peer", &self.0.peer).finish_non_exhaustive()
    }
}

/// The parameters of a query, decoded.
pub(crate) fn pairs(query: &str) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
    query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decode(name), decode(value))
    })
}

fn decode(text: &str) -> Cow<'_, str> {
    let text = match text.contains('+') {
        true => Cow::Owned(text.replace('+', " ")),
        false => Cow::Borrowed(text),
    };
    match percent_encoding::percent_decode_str(&text).decode_utf8_lossy() {
        Cow::Owned(decoded) => Cow::Owned(decoded),
        Cow::Borrowed(_) => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn handshake(uri: &str, headers: &[(&str, &str)]) -> Handshake {
        let mut request = http::Request::get(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Handshake::new(&request.body(()).unwrap().into_parts().0, &[])
    }

    #[test]
    fn headers_survive_the_compact_form() {
        let handshake = handshake("/", &[("Cookie", "a=b: c"), ("x-empty", ""), ("cookie", "second")]);
        let headers: Vec<_> = handshake.headers().collect();
        assert_eq!(headers, [("cookie", &b"a=b: c"[..]), ("cookie", b"second"), ("x-empty", b"")]);
        assert_eq!(handshake.header("cookie"), Some(&b"a=b: c"[..]));
        assert_eq!(handshake.header("cook"), None);
    }

    #[test]
    fn queries_are_decoded() {
        let handshake = handshake("/socket.io/?EIO=4&a=%C3%A9+b&flag&&a=2", &[]);
        let queries: Vec<_> = handshake.queries().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(queries, ["EIO=4", "a=é b", "flag=", "a=2"]);
        assert_eq!(handshake.query("a").as_deref(), Some("é b"));
        assert_eq!(handshake.query("b"), None);
    }
}
