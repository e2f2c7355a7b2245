use super::*;
use crate::frame::{close_frame, control_frame, masked_frame};

const KEY: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

/// Feeds the bytes in chunks and collects what comes out.
fn decode(mut decoder: Decoder, bytes: &[u8], chunk: usize) -> Result<Vec<WebSocketEvent>, FrameError> {
    let mut events = Vec::new();
    for mut chunk in bytes.chunks(chunk) {
        while let Some(event) = decoder.decode(&mut chunk)? {
            events.push(event);
        }
        assert!(chunk.is_empty(), "everything is taken");
    }
    Ok(events)
}

fn text(text: &str) -> WebSocketEvent {
    WebSocketEvent::Message(Message::from(text))
}

#[test]
fn frames_are_found_however_the_stream_is_cut() {
    let long = "€".repeat(30_000);
    let mut stream = Vec::new();
    for part in ["", "hello", &"x".repeat(126), &long] {
        stream.extend_from_slice(&masked_frame(Opcode::Text, part.as_bytes(), KEY));
    }
    stream.extend_from_slice(&masked_frame(Opcode::Ping, b"p", KEY));
    stream.extend_from_slice(&masked_frame(Opcode::Binary, &[0, 255], KEY));
    stream.extend_from_slice(&masked_frame(Opcode::Close, &[0x03, 0xe8, b'x'], KEY));
    let expected = vec![
        text(""),
        text("hello"),
        text(&"x".repeat(126)),
        text(&long),
        WebSocketEvent::Ping(Bytes::from_static(b"p")),
        WebSocketEvent::Message(Message::Binary(Bytes::from_static(&[0, 255]))),
        WebSocketEvent::Close(Some(CloseCode::NORMAL)),
    ];
    for chunk in [1, 2, 3, 7, 1000, 65_536, stream.len()] {
        assert_eq!(decode(Decoder::server(1_000_000), &stream, chunk).as_ref(), Ok(&expected), "by {chunk}");
    }
}

#[test]
fn a_client_reads_unmasked_frames() {
    let mut stream = crate::Prepared::text("hi").frame().to_vec();
    stream.extend_from_slice(&control_frame(Opcode::Pong, &[]));
    stream.extend_from_slice(&close_frame(None));
    let expected = vec![text("4hi"), WebSocketEvent::Pong(Bytes::new()), WebSocketEvent::Close(None)];
    assert_eq!(decode(Decoder::client(100), &stream, 2), Ok(expected));
}

/// A frame with a chosen first byte.
fn raw(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = masked_frame(Opcode::Text, payload, KEY).to_vec();
    frame[0] = first;
    frame
}

#[test]
fn fragments_are_joined_and_control_frames_may_stand_between() {
    let euro = "€".as_bytes();
    let stream =
        [raw(0x01, b"a"), raw(0x89, b""), raw(0x00, &euro[..1]), raw(0x00, b""), raw(0x80, &euro[1..])]
            .concat();
    let expected = vec![WebSocketEvent::Ping(Bytes::new()), text("a€")];
    for chunk in [1, 4, stream.len()] {
        assert_eq!(decode(Decoder::server(10), &stream, chunk).as_ref(), Ok(&expected));
    }
}

#[test]
fn what_breaks_a_rule_is_refused_with_its_code() {
    let table: &[(Vec<u8>, FrameError, u16)] = &[
        (raw(0x80, b"x"), FrameError::Fragmentation, 1002),
        ([raw(0x01, b"x"), raw(0x81, b"y")].concat(), FrameError::Fragmentation, 1002),
        (raw(0x81, &[0xff]), FrameError::Utf8, 1007),
        (raw(0x01, &[0xc3, 0x28]), FrameError::Utf8, 1007),
        ([raw(0x01, &[0xe2]), raw(0x80, b"")].concat(), FrameError::Utf8, 1007),
        (raw(0x88, &[3]), FrameError::CloseCode, 1002),
        (raw(0x88, &[0x03, 0xed]), FrameError::CloseCode, 1002),
        (raw(0x88, &[0x03, 0xe8, 0xff]), FrameError::Utf8, 1007),
        (raw(0x81, &[b'x'; 11]), FrameError::TooBig, 1009),
        ([raw(0x01, &[b'x'; 6]), raw(0x00, &[b'x'; 5])].concat(), FrameError::TooBig, 1009),
        (vec![0x81, 0x01, b'x'], FrameError::Mask, 1002),
    ];
    for (stream, error, code) in table {
        for chunk in [1, stream.len()] {
            assert_eq!(decode(Decoder::server(10), stream, chunk), Err(*error), "{stream:x?}");
            assert_eq!(error.close_code().get(), *code);
        }
    }
}

#[test]
fn compressed_messages_need_the_extension_and_keep_to_the_limit() {
    let packet = crate::Prepared::raw_text(&"abc".repeat(1000)).compressible();
    let frame = packet.compressed_frame();
    let clone = packet.clone();
    assert!(frame.len() < 100 && frame == clone.compressed_frame() && frame == packet.compressed_frame());
    let decoder = |max| Decoder::client(max).with_deflate(true);
    for chunk in [1, frame.len()] {
        assert_eq!(decode(decoder(3000), &frame, chunk), Ok(vec![text(&"abc".repeat(1000))]));
        assert_eq!(decode(decoder(2999), &frame, chunk), Err(FrameError::TooBig));
        assert_eq!(decode(Decoder::client(3000), &frame, chunk), Err(FrameError::ReservedBits));
    }
    let Ok(Some((header, start))) = Header::decode(&frame) else { panic!("a header") };
    assert!(header.compressed);
    let (first, second) = frame[start..].split_at(5);
    let fragments = [raw(0x41, first), raw(0x80, second)].concat();
    let server = Decoder::server(3000).with_deflate(true);
    assert_eq!(decode(server, &fragments, 3), Ok(vec![text(&"abc".repeat(1000))]));
    let again = [raw(0x41, first), raw(0xc0, second)].concat();
    assert_eq!(decode(Decoder::server(3000).with_deflate(true), &again, 3), Err(FrameError::ReservedBits));
}

#[test]
fn a_declared_length_reserves_nothing() {
    let mut decoder = Decoder::server(usize::MAX);
    let mut input: &[u8] = &[0x82, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xf0, 1, 2, 3, 4, 5];
    assert_eq!(decoder.decode(&mut input), Ok(None));
    assert!(decoder.partial.capacity() < 1024);
}

#[test]
fn an_idle_decoder_keeps_no_buffer() {
    let mut decoder = Decoder::server(1000);
    let frame = masked_frame(Opcode::Text, &[b'x'; 500], KEY);
    for cut in [1, 5, 100] {
        let (mut first, mut second) = frame.split_at(cut);
        assert_eq!(decoder.decode(&mut first), Ok(None));
        assert!(decoder.decode(&mut second).unwrap().is_some());
        assert_eq!(decoder.partial.capacity(), 0);
    }
}
