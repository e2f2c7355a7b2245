//! What is said beside a result: what a name that nobody has means, and what to do next.

use std::io::Write as _;

use serde_json::json;

use crate::kinds::{PEOPLE, World};
use crate::program::{command, connected, run};

#[tokio::test]
async fn a_protected_name_that_nobody_has_is_told() {
    let world = World::new().await;
    world.import(PEOPLE).await;
    let arguments = ["delete", "--population", "Staff", "--protect", "adaa", "--protect", "BOB", "--dry-run"];
    let planned = world.run(&arguments).await;
    assert_eq!(planned.code, Some(0), "{planned:?}");
    let told = "no user has the username or id \"adaa\", so this protects nobody";
    assert!(planned.stderr.contains(told) && !planned.stderr.contains("BOB"), "{planned:?}");
    assert!(planned.stderr.contains("warning: unknown_protected"), "{planned:?}");
}

#[tokio::test]
async fn a_plan_shows_its_warnings_and_its_sentence_later_too() {
    let world = World::new().await;
    world.import(PEOPLE).await;
    let arguments = ["delete", "--population", "Staff", "--protect", "adaa", "--dry-run", "--json"];
    let planned = world.run(&arguments).await.json();
    assert_eq!(planned["warnings"][0]["code"], "unknown_protected", "{planned}");
    let shown = world.run(&["jobs", "show", planned["job"].as_str().unwrap()]).await.stdout;
    for part in ["warning: unknown_protected: ", "has to be typed: delete 1 user of Staff", "--plan"] {
        assert!(shown.contains(part) && !shown.contains("--simulator"), "{shown}");
    }
    let listed = world.run(&["jobs", "list"]).await.stdout;
    assert_eq!(listed.lines().filter(|line| line.ends_with("  1 warning")).count(), 1, "{listed}");
}

#[tokio::test]
async fn a_job_of_the_simulator_says_so_later_too() {
    let world = World::new().await;
    let file = world.file("users.csv", PEOPLE);
    let job = world.run(&["import", &file, "--simulator", "--create-population", "--json"]).await.json();
    let shown = world.run(&["jobs", "show", job["job"].as_str().unwrap()]).await;
    assert!(shown.stdout.contains("embedded PingOne (--simulator)"), "{shown:?}");
    let listed = world.run(&["jobs", "list"]).await;
    assert!(listed.stdout.contains("  import (simulator)  "), "{listed:?}");
}

#[tokio::test]
async fn what_a_plan_has_settled_is_not_taken_beside_it() {
    let world = World::new().await;
    world.import(PEOPLE).await;
    let planned = world.run(&["delete", "--population", "Staff", "--dry-run", "--json"]).await.json();
    let (plan, confirm) = (planned["job"].as_str().unwrap(), planned["confirmation"].as_str().unwrap());
    let names = world.file("names.txt", "ada\n");
    let beside: [&[&str]; 4] = [
        &["--protect", "ada"],
        &["--protect-file", &names],
        &["--population", "Staff"],
        &["--whole-environment"],
    ];
    for beside in beside {
        let refused = world.run(&[&["delete", "--plan", plan, "--confirm", confirm], beside].concat()).await;
        assert_eq!(refused.code, Some(2), "{refused:?}");
        assert!(refused.stderr.contains("cannot be used with"), "{refused:?}");
    }
    assert_eq!(world.simulator.user_count(), 2);
}

#[tokio::test]
async fn a_file_of_protected_users_is_read_as_other_programs_write_it() {
    let world = World::new().await;
    world.import("username,population\nÖdön,Staff\nbob,Staff\n").await;
    let utf_16: Vec<u8> = "\u{feff}\u{d6}d\u{f6}n\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    for bytes in [&b"\xEF\xBB\xBF\"\xC3\x96d\xC3\xB6n\"\r\n"[..], &utf_16, b"\xD6d\xF6n\r\n"] {
        let names = world.path("names.txt");
        std::fs::write(&names, bytes).unwrap();
        let arguments = ["delete", "--population", "Staff", "--protect-file", &names, "--dry-run", "--json"];
        let plan = world.run(&arguments).await.json();
        assert_eq!((&plan["deleted"], &plan["skipped"]), (&json!(1), &json!(1)), "{plan}, {bytes:?}");
    }
}

