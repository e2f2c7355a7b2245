use bytes::Bytes;
use bytestring::ByteString;
use socketio_proto::{Content, Decoder, Encoder, Limits, Offsets, Packet, Parser, Value, msgpack};

use crate::Choices;

/// Messages with `0x1e` between them; one that begins with `b` is an attachment.
pub(super) const PACKETS: &[&[u8]] = &[
    b"0",
    b"0/admin,{\"token\":\"a\"}",
    b"1/admin,",
    b"2[\"event\",1,\"two\",{\"three\":[null,true,-0.5e3]}]",
    b"2/a,12[\"event\"]",
    b"312[1,2]",
    b"4{\"message\":\"no\"}",
    b"51-[\"file\",{\"_placeholder\":true,\"num\":0}]\x1eb\x01\x02",
    b"62-/a,7[{\"_placeholder\":true,\"num\":1},[{\"_placeholder\":true,\"num\":0}]]\x1eba\x1ebc",
    b"2[\"\\u00e9\\ud83d\\ude00\",\"\xc3\xa9\"]",
    b"AAAAAAB",
];

pub(super) fn text(input: &[u8]) {
    if let Ok(text) = str::from_utf8(input) {
        let _ = Offsets::new(0).position(text);
    }
    let mut choices = Choices::new(input);
    let mut decoder = Decoder::new(Limits::default());
    while !choices.is_empty() {
        let message = Bytes::copy_from_slice(choices.until(0x1e));
        let packet = match message.strip_prefix(b"b") {
            Some(attachment) => decoder.push_binary(message.slice_ref(attachment)),
            None => match ByteString::try_from(message) {
                Ok(text) => decoder.push_text(text),
                Err(_) => return,
            },
        };
        match packet {
            Ok(Some(packet)) => written_and_read_again(&packet),
            Ok(None) => {}
            Err(_) => return,
        }
    }
}

/// What was received can be sent on unchanged.
fn written_and_read_again(packet: &Packet) {
    let mut encoder = Encoder::default();
    let namespace = &packet.namespace;
    let encoded = match &packet.content {
        Content::Event { id, name, args } => encoder.event(namespace, *id, name, args),
        Content::Ack { id, args } => encoder.ack(namespace, *id, args),
        _ => return,
    };
    // Only a namespace may be such that nobody could write it.
    let Ok(encoded) = encoded else {
        assert!(!namespace.starts_with('/') || namespace.contains(','), "{packet:?}");
        return;
    };
    let attachments = encoded.attachments.len();
    let mut decoder = Decoder::new(Limits { max_attachments: attachments, ..Limits::default() });
    let mut again = decoder.push_text(encoded.text.into()).expect("it was just written");
    for attachment in encoded.attachments {
        again = decoder.push_binary(attachment.clone()).expect("it was just written");
    }
    let again = again.expect("all attachments are there");
    assert_eq!(again.namespace, packet.namespace);
    match (&again.content, &packet.content) {
        (
            Content::Event { id, name, args },
            Content::Event { id: id_before, name: name_before, args: before },
        ) => {
            assert_eq!((id, name, args.len()), (id_before, name_before, before.len()));
        }
        (Content::Ack { id, args }, Content::Ack { id: id_before, args: before }) => {
            assert_eq!((id, args.len()), (id_before, before.len()));
        }
        other => panic!("another packet: {other:?}"),
    }
}

pub(super) const MSGPACK: &[&[u8]] = &[
    b"\x83\xa4type\x02\xa4data\x92\xa5event\x01\xa3nsp\xa1/",
    b"\x84\xa4type\x02\xa4data\x92\xa4file\xc4\x02\x01\x02\xa3nsp\xa2/a\xa2id\x07",
    b"\x82\xa4type\x00\xa3nsp\xa1/",
    b"\x83\xa4type\x03\xa4data\x91\xcb?\xf0\x00\x00\x00\x00\x00\x00\xa3nsp\xa1/\xa2id\x01",
];

pub(super) const MSGPACK_VALUES: &[&[u8]] = &[
    b"\xcb\x3f\xd5\x55\x55\x55\x55\x55\x55",
    b"\xcb\x00\x00\x00\x00\x00\x00\x00\x01",
    b"\xcb\x44\xb5\x2d\x02\xc7\xe1\x4a\xf7",
    b"\x93\xca\x3d\xcc\xcc\xcd\xcb\x80\x00\x00\x00\x00\x00\x00\x00\xcb\x7f\xf8\x00\x00\x00\x00\x00\x00",
    b"\x96\xcf\xff\xff\xff\xff\xff\xff\xff\xff\xd3\x80\x00\x00\x00\x00\x00\x00\x00\xe0\xd0\x80\xcd\x01\x00\xc0",
    b"\x82\xa1a\xc4\x02\x01\x02\xa1b\x92\xc2\xa3\xe2\x82\xac",
    b"\xd7\x00\x00\x00\x01\x8b\xcf\xe5\x68\x00",
];

/// A value is the same after it was written and read again, floats to the last bit.
pub(super) fn msgpack_value(input: &[u8]) {
    let limits = Limits::default();
    let Ok(value) = msgpack::from_bytes::<Value>(&Bytes::copy_from_slice(input), limits) else { return };
    let written = msgpack::to_vec(&value).expect("what was read can be written");
    let again: Value = msgpack::from_bytes(&written.into(), limits).expect("it was just written");
    assert_eq!(again, value);
}

pub(super) fn msgpack(input: &[u8]) {
    let mut decoder = Decoder::with_parser(Parser::MessagePack, Limits::default());
    if let Ok(Some(packet)) = decoder.push_binary(Bytes::copy_from_slice(input)) {
        written_and_read_again(&packet);
    }
}
