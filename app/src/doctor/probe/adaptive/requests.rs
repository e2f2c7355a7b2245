//! The carriers of the adaptive transport that are made of requests: held ones, and ones from time to time.

use std::collections::VecDeque;
use std::time::Duration;

use hyper::{Method, StatusCode};
use serde_json::Value;
use tokio::time::sleep;

use super::super::super::cause::Cause;
use super::super::super::client::{Answer, Deadline, Http, Target};
use super::super::super::failure::Failure;
use super::super::exchange::{CONNECT, Call, connected, opened, unexpected};
use super::super::session::{RECORD_SEPARATOR, text};
use super::{Seen, key};

/// Between two requests of the periodic carrier; a client's are as close when it expects something.
const PERIOD: Duration = Duration::from_millis(100);

/// Requests that the server holds until it has something to say.
pub(super) async fn long_poll(target: &Target, deadline: Deadline) -> Seen {
    let open = Session::open(target, "long-poll");
    let opening = deadline.step(Cause::TimedOut, "open an adaptive session", open).await?;
    let Some(mut session) = opening else { return Ok(None) };
    // The request that is held goes before the packet, as in a client; an answer that comes too late was held back.
    let join = session.ask(CONNECT.to_owned(), connected);
    deadline.step(Cause::PollsBuffered, "connect by a held adaptive poll", join).await?;
    let call = Call::new(0, target.is_tool());
    let asked = session.ask(call.packet(), |packet| call.check(packet));
    deadline.step(Cause::PollsBuffered, "wait for a held adaptive poll", asked).await?;
    // Whether the server hears the end changes nothing.
    drop(deadline.step(Cause::TimedOut, "end the adaptive session", session.close("&hold=0")).await);
    Ok(Some("handshake, CONNECT and data both ways over a held request".to_owned()))
}

/// Requests that are answered at once.
pub(super) async fn periodic(target: &Target, deadline: Deadline) -> Seen {
    let open = Session::open(target, "periodic");
    let opening = deadline.step(Cause::TimedOut, "open an adaptive session", open).await?;
    let Some(mut session) = opening else { return Ok(None) };
    let join = session.ask_again(CONNECT, connected);
    deadline.step(Cause::TimedOut, "connect by periodic requests", join).await?;
    let call = Call::new(0, target.is_tool());
    let packet = call.packet();
    let asked = session.ask_again(&packet, |packet| call.check(packet));
    deadline.step(Cause::TimedOut, "wait for an answer to a packet", asked).await?;
    // Whether the server hears the end changes nothing.
    drop(deadline.step(Cause::TimedOut, "end the adaptive session", session.close("")).await);
    Ok(Some("handshake, CONNECT and data both ways by short requests".to_owned()))
}

/// An adaptive session with one connection for each direction; its only carrier has the epoch 1.
struct Session {
    receive: Http,
    send: Http,
    /// The endpoint with the carrier and the session's id.
    path: String,
    /// Requests that were made.
    requests: u64,
    /// Packets that were sent.
    sent: u64,
    /// Packets that were received.
    received: u64,
    unread: VecDeque<String>,
}

impl Session {
    /// Nothing if the server does not offer the transport.
    async fn open(target: &Target, carrier: &str) -> Result<Option<Self>, Failure> {
        let mut receive = Http::connect(target).await?;
        let endpoint = format!("{}&carrier={carrier}", target.socket_io("adaptive"));
        let path = format!("{endpoint}&key={}&epoch=1&ack=0&seq=1", key());
        let answer = receive.exchange_with(Method::POST, &path, text(), nothing(0)).await?;
        if !is_offered(&answer, target.is_tool()) {
            return Ok(None);
        }
        let mut batch = Batch::read(&answer.ok("open an adaptive session")?)?;
        let first = batch.packets.pop_front().filter(|_| batch.first == 1);
        let sid = opened(&first.ok_or_else(|| unexpected("an Engine.IO handshake", ""))?)?.sid;
        let received = 1 + u64::try_from(batch.packets.len()).unwrap_or_default();
        let send = Http::connect(target).await?;
        let path = format!("{endpoint}&sid={sid}&epoch=1");
        Ok(Some(Self { receive, send, path, requests: 1, sent: 0, received, unread: batch.packets }))
    }

