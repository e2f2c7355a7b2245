use proptest::prelude::*;
use serde::Deserialize;

use super::*;
use crate::{Content, Decoder, Encoder, Packet, Parser, Value};

fn decoder() -> Decoder {
    Decoder::with_parser(Parser::MessagePack, Limits::default())
}

fn packet(bytes: &[u8]) -> Result<Packet, DecodeError> {
    let packet = decoder().push_binary(Bytes::copy_from_slice(bytes))?;
    Ok(packet.expect("one message is one packet"))
}

/// What the JavaScript encoder wrote, in hexadecimal.
fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<_> = text.chars().filter_map(|digit| digit.to_digit(16)).collect();
    digits.chunks(2).map(|pair| u8::try_from(pair[0] * 16 + pair[1]).unwrap()).collect()
}

fn written(text: &str, attachments: &[Bytes]) -> Vec<u8> {
    Encoded { text, attachments }.to_message_pack().unwrap()
}

#[test]
fn packets_of_the_javascript_encoder_are_read() {
    // {type: 2, data: ["a", 1, Buffer.from([7])], options: {compress: true}, id: 3, nsp: "/x"}
    let event = hex("85 a474797065 02 a464617461 93 a161 01 c40107 a76f7074696f6e73 81 a8636f6d7072657373 c3
        a26964 03 a36e7370 a22f78");
    let Packet { namespace, content: Content::Event { id, name, args } } = packet(&event).unwrap() else {
        unreachable!("an event")
    };
    assert_eq!((&*namespace, id, &*name), ("/x", Some(3), "a"));
    assert_eq!(args.deserialize::<(u8, Bytes)>().unwrap(), (1, Bytes::from_static(&[7])));
    // {type: 0, data: undefined, nsp: "/"}
    let connect = hex("83 a474797065 00 a464617461 d40000 a36e7370 a12f");
    let expected = Packet { namespace: "/".into(), content: Content::Connect { payload: None } };
    assert_eq!(packet(&connect).unwrap(), expected);
    // {type: 0, data: {pid: "p", offset: undefined}, nsp: "/"}
    let resume = hex("83 a474797065 00 a464617461 82 a3706964 a170 a66f6666736574 d40000 a36e7370 a12f");
    let payload = Some(r#"{"pid":"p","offset":null}"#.into());
    assert_eq!(packet(&resume).unwrap().content, Content::Connect { payload });
}

#[test]
fn dates_and_array_buffers_of_the_javascript_encoder_are_read() {
    // {type: 3, id: 0, nsp: "/", data: [new Date(1500), new ArrayBuffer(1), NaN, undefined, {1: -1.5}]}
    let ack = hex("84 a474797065 03 a26964 00 a36e7370 a12f a464617461 95 d70000000000000005dc c7010000
        cb7ff8000000000000 d40000 81a131cbbff8000000000000");
    let Content::Ack { id: 0, args } = packet(&ack).unwrap().content else { unreachable!("an answer") };
    let texts: Vec<_> = args.iter().collect();
    assert_eq!(
        texts,
        [
            r#""1970-01-01T00:00:01.500Z""#,
            r#"{"_placeholder":true,"num":0}"#,
            "null",
            "null",
            r#"{"1":-1.5}"#
        ]
    );
    assert_eq!(args.attachments(), [Bytes::from_static(&[0])]);
}

#[test]
fn packets_are_written_as_the_javascript_encoder_does() {
    for (text, attachments, expected) in [
        ("0", vec![], "82 a474797065 00 a36e7370 a12f"),
        (r#"0/x,{"sid":"s"}"#, vec![], "83 a474797065 00 a464617461 81a3736964a173 a36e7370 a22f78"),
        ("1/x,", vec![], "82 a474797065 01 a36e7370 a22f78"),
        (r#"23["a",-1]"#, vec![], "84 a474797065 02 a464617461 92a161ff a36e7370 a12f a26964 03"),
        (
            r#"61-0[{"_placeholder":true,"num":0}]"#,
            vec![Bytes::from_static(&[9])],
            "84 a474797065 03 a464617461 91c40109 a36e7370 a12f a26964 00",
        ),
    ] {
        assert_eq!(written(text, &attachments), hex(expected), "{text}");
    }
}

/// What `@socket.io/redis-adapter` publishes for a broadcast is read, and written again byte for byte.
#[test]
fn messages_of_adapters_are_read_and_written() {
    #[derive(Debug, Deserialize, PartialEq, Serialize)]
    struct Published {
        r#type: u8,
        data: Vec<Value>,
        nsp: String,
    }
    #[derive(Debug, Deserialize, PartialEq, Serialize)]
    struct Options {
        rooms: Vec<String>,
        except: Vec<String>,
        flags: Value,
    }
    // ["uid123", {type: 2, data: ["ev", 1, Buffer.from([7, 8])], nsp: "/"},
    //  {rooms: ["a"], except: [], flags: {volatile: true}}]
    let bytes = hex("93 a6756964313233 83 a474797065 02 a464617461 93a2657601c4020708 a36e7370 a12f
        83 a5726f6f6d73 91a161 a6657863657074 90 a5666c616773 81a8766f6c6174696c65c3");
    let message: (String, Published, Options) = from_bytes(&bytes.clone().into(), Limits::default()).unwrap();
    let data = vec![Value::String("ev".into()), Value::Unsigned(1), Value::Bytes(vec![7, 8].into())];
    assert_eq!(message.1, Published { r#type: 2, data, nsp: "/".into() });
    assert_eq!((&*message.0, &*message.2.rooms), ("uid123", &["a".to_owned()][..]));
    assert_eq!(to_vec(&message).unwrap(), bytes);
}

#[test]
fn numbers_take_the_shortest_form() {
    for (text, expected) in [
        ("127", "7f"),
        ("128", "cc80"),
        ("256", "cd0100"),
        ("65536", "ce00010000"),
        ("4294967296", "cf0000000100000000"),
        ("18446744073709551615", "cfffffffffffffffff"),
        ("-32", "e0"),
        ("-33", "d0df"),
        ("-129", "d1ff7f"),
        ("-32769", "d2ffff7fff"),
        ("-2147483649", "d3ffffffff7fffffff"),
        ("0.1", "cb3fb999999999999a"),
        ("1e3", "cb408f400000000000"),
        ("18446744073709551616", "cb43f0000000000000"),
    ] {
        let mut out = Vec::new();
        write::json(text, &[], &mut out).unwrap();
        assert_eq!(out, hex(expected), "{text}");
    }
}

#[test]
fn malformed_packets_are_errors() {
    use DecodeError::*;
    for (bytes, expected) in [
        ("", (|error| matches!(error, NoMessagePack)) as fn(&DecodeError) -> bool),
        ("c1", |error| matches!(error, NoMessagePack)),
        ("90", |error| matches!(error, NoPacketMap)),
        ("80", |error| matches!(error, UnknownType)),
        ("81 01 02", |error| matches!(error, InvalidKey)),
        // Only a type; types 5 and 255; no namespace; a namespace with a comma; one without a slash.
        ("81 a474797065 00", |error| matches!(error, InvalidNamespace)),
        ("82 a474797065 05 a36e7370 a12f", |error| matches!(error, UnknownType)),
        ("82 a474797065 ccff a36e7370 a12f", |error| matches!(error, UnknownType)),
        ("82 a474797065 00 a36e7370 a22f2c", |error| matches!(error, InvalidNamespace)),
        ("82 a474797065 00 a36e7370 a178", |error| matches!(error, InvalidNamespace)),
        // Something behind the packet, and a packet that ends early.
        ("82 a474797065 01 a36e7370 a12f 00", |error| matches!(error, NoMessagePack)),
        ("82 a474797065 01 a36e7370 a22f", |error| matches!(error, NoMessagePack)),
        ("82 a474797065 01 a36e7370 dbffffffff", |error| matches!(error, NoMessagePack)),
        ("83 a474797065 02 a36e7370 a12f a464617461 ddffffffff", |error| matches!(error, NoMessagePack)),
        // Payloads: a connection with an array, a farewell with anything, an event without name.
        ("83 a474797065 00 a36e7370 a12f a464617461 90", |error| matches!(error, InvalidPayload { .. })),
        ("83 a474797065 01 a36e7370 a12f a464617461 90", |error| matches!(error, UnexpectedPayload(_))),
        ("83 a474797065 02 a36e7370 a12f a464617461 90", |error| matches!(error, InvalidPayload { .. })),
        ("83 a474797065 02 a36e7370 a12f a464617461 91c0", |error| matches!(error, InvalidPayload { .. })),
        ("82 a474797065 02 a36e7370 a12f", |error| matches!(error, InvalidPayload { .. })),
        ("83 a474797065 04 a36e7370 a12f a464617461 90", |error| matches!(error, InvalidPayload { .. })),
        ("83 a474797065 03 a36e7370 a12f a464617461 90", |error| matches!(error, MissingAckId)),
        ("84 a474797065 03 a36e7370 a12f a26964 ff a464617461 90", |error| matches!(error, InvalidAckId)),
        // An event named "disconnect", an extension that nobody knows, text that is none, a key that is a list.
        ("83 a474797065 02 a36e7370 a12f a464617461 91aa646973636f6e6e656374", |error| {
            matches!(error, ReservedEvent(_))
        }),
        ("83 a474797065 02 a36e7370 a12f a464617461 92a161d40500", |error| {
            matches!(error, UnknownExtension(5))
        }),
        ("83 a474797065 02 a36e7370 a12f a464617461 92a161a1ff", |error| matches!(error, NoMessagePack)),
        ("83 a474797065 02 a36e7370 a12f a464617461 92a161819000", |error| matches!(error, InvalidKey)),
    ] {
        let error = packet(&hex(bytes)).expect_err(bytes);
        assert!(expected(&error), "{bytes}: {error:?}");
    }
    assert!(matches!(decoder().push_text("0".into()), Err(UnexpectedText)));
}

#[test]
fn depth_and_attachments_are_limited() {
    let event = |value: &[u8]| {
        let mut bytes = hex("83 a474797065 02 a36e7370 a12f a464617461 92a161");
        bytes.extend_from_slice(value);
        packet(&bytes)
    };
    let nested = |depth| [vec![0x91; depth], vec![0xc0]].concat();
    assert!(event(&nested(127)).is_ok());
    assert!(matches!(event(&nested(128)), Err(DecodeError::TooDeep { max: 128 })));
    assert!(event(&nested(1_000_000)).is_err());
    let attached = |count: u8| [vec![0xdc, 0, count], [0xc4, 0].repeat(count.into())].concat();
    assert!(event(&attached(10)).is_ok());
    assert!(matches!(event(&attached(11)), Err(DecodeError::TooManyAttachments { count: 11, max: 10 })));
    // What is not looked at may be nested as it likes.
    let mut ignored = hex("83 a474797065 01 a36e7370 a12f a178");
    ignored.extend_from_slice(&nested(1_000_000));
    assert!(packet(&ignored).is_ok());
}

#[test]
fn text_that_is_nested_too_deep_is_not_written() {
    let nested = |depth| format!("2{}{}", "[".repeat(depth), "]".repeat(depth));
    let write = |text: &str| Encoded { text, attachments: &[] }.to_message_pack();
    assert!(write(&nested(128)).is_ok());
    assert!(write(&nested(129)).is_err());
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<u64>().prop_map(Value::Unsigned),
        (i64::MIN..0).prop_map(Value::Signed),
        // Integral floats and those that JSON text is read back from exactly.
        (-1_000_000_i32..1_000_000).prop_map(|number| Value::Float(f64::from(number) / 8.0)),
        any::<String>().prop_map(Value::String),
        proptest::collection::vec(any::<u8>(), 0..300).prop_map(|bytes| Value::Bytes(bytes.into())),
    ];
    leaf.prop_recursive(4, 40, 20, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..20).prop_map(Value::Array),
            // Keys are unique, as in any object of JavaScript.
            proptest::collection::btree_map("[^_].{0,40}", inner, 0..20)
                .prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
}

/// Whatever is drawn has its attachments.
const UNLIMITED: Limits = Limits { max_attachments: usize::MAX, max_depth: 128 };

proptest! {
    #[test]
    fn what_is_written_is_read(value in values()) {
        let written = to_vec(&value).unwrap();
        prop_assert_eq!(from_bytes::<Value>(&written.into(), UNLIMITED).unwrap(), value);
    }

    #[test]
    fn packets_are_the_same_in_both_forms(
        value in values(),
        id in proptest::option::of(any::<u64>()),
        namespace in "/[a-z]{0,8}",
        name in "[a-z]{1,40}x",
    ) {
        let mut encoder = Encoder::default();
        let encoded = encoder.event(&namespace, id, &name, &(value, 1)).unwrap();
        let mut json = Decoder::new(UNLIMITED);
        let mut expected = json.push_text(encoded.text.into()).unwrap();
        for attachment in encoded.attachments {
            expected = json.push_binary(attachment.clone()).unwrap();
        }
        let message = encoded.to_message_pack().unwrap();
        let packet = Decoder::with_parser(Parser::MessagePack, UNLIMITED).push_binary(message.into()).unwrap();
        prop_assert_eq!(packet, expected);
    }

    #[test]
    fn no_bytes_cause_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let bytes = Bytes::from(bytes);
        let _ = decode(&bytes, Limits::default());
        let _ = from_bytes::<Value>(&bytes, Limits::default());
    }

    #[test]
    fn no_damage_causes_a_panic(value in values(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut encoder = Encoder::default();
        let mut message = encoder.event("/", Some(1), "a", &(value,)).unwrap().to_message_pack().unwrap();
        let at = at.index(message.len());
        message[at] = byte;
        let _ = decode(&message.into(), UNLIMITED);
    }
}