#[tokio::test]
async fn a_file_of_protected_users_that_names_nobody_is_refused() {
    let world = World::new().await;
    world.import(PEOPLE).await;
    let missing = world.path("missing.txt");
    let blank = world.file("blank.txt", "\r\n\r\n");
    let empty = world.file("empty.txt", "");
    let workbook = world.file("names.xlsx", "PK\u{3}\u{4}");
    for (names, told) in [
        (missing, "does not exist"),
        (blank, "names nobody to protect"),
        (empty, "names nobody to protect"),
        (workbook, "an Excel workbook"),
    ] {
        let refused =
            world.run(&["delete", "--population", "Staff", "--protect-file", &names, "--dry-run"]).await;
        assert_eq!(refused.code, Some(2), "{refused:?}");
        assert!(refused.stderr.contains(told), "{refused:?}");
    }
}

#[tokio::test]
async fn a_population_that_cannot_go_is_told_before_anybody_is_deleted() {
    let world = World::new().await;
    world.import(PEOPLE).await;
    world.import("username\neve\n").await;
    for (chosen, told) in [
        (["--population", "Staff"], "PingOne keeps the default population"),
        (["--filter", "username sw \"a\""], "not that of one population"),
    ] {
        let planned = world.run(&[&["delete", "--dry-run", "--json"], &chosen[..]].concat()).await.json();
        let (plan, confirm) = (planned["job"].as_str().unwrap(), planned["confirmation"].as_str().unwrap());
        let carried_out = ["delete", "--plan", plan, "--confirm", confirm, "--delete-population"];
        let refused = world.run(&carried_out).await;
        assert_eq!(refused.code, Some(2), "{refused:?}");
        assert!(refused.stderr.contains(told), "{refused:?}");
    }
    assert_eq!(world.simulator.user_count(), 3);
}

#[tokio::test]
async fn an_export_has_the_format_of_its_files_ending() {
    let world = World::new().await;
    world.import(PEOPLE).await;
    for (name, beginning) in [("all.xlsx", &b"PK"[..]), ("all.ndjson", b"{\""), ("all.csv", b"username")] {
        let path = world.path(name);
        let written = world.run(&["export", "-o", &path]).await;
        assert_eq!(written.code, Some(0), "{written:?}");
        assert!(std::fs::read(&path).unwrap().starts_with(beginning), "{name}");
    }
}

#[tokio::test]
async fn a_dry_run_of_a_delete_says_what_the_delete_will_ask_for() {
    let world = World::new().await;
    world.import(PEOPLE).await;
    let planned = world.run(&["delete", "--population", "Staff", "--dry-run"]).await;
    assert!(planned.stdout.contains("has to be typed: delete 1 user of Staff"), "{planned:?}");
    assert!(planned.stdout.contains("--confirm \"delete 1 user of Staff\""), "{planned:?}");
    assert_eq!(world.simulator.user_count(), 2);
}

#[tokio::test]
async fn a_plan_is_carried_out_once_and_the_second_time_says_so_and_writes_nothing() {
    let world = World::new().await;
    world.import(PEOPLE).await;
    let planned = world.run(&["delete", "--population", "Staff", "--dry-run", "--json"]).await.json();
    let (plan, confirm) = (planned["job"].as_str().unwrap(), planned["confirmation"].as_str().unwrap());
    let backup = world.path("backup.csv");
    let arguments = ["delete", "--plan", plan, "--confirm", confirm];
    let first = world.run(&[&arguments[..], &["--backup", &backup]].concat()).await;
    assert!(first.stdout.contains("1 deleted") && !first.stderr.contains("carried out before"), "{first:?}");
    let mut again = command(&arguments, Some(&world.dir.path().join("data")));
    connected(&mut again, &world.simulator);
    let empty = tempfile::tempdir().unwrap();
    again.current_dir(empty.path());
    let again = run(again).await;
    assert_eq!(again.code, Some(0), "{again:?}");
    assert!(again.stderr.contains("carried out before") && again.stderr.contains("nobody was deleted now"));
    assert_eq!(std::fs::read_dir(empty.path()).unwrap().count(), 0, "no backup that nobody asked for");
}

