use bytes::Bytes;

use super::*;
use crate::{DecodeError, Message, Packet, Prepared};

fn text(text: &str) -> Packet {
    Packet::Message(Message::from(text))
}

fn binary(bytes: &'static [u8]) -> Packet {
    Packet::Message(Message::Binary(Bytes::from_static(bytes)))
}

#[test]
fn payloads_are_read() {
    type Read = Result<Vec<Packet>, DecodeError>;
    let table: &[(&[u8], Read)] = &[
        (b"6:4hello", Ok(vec![text("hello")])),
        (b"1:26:2probe1:5", Ok(vec![Packet::Ping, Packet::Probe, Packet::Upgrade])),
        ("2:4€3:4😀".as_bytes(), Ok(vec![text("€"), text("😀")])),
        (b"10:b4AQIDBA==", Ok(vec![binary(&[1, 2, 3, 4])])),
        (b"0:", Ok(vec![])),
        (b"\x00\x06\xff4hello\x01\x03\xff\x04\x01\x02", Ok(vec![text("hello"), binary(&[1, 2])])),
        (b"\x00\x01\x01\xff4123456789a", Ok(vec![text("123456789a")])),
        (b"\x00\x04\xff4\xe2\x82\xac", Ok(vec![text("€")])),
        (b"", Err(DecodeError::Length)),
        (b"4hello", Err(DecodeError::Length)),
        (b"5:4hello", Err(DecodeError::Length)),
        (b"9:4hello", Err(DecodeError::Length)),
        (b"-1:4", Err(DecodeError::Length)),
        (b"x:4", Err(DecodeError::Length)),
        (b":4", Err(DecodeError::Length)),
        (b"99999999999999999999999:4", Err(DecodeError::Length)),
        // A length that cuts a character of two units in half.
        ("2:4😀".as_bytes(), Err(DecodeError::Length)),
        (b"0:1:2", Err(DecodeError::Empty)),
        (b"1:7", Err(DecodeError::UnknownType(b'7'))),
        (b"1:b", Err(DecodeError::Empty)),
        (b"2:b2", Err(DecodeError::UnknownType(b'2'))),
        ("3:b4€".as_bytes(), Err(DecodeError::Base64)),
        (b"3:b4\xff", Err(DecodeError::Utf8)),
        (b"3:b4!", Err(DecodeError::Base64)),
        (b"\x00", Err(DecodeError::Length)),
        (b"\x00\xff4", Err(DecodeError::Length)),
        (b"\x00\x0a\xff4234567890", Err(DecodeError::Length)),
        (b"\x00\x02\xff4", Err(DecodeError::Length)),
        (b"\x01\x00\xff", Err(DecodeError::Empty)),
        (b"\x01\x00\xff\x00\x01\xff2", Err(DecodeError::Empty)),
        (b"\x01\x01\xff\x02", Err(DecodeError::UnknownType(2))),
        (b"\x00\x02\xff4\xff", Err(DecodeError::Utf8)),
        (b"\x00\x01\xff2\x05\x01\xff2", Err(DecodeError::UnknownType(5))),
    ];
    for (body, expected) in table {
        let packets = decode_payload(Bytes::from_static(body)).and_then(Iterator::collect);
        assert_eq!(packets, *expected, "{}", String::from_utf8_lossy(body));
    }
}

#[test]
fn payloads_are_written() {
    let packets = [Prepared::text("€"), Prepared::binary(&[1, 2]), Prepared::PONG];
    assert_eq!(encode_payload(&packets, true), "2:4€6:b4AQI=1:3");
    assert_eq!(
        encode_payload(&packets, false),
        &b"\x00\x04\xff4\xe2\x82\xac\x01\x03\xff\x04\x01\x02\x00\x01\xff3"[..]
    );
    assert_eq!(encode_payload(&packets[..1], false), "2:4€");
    assert!(is_binary(&encode_payload(&packets, false)) && !is_binary(&encode_payload(&packets, true)));
    assert!(!is_binary(b"") && !is_binary(b"4x") && !is_binary(b"bAQ=="));
}

#[test]
fn frames_name_the_type_of_binary_packets() {
    let packet = Prepared::binary(&[7, 8]);
    assert_eq!(encode(packet.clone(), false).payload(), [4, 7, 8]);
    let base64 = encode(packet, true);
    assert_eq!((base64.payload(), base64.is_binary()), (&b"b4Bwg="[..], false));
    assert_eq!(encode(Prepared::text("x"), true), Prepared::text("x"));
    assert_eq!(decode(Message::Binary(Bytes::from_static(&[4, 7, 8]))), Ok(binary(&[7, 8])));
    assert_eq!(decode(Message::from("b4Bwg=")), Ok(binary(&[7, 8])));
    assert_eq!(decode(Message::from("2probe")), Ok(Packet::Probe));
    assert_eq!(decode(Message::Binary(Bytes::new())), Err(DecodeError::Empty));
}
