//! Codecs over arbitrary input.

use bytes::Bytes;
use engineio_proto::{
    Message, Packet, Prepared, Query,
    frame::{Decoder, Opcode, WebSocketEvent, masked_frame},
    payload, v3,
};
use proptest::prelude::*;

fn message() -> impl Strategy<Value = Message> {
    prop_oneof![
        "\\PC*".prop_map(|text| Message::from(text.as_str())),
        proptest::collection::vec(any::<u8>(), 0..200).prop_map(|bytes| Message::Binary(bytes.into())),
    ]
}

proptest! {
    #[test]
    fn a_payload_decodes_to_what_was_encoded(messages in proptest::collection::vec(message(), 1..20)) {
        let prepared: Vec<_> = messages.iter().map(Prepared::new).collect();
        let decoded: Result<Vec<_>, _> = payload::decode(payload::encode(&prepared)).unwrap().collect();
        let expected: Vec<_> = messages.into_iter().map(Packet::Message).collect();
        prop_assert_eq!(decoded, Ok(expected));
    }

    #[test]
    fn what_revision_3_wrote_it_reads(messages in proptest::collection::vec(message(), 1..20), base64: bool) {
        let prepared: Vec<_> = messages.iter().map(Prepared::new).collect();
        let expected: Vec<_> = messages.iter().cloned().map(Packet::Message).collect();
        let decoded: Result<Vec<_>, _> = v3::decode_payload(v3::encode_payload(&prepared, base64)).unwrap().collect();
        prop_assert_eq!(decoded, Ok(expected.clone()));
        let frames = prepared.into_iter().map(|packet| v3::encode(packet, base64)).map(|packet| {
            let payload = Bytes::copy_from_slice(packet.payload());
            if packet.is_binary() { Message::Binary(payload) } else { Message::Text(payload.try_into().unwrap()) }
        });
        prop_assert_eq!(frames.map(v3::decode).collect::<Result<Vec<_>, _>>(), Ok(expected));
    }

    #[test]
    fn frames_decode_to_what_was_encoded(messages in proptest::collection::vec(message(), 0..20), key: [u8; 4], cut in 1_usize..50) {
        let mut stream = Vec::new();
        for message in &messages {
            let (opcode, bytes) = match message {
                Message::Text(text) => (Opcode::Text, &text.as_bytes()[..]),
                Message::Binary(bytes) => (Opcode::Binary, &bytes[..]),
            };
            stream.extend_from_slice(&masked_frame(opcode, bytes, key));
        }
        let (mut decoder, mut decoded) = (Decoder::server(1000), Vec::new());
        for mut chunk in stream.chunks(cut) {
            while let Some(event) = decoder.decode(&mut chunk).unwrap() {
                decoded.push(event);
            }
        }
        prop_assert_eq!(decoded, messages.into_iter().map(WebSocketEvent::Message).collect::<Vec<_>>());
    }

    #[test]
    fn no_bytes_make_a_decoder_panic(bytes: Vec<u8>, text: String, cut in 1_usize..20) {
        for mut decoder in [Decoder::server(100), Decoder::client(100)] {
            for mut chunk in bytes.chunks(cut) {
                while let Ok(Some(_)) = decoder.decode(&mut chunk) {}
            }
        }
        if let Ok(packets) = v3::decode_payload(Bytes::from(bytes.clone())) {
            for packet in packets {
                let _ = packet;
            }
        }
        if let Ok(packets) = payload::decode(Bytes::from(bytes)) {
            for packet in packets {
                let _ = packet;
            }
        }
        let _ = Packet::from_chunk(&text.as_str().into());
        let _ = Query::parse(&text);
    }
}