#[tokio::test]
async fn a_dry_run_that_looks_nobody_up_says_so() {
    let world = World::new().await;
    world.import(PEOPLE).await;
    let file = world.file("more.csv", PEOPLE);
    let told = "Nobody was looked for at PingOne";
    let blind = world.run(&["import", &file, "--dry-run"]).await;
    assert!(blind.stdout.contains(told) && blind.stdout.contains("--mode skip-existing"), "{blind:?}");
    let looking = world.run(&["import", &file, "--dry-run", "--mode", "skip-existing"]).await;
    assert!(!looking.stdout.contains(told), "{looking:?}");
}

#[tokio::test]
async fn the_failed_rows_of_a_modify_are_for_modify() {
    let world = World::new().await;
    let file = world.file("changes.csv", "username,title\nnobody,Dr\n");
    let failed = world.run(&["modify", &file]).await;
    assert!(failed.stdout.contains("to mend and modify:"), "{failed:?}");
}

#[tokio::test]
async fn names_that_are_not_there_come_with_those_that_are_like_them() {
    let world = World::new().await;
    let refused = world.run_in(&["populations", "delete", "Staf"], None).await;
    assert!(refused.stderr.contains("did you mean \"Staff\"?"), "{refused:?}");
    assert!(refused.stderr.contains("populations list") && !refused.stderr.contains("--create-population"));
    let refused = world.run(&["export", "--attributes", "usernam", "--to", &world.path("out.csv")]).await;
    assert!(refused.stderr.contains("did you mean username?"), "{refused:?}");
}

#[tokio::test]
async fn a_login_link_of_nothing_makes_no_directory() {
    let world = World::new().await;
    let nowhere = world.dir.path().join("nowhere");
    let refused = run(command(&["login-link"], Some(&nowhere))).await;
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(refused.stderr.contains("there is no data in") && refused.stderr.contains("--data-dir"));
    assert!(!nowhere.exists());
}

#[tokio::test]
#[cfg(unix)]
async fn commands_call_the_program_as_it_was_called() {
    let world = World::new().await;
    let data = world.dir.path().join("data");
    let called = async |arguments: &[&str], dir: Option<&std::path::Path>| {
        let mut command = command(arguments, dir);
        connected(&mut command, &world.simulator);
        command.arg0("./my tool");
        run(command).await
    };
    let file = world.file("wrong.csv", "username,email\nada,not an address\n");
    let failed = called(&["import", &file], Some(&data)).await;
    assert!(failed.stdout.contains(": \"./my tool\" jobs rejects "), "{failed:?}");
    let unknown = called(&["populations", "rename", "Nowhere", "Somewhere"], None).await;
    assert!(unknown.stderr.contains(": \"./my tool\" populations list shows them"), "{unknown:?}");
    let no_server = called(&["login-link"], Some(&data)).await;
    assert!(no_server.stderr.contains("start one with \"./my tool\" serve"), "{no_server:?}");
    let demo = called(&["demo", "--port", "0", "--once"], None).await;
    assert!(demo.stderr.contains("for another one: \"./my tool\" login-link --data-dir "), "{demo:?}");
}

#[tokio::test]
async fn the_port_of_a_host_is_told() {
    let world = World::new().await;
    let tested = world.run_in(&["connections", "test"], None).await;
    let host = world.simulator.api_url.split('/').nth(2).unwrap();
    assert!(tested.stdout.ends_with(&format!(" at {host}: works\n")), "{tested:?}");
}

