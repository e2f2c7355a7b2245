//! A session of Engine.IO over HTTP long-polling, driven by hand.

use hyper::Method;
use hyper::header::{CONTENT_TYPE, HeaderMap, HeaderValue};

use super::super::cause::Cause;
use super::super::client::{Http, Target};
use super::super::failure::Failure;
use super::exchange::{CONNECT, Call, Opened, connected, opened, unexpected};

/// Separates the packets of a polling payload.
pub(super) const RECORD_SEPARATOR: char = '\u{1e}';

/// A polling session with one connection for each direction.
pub(in crate::doctor) struct Session {
    pub(super) receive: Http,
    pub(super) send: Http,
    pub(super) path: String,
    pub(in crate::doctor) opened: Opened,
    unread: Vec<String>,
}

impl Session {
    pub(in crate::doctor) async fn open(target: &Target) -> Result<Self, Failure> {
        let mut receive = Http::connect(target).await?;
        let send = Http::connect(target).await?;
        let path = target.socket_io("polling");
        let answer = receive.exchange(Method::GET, &path, "").await?.ok("open a session")?;
        let mut packets = split(&answer);
        let opened = opened(&packets.remove(0))?;
        packets.reverse();
        let path = format!("{path}&sid={}", opened.sid);
        Ok(Self { receive, send, path, opened, unread: packets })
    }

    /// Uses new TCP connections from here on, as a browser may for each request.
    pub(in crate::doctor) async fn reconnect(&mut self, target: &Target) -> Result<(), Failure> {
        self.receive = Http::connect(target).await?;
        self.send = Http::connect(target).await?;
        Ok(())
    }

    pub(in crate::doctor) async fn connect(&mut self) -> Result<(), Failure> {
        self.post(CONNECT.to_owned()).await?;
        loop {
            let packet = self.packet().await?;
            match packet.as_str() {
                "2" => self.post("3".to_owned()).await?,
                "6" => {}
                _ => return connected(&packet),
            }
        }
    }

    /// Sends something with an answer of its own while a poll already waits, as in a client.
    pub(in crate::doctor) async fn call(&mut self, call: &Call) -> Result<(), Failure> {
        self.call_with(call, call.packet()).await
    }

    /// As [`Self::call`], with a packet that is longer than the call's own.
    pub(in crate::doctor) async fn call_with(&mut self, call: &Call, packet: String) -> Result<(), Failure> {
        let (receive, send, path) = (&mut self.receive, &mut self.send, &self.path);
        let poll = async { receive.exchange(Method::GET, path, "").await?.ok("poll") };
        let post = async {
            let answer = send.exchange_with(Method::POST, path, text(), packet).await?;
            accepted(&answer.ok("send a packet")?)
        };
        // A packet that was refused will not be answered, and the poll not be waited for.
        let (poll, ()) = tokio::try_join!(poll, post)?;
        let mut packets = split(&poll);
        packets.reverse();
        self.unread = packets;
        loop {
            let packet = self.packet().await?;
            if !Call::is_aside(&packet) {
                return call.check(&packet);
            }
            if packet == "2" {
                self.post("3".to_owned()).await?;
            }
        }
    }

    /// Sends a packet; the answer's status tells whether it got through.
    pub(in crate::doctor) async fn post(&mut self, packet: String) -> Result<(), Failure> {
        let answer = self.send.exchange_with(Method::POST, &self.path, text(), packet).await?;
        accepted(&answer.ok("send a packet")?)
    }

    /// The next packet, by as many polls as that takes.
    pub(in crate::doctor) async fn packet(&mut self) -> Result<String, Failure> {
        if let Some(packet) = self.unread.pop() {
            return Ok(packet);
        }
        let mut packets = split(&self.receive.exchange(Method::GET, &self.path, "").await?.ok("poll")?);
        packets.reverse();
        self.unread = packets;
        self.unread.pop().ok_or_else(|| unexpected("a packet", ""))
    }

    /// Ends the session; whether the server hears it changes nothing.
    pub(in crate::doctor) async fn close(mut self) {
        drop(self.post("1".to_owned()).await);
    }
}

/// The type that browsers give to the body of a polling request, which spares them a preflight.
pub(super) fn text() -> HeaderMap {
    HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("text/plain;charset=UTF-8"))])
}

fn accepted(answer: &str) -> Result<(), Failure> {
    // python-engineio writes it in capitals.
    if answer.eq_ignore_ascii_case("ok") { Ok(()) } else { Err(unexpected("\"ok\"", answer)) }
}

/// The packets of a payload; never empty, as an empty payload is one empty packet.
fn split(payload: &str) -> Vec<String> {
    payload.split(RECORD_SEPARATOR).map(str::to_owned).collect()
}

/// A step of polling that came too late or was refused is named after what it means for polls.
pub(in crate::doctor) fn of_a_waiting_poll(failure: Failure) -> Failure {
    match failure.cause {
        Cause::ConnectionReset | Cause::BadGateway => failure.renamed(Cause::PollsCut),
        _ => failure,
    }
}
