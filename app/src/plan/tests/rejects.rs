//! Failed rows as a file that can be imported again.

use super::{brief, file, plan, reading};
use crate::plan::Rejects;

/// The file of rejects for the given rows of `text`, all for the same reason.
fn rejects(text: &str, rows: &[u64]) -> String {
    let file = file(text.as_bytes());
    let mut rejects = Rejects::open(file.path(), &reading()).unwrap();
    let mut out = rejects.header();
    for row in rows {
        out.push_str(&rejects.row(*row, "CODE", "=why, \"so\"").unwrap());
    }
    out
}

#[test]
fn rejects_have_the_original_columns_and_the_reason() {
    let text = "username;title\nada;Dr\nbob;\"a;b\"\neve;Ms\n";
    let expected = "username,title,error_code,error_message,error_input\r\n\
                    bob,\"a;b\",CODE,\"'=why, \"\"so\"\"\",\r\n\
                    eve,Ms,CODE,\"'=why, \"\"so\"\"\",\r\n";
    assert_eq!(rejects(text, &[2, 3]), expected);
}

#[test]
fn rejects_of_good_rows_import_as_the_original_does() {
    let text = "username,primaryPhone,nickname,title,password\n\
                ada,+49 30 1,=cmd(),'quoted',@start\n\
                bob,-1,'=x,\"a,\n\"\"b\"\"\",\" p \"\n";
    let once = rejects(text, &[1, 2]);
    let twice = rejects(&once, &[1, 2]);
    assert_eq!(once, twice, "rejects of rejects have each reason once");
    let briefs = |text: &str| plan(text.as_bytes()).iter().map(brief).collect::<Vec<_>>();
    assert_eq!(briefs(text), briefs(&once));
    let cells = once.lines().flat_map(|line| line.split(','));
    assert!(
        cells.filter(|cell| !cell.is_empty()).all(|cell| !cell.starts_with(['=', '+', '-', '@'])),
        "{once}"
    );
}

#[test]
fn a_row_that_looks_shifted_is_kept_whole_and_fails_again() {
    let once = rejects("username,name.formatted,email,title\nada,Smith, Jr,ada@example.com,\n", &[1]);
    assert!(once.contains(r#""ada,Smith,"" Jr"",ada@example.com,""#), "{once}");
    assert_eq!(brief(&plan(once.as_bytes())[0]), "EXTRA_VALUE in error_input");
}

/// Rows with an open quote, a surplus value, no username, text behind a quote, and a value under no name.
const HOPELESS: &str = "username,title,\nada,\"Dr\nbob,Mr,,extra\n,x\nMal,M\"x\neve,Ms,more\n";

#[test]
fn a_row_that_is_not_mended_fails_again() {
    let once = rejects(HOPELESS, &[1, 2, 3, 4, 5]);
    let header = once.lines().next().unwrap();
    assert_eq!(header, "username,title,error_code,error_message,error_input", "every column has a name");
    let codes: Vec<_> = plan(once.as_bytes()).iter().map(brief).collect();
    let expected = [
        "NOT_MENDED in error_input",
        "EXTRA_VALUE in error_input",
        "REQUIRED_VALUE in username",
        "NOT_MENDED in error_input",
        "EXTRA_VALUE in error_input",
    ];
    assert_eq!(codes, expected, "{once}");
    assert!(once.contains("ada,\"\"Dr"), "what cannot be cut is kept as it was: {once}");
    assert!(once.contains("\"bob,Mr,,extra\""), "what was too much is kept: {once}");
    assert_eq!(rejects(&once, &[1, 2, 3, 4, 5]), once, "rejects of rejects lose nothing");
}

#[test]
fn a_mended_row_imports_with_the_columns_of_its_reasons_as_they_are() {
    let once = rejects(HOPELESS, &[1, 2, 3, 4, 5]);
    let mended = once
        .replacen("\r\n,,CODE", "\r\nada,Dr,CODE", 1)
        .replace("bob,Mr,CODE", "bob,\"Mr, extra\",CODE")
        .replace("\r\n,x,", "\r\nkim,x,")
        .replacen("\r\n,,CODE", "\r\nMal,Mx,CODE", 1)
        .replace("\"eve,Ms,more\"", "");
    let expected = [
        r#"{"username":"ada","title":"Dr"}"#,
        r#"{"username":"bob","title":"Mr, extra"}"#,
        r#"{"username":"kim","title":"x"}"#,
        r#"{"username":"Mal","title":"Mx"}"#,
        r#"{"username":"eve","title":"Ms"}"#,
    ];
    assert_eq!(plan(mended.as_bytes()).iter().map(brief).collect::<Vec<_>>(), expected, "{mended}");
}

#[test]
fn bytes_that_are_no_text_do_not_spoil_the_file_of_rejects() {
    let file = file(b"username,title\nada,\xC3\x28\n");
    let mut rejects = Rejects::open(file.path(), &reading()).unwrap();
    let once = rejects.header() + &rejects.row(1, "BAD_ENCODING", "why").unwrap();
    let mended = once.replace("\r\n,,", "\r\nada,Dr,");
    assert_eq!(
        plan(mended.as_bytes()).iter().map(brief).collect::<Vec<_>>(),
        [r#"{"username":"ada","title":"Dr"}"#]
    );
}
