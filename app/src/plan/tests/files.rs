//! Files that cannot be imported as a whole.

use std::path::Path;

use super::{directory, file, open, reading};
use crate::plan::{FileError, UserFile, preview};

#[test]
fn each_kind_of_hopeless_file_has_its_own_error() {
    let cases: [(&[u8], &str); 12] = [
        (b"", "file_empty"),
        (b"\n\n  \n", "file_empty"),
        (b"\xEF\xBB\xBF", "file_empty"),
        (b"\xD0\xCF\x11\xE0rest", "file_not_text"),
        (b"%PDF-1.7", "file_not_text"),
        (b"\x89PNG\r\n", "file_not_text"),
        (b"[{\"username\":\"ada\"}]", "file_not_text"),
        (b"username\0,email\n", "file_not_text"),
        (b"email,first name\na@example.com,Ada\n", "username_column_missing"),
        (b"user\"name,email\n", "header_unreadable"),
        (b"username,shoe size\n", "unknown_column"),
        (b"username,mail,email\n", "repeated_column"),
    ];
    for (bytes, code) in cases {
        let error = open(bytes, &reading()).map(drop).unwrap_err();
        assert_eq!(error.code(), code, "{bytes:?}: {error}");
        assert!(error.to_string().contains([';', ',']), "it says what to do: {error}");
    }
}

#[test]
fn a_missing_file_and_a_folder_are_told_apart() {
    let missing =
        UserFile::open(Path::new("/nowhere/users.csv"), &reading(), directory()).map(drop).unwrap_err();
    assert_eq!(missing.code(), "file_missing");
    let folder = UserFile::open(Path::new("/"), &reading(), directory()).map(drop).unwrap_err();
    assert_eq!(folder.code(), "file_unreadable");
}

#[test]
fn a_header_without_rows_is_no_job() {
    let error = open(b"username,email\n", &reading()).unwrap().count().unwrap_err();
    assert!(matches!(error, FileError::NoRows { line: 1 }));
}

#[test]
fn an_e_mail_is_never_taken_for_a_username() {
    let error = open(b"email\nada@example.com\n", &reading()).map(drop).unwrap_err();
    assert_eq!((error.code(), error.line()), ("username_column_missing", Some(1)));
}

#[test]
fn a_preview_sums_the_plan_up() {
    let text = "username,email,password\nada,ada@example.com,Secret-1\nADA,x@example.com,\n,blank@example.com,\nbob,,,extra\n";
    let file = file(text.as_bytes());
    let preview = preview(file.path(), &reading(), None, directory()).unwrap();
    let counts = (preview.total, preview.valid, preview.invalid, preview.duplicates);
    assert_eq!(counts, (4, 1, 2, 1));
    let problems: Vec<_> =
        preview.problems.iter().map(|problem| (problem.row, problem.line, problem.code.as_str())).collect();
    assert_eq!(problems, [(2, 3, "DUPLICATE_IN_FILE"), (3, 4, "REQUIRED_VALUE"), (4, 5, "EXTRA_VALUE")]);
    assert_eq!(preview.columns[0].samples, ["ada", "ADA", "bob"]);
    let shown = serde_json::to_string(&preview).unwrap();
    assert!(!shown.contains("Secret-1"), "passwords are not shown: {shown}");
}
