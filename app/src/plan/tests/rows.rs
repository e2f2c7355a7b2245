//! The rules for rows.

use super::{POPULATIONS, brief, default_population, open, plan, planned, reading};
use crate::plan::{Action, PlannedRow};

fn briefs(text: &str) -> Vec<String> {
    plan(text.as_bytes()).iter().map(brief).collect()
}

fn population(planned: &PlannedRow) -> String {
    match &planned.action {
        Action::Create(creation) => creation.user.population.unwrap().to_string(),
        _ => brief(planned),
    }
}

#[test]
fn a_blank_cell_is_absent() {
    assert_eq!(briefs("username,title,nickname\nada, ,\n"), [r#"{"username":"ada"}"#]);
    assert_eq!(
        briefs("username,title,nickname\nada\n"),
        [r#"{"username":"ada"}"#],
        "missing cells are blank"
    );
}

#[test]
fn blanks_around_values_do_not_count_but_in_passwords() {
    let rows = briefs("username,title,password\n ada , Dr ,\" pass word \"\n");
    let expected =
        r#"{"username":"ada","title":"Dr","password":{"value":" pass word ","forceChange":false}}"#;
    assert_eq!(rows, [expected]);
}

#[test]
fn enabled_takes_six_words_and_blank_is_true() {
    for (word, expected) in [
        ("true", r#"{"username":"ada"}"#),
        ("TRUE", r#"{"username":"ada"}"#),
        ("1", r#"{"username":"ada"}"#),
        ("yes", r#"{"username":"ada"}"#),
        ("", r#"{"username":"ada"}"#),
        ("false", r#"{"username":"ada"} disabled"#),
        ("0", r#"{"username":"ada"} disabled"#),
        ("No", r#"{"username":"ada"} disabled"#),
        ("off", "INVALID_VALUE in enabled"),
        ("2", "INVALID_VALUE in enabled"),
    ] {
        assert_eq!(briefs(&format!("username,enabled\nada,{word}\n")), [expected], "{word:?}");
    }
}

#[test]
fn extra_empty_cells_are_ignored_and_extra_values_fail() {
    let rows = briefs("username,title\nada,Dr,,,\nbob,Mr,x\neve,Ms,, \n");
    assert_eq!(rows[0], r#"{"username":"ada","title":"Dr"}"#);
    assert_eq!(rows[1], "EXTRA_VALUE");
    assert_eq!(rows[2], r#"{"username":"eve","title":"Ms"}"#);
    assert_eq!(
        briefs("username,,title\nada,x,Dr\n"),
        ["EXTRA_VALUE in "],
        "a column without a name has no values"
    );
}

#[test]
fn where_each_row_has_a_blank_cell_too_many_a_blank_before_a_value_means_nothing() {
    let header = "username,name.given,name.family,email\n";
    let row = |name: &str| format!("{name},Ada, Lovelace,{name}@example.com,\n");
    let rows: String = ["a", "b", "c", "d"].map(row).concat();
    let padded = briefs(&format!("{header}{rows}"));
    assert!(padded.iter().all(|row| row.contains(r#""family":"Lovelace""#)), "{padded:?}");
    let shifted = briefs(&format!("{header}{rows}e,Ada, Jr, Lovelace,e@example.com,\n"));
    assert!(shifted[4].starts_with("EXTRA_VALUE"), "{shifted:?}");
}

#[test]
fn a_value_that_was_not_quoted_does_not_shift_the_others_silently() {
    let rows = briefs("username,name.formatted,title,nickname\nada,Smith, Jr,Dr,\nbob,Bob,Mr,Bobby,\n");
    assert_eq!(rows[0], "EXTRA_VALUE");
    assert!(rows[1].starts_with(r#"{"username":"bob""#), "{rows:?}");
    for harmless in [
        "username,name.formatted,email,title\n ada, Ada, ada@example.com, Dr,\n",
        "username, name.formatted, email, title\nada, Ada,ada@example.com,Dr,\n",
        "username,name.formatted,email,title,\nada, Ada,ada@example.com,Dr,\n",
    ] {
        assert!(briefs(harmless)[0].starts_with(r#"{"username":"ada""#), "{harmless}");
    }
}

#[test]
fn blank_cells_at_the_end_of_some_rows_only_are_suspicious() {
    let suspicion = |text: &str| {
        let mut file = open(text.as_bytes(), &reading()).unwrap();
        planned(&mut file).unwrap();
        file.suspicions().into_iter().find(|it| it.code == "surplus_cells").map(|it| it.message)
    };
    let some = suspicion("username,name.given,title\nada,Smith,Jr,\nbob,Bob,Dr\neve,Eve,Ms,,\n").unwrap();
    assert!(some.starts_with("2 of 3 rows") && some.contains("(line 2, 4)"), "{some}");
    for harmless in [
        "username,title\nada,Dr,\nbob,Mr,,\n",
        "username,title\nada,Dr\nbob\n",
        "username,title,,\nada,Dr,,\nbob\n",
        // It fails and needs no warning.
        "username,title\nada,Dr,x\nbob,Mr\n",
    ] {
        assert_eq!(suspicion(harmless), None, "{harmless}");
    }
}

#[test]
fn rows_without_the_last_named_columns_are_suspicious_unless_all_are() {
    let suspicion = |text: &str| {
        let mut file = open(text.as_bytes(), &reading()).unwrap();
        planned(&mut file).unwrap();
        file.suspicions().into_iter().find(|it| it.code == "missing_cells").map(|it| it.message)
    };
    let some = suspicion("username,name.given,title\nada,Ada,Dr\nbob\neve,Eve\n").unwrap();
    assert!(some.starts_with("2 of 3 rows") && some.contains("(line 3, 4)"), "{some}");
    for harmless in [
        "username,title\nada,Dr\nbob,\n",
        "username,title\nada\nbob\n",
        "username,title,,\nada,Dr,,\nbob,Mr\n",
        // It fails and needs no warning.
        "username,title\nada,Dr\n\"bob\"x\n",
    ] {
        assert_eq!(suspicion(harmless), None, "{harmless}");
    }
}

#[test]
fn a_blank_username_fails_and_is_not_taken_from_the_e_mail() {
    let rows = plan(b"email,username\nada@example.com,\nbob@example.com,  \n");
    for (index, planned) in rows.iter().enumerate() {
        assert_eq!(brief(planned), "REQUIRED_VALUE in username");
        assert_eq!((planned.row, planned.line), (index as u64 + 1, index as u64 + 2));
    }
}

#[test]
fn of_one_username_the_first_row_wins() {
    let rows = briefs("username,enabled\nada,\nADA,\nbob,maybe\nBob,\n,\n,\nÅsa,\nåsa,\n");
    let codes = [
        r#"{"username":"ada"}"#,
        "repeats 1",
        "INVALID_VALUE in enabled",
        "repeats 3",
        "REQUIRED_VALUE in username",
        "REQUIRED_VALUE in username",
        r#"{"username":"Åsa"}"#,
        "repeats 7",
    ];
    assert_eq!(rows, codes);
}

#[test]
fn populations_are_named_by_id_or_name_and_never_guessed() {
    let (other, id) = POPULATIONS[1];
    let rows = plan(
        format!("username,population\nada,\nbob,{id}\neve,\"{other}\"\nmal,employees\ntom,33333333-3333-4333-8333-333333333333\n")
            .as_bytes(),
    );
    let found: Vec<_> = rows.iter().map(population).collect();
    let default = default_population().to_string();
    let unknown = "UNKNOWN_POPULATION in population";
    assert_eq!(found, [default.as_str(), id, id, unknown, unknown]);
}

#[test]
fn two_columns_that_name_different_populations_fail_the_row() {
    let (name, id) = POPULATIONS[1];
    let text = format!(
        "username,populationId,populationName\nada,{id},\"{name}\"\nbob,{id},Employees\neve,,Employees\n"
    );
    let found: Vec<_> = plan(text.as_bytes()).iter().map(population).collect();
    assert_eq!(found, [id, "POPULATION_CONFLICT in populationName", POPULATIONS[0].1]);
}

#[test]
fn all_that_is_wrong_with_a_row_is_told() {
    let rows = briefs("username,enabled,population,title\n,maybe,Nowhere,Dr,extra\n");
    let codes =
        "INVALID_VALUE in enabled, UNKNOWN_POPULATION in population, EXTRA_VALUE, REQUIRED_VALUE in username";
    assert_eq!(rows, [codes]);
}

#[test]
fn a_wrongly_quoted_row_fails_with_its_line_and_the_rest_goes_on() {
    let rows = plan(b"username,title\nada,\"Dr\nbob,Mr\neve,\"M\"s\ntom,Mx\n");
    let found: Vec<_> = rows.iter().map(|planned| (planned.row, planned.line, brief(planned))).collect();
    let bad = || "BAD_QUOTING".to_owned();
    let expected = [
        (1, 2, bad()),
        (2, 3, r#"{"username":"bob","title":"Mr"}"#.to_owned()),
        (3, 4, bad()),
        (4, 5, r#"{"username":"tom","title":"Mx"}"#.to_owned()),
    ];
    assert_eq!(found, expected);
}

#[test]
fn rows_count_from_one_and_lines_are_physical() {
    let rows = plan(b"username,title\n\nada,\"two\nlines\"\n\nbob,x\n");
    let places: Vec<_> = rows.iter().map(|planned| (planned.row, planned.line)).collect();
    assert_eq!(places, [(1, 3), (2, 6)]);
}

#[test]
fn an_issue_says_in_which_column_it_is() {
    let numbers = |text: &str| -> Vec<_> {
        let issues = plan(text.as_bytes()).into_iter().map(|row| match row.action {
            Action::Refuse(issues) => issues.iter().map(|issue| issue.number).collect::<Vec<_>>(),
            other => panic!("{other:?}"),
        });
        issues.flatten().collect()
    };
    let rows = "ada,,maybe,\n,,,\nbob,,,extra\nbea,,,,more\neve,none,,\n\"mal\"x,,,\n";
    let expected = [Some(3), Some(1), Some(4), Some(5), Some(2), None];
    assert_eq!(numbers(&format!("username,email,enabled,\n{rows}")), expected);
    // A converted file has the lines of the original before everything else.
    assert_eq!(numbers("#line,username,enabled\n7,ada,maybe\n"), [Some(2)]);
}
