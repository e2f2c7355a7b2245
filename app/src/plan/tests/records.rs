//! Cutting a file into rows and cells.

use std::io::{self, Read};

use proptest::prelude::*;

use crate::plan::dialect::DELIMITERS;
use crate::plan::reader::RecordReader;
use crate::plan::record::Record;
use crate::plan::split;

/// A source that gives one byte at a time, so that every buffer edge is met.
struct Trickle<'a>(&'a [u8]);

impl Read for Trickle<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = out.len().min(1);
        self.0.read(&mut out[..count])
    }
}

/// Every record as `line: cell|cell`, or `line: code@line:column`.
fn records(text: &str) -> Vec<String> {
    let from = |source: &mut dyn Read| {
        let mut reader = RecordReader::new(source);
        let mut record = Record::default();
        let mut all = Vec::new();
        while reader.read(&mut record).unwrap() {
            let line = record.line;
            all.push(match record.fault {
                Some(fault) => format!("{line}: {}@{}:{}", fault.kind.code(), fault.line, fault.column),
                None => format!("{line}: {}", record.iter().collect::<Vec<_>>().join("|")),
            });
        }
        all
    };
    let whole = from(&mut text.as_bytes());
    assert_eq!(from(&mut Trickle(text.as_bytes())), whole, "the same however the bytes arrive");
    whole
}

#[test]
fn well_formed() {
    let cases: [(&str, &[&str]); 10] = [
        ("a,b\nc,d\n", &["1: a|b", "2: c|d"]),
        ("a,b\r\nc,d", &["1: a|b", "2: c|d"]),
        ("a,,\n", &["1: a||"]),
        ("\n\na\n  \nb\n", &["3: a", "5: b"]),
        ("\"a,b\",c\n", &["1: a,b|c"]),
        ("\"a\nb\",c\nd,e\n", &["1: a\nb|c", "3: d|e"]),
        ("\"say \"\"hi\"\"\",c\n", &["1: say \"hi\"|c"]),
        ("\"\",\"\"\n", &["1: |"]),
        ("a, \"b\" ,c\n", &["1: a|b|c"]),
        ("\"a\r\nb\",c\r\nd\r\n", &["1: a\r\nb|c", "3: d"]),
    ];
    for (text, expected) in cases {
        assert_eq!(records(text), expected, "{text:?}");
    }
}

#[test]
fn a_wrongly_quoted_row_costs_its_own_line() {
    let cases: [(&str, &[&str]); 7] = [
        ("a,b\"c\nd,e\n", &["1: BAD_QUOTING@1:4", "2: d|e"]),
        ("a,\"b\"c\nd,e\n", &["1: BAD_QUOTING@1:6", "2: d|e"]),
        ("a,\"b\nd,e\nf,g\n", &["1: BAD_QUOTING@1:3", "2: d|e", "3: f|g"]),
        ("a,\"b\nd,\"e\"\nf,g\n", &["1: BAD_QUOTING@1:3", "2: d|e", "3: f|g"]),
        ("a,b\nc,d \"e\"\n", &["1: a|b", "2: BAD_QUOTING@2:5"]),
        ("ä,\"b\"c\n", &["1: BAD_QUOTING@1:6"]),
        ("a,\"b", &["1: BAD_QUOTING@1:3"]),
    ];
    for (text, expected) in cases {
        assert_eq!(records(text), expected, "{text:?}");
    }
}

#[test]
fn a_quote_that_is_not_closed_is_told_where_it_was_opened() {
    let mut reader = RecordReader::new(&b"a,\"b\nd,e\nmax,\"M \"\"x\"\" y\"\n"[..]);
    let mut record = Record::default();
    assert!(reader.read(&mut record).unwrap());
    let told = record.fault.unwrap().to_string();
    assert!(told.contains("the quote opened at line 1, column 3 is not closed there"), "{told}");
    assert!(told.contains("text behind it, at line 3, column 6"), "{told}");
}

