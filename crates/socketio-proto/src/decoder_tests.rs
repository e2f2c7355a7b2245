use proptest::prelude::*;

use super::*;
use crate::{Args, PacketType};

fn decode(text: &str) -> Result<Option<Packet>, DecodeError> {
    Decoder::new(Limits::default()).push_text(ByteString::from(text))
}

fn packet(text: &str) -> Packet {
    decode(text).unwrap().unwrap()
}

/// Namespace, id, name and arguments of an event.
fn event(text: &str) -> (String, Option<u64>, String, Vec<String>) {
    let Packet { namespace, content: Content::Event { id, name, args } } = packet(text) else {
        unreachable!("an event")
    };
    (namespace.to_string(), id, name.to_string(), args.iter().map(str::to_owned).collect())
}

#[test]
fn events() {
    for (text, namespace, id, name, args) in [
        (r#"2["a"]"#, "/", None, "a", vec![]),
        (r#"2["a",1,{"b":[2, 3]}]"#, "/", None, "a", vec!["1", r#"{"b":[2, 3]}"#]),
        (r#"212["a", null ]"#, "/", Some(12), "a", vec!["null"]),
        (r#"2/admin,["a"]"#, "/admin", None, "a", vec![]),
        (r#"2/admin,0["a","é"]"#, "/admin", Some(0), "a", vec![r#""é""#]),
        (r#"2["a\"\u00e9"]"#, "/", None, "a\"é", vec![]),
        (r"2[7,8]", "/", None, "7", vec!["8"]),
        (r#"2["a,b/c-"]"#, "/", None, "a,b/c-", vec![]),
    ] {
        let args: Vec<_> = args.into_iter().map(str::to_owned).collect();
        assert_eq!(event(text), (namespace.to_owned(), id, name.to_owned(), args), "{text}");
    }
}

#[test]
fn other_packets() {
    for (text, namespace, content) in [
        ("0", "/", Content::Connect { payload: None }),
        (r#"0{"a":1}"#, "/", Content::Connect { payload: Some(r#"{"a":1}"#.into()) }),
        ("0/admin,", "/admin", Content::Connect { payload: None }),
        ("0/admin", "/admin", Content::Connect { payload: None }),
        ("1", "/", Content::Disconnect),
        ("1/admin,", "/admin", Content::Disconnect),
        ("37", "/", Content::Ack { id: 7, args: Args::default() }),
        ("37[]", "/", Content::Ack { id: 7, args: Args::default() }),
        (r#"4"no""#, "/", Content::ConnectError { payload: Some(r#""no""#.into()) }),
    ] {
        assert_eq!(packet(text), Packet { namespace: namespace.into(), content }, "{text}");
    }
}

#[test]
fn malformed_packets_are_errors() {
    use DecodeError::*;
    fn invalid(error: &DecodeError) -> bool {
        matches!(error, InvalidPayload { .. })
    }
    for (text, expected) in [
        ("", (|error| matches!(error, UnknownType)) as fn(&DecodeError) -> bool),
        ("7", |error| matches!(error, UnknownType)),
        ("abc", |error| matches!(error, UnknownType)),
        ("é", |error| matches!(error, UnknownType)),
        ("2", invalid),
        ("2{}", invalid),
        ("2[]", invalid),
        ("2[null]", invalid),
        (r#"2["a""#, invalid),
        (r#"2["a",]"#, invalid),
        (r#"2["a"]x"#, invalid),
        (r#"2abc["a"]"#, invalid),
        (r#"2["a",tru]"#, invalid),
        ("0[]", invalid),
        ("0\"a\"", invalid),
        ("0{", invalid),
        ("4[]", invalid),
        ("3[]", |error| matches!(error, MissingAckId)),
        ("31{}", invalid),
        ("1{}", |error| matches!(error, UnexpectedPayload(PacketType::Disconnect))),
        (r#"2["disconnect"]"#, |error| matches!(error, ReservedEvent(_))),
        (r#"299999999999999999999["a"]"#, |error| matches!(error, InvalidAckId)),
        (r#"5["a"]"#, |error| matches!(error, InvalidAttachmentCount)),
        (r#"5-["a"]"#, |error| matches!(error, InvalidAttachmentCount)),
        (r#"5+1-["a"]"#, |error| matches!(error, InvalidAttachmentCount)),
        (r#"511-["a"]"#, |error| matches!(error, TooManyAttachments { count: 11, max: 10 })),
        (r#"599999999999999999999-["a"]"#, |error| matches!(error, TooManyAttachments { .. })),
    ] {
        let error = decode(text).expect_err(text);
        assert!(expected(&error), "{text}: {error:?}");
    }
}

#[test]
fn attachments_complete_a_packet() {
    let mut decoder = Decoder::new(Limits::default());
    let text = r#"52-/x,1["a",{"_placeholder":true,"num":1},[{"_placeholder":true,"num":0}]]"#;
    assert_eq!(decoder.push_text(text.into()).unwrap(), None);
    assert_eq!(decoder.push_binary(Bytes::from_static(b"zero")).unwrap(), None);
    let packet = decoder.push_binary(Bytes::from_static(b"one")).unwrap().unwrap();
    let Content::Event { id: Some(1), args, .. } = packet.content else { unreachable!("an event") };
    let (first, second): (Bytes, Vec<Bytes>) = args.deserialize().unwrap();
    assert_eq!((&first[..], &second[0][..]), (&b"one"[..], &b"zero"[..]));
    assert_eq!(args.deserialize::<Bytes>().unwrap(), "one");

    assert!(matches!(decoder.push_binary(Bytes::new()), Err(DecodeError::UnexpectedAttachment)));
    assert_eq!(decoder.push_text(r#"61-1[{"_placeholder":true,"num":0}]"#.into()).unwrap(), None);
    assert!(matches!(decoder.push_text("2[\"a\"]".into()), Err(DecodeError::ExpectedAttachment)));
}

#[test]
fn a_binary_packet_without_attachments_is_complete() {
    assert_eq!(event(r#"50-["a",1]"#).3, ["1"]);
}

#[test]
fn bytes_are_found_wherever_a_type_wants_them() {
    #[derive(serde::Deserialize, Debug, PartialEq)]
    struct File {
        name: String,
        body: Option<Bytes>,
        #[serde(flatten)]
        more: std::collections::BTreeMap<String, Either>,
    }
    #[derive(serde::Deserialize, Debug, PartialEq)]
    #[serde(untagged)]
    enum Either {
        Bytes(#[serde(with = "bytes_only")] Bytes),
        Number(u32),
    }
    mod bytes_only {
        pub(super) fn deserialize<'de, D: serde::Deserializer<'de>>(d: D) -> Result<bytes::Bytes, D::Error> {
            serde::Deserialize::deserialize(d)
        }
    }
    let text = r#"51-["a",{"name":"n","body":{"num":0,"_placeholder":true},"x":{"_placeholder":true,"num":0},"y":7}]"#;
    let Content::Event { mut args, .. } = parse_only(text).content else { unreachable!("an event") };
    args.attach(Bytes::from_static(b"b"));
    let file: File = args.deserialize().unwrap();
    assert_eq!((&*file.name, file.body.as_deref()), ("n", Some(&b"b"[..])));
    assert_eq!(file.more["x"], Either::Bytes(Bytes::from_static(b"b")));
    assert_eq!(file.more["y"], Either::Number(7));
}

#[test]
fn an_object_that_resembles_a_placeholder_is_an_object() {
    for json in [r#"{"num":{"num":[1]},"a":2}"#, r#"{"num":1}"#, r#"{"a":1,"_placeholder":true}"#, "{}"] {
        let Content::Event { mut args, .. } = parse_only(&format!(r#"51-["a",{json}]"#)).content else {
            unreachable!("an event")
        };
        args.attach(Bytes::new());
        let value: serde_json::Value = args.deserialize().unwrap();
        assert_eq!(value, serde_json::from_str::<serde_json::Value>(json).unwrap());
    }
}

#[test]
fn a_packet_whose_placeholders_name_no_attachment_is_refused() {
    for placeholder in [r#"{"_placeholder":true,"num":1}"#, r#"[{"a":{"_placeholder":true,"num":-1}}]"#] {
        for packet_type in ["51-[\"a\",", "61-1["] {
            let mut decoder = Decoder::new(Limits::default());
            assert_eq!(decoder.push_text(format!("{packet_type}{placeholder}]").into()).unwrap(), None);
            let refused = decoder.push_binary(Bytes::from_static(&[1]));
            assert!(matches!(refused, Err(DecodeError::Placeholder(_))), "{refused:?}");
        }
    }
}

#[test]
fn a_placeholder_without_attachment_is_an_error() {
    for placeholder in [
        r#"{"_placeholder":true,"num":1}"#,
        r#"{"_placeholder":true,"num":-1}"#,
        r#"{"_placeholder":true,"num":"splice"}"#,
        r#"{"_placeholder":true}"#,
    ] {
        let Content::Event { mut args, .. } = parse_only(&format!(r#"51-["a",{placeholder}]"#)).content
        else {
            unreachable!("an event")
        };
        args.attach(Bytes::new());
        assert!(args.deserialize::<Bytes>().is_err(), "{placeholder}");
    }
}

#[test]
fn missing_arguments_read_as_null_and_surplus_ones_are_ignored() {
    let args = |text| match packet(text).content {
        Content::Event { args, .. } => args,
        other => unreachable!("{other:?}"),
    };
    let none = args(r#"2["a"]"#);
    none.deserialize::<()>().unwrap();
    assert_eq!(none.deserialize::<Option<u8>>().unwrap(), None);
    assert_eq!(none.deserialize::<serde_json::Value>().unwrap(), serde_json::Value::Null);
    assert!(none.deserialize::<u8>().is_err());
    let two = args(r#"2["a",1,"b"]"#);
    assert_eq!(two.deserialize::<u8>().unwrap(), 1);
    assert_eq!(two.deserialize::<(u8,)>().unwrap(), (1,));
    assert_eq!(two.deserialize::<(u8, &str, Option<u8>)>().unwrap(), (1, "b", None));
    assert_eq!(args(r#"2["a",[1,2],3]"#).deserialize::<Vec<u8>>().unwrap(), [1, 2]);
}

fn parse_only(text: &str) -> Packet {
    parse::packet(text.into(), 10).unwrap().0
}

proptest! {
    #[test]
    fn arbitrary_input_never_panics(messages in proptest::collection::vec(
        prop_oneof![
            any::<String>().prop_map(Ok),
            r#"[0-7]([0-9]{1,2}-)?(/[a-z]{0,3},)?[0-9]{0,3}(\[("[a-z]*"|[0-9]|\{"_placeholder":true,"num":[0-3]\}|,|\[|\]){0,6}\])?"#
                .prop_map(Ok),
            any::<Vec<u8>>().prop_map(Err),
        ],
        0..8,
    )) {
        let mut decoder = Decoder::new(Limits::default());
        for message in messages {
            let result = match message {
                Ok(text) => decoder.push_text(text.into()),
                Err(bytes) => decoder.push_binary(bytes.into()),
            };
            if let Ok(Some(Packet { content: Content::Event { args, .. } | Content::Ack { args, .. }, .. })) = result {
                let _ = args.deserialize::<serde_json::Value>();
                let _ = args.deserialize::<(Bytes, String)>();
                let _ = serde_json::to_string(&args);
            }
        }
    }
}