#[tokio::test]
async fn what_would_have_kept_rows_from_failing_is_said() {
    let world = World::new().await;
    world.import(PEOPLE).await;
    let file = world.file("again.csv", "username,population\nada,Staff\ncat,Visitors\n");
    let failed = world.run(&["import", &file]).await;
    let told = "--mode upsert, and left as they are with --mode skip-existing.";
    let creates = "created with --create-population.";
    assert!(failed.stdout.contains(told) && failed.stdout.contains(creates), "{failed:?}");
    let mended = world.run(&["import", &file, "--mode", "upsert", "--create-population"]).await;
    assert_eq!(mended.code, Some(0), "{mended:?}");
    assert!(!mended.stdout.contains(told) && !mended.stdout.contains(creates), "{mended:?}");
}

#[tokio::test]
async fn what_became_of_welcome_mails_is_told() {
    let world = World::new().await;
    let file = world.file("users.csv", "username,email\nada,ada@example.com\nbob,\n");
    let mail = world.file("mail.txt", "Subject: Hello\n\nYour name is {username}.\n");
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = closed.local_addr().unwrap();
    // It turns everybody away for good, until the tests are over.
    std::thread::spawn(move || {
        closed.incoming().flatten().for_each(|mut socket| drop(socket.write_all(b"554 no mail here\r\n")));
    });
    let import = async |arguments: &[&str]| {
        let mut import = command(
            &[&["import", &file, "--welcome-mail", &mail], arguments].concat(),
            Some(&world.dir.path().join("data")),
        );
        connected(&mut import, &world.simulator);
        import.env("PINGONE_IMPORT_SMTP_URL", format!("smtp://{address}"));
        import.env("PINGONE_IMPORT_MAIL_FROM", "tool@example.com");
        run(import).await
    };
    let imported = import(&["--json"]).await;
    let counted = json!({"sent": 0, "failed": 1, "not_tried": 0, "without_address": 1});
    assert_eq!((imported.code, &imported.json()["welcome_mails"]), (Some(0), &counted), "{imported:?}");
    let shown = world.run(&["jobs", "show", imported.json()["job"].as_str().unwrap()]).await;
    let told = "Welcome mails to 2 created users: 0 sent, 1 could not be sent, 1 user has no address.";
    assert!(shown.stdout.contains(told), "{shown:?}");
    let again = import(&["--mode", "skip-existing"]).await;
    assert!(again.stdout.contains("Welcome mails: none, as nobody was created."), "{again:?}");
}

#[tokio::test]
async fn a_column_at_fault_has_its_place_and_its_name() {
    let world = World::new().await;
    let file = world.file("users.csv", "username,email address\nada,no address\n");
    let place = "line 2, column 2 \"email address\"";
    let preview = world.run(&["import", &file, "--preview"]).await;
    assert!(preview.stdout.contains(&format!("  {place}: INVALID_VALUE")), "{preview:?}");
    let imported = world.run(&["import", &file, "--json"]).await.json();
    let job = imported["job"].as_str().unwrap();
    let rows = world.run(&["jobs", "rows", job]).await;
    assert!(rows.stdout.starts_with(&format!("row 1 ({place}) ada: INVALID_VALUE")), "{rows:?}");
    let row = world.run(&["jobs", "rows", job, "--json"]).await.json();
    assert_eq!((&row["column"], &row["column_name"]), (&json!(2), &json!("email address")), "{row}");
}

#[tokio::test]
async fn what_is_to_be_done_after_a_retry_names_no_population_that_nobody_asked_for() {
    let world = World::new().await;
    let file = world.file("users.csv", "username,email\nada,none\n");
    for (kind, asked) in [("import", &[][..]), ("import", &["--population", "Guests"]), ("modify", &[])] {
        let tried = world.run(&[&[kind, &file, "--json"], asked].concat()).await.json();
        let (job, tried_again) = (tried["job"].as_str().unwrap(), async |job: &str| {
            world.run(&["jobs", "retry", job]).await.stdout
        });
        let told = tried_again(job).await;
        let mended = told.lines().find(|line| line.starts_with("When they are mended: ")).unwrap();
        assert_eq!(mended.contains("--population Guests"), !asked.is_empty(), "{told}");
        assert_eq!(mended.contains("--population"), !asked.is_empty(), "{told}");
        assert!(told.contains(" completed: 1 of 1 row, "), "{told}");
    }
}
