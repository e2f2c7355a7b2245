//! A raw client of Engine.IO and Socket.IO.

mod http;
mod polling;
mod websocket;

use std::net::Ipv4Addr;

use anyhow::Result;
use tokio::net::{TcpSocket, TcpStream};

pub(crate) use polling::Polling;
pub(crate) use websocket::{Kind, WebSocket};

use crate::server::Server;

/// How many connections one source address gets: far fewer than there are ephemeral ports, some of which others have,
/// or the connections of the run before.
const PER_ADDRESS: usize = 10_000;

/// Connection number `index`. Source addresses are spread over 127.0.0.0/8, as each has its own ports.
async fn connect(server: Server, index: usize) -> Result<TcpStream> {
    let (address, port) = server.address();
    let stream = if index < PER_ADDRESS {
        TcpStream::connect((address, port)).await?
    } else {
        let host = u8::try_from(index / PER_ADDRESS)?;
        let socket = TcpSocket::new_v4()?;
        socket.bind((Ipv4Addr::new(127, 0, 1, host), 0).into())?;
        socket.connect((address, port).into()).await?
    };
    stream.set_nodelay(true)?;
    Ok(stream)
}
