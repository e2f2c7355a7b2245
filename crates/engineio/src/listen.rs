use std::{io, net::SocketAddr};

use tokio::net::{TcpListener, TcpSocket};

/// Listens with a queue that holds many clients at once.
///
/// [`TcpListener::bind`] lets 128 connections wait to be accepted. When more come in a moment, as after a restart, the
/// kernel drops them, and their clients try again seconds later or see a reset.
///
/// Linux shortens the queue to `net.core.somaxconn`, 4,096 by default.
///
/// ```
/// # async fn example() -> std::io::Result<()> {
/// let listener = engineio::listen("127.0.0.1:3000".parse().expect("an address"))?;
/// # Ok(()) }
/// ```
///
/// # Errors
/// The address is taken, or not one of this machine.
///
/// # Panics
/// Outside of a tokio runtime.
pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    // On Windows it would let another process take the port.
    #[cfg(not(windows))]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Connections that wait to be accepted.
const BACKLOG: u32 = 4096;

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use tokio::net::TcpStream;

    use super::*;

    #[tokio::test]
    async fn a_thousand_clients_wait_to_be_accepted() {
        let longest: usize =
            std::fs::read_to_string("/proc/sys/net/core/somaxconn").unwrap().trim().parse().unwrap();
        let listener = listen(([127, 0, 0, 1], 0).into()).unwrap();
        let mut clients = Vec::new();
        for _ in 0..longest.min(1000) {
            clients.push(TcpStream::connect(listener.local_addr().unwrap()).await.unwrap());
        }
        // Those that the kernel dropped would believe that they are connected.
        for _ in &clients {
            tokio::time::timeout(std::time::Duration::from_secs(10), listener.accept())
                .await
                .unwrap()
                .unwrap();
        }
    }
}
