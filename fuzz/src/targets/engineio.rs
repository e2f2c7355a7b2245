use bytes::Bytes;
use bytestring::ByteString;
use engineio_proto::{
    Message, Packet, Prepared, Query,
    frame::{Decoder, WebSocketEvent},
    payload, v3,
};

use crate::Choices;

pub(super) const PACKETS: &[&[u8]] = &[
    b"0{\"sid\":\"abc\",\"upgrades\":[\"websocket\"],\"pingInterval\":300,\"pingTimeout\":200,\"maxPayload\":1000000}",
    b"1",
    b"2probe",
    b"3",
    b"4text \xe2\x82\xac",
    b"5",
    b"6",
    b"bAQIDBA==",
    b"b4AQIDBA==",
];

pub(super) fn packet(input: &[u8]) {
    let bytes = Bytes::copy_from_slice(input);
    let _ = Packet::from_websocket(Message::Binary(bytes.clone()));
    let _ = v3::decode(Message::Binary(bytes.clone()));
    if let Ok(text) = ByteString::try_from(bytes) {
        let _ = Packet::from_chunk(&text);
        let _ = Packet::from_websocket(Message::Text(text.clone()));
        let _ = v3::decode(Message::Text(text));
    }
}

pub(super) const QUERIES: &[&[u8]] = &[
    b"EIO=4&transport=polling",
    b"EIO=3&transport=websocket&b64=1&sid=abc",
    b"EIO=4&transport=adaptive&carrier=long-poll&epoch=1&seq=2&ack=3",
];

pub(super) fn query(input: &[u8]) {
    if let Ok(text) = str::from_utf8(input) {
        let _ = Query::parse(text);
    }
}

pub(super) const PAYLOADS: &[&[u8]] = &[b"4one\x1e4two\x1ebAQID", b"2", b"4\xc3\xa9"];

pub(super) fn payload(input: &[u8]) {
    let decoded =
        payload::decode(Bytes::copy_from_slice(input)).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    if let Some(messages) = decoded.ok().and_then(messages) {
        let prepared: Vec<_> = messages.iter().map(Prepared::new).collect();
        let again = payload::decode(payload::encode(&prepared)).and_then(Iterator::collect);
        assert_eq!(again, Ok(packets(messages)));
    }
}

pub(super) const PAYLOADS_V3: &[&[u8]] = &[
    b"4:4one4:4two8:b4AQID",
    b"1:2",
    b"2:4\xe2\x82\xac",
    b"\x00\x04\xff4one\x01\x03\xff\x04\x01\x02",
    b"0:",
];

pub(super) fn payload_v3(input: &[u8]) {
    let decoded =
        v3::decode_payload(Bytes::copy_from_slice(input)).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let Some(messages) = decoded.ok().and_then(messages).filter(|messages| !messages.is_empty()) else {
        return;
    };
    let prepared: Vec<_> = messages.iter().map(Prepared::new).collect();
    for base64 in [false, true] {
        let again = v3::decode_payload(v3::encode_payload(&prepared, base64)).and_then(Iterator::collect);
        assert_eq!(again, Ok(packets(messages.clone())));
    }
}

/// The first byte says in what portions the bytes behind it arrive.
pub(super) const FRAMES: &[&[u8]] = &[
    b"\x01\x81\x85\x01\x02\x03\x04\x69\x67\x6f\x68\x6e",
    b"\x05\x82\x81\x00\x00\x00\x00\x07\x89\x80\x00\x00\x00\x00\x88\x82\x00\x00\x00\x00\x03\xe8",
    b"\x03\x01\x81\x00\x00\x00\x00a\x80\x81\x00\x00\x00\x00b",
    b"\x07\xc1\x87\x00\x00\x00\x00\xf2\x48\xcd\xc9\xc9\x07\x00",
    b"\x02\x81\xfe\x00\x80\x00\x00\x00\x00",
    b"\x09\x81\x05hello\x8a\x00",
];

pub(super) fn frames(input: &[u8]) {
    let mut choices = Choices::new(input);
    let portion = usize::from(choices.byte()).max(1);
    let bytes = choices.bytes(usize::MAX);
    let decoders: [fn() -> Decoder; 3] = [
        || Decoder::server(MAX_MESSAGE),
        || Decoder::client(MAX_MESSAGE),
        || Decoder::server(MAX_MESSAGE).with_deflate(true),
    ];
    for decoder in decoders {
        let whole = decode(decoder(), [bytes].into_iter());
        let parts = decode(decoder(), bytes.chunks(portion));
        assert_eq!(whole, parts, "in portions of {portion}");
        for event in &whole.0 {
            if let WebSocketEvent::Message(Message::Text(text)) = event {
                assert!(text.len() <= MAX_MESSAGE);
            }
        }
    }
}

const MAX_MESSAGE: usize = 10_000;

/// The events, and whether the bytes break the rules after them.
fn decode<'a>(mut decoder: Decoder, portions: impl Iterator<Item = &'a [u8]>) -> (Vec<WebSocketEvent>, bool) {
    let mut events = Vec::new();
    for mut bytes in portions {
        loop {
            match decoder.decode(&mut bytes) {
                Ok(Some(event)) => events.push(event),
                Ok(None) => break,
                Err(_) => return (events, true),
            }
        }
    }
    (events, false)
}

/// The messages, if there is nothing else.
fn messages(packets: Vec<Packet>) -> Option<Vec<Message>> {
    let message = |packet| match packet {
        Packet::Message(message) => Some(message),
        _ => None,
    };
    packets.into_iter().map(message).collect::<Option<Vec<_>>>().filter(|messages| !messages.is_empty())
}

fn packets(messages: Vec<Message>) -> Vec<Packet> {
    messages.into_iter().map(Packet::Message).collect()
}
