//! What columns mean. The header sets are those that files for PingOne have in practice.

use super::{brief, open, plan, plan_with, reading};
use crate::plan::preview::ColumnStatus;
use crate::plan::{FileError, MatchBy, Purpose, Reading};

/// The header sets, each with a row and what it makes.
const SETS: &[(&str, &str, &str)] = &[
    (
        "username,email,firstName,lastName",
        "ada,ada@example.com,Ada,Lovelace",
        r#"{"username":"ada","email":"ada@example.com","name":{"given":"Ada","family":"Lovelace"}}"#,
    ),
    (
        "firstName,lastName,email,username,enabled",
        "Grace,Hopper,grace@example.com,grace,false",
        r#"{"username":"grace","name":{"given":"Grace","family":"Hopper"},"email":"grace@example.com"} disabled"#,
    ),
    (
        "firstName,lastName,email,username,populationId,enabled",
        "Alan,Turing,alan@example.com,alan,22222222-2222-4222-8222-222222222222,yes",
        r#"{"username":"alan","name":{"given":"Alan","family":"Turing"},"email":"alan@example.com"}"#,
    ),
    (
        "username,email,first name,last name,phone,population",
        "edith,edith@example.com,Edith,Clarke,+1 555 0100,Employees",
        r#"{"username":"edith","email":"edith@example.com","name":{"given":"Edith","family":"Clarke"},"primaryPhone":"+1 555 0100"}"#,
    ),
    (
        "username,email,firstName,lastName,phone,populationId",
        "karen,karen@example.com,Karen,Jones,555-0101,",
        r#"{"username":"karen","email":"karen@example.com","name":{"given":"Karen","family":"Jones"},"primaryPhone":"555-0101"}"#,
    ),
    (
        "username,email,firstName,lastName,password,active",
        "radia,radia@example.com,Radia,Perlman,Sp4nning-Tree,1",
        r#"{"username":"radia","email":"radia@example.com","name":{"given":"Radia","family":"Perlman"},"password":{"value":"Sp4nning-Tree","forceChange":false}}"#,
    ),
    (
        "username,email,firstName,lastName,locale,type,active,streetAddress,locality,region,postalCode,countryCode",
        "mary,mary@example.com,Mary,Keller,en-US,staff,0,1 Main St,Dubuque,IA,52001,US",
        r#"{"username":"mary","email":"mary@example.com","name":{"given":"Mary","family":"Keller"},"locale":"en-US","type":"staff","address":{"streetAddress":"1 Main St","locality":"Dubuque","region":"IA","postalCode":"52001","countryCode":"US"}} disabled"#,
    ),
    (
        "username,email,populationId,firstName,middleName,lastName,prefix,suffix,formattedName,nickname,title,preferredLanguage,locale,timezone,externalId,type,active,primaryPhone,mobilePhone,streetAddress,countryCode,locality,region,postalCode,password",
        "joan,joan@example.com,,Joan,E,Clarke,Dr,Jr,Dr Joan E Clarke,Jo,Analyst,en,en-GB,Europe/London,x-1,staff,true,0100,0101,2 Hut,GB,Bletchley,Bucks,MK3,Enigm4-code",
        r#"{"username":"joan","email":"joan@example.com","name":{"given":"Joan","middle":"E","family":"Clarke","honorificPrefix":"Dr","honorificSuffix":"Jr","formatted":"Dr Joan E Clarke"},"nickname":"Jo","title":"Analyst","preferredLanguage":"en","locale":"en-GB","timezone":"Europe/London","externalId":"x-1","type":"staff","primaryPhone":"0100","mobilePhone":"0101","address":{"streetAddress":"2 Hut","countryCode":"GB","locality":"Bletchley","region":"Bucks","postalCode":"MK3"},"password":{"value":"Enigm4-code","forceChange":false}}"#,
    ),
    (
        "id,environmentId,accountId,createdAt,email,enabled,identityProviderType,identityProviderName,lifecycleStatus,mfaEnabled,givenName,familyName,populationId,populationName,updatedAt,username,verifyStatus",
        "0,0,,2024-01-01,betty@example.com,true,PING_ONE,,ACCOUNT_OK,false,Betty,Holberton,11111111-1111-4111-8111-111111111111,Employees,2024-01-01,betty,NOT_INITIATED",
        r#"{"username":"betty","email":"betty@example.com","name":{"given":"Betty","family":"Holberton"}}"#,
    ),
    (
        "userId,username,email,firstName,lastName",
        "4711,jean,jean@example.com,Jean,Bartik",
        r#"{"username":"jean","email":"jean@example.com","name":{"given":"Jean","family":"Bartik"}}"#,
    ),
    (
        "\"Name\",\"Email\",\"Department\",\"username\",\"password\"",
        "\"Kay McNulty\",kay@example.com,Ballistics,kay,En1ac-first",
        r#"{"username":"kay","name":{"formatted":"Kay McNulty"},"email":"kay@example.com","password":{"value":"En1ac-first","forceChange":false}}"#,
    ),
];