    /// Sends a packet while a request is held, as a client does, and checks the answer to it.
    async fn ask(
        &mut self,
        packet: String,
        check: impl Fn(&str) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let (poll_path, nothing_yet) = (self.next_path(""), nothing(self.received));
        let (post_path, body) = self.sending(&packet, "&hold=0");
        let (receive, send) = (&mut self.receive, &mut self.send);
        let poll = async {
            let answer = receive.exchange_with(Method::POST, &poll_path, text(), nothing_yet).await?;
            answer.ok("hold an adaptive poll")
        };
        let post = async {
            let answer = send.exchange_with(Method::POST, &post_path, text(), body).await?;
            Batch::read(&answer.ok("send a packet")?)
        };
        // A packet that was refused will not be answered, and the poll not be waited for.
        let (polled, taken) = tokio::try_join!(poll, post)?;
        if taken.received != self.sent {
            return Err(unexpected("the count of packets sent", &format!("a{}", taken.received)));
        }
        self.take(Batch::read(&polled)?);
        while !self.is_answered(&check)? {
            self.poll("hold an adaptive poll").await?;
        }
        Ok(())
    }

    /// Sends a packet with a request that is not held, and asks until the answer to it is there.
    async fn ask_again(
        &mut self,
        packet: &str,
        check: impl Fn(&str) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let (path, body) = self.sending(packet, "");
        let answer = self.send.exchange_with(Method::POST, &path, text(), body).await?;
        let taken = Batch::read(&answer.ok("send a packet")?)?;
        if taken.received != self.sent {
            return Err(unexpected("the count of packets sent", &format!("a{}", taken.received)));
        }
        self.take(taken);
        while !self.is_answered(&check)? {
            sleep(PERIOD).await;
            self.poll("ask for packets").await?;
        }
        Ok(())
    }

    /// A request without a packet.
    async fn poll(&mut self, step: &str) -> Result<(), Failure> {
        let (path, body) = (self.next_path(""), nothing(self.received));
        let answer = self.receive.exchange_with(Method::POST, &path, text(), body).await?;
        self.take(Batch::read(&answer.ok(step)?)?);
        Ok(())
    }

    /// Whether the answer has come; what is about something else is passed over.
    fn is_answered(&mut self, check: &impl Fn(&str) -> Result<(), Failure>) -> Result<bool, Failure> {
        while let Some(packet) = self.unread.pop_front() {
            // The answer to CONNECT begins like an aside; whoever waits for it sees it first.
            if check(&packet).is_ok() {
                return Ok(true);
            }
            if !Call::is_aside(&packet) {
                return check(&packet).map(|()| true);
            }
        }
        Ok(false)
    }

    /// Ends the session with CLOSE, which is a packet like any other here.
    async fn close(mut self, more: &str) -> Result<(), Failure> {
        let (path, body) = self.sending("1", more);
        self.send.exchange_with(Method::POST, &path, text(), body).await.map(drop)
    }

    /// Path and body of a request that sends a packet.
    fn sending(&mut self, packet: &str, more: &str) -> (String, String) {
        self.sent += 1;
        let body = format!("s{}{RECORD_SEPARATOR}{packet}{RECORD_SEPARATOR}", self.sent);
        (self.next_path(more), body)
    }

    fn next_path(&mut self, more: &str) -> String {
        self.requests += 1;
        format!("{}&ack={}&seq={}{more}", self.path, self.received, self.requests)
    }

    /// Keeps what is new; the rest are repeats.
    fn take(&mut self, batch: Batch) {
        for (number, packet) in (batch.first..).zip(batch.packets) {
            if number == self.received + 1 {
                self.received = number;
                self.unread.push_back(packet);
            }
        }
    }
}

/// What a response of the adaptive transport holds.
#[derive(Debug, Default, PartialEq, Eq)]
struct Batch {
    /// How many packets the server has received.
    received: u64,
    /// The number of the first packet.
    first: u64,
    packets: VecDeque<String>,
}

