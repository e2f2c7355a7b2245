//! The floor: what the kernel and a runtime cost when there is no protocol.
//!
//! This is not a Socket.IO server. It knows the few messages of the load generator by heart, keeps no state, has no
//! queue, sends PING without looking for the answer, and writes prebuilt bytes. What a real server costs more is what
//! can still be won.

mod frames;

use std::{
    cell::RefCell,
    collections::{HashMap, VecDeque},
    io,
    rc::{Rc, Weak},
    time::Duration,
};

use anyhow::Result;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use clap::Parser;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
    runtime::Builder,
    task::{LocalSet, spawn_local},
    time::{Instant, sleep_until},
};

use frames::Frames;

#[derive(Debug, Parser)]
#[command(about = "Answers the load generator with prebuilt bytes")]
struct Options {
    #[arg(long)]
    port: u16,
    /// Write all broadcasts that are read at once in one go
    #[arg(long)]
    merge: bool,
}

type Connections = Rc<RefCell<HashMap<u64, Rc<TcpStream>>>>;

/// When each connection gets its next PING, the earliest first.
type Pings = Rc<RefCell<VecDeque<(Instant, Weak<TcpStream>)>>>;

fn main() -> Result<()> {
    let options = Options::parse();
    let runtime = Builder::new_current_thread().enable_all().build()?;
    LocalSet::new().block_on(&runtime, serve(&options))
}

async fn serve(options: &Options) -> Result<()> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(([127, 0, 0, 1], options.port).into())?;
    let listener = socket.listen(4096)?;
    announce(options.port);
    let (connections, pings) = (Connections::default(), Pings::default());
    spawn_local(heartbeat(Rc::clone(&pings)));
    for id in 0.. {
        let (stream, _) = listener.accept().await?;
        let (connections, pings) = (Rc::clone(&connections), Rc::clone(&pings));
        let merge = options.merge;
        spawn_local(async move {
            // A client that goes away is none of the floor's business.
            let _ = connection(stream, id, &connections, &pings, merge).await;
            connections.borrow_mut().remove(&id);
        });
    }
    Ok(())
}

/// Writes PING to those for whom it is time, which those that were opened together get together.
async fn heartbeat(pings: Pings) {
    loop {
        let next = pings.borrow().front().map_or_else(|| Instant::now() + PING_INTERVAL, |(due, _)| *due);
        sleep_until(next + TICK).await;
        let now = Instant::now();
        let mut pings = pings.borrow_mut();
        while let Some((due, stream)) = pings.pop_front_if(|(due, _)| *due <= now) {
            if let Some(alive) = stream.upgrade() {
                let _ = alive.try_write(b"\x81\x012");
                pings.push_back((due + PING_INTERVAL, stream));
            }
        }
    }
}

/// As OPEN says.
const PING_INTERVAL: Duration = Duration::from_secs(25);

/// How late a PING may be.
const TICK: Duration = Duration::from_millis(5);

#[expect(clippy::print_stdout, reason = "the line that the runner waits for")]
fn announce(port: u16) {
    println!("listening on http://127.0.0.1:{port}");
}

async fn connection(
    mut stream: TcpStream,
    id: u64,
    connections: &Connections,
    pings: &Pings,
    merge: bool,
) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let accept = accept(&mut stream).await?;
    let head = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {accept}\r\n\r\n"
    );
    let mut opening = head.into_bytes();
    let open = format!(
        r#"0{{"sid":"{id}","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}}"#
    );
    frames::push(&mut opening, &[open.as_bytes()]);
    stream.write_all(&opening).await?;
    let stream = Rc::new(stream);
    connections.borrow_mut().insert(id, Rc::clone(&stream));
    pings.borrow_mut().push_back((Instant::now() + PING_INTERVAL, Rc::downgrade(&stream)));
    let mut frames = Frames::default();
    let (mut replies, mut broadcasts) = (Vec::new(), Vec::new());
    loop {
        stream.readable().await?;
        if !frames.read_from(&stream)? {
            return Ok(());
        }
        while let Some(text) = frames.next_text() {
            if text == b"40" {
                frames::push(&mut replies, &[br#"40{"sid":"floor"}"#]);
            } else if let Some(rest) = text.strip_prefix(br#"42["broadcast","#) {
                frames::push(&mut broadcasts, &[br#"42["msg","#, rest]);
                if !merge {
                    broadcast(connections, &mut broadcasts);
                }
            } else if let Some((id, rest)) = asked(text) {
                frames::push(&mut replies, &[b"43", id, b"[", rest]);
            }
        }
        broadcast(connections, &mut broadcasts);
        write_all(&stream, &mut replies).await?;
    }
}

/// `421["echo",x]` as `1` and `x]`.
fn asked(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let rest = text.strip_prefix(b"42")?;
    let bracket = rest.iter().position(|byte| *byte == b'[')?;
    let (id, event) = rest.split_at(bracket);
    Some((id, event.strip_prefix(br#"["echo","#)?))
}

fn broadcast(connections: &Connections, bytes: &mut Vec<u8>) {
    if !bytes.is_empty() {
        for stream in connections.borrow().values() {
            // What does not fit is lost: the floor has no queue, and the load generator would say so.
            let _ = stream.try_write(bytes);
        }
        bytes.clear();
    }
}

async fn write_all(stream: &TcpStream, bytes: &mut Vec<u8>) -> io::Result<()> {
    while !bytes.is_empty() {
        match stream.try_write(bytes) {
            Ok(written) => drop(bytes.drain(..written)),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => stream.writable().await?,
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Reads the opening handshake; the value of `Sec-WebSocket-Accept`.
async fn accept(stream: &mut TcpStream) -> io::Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read_buf(&mut head).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    let head = String::from_utf8_lossy(&head);
    let headers = head.lines().filter_map(|line| line.split_once(':'));
    let key = headers.into_iter().find(|(name, _)| name.eq_ignore_ascii_case("sec-websocket-key"));
    let mut hash = sha1_smol::Sha1::new();
    hash.update(key.map(|(_, key)| key.trim()).unwrap_or_default().as_bytes());
    hash.update(b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
    Ok(STANDARD.encode(hash.digest().bytes()))
}