#[test]
fn a_lost_quote_in_a_large_file_costs_its_own_line() {
    let mut text = String::from("a,\"b\n");
    for number in 0..50_000 {
        text.push_str(&format!("user{number},x\n"));
    }
    let mut reader = RecordReader::new(text.as_bytes());
    let mut record = Record::default();
    let (mut good, mut faulty) = (0, 0);
    while reader.read(&mut record).unwrap() {
        *(if record.fault.is_some() { &mut faulty } else { &mut good }) += 1;
    }
    assert_eq!((good, faulty), (50_000, 1));
}

/// What ends records and cells, and what quotes them.
const MARKS: &[u8] = b"a,\"\"\"\n\n\r ";

proptest! {
    /// What another writer writes, we read as another reader reads it.
    #[test]
    fn agrees_with_the_csv_crate(
        rows in prop::collection::vec(prop::collection::vec("[a-zä\"',;\r\n ]{0,6}", 2..5), 1..8),
    ) {
        let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
        for row in &rows {
            writer.write_record(row).unwrap();
        }
        let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
        let mut reader = RecordReader::new(text.as_bytes());
        let mut record = Record::default();
        let mut read: Vec<Vec<String>> = Vec::new();
        while reader.read(&mut record).unwrap() {
            prop_assert_eq!(record.fault, None);
            read.push(record.iter().map(str::to_owned).collect());
        }
        // A cell that is not quoted may be read with its blanks or without; only its text counts.
        prop_assert_eq!(read, rows);
    }

    /// A file that is counted has as many records as one that is read, and none begins elsewhere.
    #[test]
    fn skipping_and_reading_agree_on_where_records_are(
        bytes in prop::collection::vec(prop_oneof![prop::sample::select(MARKS), any::<u8>()], 0..200),
        skips in prop::collection::vec(any::<bool>(), 1..20),
    ) {
        let mut reader = RecordReader::new(bytes.as_slice());
        let mut record = Record::default();
        let mut all = Vec::new();
        while reader.read(&mut record).unwrap() {
            all.push((record.line, record.iter().map(str::to_owned).collect::<Vec<_>>()));
        }
        let mut counter = RecordReader::new(Trickle(&bytes));
        let mut count = 0;
        while counter.skip(&mut record).unwrap() {
            count += 1;
        }
        prop_assert_eq!(count, all.len());
        let mut at_once = RecordReader::new(bytes.as_slice());
        prop_assert_eq!(at_once.skip_all(&mut record).unwrap(), all.len() as u64);
        let mut in_parts = RecordReader::new(Trickle(&bytes));
        prop_assert_eq!(in_parts.skip_all(&mut record).unwrap(), all.len() as u64);
        let mut reader = RecordReader::new(bytes.as_slice());
        for ((line, cells), skip) in all.iter().zip(skips.iter().cycle()) {
            if *skip {
                prop_assert!(reader.skip(&mut record).unwrap());
            } else {
                prop_assert!(reader.read(&mut record).unwrap());
                prop_assert_eq!((record.line, record.iter().collect::<Vec<_>>()), (*line, cells.iter().map(String::as_str).collect()));
            }
        }
        prop_assert!(!reader.skip(&mut record).unwrap() && !reader.read(&mut record).unwrap());
    }

    /// Wherever a delimiter stands among bytes like it, the text is cut there and nowhere else.
    #[test]
    fn a_text_is_cut_at_every_delimiter(text in "[a,+\\-;\\t|¬Ĭ,]{0,40}") {
        for delimiter in DELIMITERS {
            let mut record = Record::default();
            split::plain(&text, delimiter, &mut record);
            let cells: Vec<_> = text.split(char::from(delimiter)).collect();
            prop_assert_eq!(record.iter().collect::<Vec<_>>(), cells);
        }
    }

    /// Whatever the bytes are, every line ends up in some record and nothing panics.
    #[test]
    fn any_bytes_are_read_to_the_end(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let mut reader = RecordReader::new(bytes.as_slice());
        let mut record = Record::default();
        let mut last = 0;
        while reader.read(&mut record).unwrap() {
            prop_assert!(record.line > last);
            last = record.line;
            prop_assert!(record.len() > 0);
        }
    }
}
