//! Rows that change, find, or do either.

use serde_json::{Value, json};

use super::{plan_with, reading};
use crate::plan::{Action, Change, FileError, MatchBy, PlannedRow, Purpose, Reading};

fn change(csv: &str, reading: &Reading) -> Change {
    match plan_with(csv.as_bytes(), reading).remove(0).action {
        Action::Change(change) => *change,
        action => panic!("{action:?}"),
    }
}

fn changing() -> Reading {
    Reading { purpose: Purpose::Change, clear_marker: Some("<clear>".to_owned()), ..reading() }
}

#[test]
fn a_change_holds_what_the_row_mentions() {
    let csv = "username,first name,title,email,enabled,population\nada,Ada,<clear>,,no,\n";
    let found = change(csv, &changing());
    assert_eq!(Value::Object(found.attributes), json!({"name": {"given": "Ada"}, "title": null}));
    assert_eq!((found.enabled, found.population, found.creation), (Some(false), None, None));
}

#[test]
fn the_key_is_no_change_and_the_username_may_be_one() {
    let by_email = Reading { key: MatchBy::Email, ..changing() };
    let found = change("mail,username,title\nada@example.com,countess,x\n", &by_email);
    assert_eq!(Value::Object(found.attributes), json!({"title": "x", "username": "countess"}));
    let without = change("mail,username,title\nada@example.com,,x\n", &by_email);
    assert_eq!(Value::Object(without.attributes), json!({"title": "x"}));
}

#[test]
fn a_row_that_may_create_says_whom_without_what_is_cleared() {
    let either = Reading { purpose: Purpose::CreateOrChange, default_disabled: true, ..changing() };
    let creation = change("username,given,family\nada,Ada,<clear>\n", &either).creation.unwrap();
    assert_eq!(Value::Object(creation.user.attributes), json!({"name": {"given": "Ada"}}));
    assert!(creation.disabled, "the default counts for users that are created");
}

#[test]
fn what_cannot_be_cleared_is_refused() {
    for csv in [
        "username,enabled\nada,<clear>\n",
        "username,population\nada,<clear>\n",
        "username,password\nada,<clear>\n",
        "username,title\n<clear>,x\n",
    ] {
        let PlannedRow { action, .. } = plan_with(csv.as_bytes(), &changing()).remove(0);
        assert!(matches!(&action, Action::Refuse(issues) if issues[0].code == "CANNOT_CLEAR"), "{action:?}");
    }
    for (key, csv) in [
        (MatchBy::Email, "email,title\n<clear>,x\n<clear>,y\n"),
        (MatchBy::ExternalId, "externalId,title\n<clear>,x\n"),
        (MatchBy::Id, "id,title\n<clear>,x\n"),
    ] {
        // None repeats another one, as none names a user.
        for PlannedRow { action, .. } in plan_with(csv.as_bytes(), &Reading { key, ..changing() }) {
            assert!(
                matches!(&action, Action::Refuse(issues) if issues[0].code == "CANNOT_CLEAR"),
                "{action:?}"
            );
        }
    }
}

#[test]
fn a_file_that_only_names_users_needs_nothing_else() {
    let finding = Reading { purpose: Purpose::Find, ..reading() };
    let rows = plan_with(b"User,Department,Reason\nada,x,y\nADA,,\n,z,\n", &finding);
    assert_eq!(rows[0].action, Action::Find);
    assert_eq!(rows[1].action, Action::Repeat { first: 1 });
    assert!(matches!(&rows[2].action, Action::Refuse(issues) if issues[0].code == "REQUIRED_VALUE"));
    let exported =
        b"username,enabled,population,contractor,email\nada,maybe,Gone,perhaps,none\nbob,,,,,extra\n";
    let rows = plan_with(exported, &finding);
    assert_eq!(rows[0].action, Action::Find, "what is not sent need not be right");
    assert!(matches!(&rows[1].action, Action::Refuse(issues) if issues[0].code == "EXTRA_VALUE"));
    let by_id = Reading { key: MatchBy::Id, ..finding };
    assert_eq!(plan_with(b"userId,username\n4711,ada\n", &by_id)[0].key, "4711");
    let missing = super::open(b"username\nada\n", &by_id).unwrap_err();
    assert!(matches!(missing, FileError::NoKey { attribute: "id", .. }), "{missing}");
}

#[test]
fn a_mapping_says_what_columns_mean() {
    let mapping = [("Nick Name", "nickname"), ("dept", "title"), ("junk", "")];
    let mapping = mapping.map(|(name, path)| (name.to_owned(), path.to_owned())).into();
    let mapped = Reading { mapping, ..reading() };
    let rows = plan_with(b"username,Dept,nick_name,junk\nada,Maths,A,zzz\n", &mapped);
    assert_eq!(super::brief(&rows[0]), r#"{"username":"ada","title":"Maths","nickname":"A"}"#);
}
