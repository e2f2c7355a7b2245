//! Getting a byte stream to the server: directly or through a forward proxy, with TLS where the URL says so.

use std::net::SocketAddr;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::super::cause::Cause;
use super::super::failure::Failure;
use super::target::{Target, host_and_port};
use super::tls::secure;

/// What a stream is for, which decides how a forward proxy is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::doctor) enum Purpose {
    /// Ordinary requests.
    Requests,
    /// A WebSocket, for which browsers ask their proxy for a tunnel even without TLS.
    WebSocket,
}

/// Something that carries bytes both ways.
pub(in crate::doctor) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// A stream to the server, or to the forward proxy that wants whole URLs.
pub(in crate::doctor) struct Dialed {
    pub(in crate::doctor) stream: Box<dyn Stream>,
    /// Requests must name the whole URL, because the proxy reads them.
    pub(in crate::doctor) absolute: bool,
}

/// Connects as a browser would.
pub(in crate::doctor) async fn dial(target: &Target, purpose: Purpose) -> Result<Dialed, Failure> {
    let (host, port) = target.host_and_port();
    let Some(proxy) = target.proxy() else {
        let tcp = connect_tcp(&host, port).await?;
        return Ok(Dialed { stream: over_tls(target, Box::new(tcp)).await?, absolute: false });
    };
    let (proxy_host, proxy_port) = host_and_port(proxy);
    let mut tcp = connect_tcp(&proxy_host, proxy_port).await?;
    if !target.is_tls() && purpose == Purpose::Requests {
        return Ok(Dialed { stream: Box::new(tcp), absolute: true });
    }
    tunnel(&mut tcp, &host, port).await?;
    Ok(Dialed { stream: over_tls(target, Box::new(tcp)).await?, absolute: false })
}

/// A stream to the server as it is below TLS.
pub(in crate::doctor) async fn raw(target: &Target) -> Result<Box<dyn Stream>, Failure> {
    let (host, port) = target.host_and_port();
    let Some(proxy) = target.proxy() else { return Ok(Box::new(connect_tcp(&host, port).await?)) };
    let (proxy_host, proxy_port) = host_and_port(proxy);
    let mut tcp = connect_tcp(&proxy_host, proxy_port).await?;
    if target.is_tls() {
        tunnel(&mut tcp, &host, port).await?;
    }
    Ok(Box::new(tcp))
}

/// Resolves and connects, trying the addresses in turn.
async fn connect_tcp(host: &str, port: u16) -> Result<TcpStream, Failure> {
    let addresses: Vec<SocketAddr> = match tokio::net::lookup_host((host, port)).await {
        Ok(addresses) => addresses.collect(),
        Err(error) => return Err(Failure::new(Cause::NameNotResolved, format!("look up {host}: {error}"))),
    };
    let unreachable = |error| Failure::new(Cause::Unreachable, format!("connect to {host}:{port}: {error}"));
    let tcp = TcpStream::connect(&*addresses).await.map_err(unreachable)?;
    // The probes measure round trips of tiny packets; a failure to set this only makes them slower.
    let _ = tcp.set_nodelay(true);
    Ok(tcp)
}

async fn over_tls(target: &Target, stream: Box<dyn Stream>) -> Result<Box<dyn Stream>, Failure> {
    if !target.is_tls() {
        return Ok(stream);
    }
    let (host, _) = target.host_and_port();
    let (stream, secured) = secure(stream, &host, target, &[b"http/1.1"], rustls::ALL_VERSIONS).await;
    match secured.failure {
        Some(failure) => Err(failure),
        None => stream.map(|stream| Box::new(stream) as Box<dyn Stream>).ok_or_else(|| {
            Failure::new(Cause::Tls, "the TLS handshake ended without an error and without a connection")
        }),
    }
}

/// Asks a proxy to connect to the server and then only to pass bytes on (RFC 9110 §9.3.6).
async fn tunnel(tcp: &mut TcpStream, host: &str, port: u16) -> Result<(), Failure> {
    let authority = if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") };
    let request = format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n\r\n");
    let lost = |error: std::io::Error| Failure::from_transport("ask the proxy for a tunnel", &error);
    tcp.write_all(request.as_bytes()).await.map_err(lost)?;
    let head = read_head(tcp).await?;
    let status = head.split_whitespace().nth(1).unwrap_or_default();
    if status.starts_with('2') {
        return Ok(());
    }
    let line = head.lines().next().unwrap_or_default();
    let reason = head.lines().find_map(|line| line.strip_prefix("X-Squid-Error: ")).unwrap_or_default();
    let detail = format!("the proxy answered CONNECT {authority} with {line:?} {reason}");
    Err(Failure::new(Cause::ProxyRefused, detail.trim_end()))
}

async fn read_head(tcp: &mut TcpStream) -> Result<String, Failure> {
    let mut head = Vec::new();
    // Byte by byte, since what follows the empty line belongs to the tunnel.
    while !head.ends_with(b"\r\n\r\n") {
        let byte =
            tcp.read_u8().await.map_err(|error| Failure::from_transport("read from the proxy", &error))?;
        head.push(byte);
        if head.len() > MAX_HEAD {
            return Err(Failure::new(Cause::UnexpectedAnswer, "the proxy's answer does not end"));
        }
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}

const MAX_HEAD: usize = 16 * 1024;
