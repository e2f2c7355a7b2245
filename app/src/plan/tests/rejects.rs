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
    let expected = "username,title,error_code,error_message\r\n\
                    bob,\"a;b\",CODE,\"'=why, \"\"so\"\"\"\r\n\
                    eve,Ms,CODE,\"'=why, \"\"so\"\"\"\r\n";
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
fn a_row_that_is_not_mended_fails_again() {
    let text = "username,title\nada,\"Dr\nbob,Mr,extra\n,x\nMal,M\"x\n";
    let once = rejects(text, &[1, 2, 3, 4]);
    let codes: Vec<_> = plan(once.as_bytes()).iter().map(brief).collect();
    let expected = [
        "EXTRA_VALUE, REQUIRED_VALUE in username",
        "EXTRA_VALUE",
        "REQUIRED_VALUE in username",
        "EXTRA_VALUE, REQUIRED_VALUE in username",
    ];
    assert_eq!(codes, expected, "{once}");
    assert!(once.contains("ada,\"\"Dr"), "what cannot be cut is kept as it was: {once}");
}
