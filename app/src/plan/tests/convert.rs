//! Workbooks and JSON.

use std::path::Path;

use serde_json::{Value, json as value};
use tempfile::NamedTempFile;

use super::{brief, directory, plan_with, planned, reading};
use crate::plan::{
    Action, FileError, Format, PlannedRow, Purpose, Reading, Rejects, UserFile, convert, preview,
};

fn rows_of(path: &Path, reading: &Reading) -> Result<Vec<PlannedRow>, FileError> {
    let converted = NamedTempFile::new().unwrap();
    let format = Format::of(path).unwrap();
    assert_ne!(format, Format::Text);
    convert(path, converted.path(), format)?;
    planned(&mut UserFile::open(converted.path(), reading, directory())?)
}

fn json(text: &str) -> Result<Vec<PlannedRow>, FileError> {
    let file = NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    rows_of(file.path(), &reading())
}

#[test]
fn json_in_every_layout_is_one_row_for_each_object() {
    let ada =
        r#"{"username":"ada","name":{"given":"Ada"},"enabled":false,"_links":{"self":{}},"email":null}"#;
    let bob = r#"{"email":"bob@example.com","username":"bob","contractor":true,"badges":["a","b, c"]}"#;
    let pretty = format!("[\n  {},\n  {}\n]\n", ada.replace(',', ",\n"), bob);
    for text in [
        format!("{ada}\n{bob}\n"),
        format!("[{ada},{bob}]"),
        format!("\u{feff}[{ada},\n{bob}]"),
        format!("{ada}{bob}"),
        pretty,
    ] {
        let rows: Vec<_> = json(&text).unwrap().iter().map(brief).collect();
        let expected = [
            r#"{"username":"ada","name":{"given":"Ada"}} disabled"#,
            r#"{"username":"bob","email":"bob@example.com","contractor":true,"badges":["a","b, c"]}"#,
        ];
        assert_eq!(rows, expected, "{text}");
    }
}

#[test]
fn null_clears_what_a_user_has_and_is_nothing_elsewhere() {
    let text = r#"{"username":"ada","title":null,"name":{"given":null},"enabled":null,"population":null,"nickname":"-"}
        {"username":null,"title":"\u2400"}"#;
    let file = NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    for marker in [None, Some("-".to_owned())] {
        let reading = Reading { purpose: Purpose::CreateOrChange, clear_marker: marker.clone(), ..reading() };
        let rows = rows_of(file.path(), &reading).unwrap();
        let Action::Change(change) = &rows[0].action else { panic!("{:?}", rows[0]) };
        let nickname = if marker.is_some() { Value::Null } else { "-".into() };
        let expected = value!({"title": null, "name": {"given": null}, "nickname": nickname});
        assert_eq!(Value::Object(change.attributes.clone()), expected);
        assert_eq!((change.enabled, change.population), (None, None));
        assert_eq!(brief(&rows[1]), "REQUIRED_VALUE in username");
    }
}

#[test]
fn blanks_around_a_text_of_json_are_a_part_of_it_but_around_an_address() {
    let text = r#"{"username":"ada ","title":"Dr ","nickname":" ","type":"","primaryPhone":"+49","enabled":" no","contractor":" yes ","accountId":"\u2400","email":" ada@example.com "}"#;
    let rows = json(text).unwrap();
    let expected = "{\"username\":\"ada \",\"title\":\"Dr \",\"nickname\":\" \",\"primaryPhone\":\"+49\",\
                    \"contractor\":true,\"accountId\":\"\u{2400}\",\"email\":\"ada@example.com\"} disabled";
    assert_eq!(brief(&rows[0]), expected);
}

