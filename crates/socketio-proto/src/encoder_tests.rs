use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::{Content, Decoder, Limits, Packet, Value};

fn event<T: Serialize + ?Sized>(args: &T) -> (String, Vec<Bytes>) {
    let mut encoder = Encoder::default();
    let encoded = encoder.event("/", None, "a", args).unwrap();
    (encoded.text.to_owned(), encoded.attachments.to_vec())
}

#[test]
fn values_become_arguments() {
    #[derive(Serialize)]
    struct Unit;
    #[derive(Serialize)]
    struct Pair(u8, u8);
    #[derive(Serialize)]
    struct New(u8);
    #[derive(Serialize)]
    enum Enum {
        Unit,
        Tuple(u8, u8),
    }
    let check = |(text, attachments): (String, Vec<Bytes>), expected: &str| {
        assert_eq!(text, expected);
        assert!(attachments.is_empty());
    };
    check(event(&()), r#"2["a"]"#);
    check(event(&(1, "b", [2])), r#"2["a",1,"b",[2]]"#);
    check(event(&[1, 2]), r#"2["a",1,2]"#);
    check(event(&[1, 2][..]), r#"2["a",[1,2]]"#);
    check(event(&vec![1]), r#"2["a",[1]]"#);
    check(event("x\"y"), r#"2["a","x\"y"]"#);
    check(event(&Some(1)), r#"2["a",1]"#);
    check(event(&None::<u8>), r#"2["a",null]"#);
    check(event(&json!({"k": [1]})), r#"2["a",{"k":[1]}]"#);
    check(event(&json!(null)), r#"2["a",null]"#);
    check(event(&json!([1, 2])), r#"2["a",[1,2]]"#);
    check(event(&Unit), r#"2["a",null]"#);
    check(event(&Pair(1, 2)), r#"2["a",1,2]"#);
    check(event(&New(1)), r#"2["a",1]"#);
    check(event(&Enum::Unit), r#"2["a","Unit"]"#);
    check(event(&Enum::Tuple(1, 2)), r#"2["a",{"Tuple":[1,2]}]"#);
    check(event(&BTreeMap::from([("k", 1)])), r#"2["a",{"k":1}]"#);
    check(event(&serde_json::value::RawValue::from_string("[1]".to_owned()).unwrap()), r#"2["a",[1]]"#);
}

#[test]
fn bytes_become_attachments() {
    let (text, attachments) = event(&(Bytes::from_static(b"x"), [Bytes::from_static(b"y")]));
    assert_eq!(text, r#"52-["a",{"_placeholder":true,"num":0},[{"_placeholder":true,"num":1}]]"#);
    assert_eq!(attachments, ["x", "y"]);
    let mut encoder = Encoder::default();
    let encoded = encoder.ack("/n", 12, &Bytes::from_static(b"x")).unwrap();
    assert_eq!(encoded.text, r#"61-/n,12[{"_placeholder":true,"num":0}]"#);
}

#[test]
fn packets_are_written_as_the_protocol_says() {
    let mut encoder = Encoder::default();
    assert_eq!(encoder.event("/", Some(3), "a", &1).unwrap().text, r#"23["a",1]"#);
    assert_eq!(encoder.event("/n", Some(3), "a\n", &()).unwrap().text, "2/n,3[\"a\\n\"]");
    assert_eq!(encoder.ack("/", 0, &()).unwrap().text, "30[]");
    assert_eq!(encoder.ack("/n", 1, &(1, 2)).unwrap().text, "3/n,1[1,2]");
    assert_eq!(encoder.connect("/", None::<&()>).unwrap().text, "0");
    assert_eq!(encoder.connect("/n", Some(&json!({"sid": "x"}))).unwrap().text, r#"0/n,{"sid":"x"}"#);
    assert_eq!(encoder.disconnect("/n").unwrap().text, "1/n,");
    assert_eq!(encoder.connect_error("/", &json!({"message": "no"})).unwrap().text, r#"4{"message":"no"}"#);
}

#[test]
fn misuse_is_an_error_and_leaves_the_encoder_usable() {
    let mut encoder = Encoder::default();
    assert!(matches!(encoder.event("/", None, "connect", &()), Err(EncodeError::ReservedEvent(_))));
    assert!(matches!(encoder.event("/a,b", None, "a", &()), Err(EncodeError::InvalidNamespace(_))));
    assert!(matches!(encoder.event("a", None, "a", &()), Err(EncodeError::InvalidNamespace(_))));
    let map = BTreeMap::from([((1, 2), 3)]);
    assert!(matches!(encoder.event("/", None, "a", &(Bytes::new(), map)), Err(EncodeError::Json(_))));
    assert_eq!(encoder.event("/", None, "a", &1).unwrap().text, r#"2["a",1]"#);
}

/// Sends what was encoded through a decoder.
fn round_trip(encoded: Encoded<'_>) -> Packet {
    let mut decoder = Decoder::new(Limits { max_attachments: usize::MAX, ..Limits::default() });
    let mut packet = decoder.push_text(encoded.text.into()).unwrap();
    for attachment in encoded.attachments {
        assert_eq!(packet, None);
        packet = decoder.push_binary(attachment.clone()).unwrap();
    }
    packet.unwrap()
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<u64>().prop_map(Value::Unsigned),
        (i64::MIN..0).prop_map(Value::Signed),
        any::<i32>().prop_map(|number| Value::Float(f64::from(number) + 0.5)),
        any::<String>().prop_map(Value::String),
        any::<Vec<u8>>().prop_map(|bytes| Value::Bytes(bytes.into())),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            proptest::collection::vec(("[a-zé\"]{0,4}", inner), 0..4).prop_map(Value::Object),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_encoded_decodes_to_the_same(
        namespace in "(/[a-zé0-9/-]{0,6})",
        id in any::<Option<u64>>(),
        name in any::<String>().prop_filter("reserved", |name| !is_reserved(name)),
        value in values(),
        second in values(),
    ) {
        let mut encoder = Encoder::default();
        let packet = round_trip(encoder.event(&namespace, id, &name, &(&value, &second)).unwrap());
        prop_assert_eq!(&*packet.namespace, &*namespace);
        let Content::Event { id: found, name: found_name, args } = packet.content else {
            unreachable!("an event")
        };
        prop_assert_eq!((found, &*found_name), (id, &*name));
        prop_assert_eq!(args.len(), 2);
        prop_assert_eq!(args.deserialize::<(Value, Value)>().unwrap(), (value, second));

        // Received arguments are sent on as they are.
        let packet = round_trip(encoder.ack(&namespace, 1, &args).unwrap());
        prop_assert_eq!(packet.content, Content::Ack { id: 1, args });
    }

    #[test]
    fn payloads_decode_to_the_same(namespace in "(/[a-z]{0,6})", message in any::<String>()) {
        let payload = json!({ "message": message });
        let mut encoder = Encoder::default();
        let Content::Connect { payload: Some(found) } =
            round_trip(encoder.connect(&namespace, Some(&payload)).unwrap()).content
        else { unreachable!("a CONNECT") };
        prop_assert_eq!(&serde_json::from_str::<serde_json::Value>(&found).unwrap(), &payload);
        let Content::ConnectError { payload: Some(found) } =
            round_trip(encoder.connect_error(&namespace, &payload).unwrap()).content
        else { unreachable!("a CONNECT_ERROR") };
        prop_assert_eq!(serde_json::from_str::<serde_json::Value>(&found).unwrap(), payload);
        prop_assert_eq!(round_trip(encoder.disconnect(&namespace).unwrap()).content, Content::Disconnect);
    }
}
