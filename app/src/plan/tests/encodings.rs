//! Encodings, delimiters and line ends, found out from the file.

use encoding_rs::{Encoding, UTF_16LE, WINDOWS_1252};

use super::{brief, open, plan, plan_with, reading};
use crate::plan::preview::Preview;
use crate::plan::{FileError, Reading};

const TEXT: &str = "username,given name,family name\nzoë,Zoë,Müller\nada,O’Neil,Ada\n";

/// `text` in the encoding with this name, with or without a byte order mark.
fn encoded(text: &str, name: &str) -> Vec<u8> {
    let units = || text.encode_utf16();
    match name {
        "UTF-8" => text.as_bytes().to_vec(),
        "UTF-8 with mark" => [b"\xEF\xBB\xBF", text.as_bytes()].concat(),
        "UTF-16LE" => units().flat_map(u16::to_le_bytes).collect(),
        "UTF-16BE" => units().flat_map(u16::to_be_bytes).collect(),
        "UTF-16LE with mark" => [vec![0xFF, 0xFE], units().flat_map(u16::to_le_bytes).collect()].concat(),
        "UTF-16BE with mark" => [vec![0xFE, 0xFF], units().flat_map(u16::to_be_bytes).collect()].concat(),
        _ => Encoding::for_label(name.as_bytes()).unwrap().encode(text).0.into_owned(),
    }
}

fn understood(bytes: &[u8]) -> Preview {
    open(bytes, &reading()).unwrap().blank_preview(false)
}

#[test]
fn the_encoding_is_found_out() {
    let cases = [
        ("UTF-8", "UTF-8"),
        ("UTF-8 with mark", "UTF-8"),
        ("UTF-16LE", "UTF-16LE"),
        ("UTF-16BE", "UTF-16BE"),
        ("UTF-16LE with mark", "UTF-16LE"),
        ("UTF-16BE with mark", "UTF-16BE"),
        ("windows-1252", "windows-1252"),
    ];
    for (name, expected) in cases {
        let bytes = encoded(TEXT, name);
        assert_eq!(understood(&bytes).encoding, expected, "{name}");
        let rows: Vec<_> = plan(&bytes).iter().map(brief).collect();
        let sent = [
            r#"{"username":"zoë","name":{"given":"Zoë","family":"Müller"}}"#,
            r#"{"username":"ada","name":{"given":"O’Neil","family":"Ada"}}"#,
        ];
        assert_eq!(rows, sent, "{name}");
    }
}

#[test]
fn a_long_file_is_decoded_across_buffers() {
    let rows = 20_000;
    let text: String =
        (0..rows).fold("username,given name\n".to_owned(), |text, row| format!("{text}ü{row},Zoë\n"));
    for name in ["UTF-16LE with mark", "windows-1252"] {
        let planned = plan(&encoded(&text, name));
        assert_eq!(planned.len(), rows, "{name}");
        assert!(planned.iter().enumerate().all(|(row, planned)| planned.key == format!("ü{row}")), "{name}");
    }
}

#[test]
fn bytes_that_are_no_text_are_reported_with_line_and_column() {
    for (bytes, column) in [(&b"\xFF\xFE"[..], 5), (b"\xC3\x28", 5), (b"\x80\x81", 5)] {
        let text =
            [b"username,email\nada,ada@example.com\nbob,", bytes, b"@example.com\neve,eve@example.com\n"]
                .concat();
        let rows = plan(&text);
        let faults: Vec<_> = rows.iter().map(brief).collect();
        assert_eq!(faults[1], "BAD_ENCODING", "{bytes:?}");
        assert!(faults[0].starts_with('{') && faults[2].starts_with('{'), "the rest goes on: {faults:?}");
        let crate::plan::Action::Refuse(issues) = &rows[1].action else { unreachable!("it has a code") };
        assert!(issues[0].message.contains(&format!("line 3, column {column}")), "{}", issues[0].message);
    }
}

#[test]
fn a_fault_among_valid_characters_does_not_change_the_encoding() {
    let text = [TEXT.as_bytes(), b"bob,Bob,M\xFCller\n"].concat();
    let rows: Vec<_> = plan(&text).iter().map(brief).collect();
    assert_eq!(rows.last().unwrap(), "BAD_ENCODING");
    assert!(rows[0].contains("Müller"));
}

#[test]
fn the_encoding_can_be_named() {
    let named = |label: &str| Reading { encoding: Some(label.to_owned()), ..reading() };
    let bytes = b"username\nL'Ha\xFF\n";
    assert_eq!(plan_with(bytes, &named("windows-1252"))[0].key, "L'Haÿ");
    assert!(matches!(open(bytes, &named("klingon")), Err(FileError::UnknownEncoding { .. })));
    assert_eq!(WINDOWS_1252.name(), "windows-1252");
    assert_eq!(UTF_16LE.name(), "UTF-16LE");
}

#[test]
fn the_delimiter_is_found_out() {
    for delimiter in [",", ";", "\t", "|"] {
        let text = "username@externalid@given name\nada@\"a@b\"@Ada\n".replace('@', delimiter);
        assert_eq!(understood(text.as_bytes()).delimiter, delimiter);
        let rows: Vec<_> = plan(text.as_bytes()).iter().map(brief).collect();
        assert_eq!(rows.len(), 1, "{delimiter:?}: {rows:?}");
        assert!(rows[0].contains("Ada"), "{delimiter:?}: {rows:?}");
    }
    assert_eq!(understood(b"username\nada\n").delimiter, ",");
    assert_eq!(understood(b"sep=;\nusername;title\nada;Dr, med\n").delimiter, ";");
    let known_names_win = b"username;\"first name, as in passport\"\n";
    let lenient = Reading { ignore_unknown_columns: true, ..reading() };
    assert_eq!(open(known_names_win, &lenient).unwrap().blank_preview(true).delimiter, ";");
}

#[test]
fn old_line_ends_are_understood() {
    assert_eq!(plan(b"username,title\rada,Dr\rbob,\r").len(), 2);
    assert_eq!(plan(b"username,title\r\nada,Dr\r\nbob,").len(), 2);
}

#[test]
fn a_file_that_ends_within_a_character_is_read_to_its_end() {
    let mut cut: Vec<u8> = "\u{feff}username\nada\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    cut.push(b'b');
    let rows: Vec<_> = plan(&cut).iter().map(brief).collect();
    assert_eq!(rows.len(), 2, "{rows:?}");
    assert!(rows[0].contains("ada"), "{rows:?}");
}
