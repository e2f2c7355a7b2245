//! What this implementation reads, written down for the others.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use engineio_proto::{
    DecodeError, Message, Packet,
    session::adaptive::{
        Attach, Record,
        body::{self, Chunk},
    },
};
use serde_json::{Value, json};

const RECORDS: &[&str] = &[
    "a0",
    "a5",
    "a9007199254740991",
    "a9007199254740992",
    "a",
    "a01",
    "a-1",
    "a+1",
    "a1.5",
    "a 1",
    "a1,2",
    "t3,0,1",
    "t12,345,678",
    "t0,0,1",
    "t1,0,0",
    "t1,2",
    "t1,2,3,4",
    "t1,,3",
    "s1",
    "s0",
    "s",
    "p1",
    "p",
    "o7",
    "h250",
    "h0",
    "h",
    "l0",
    "l20000",
    "l",
    "xstale",
    "xgone",
    "xslow",
    "xlarge",
    "xprotocol",
    "xnewer",
    "x",
    "z",
    "z1,2,3",
    "q\u{20ac}",
];

const BODIES: &[&str] = &[
    "a5\x1e",
    "a5\x1es6\x1e4hello\x1e",
    "s1\x1e4\x1e4one\x1e4two\x1e1\x1e",
    "s1\x1ebAQID\x1eb\x1e",
    "s1\x1eeNGEeYg==\x1eeNB4=\x1e",
    "s1\x1e4\u{20ac} and \u{1f600}\x1e",
    "a5\x1eh250\x1es9\x1e4x\x1e",
    "z1\x1ea1\x1e",
    "xgone\x1e",
    "",
    "a5",
    "a5\x1es6\x1e4hel",
    "a5\x1es6\x1e4hello",
    "\x1e",
    "a5\x1e\x1e",
    "ax\x1e",
    "s1\x1eb!\x1e",
    "s1\x1ee!\x1e",
    "s1\x1ee/w==\x1e",
    "<html>\x1e",
];

#[test]
fn the_vectors_are_up_to_date() {
    let records: Vec<_> = RECORDS.iter().map(|text| json!({ "text": text, "reads": record(text) })).collect();
    let bodies: Vec<_> = BODIES.iter().map(|text| json!({ "body": text, "reads": chunks(text) })).collect();
    let lines = |cases: Vec<Value>| cases.iter().map(Value::to_string).collect::<Vec<_>>().join(",\n");
    let text = format!("{{\"records\": [\n{}\n], \"bodies\": [\n{}\n]}}\n", lines(records), lines(bodies));
    crate::files::compare("wire", &text);
}

fn record(text: &str) -> Value {
    match Record::parse(text) {
        Ok(Some(Record::Ack(count))) => json!(["a", count]),
        Ok(Some(Record::Attach(Attach { epoch, ack, first }))) => json!(["t", epoch, ack, first]),
        Ok(Some(Record::End(end))) => json!(["x", end.name()]),
        Ok(Some(Record::First(first))) => json!(["s", first]),
        Ok(Some(Record::Length(bytes))) => json!(["l", bytes]),
        Ok(Some(Record::Period(millis))) => json!(["h", millis]),
        Ok(Some(Record::Ping(id))) => json!(["p", id]),
        Ok(Some(Record::Pong(id))) => json!(["o", id]),
        Ok(None) => json!("unknown"),
        Err(_) => json!("error"),
    }
}

fn chunks(text: &str) -> Value {
    match body::decode(Bytes::copy_from_slice(text.as_bytes())) {
        Err(DecodeError::Incomplete) => json!("incomplete"),
        Err(_) => json!("error"),
        Ok(chunks) => {
            chunks.map(chunk).collect::<Result<Vec<_>, _>>().map_or_else(|_| json!("error"), Value::from)
        }
    }
}

fn chunk(chunk: Result<Chunk, DecodeError>) -> Result<Value, DecodeError> {
    Ok(match chunk? {
        Chunk::Record(it) => record(&it.to_string()),
        Chunk::Unknown => json!("unknown"),
        Chunk::Packet(Packet::Message(Message::Binary(bytes)), _) => {
            json!({ "binary": BASE64_STANDARD.encode(bytes) })
        }
        Chunk::Packet(Packet::Message(Message::Text(text)), _) => json!({ "text": format!("4{text}") }),
        Chunk::Packet(Packet::Close, _) => json!({ "text": "1" }),
        other @ Chunk::Packet(..) => json!(format!("{other:?}")),
    })
}
