use std::{hint::black_box, sync::Arc, time::Instant};

use bytes::Bytes;
use engineio_proto::{
    Delivery, Message, Packet, Prepared, Session, SessionConfig,
    frame::{Decoder, Opcode, masked_frame},
    payload,
    session::{CarrierId, Opening},
};
use socketio_proto::{Decoder as PacketDecoder, Encoder, Limits};

/// Something that is done for every message.
pub(crate) struct Piece {
    pub(crate) name: &'static str,
    /// Does it so often. Setting up does not count per time: the runner subtracts a run with fewer times.
    pub(crate) run: fn(u32),
}

pub(crate) const PIECES: [Piece; 10] = [
    Piece { name: "socketio-encode", run: encode_event },
    Piece { name: "socketio-decode", run: decode_event },
    Piece { name: "frame-encode", run: encode_frame },
    Piece { name: "frame-decode", run: decode_frame },
    Piece { name: "payload-encode-16", run: encode_payload },
    Piece { name: "payload-decode-16", run: decode_payload },
    Piece { name: "session-echo", run: echo },
    Piece { name: "session-echo-adaptive", run: echo_adaptive },
    Piece { name: "session-broadcast-1000", run: broadcast },
    Piece { name: "session-broadcast-1000-adaptive", run: broadcast_adaptive },
];

const TEXT: &str = "The text of an event with one hundred and twenty-eight characters, as long as those in the \
                    benchmarks of the whole server are.";

fn encode_event(times: u32) {
    let mut encoder = Encoder::default();
    for _ in 0..times {
        let encoded = encoder.event("/", None, "msg", black_box(TEXT));
        black_box(encoded.is_ok());
        encoder.reset();
    }
}

fn decode_event(times: u32) {
    let packet: bytestring::ByteString = format!(r#"2["msg","{TEXT}"]"#).into();
    let mut decoder = PacketDecoder::new(Limits::default());
    for _ in 0..times {
        let _ = black_box(decoder.push_text(black_box(packet.clone())));
    }
}

fn encode_frame(times: u32) {
    for _ in 0..times {
        black_box(Prepared::text(black_box(TEXT)).frame());
    }
}

fn decode_frame(times: u32) {
    let frame = client_frame();
    let mut decoder = Decoder::server(1_000_000);
    for _ in 0..times {
        let _ = black_box(decoder.decode(&mut black_box(&frame[..])));
    }
}

fn encode_payload(times: u32) {
    let packets = vec![Prepared::text(TEXT); 16];
    for _ in 0..times {
        black_box(payload::encode(black_box(&packets)));
    }
}

fn decode_payload(times: u32) {
    let body = payload::encode(&vec![Prepared::text(TEXT); 16]);
    for _ in 0..times {
        if let Ok(packets) = payload::decode(black_box(body.clone())) {
            black_box(packets.filter_map(Result::ok).count());
        }
    }
}

/// A message comes and another goes.
fn echo(times: u32) {
    let (mut session, now) = session();
    let (message, answer) = (client_message(), [Prepared::text(TEXT)]);
    for _ in 0..times {
        step(&mut session, now, &message, &answer);
    }
}

/// The same, with the acknowledgements of both sides after each 128.
fn echo_adaptive(times: u32) {
    let (mut session, now) = adaptive_session();
    let (message, answer) = (client_message(), [Prepared::text(TEXT)]);
    for time in 1..=times {
        step(&mut session, now, &message, &answer);
        if time % TOLD_AFTER == 0 {
            session.handle_message(now, CARRIER, acknowledgement(1 + time));
        }
    }
}

fn step(session: &mut Session, now: Instant, message: &Message, answer: &[Prepared]) {
    session.handle_message(now, CARRIER, black_box(message.clone()));
    black_box(session.poll_event());
    let _ = session.send(answer, Delivery::Reliable);
    transmit(session);
}

/// One event to a thousand sessions, a thousandth of the times.
fn broadcast(times: u32) {
    let mut sessions: Vec<_> = (0..1000).map(|_| session().0).collect();
    for _ in 0..times.div_ceil(1000) {
        deliver(&mut sessions);
    }
}

/// The same; each 128th of the sessions acknowledges, as each does after 128.
fn broadcast_adaptive(times: u32) {
    let now = Instant::now();
    let mut sessions: Vec<_> = (0..1000).map(|_| adaptive_session().0).collect();
    for time in 1..=times.div_ceil(1000) {
        deliver(&mut sessions);
        let share = usize::try_from(time % TOLD_AFTER).unwrap_or_default();
        for session in sessions.iter_mut().skip(share).step_by(128) {
            session.handle_message(now, CARRIER, acknowledgement(1 + time));
        }
    }
}

fn deliver(sessions: &mut [Session]) {
    let packet = [Prepared::text(black_box(TEXT))];
    for session in sessions {
        let _ = session.send(&packet, Delivery::Reliable);
        transmit(session);
    }
}

fn transmit(session: &mut Session) {
    while let Some(transmit) = session.poll_transmit() {
        black_box(transmit);
    }
}

fn client_message() -> Message {
    Message::Text(format!("4{TEXT}").into())
}

/// Packets after which a client tells how many it has received.
const TOLD_AFTER: u32 = 128;

fn acknowledgement(count: u32) -> Message {
    Message::Text(format!("a{count}").into())
}

const CARRIER: CarrierId = CarrierId(1);

fn session() -> (Session, Instant) {
    let now = Instant::now();
    let sid = "a-session".parse().unwrap_or_else(|_| unreachable!("it is a valid id"));
    let config = Arc::new(SessionConfig::default());
    let mut session = Session::server(now, sid, config, Opening::WebSocket(CARRIER));
    transmit(&mut session);
    (session, now)
}

/// A session of the adaptive transport that a WebSocket carries, and OPEN is acknowledged.
fn adaptive_session() -> (Session, Instant) {
    let now = Instant::now();
    let sid = "a-session".parse().unwrap_or_else(|_| unreachable!("it is a valid id"));
    let mut session = Session::adaptive_server(now, sid, Arc::new(SessionConfig::default()));
    let _ = session.handle_websocket(now, CARRIER);
    session.handle_message(now, CARRIER, Message::Text("t3,0,1".into()));
    transmit(&mut session);
    session.handle_message(now, CARRIER, acknowledgement(1));
    (session, now)
}

fn client_frame() -> Bytes {
    let packet = format!("4{TEXT}");
    debug_assert!(Packet::from_websocket(Message::Text(packet.as_str().into())).is_ok());
    masked_frame(Opcode::Text, packet.as_bytes(), [0x37, 0xfa, 0x21, 0x3d])
}