impl Batch {
    fn read(body: &str) -> Result<Self, Failure> {
        if let Some(reason) = body.strip_prefix('x') {
            let reason = reason.trim_end_matches(RECORD_SEPARATOR);
            let cause = if reason == "gone" { Cause::SessionLost } else { Cause::UnexpectedAnswer };
            return Err(Failure::new(cause, format!("the adaptive session ended with x{reason:.40}")));
        }
        let spoiled = || unexpected("an answer of the adaptive transport", body);
        // A last chunk without an end was cut short on the way.
        let whole = body.strip_suffix(RECORD_SEPARATOR).ok_or_else(spoiled)?;
        let mut chunks = whole.split(RECORD_SEPARATOR);
        let received = chunks.next().and_then(|chunk| number(chunk.strip_prefix('a')?));
        let mut batch = Self { received: received.ok_or_else(spoiled)?, ..Self::default() };
        for chunk in chunks {
            match chunk.as_bytes() {
                [b'0'..=b'9' | b'b' | b'e', ..] => batch.packets.push_back(chunk.to_owned()),
                [b's', ..] => batch.first = number(&chunk[1..]).ok_or_else(spoiled)?,
                // Records that are not known are to be ignored.
                [b'a'..=b'z', ..] => {}
                _ => return Err(spoiled()),
            }
        }
        Ok(batch)
    }
}

/// Whether the server has the transport, or something on the way answered.
///
/// Servers of Socket.IO refuse a transport that they do not know with code 0; a few have words of their own.
fn is_offered(answer: &Answer, is_tool: bool) -> bool {
    let body = serde_json::from_str::<Value>(&answer.body).ok();
    let code = body.as_ref().and_then(|body| body.get("code"));
    let is_unknown = code.is_some_and(|code| *code == 0 || *code == "0");
    let refused = [StatusCode::BAD_REQUEST, StatusCode::NOT_FOUND, StatusCode::METHOD_NOT_ALLOWED];
    let is_other = answer.status == StatusCode::OK && !answer.body.starts_with(['a', 'x']);
    !is_unknown && (is_tool || !(refused.contains(&answer.status) || is_other))
}

/// The body of a request without a packet, which is never empty.
fn nothing(received: u64) -> String {
    format!("a{received}{RECORD_SEPARATOR}")
}

/// A number of the protocol, which is at most 2^53 - 1.
fn number(digits: &str) -> Option<u64> {
    digits.parse().ok().filter(|number| *number < 1 << 53)
}

#[cfg(test)]
mod tests {
    use hyper::{HeaderMap, Version};

    use super::*;

    #[test]
    fn an_answer_is_read_whole_or_not_at_all() {
        let batch = Batch::read("a2\u{1e}h5000\u{1e}z\u{1e}s3\u{1e}42[1]\u{1e}bAA==\u{1e}").unwrap();
        let packets = ["42[1]", "bAA=="].map(str::to_owned).into();
        assert_eq!(batch, Batch { received: 2, first: 3, packets });
        assert_eq!(Batch::read("a7\u{1e}").unwrap(), Batch { received: 7, ..Batch::default() });
        for spoiled in [
            "",
            "a1",
            "a1\u{1e}s2\u{1e}42[1",
            "<html>\u{1e}",
            "a\u{1e}",
            "a1\u{1e}s18446744073709551615\u{1e}",
        ] {
            assert_eq!(Batch::read(spoiled).unwrap_err().cause, Cause::UnexpectedAnswer, "{spoiled:?}");
        }
        assert_eq!(Batch::read("xgone\u{1e}").unwrap_err().cause, Cause::SessionLost);
        assert_eq!(Batch::read("xprotocol\u{1e}").unwrap_err().cause, Cause::UnexpectedAnswer);
    }

    #[test]
    fn a_server_without_the_transport_is_told_from_a_proxy() {
        let offered = |status: u16, body: &str, is_tool| {
            let status = StatusCode::from_u16(status).unwrap();
            let (version, headers) = (Version::HTTP_11, HeaderMap::new());
            is_offered(&Answer { status, version, headers, body: body.to_owned() }, is_tool)
        };
        assert!(offered(200, "a0\u{1e}s1\u{1e}0{}\u{1e}", false));
        for unknown in [r#"{"code":0,"message":"Transport unknown"}"#, r#"{"code":"0"}"#] {
            assert!(!offered(400, unknown, false) && !offered(400, unknown, true));
        }
        assert!(!offered(400, r#""Invalid transport""#, false));
        assert!(!offered(200, "ok", false));
        assert!(offered(200, "<h1>Welcome to the hotel</h1>", true));
        assert!(offered(404, "", true));
        assert!(offered(401, "", false) && offered(502, "<html>", false));
    }
}