#[test]
fn a_preview_of_json_has_the_members_of_its_objects_and_no_others() {
    let (file, converted) = (NamedTempFile::new().unwrap(), NamedTempFile::new().unwrap());
    std::fs::write(file.path(), r#"{"username":"ada","title":"Dr"}"#).unwrap();
    convert(file.path(), converted.path(), Format::Json).unwrap();
    let preview = preview(converted.path(), &reading(), None, directory()).unwrap();
    let names: Vec<_> = preview.columns.iter().map(|column| column.header.as_str()).collect();
    assert_eq!(names, ["username", "title"]);
    assert_eq!(preview.sample_rows, [["ada", "Dr"]]);
}

#[test]
fn rejects_of_json_clear_and_keep_what_the_original_does() {
    let text = r#"{"username":"ada","title":null,"nickname":" x","primaryPhone":"+49"}"#;
    let (file, converted) = (NamedTempFile::new().unwrap(), NamedTempFile::new().unwrap());
    std::fs::write(file.path(), text).unwrap();
    convert(file.path(), converted.path(), Format::Json).unwrap();
    let mut rejects = Rejects::open(converted.path(), &reading()).unwrap();
    let once = rejects.header() + &rejects.row(1, "CODE", "why").unwrap();
    let reading = Reading { purpose: Purpose::CreateOrChange, ..reading() };
    let planned = plan_with(once.as_bytes(), &reading);
    let original = rows_of(file.path(), &reading).unwrap();
    assert_eq!(planned[0].action, original[0].action, "{once}");
    assert!(matches!(&planned[0].action, Action::Change(change) if change.attributes["title"].is_null()));
}

#[test]
fn a_row_of_json_knows_its_line_in_the_original() {
    let rows = json("{\"username\":\"a\"}\n\n{\"username\":\n\"b\"}\n{\"username\":\"c\"}").unwrap();
    assert_eq!(rows.iter().map(|row| row.line).collect::<Vec<_>>(), [1, 3, 5]);
}

#[test]
fn malformed_json_is_told_with_its_place() {
    for (text, line) in [
        ("{\"username\":\"a\"}\n{\"username\":}\n", 2),
        ("{\"username\":\"a\"}\n{\"username\":\"b\"\n", 2),
        ("[{\"username\":\"a\"},\n 7]", 2),
        ("{\"username\":\"a\"} nonsense", 1),
    ] {
        let error = json(text).unwrap_err();
        assert_eq!((error.code(), error.line()), ("json_unreadable", Some(line)), "{error}");
    }
    assert!(matches!(json("[]"), Err(FileError::Empty)));
}

#[test]
fn a_workbook_is_read_as_it_is_seen() {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (column, name) in (0..).zip(["username", "phone", "title", "enabled", "cost centre"]) {
        sheet.write_string(1, column, name).unwrap();
    }
    sheet.write_string(2, 0, "ada").unwrap();
    sheet.write_number(2, 1, 4_930_123_456.0).unwrap();
    sheet.write_string(2, 2, "a, \"b\"").unwrap();
    sheet.write_boolean(2, 3, false).unwrap();
    sheet.write_string(4, 0, "bob").unwrap();
    sheet.write_number(4, 4, 1.5).unwrap();
    let file = NamedTempFile::new().unwrap();
    std::fs::write(file.path(), book.save_to_buffer().unwrap()).unwrap();
    let rows = rows_of(file.path(), &reading()).unwrap();
    let briefs: Vec<_> = rows.iter().map(brief).collect();
    let expected = [
        r#"{"username":"ada","primaryPhone":"4930123456","title":"a, \"b\""} disabled"#,
        r#"{"username":"bob","Cost Centre":"1.5"}"#,
    ];
    assert_eq!(briefs, expected);
    assert_eq!(rows.iter().map(|row| row.line).collect::<Vec<_>>(), [3, 5]);
}

#[test]
fn what_only_looks_like_a_workbook_is_refused() {
    let file = NamedTempFile::new().unwrap();
    std::fs::write(file.path(), b"PK\x03\x04 and nothing else").unwrap();
    assert_eq!(rows_of(file.path(), &reading()).unwrap_err().code(), "workbook_unreadable");
}

/// A workbook with these shared texts, of which the first is the header and the second the row.
fn workbook_with(texts: &str) -> NamedTempFile {
    let file = NamedTempFile::new().unwrap();
    let mut zip = zip::ZipWriter::new(file.reopen().unwrap());
    let options = zip::write::SimpleFileOptions::default();
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let parts = [
        (
            "_rels/.rels",
            format!(
                "<Relationships><Relationship Id=\"r0\" Type=\"{relations}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/workbook.xml",
            format!(
                "<workbook xmlns=\"{main}\" xmlns:r=\"{relations}\"><sheets><sheet name=\"a\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!(
                "<Relationships><Relationship Id=\"r1\" Type=\"{relations}/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/worksheets/sheet1.xml",
            format!(
                "<worksheet xmlns=\"{main}\"><sheetData><row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c></row><row r=\"2\"><c r=\"A2\" t=\"s\"><v>1</v></c></row></sheetData></worksheet>"
            ),
        ),
        ("xl/sharedStrings.xml", texts.to_owned()),
    ];
    for (name, text) in parts {
        zip.start_file(name, options).unwrap();
        std::io::Write::write_all(&mut zip, text.as_bytes()).unwrap();
    }
    zip.finish().unwrap();
    file
}

#[test]
fn a_workbook_that_claims_texts_it_does_not_have_takes_no_memory_for_them() {
    let texts = |count: &str| {
        format!("<sst uniqueCount=\"{count}\"><si><t>username</t></si><si><t>ada</t></si></sst>")
    };
    let rows = rows_of(workbook_with(&texts("2")).path(), &reading()).unwrap();
    assert_eq!(rows.len(), 1);
    for count in ["9999999999999", "99999999999999999999999999"] {
        let refused = rows_of(workbook_with(&texts(count)).path(), &reading()).unwrap_err();
        assert!(refused.to_string().contains("more texts than there are"), "{refused}");
    }
}

#[test]
fn objects_with_ever_new_members_are_refused() {
    let object = |row: usize| format!("{{\"username\":\"u{row}\",\"member{row}\":1}}\n");
    let unknown = json(&(1..1024).map(object).collect::<String>()).unwrap_err();
    assert!(matches!(unknown, FileError::UnknownColumn { .. }), "{unknown}");
    let refused = json(&(1..5000).map(object).collect::<String>()).unwrap_err();
    assert!(matches!(refused, FileError::Json { line: 1024, .. }), "{refused}");
}