#[test]
fn the_header_sets_of_practice_are_understood() {
    let lenient = Reading { ignore_unknown_columns: true, ..reading() };
    for (header, row, expected) in SETS {
        let rows: Vec<_> =
            plan_with(format!("{header}\n{row}\n").as_bytes(), &lenient).iter().map(brief).collect();
        assert_eq!(rows, [*expected], "{header}");
    }
}

#[test]
fn a_column_that_names_nothing_is_refused_unless_told_otherwise() {
    let header = SETS[10].0;
    let error = open(header.as_bytes(), &reading()).unwrap_err();
    assert!(
        matches!(&error, FileError::UnknownColumn { columns, .. } if columns.to_string() == "column 3 (\"Department\")"),
        "{error}"
    );
    assert_eq!(error.column(), Some(3));
    let result_file = open(b"Username,Status,Message\nada,ok,\n", &reading()).unwrap_err();
    assert!(
        matches!(&result_file, FileError::UnknownColumn { columns, .. } if columns.iter().count() == 2),
        "{result_file}"
    );
}

#[test]
fn every_unknown_column_is_named_with_a_way_to_map_it() {
    let error = open(b"username,Dept,emial\n", &reading()).unwrap_err().to_string();
    assert!(error.contains("column 2 (\"Dept\"), column 3 (\"emial\"; did you mean email?)"), "{error}");
    assert!(error.contains("--map \"Dept=ATTRIBUTE\""), "{error}");
    let error = open(b"username,emial\n", &reading()).unwrap_err().to_string();
    assert!(error.contains("--map \"emial=email\""), "{error}");
}

#[test]
fn a_mapping_to_no_attribute_is_to_blame_and_not_its_column() {
    let mapped = |column: &str, path: &str| Reading {
        ignore_unknown_columns: true,
        mapping: [(column.to_owned(), path.to_owned())].into(),
        ..reading()
    };
    for (header, column, path, meant) in [
        ("username,Dept", "Dept", "tittle", "title"),
        ("username,email", "E-Mail", "nicknam", "nickname"),
        ("Login Name of old,email", "login name of old", "usrname", "username"),
    ] {
        let error = open(format!("{header}\n").as_bytes(), &mapped(column, path)).unwrap_err();
        assert_eq!(error.code(), "unknown_attribute", "{error}");
        let text = error.to_string();
        assert!(text.contains(&format!("is mapped to {path:?}")), "{text}");
        assert!(text.contains(&format!("did you mean {meant}?")), "{text}");
    }
    assert!(open(b"username,Dept\n", &mapped("Dept", "")).is_ok());
}

#[test]
fn a_mapping_to_what_nobody_can_set_is_refused() {
    let mapped = |path: &str, key: MatchBy| Reading {
        mapping: [("Dept".to_owned(), path.to_owned())].into(),
        purpose: Purpose::Change,
        key,
        ..reading()
    };
    for path in ["createdAt", "last sign on", "id"] {
        let error = open(b"username,Dept\n", &mapped(path, MatchBy::Username)).unwrap_err();
        assert_eq!((error.code(), error.column()), ("read_only_attribute", Some(2)), "{error}");
        assert!(error.to_string().contains(&format!("is mapped to {path:?}")), "{error}");
    }
    let error = open(b"username,Dept\n", &mapped("memberOfGroupNames", MatchBy::Id)).unwrap_err();
    assert_eq!(error.code(), "key_column_missing", "{error}");
    assert!(open(b"Dept,email\n", &mapped("id", MatchBy::Id)).is_ok(), "users are matched by it");
    for path in ["error_code", "#line"] {
        let error = open(b"username,Dept\n", &mapped(path, MatchBy::Username)).unwrap_err();
        assert_eq!(error.code(), "unknown_attribute", "{error}");
    }
}

