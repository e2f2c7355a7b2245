use std::{fs, sync::Arc};

use ::pingone::{AttributePath, Filter, Population, Schema, User};
use pingone_import::plan::{Directory, Reading, Rows, UserFile};
use pingone_sim::accepts_filter;
use serde_json::json;
use tempfile::NamedTempFile;

pub(super) const FILES: &[&[u8]] = &[
    b"username,email,name.given\nann,ann@example.com,Ann\nbob,bob@example.com,\"Bob, \"\"B\"\"\"\n",
    b"\xef\xbb\xbfusername;email\r\nann;a@example.com\r\n\r\nann;b@example.com\r\n",
    b"username\temail\nann\t\"a\nb\"\n\"open\tx\nbob\ty\n",
    b"\xff\xfeu\x00s\x00e\x00r\x00n\x00a\x00m\x00e\x00\n\x00a\x00\n\x00",
    b"username,enabled\rann,false\rbob,maybe\r",
];

/// Whatever a file holds, each of its records becomes one planned row, in order, or the file is refused as a whole.
pub(super) fn users_file(input: &[u8]) {
    let file = NamedTempFile::new().expect("a temporary file can be made");
    fs::write(file.path(), input).expect("a temporary file can be written");
    let reading = Reading { ignore_unknown_columns: true, ..Reading::default() };
    let open = || UserFile::open(file.path(), &reading, directory());
    let Ok(mut users) = open() else { return };
    let (planner, mut read, mut rows) = (users.planner(), Rows::default(), 0);
    while let Ok(true) = users.read_rows(&mut read, 7) {
        for row in read.iter() {
            rows += 1;
            assert_eq!(planner.plan(row).row, rows);
        }
    }
    let counted = open().expect("it could be opened before").count();
    // A file without a row is an error.
    assert_eq!(counted.unwrap_or(0), rows);
}

fn directory() -> Arc<Directory> {
    let attributes = json!([
        { "name": "username", "type": "STRING" },
        { "name": "email", "type": "STRING" },
        { "name": "name", "type": "COMPLEX", "subAttributes": [{ "name": "given", "type": "STRING" }] },
        { "name": "badges", "type": "STRING", "multiValued": true, "schemaType": "CUSTOM" },
    ]);
    let attributes = serde_json::from_value(attributes).expect("a valid schema");
    Arc::new(Directory::new(Schema { id: None, attributes }, Vec::new()))
}

pub(super) const ANSWERS: &[&[u8]] = &[
    b"{\"id\":\"11111111-1111-4111-8111-111111111111\",\"username\":\"ann\",\"enabled\":true,\"population\":{\"id\":\"11111111-1111-4111-8111-111111111111\"},\"name\":{\"given\":\"A\"}}",
    b"{\"id\":\"11111111-1111-4111-8111-111111111111\",\"name\":\"Employees\",\"default\":true,\"userCount\":3}",
    b"username eq \"x\\\" or username sw \\\"\"",
    b"name.given",
    b"a\"b\\c",
];

/// What PingOne answers, and what goes into a filter.
pub(super) fn pingone(input: &[u8]) {
    let _ = serde_json::from_slice::<User>(input);
    let _ = serde_json::from_slice::<Population>(input);
    let Ok(text) = str::from_utf8(input) else { return };
    let _ = AttributePath::new(text);
    let filter = Filter::eq(AttributePath::USERNAME, text).to_string();
    let value = filter.strip_prefix("username eq ").expect("the path and the operator are fixed");
    // The value is one JSON string and nothing more, whatever it holds.
    let read: String = serde_json::from_str(value).expect("a quoted string");
    assert_eq!(read, text);
}

pub(super) const FILTERS: &[&[u8]] = &[
    b"username eq \"ann\"",
    b"(username sw \"a\" or name.given EQ \"A\\u00e9\\\"\") and enabled eq true",
    b"memberOfGroups[id eq \"11111111-1111-4111-8111-111111111111\" and type eq \"DIRECT\"]",
    b"((email ew \".org\") or (email co \"@\" and population.id eq \"x\"))",
    b"((((((((((((((((((((((((((((((((((a eq false",
];

/// The filters of the local PingOne: one that is accepted is a whole expression, and one that our client writes is.
pub(super) fn filter(input: &[u8]) {
    let Ok(text) = str::from_utf8(input) else { return };
    if accepts_filter(text) {
        assert!(accepts_filter(&format!("{text} and username eq \"a\"")));
        assert!(accepts_filter(&format!("username eq \"a\" or {text}")));
        assert!(!accepts_filter(&format!("{text})")) && !accepts_filter(&format!("({text}")));
    }
    assert!(accepts_filter(&Filter::eq(AttributePath::USERNAME, text).to_string()));
}