#[test]
fn a_user_id_that_is_mapped_is_not_set_aside() {
    let mapped = Reading { mapping: [("userId".to_owned(), "externalId".to_owned())].into(), ..reading() };
    let file = open(b"username,userId\nada,7\n", &mapped).unwrap();
    assert!(file.header().column_of("externalId").is_some());
}

#[test]
fn a_mapped_column_that_must_be_there_is_missed() {
    let required = |column: &str| Reading { required: vec![column.to_owned()], ..reading() };
    assert!(open(b"username,E-Mail\n", &required("e mail")).is_ok());
    for (column, meant) in [("E-Mal", "; did you mean \"E-Mail\"?"), ("Dept", " does not have; it has")] {
        let error = open(b"username,E-Mail\n", &required(column)).unwrap_err();
        assert_eq!(error.code(), "mapped_column_missing", "{error}");
        let text = error.to_string();
        for part in [&format!("{column:?}"), meant, "it has: username, E-Mail"] {
            assert!(text.contains(part), "{text}");
        }
    }
    // Such a column may be what the file lacks most.
    let error = open(b"Login Name of old,email\n", &required("Login Name old")).unwrap_err();
    assert!(error.to_string().contains("did you mean \"Login Name of old\"?"), "{error}");
}

#[test]
fn a_misspelt_column_gets_a_suggestion() {
    let cases = [
        ("emial", "email"),
        ("frist name", "name.given"),
        ("populaton", "population"),
        ("enabeld", "enabled"),
    ];
    for (header, meant) in cases {
        let error = open(format!("username,{header}\n").as_bytes(), &reading()).unwrap_err().to_string();
        assert!(error.contains(&format!("did you mean {meant}?")), "{error}");
    }
    // Two columns cannot set the same.
    let error = open(b"username,email,emial\n", &reading()).unwrap_err().to_string();
    assert!(error.contains("(\"emial\")") && !error.contains("did you mean"), "{error}");
    let error = open(b"usrname,email\n", &reading()).unwrap_err().to_string();
    assert!(error.contains("no username column"), "{error}");
}

#[test]
fn case_spaces_and_joiners_do_not_count() {
    for header in
        ["First Name", "first_name", "FIRST-NAME", "firstname", "given name", "name.given", "Name.Given"]
    {
        let rows = plan(format!("username,{header}\nada,Ada\n").as_bytes());
        assert_eq!(brief(&rows[0]), r#"{"username":"ada","name":{"given":"Ada"}}"#, "{header}");
    }
}

#[test]
fn custom_attributes_are_mapped_by_their_own_type() {
    let rows = plan(
        b"username,cost_centre,contractor,badges\nada,042,yes,gold\nbob,,maybe,\"[\"\"a\"\",\"\"b\"\"]\"\n",
    );
    assert_eq!(
        brief(&rows[0]),
        r#"{"username":"ada","Cost Centre":"042","contractor":true,"badges":["gold"]}"#
    );
    assert_eq!(brief(&rows[1]), "INVALID_VALUE in contractor");
    let disabled = open(b"username,retired\n", &reading()).unwrap_err();
    assert!(
        matches!(disabled, FileError::UnknownColumn { .. }),
        "PingOne drops disabled attributes: {disabled}"
    );
}

#[test]
fn two_columns_of_one_meaning_are_refused() {
    let error = open(b"username,firstName,email,given_name\n", &reading()).unwrap_err();
    let found = matches!(&error, FileError::RepeatedColumn { first: 2, second: 4, .. });
    assert!(found, "{error}");
}

#[test]
fn columns_are_shown_with_what_is_done_with_them() {
    let lenient = Reading { ignore_unknown_columns: true, ..reading() };
    let header = b"username,id,emial,error_code,error_message,\n";
    let preview = open(header, &lenient).unwrap().blank_preview(false);
    let shown: Vec<_> =
        preview.columns.iter().map(|column| (column.attribute.as_deref(), column.status)).collect();
    use ColumnStatus::{Ignored, Mapped, Unknown};
    let expected = [
        (Some("username"), Mapped),
        (None, Ignored),
        (None, Unknown),
        (None, Ignored),
        (None, Ignored),
        (None, Ignored),
    ];
    assert_eq!(shown, expected);
    assert_eq!(preview.columns[2].suggestion.as_deref(), Some("email"));
}
