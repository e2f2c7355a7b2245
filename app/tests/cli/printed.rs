//! What is printed: hints that work as they stand, rows with their reasons, JSON everywhere, nothing overwritten.

use std::path::Path;
use std::process::Stdio;

use pingone_sim::{Options, Simulator};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::process::Command;

use crate::program::{Run, command, connected, run};

/// A directory whose name needs quotes, and a PingOne.
struct World {
    dir: TempDir,
    simulator: Simulator,
}

impl World {
    async fn new() -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
            simulator: Simulator::start(Options::default()).await.unwrap(),
        }
    }

    fn path(&self, name: &str) -> String {
        self.dir.path().join(name).to_str().unwrap().to_owned()
    }

    fn file(&self, name: &str, text: &str) -> String {
        std::fs::write(self.path(name), text).unwrap();
        self.path(name)
    }

    async fn run(&self, arguments: &[&str]) -> Run {
        let mut command = command(arguments, Some(Path::new(&self.path("my jobs"))));
        connected(&mut command, &self.simulator);
        run(command).await
    }

    /// Runs what was printed as a person would: in a shell.
    async fn paste(&self, line: &str) -> Run {
        let mut shell = Command::new("sh");
        shell.args(["-c", line]).current_dir(self.dir.path()).env_clear().stdin(Stdio::null());
        connected(&mut shell, &self.simulator);
        run(shell).await
    }
}

/// What follows `label` on its line.
fn after<'a>(text: &'a str, label: &str) -> &'a str {
    let line = text.lines().find(|line| line.contains(label));
    let line = line.unwrap_or_else(|| panic!("no {label:?} in {text}"));
    line.split_once(label).unwrap().1.trim()
}

#[tokio::test]
async fn failed_and_skipped_rows_are_named_and_the_hints_can_be_pasted() {
    let world = World::new().await;
    let users: String = (1..=12).map(|row| format!("user{row},user{row}@example.com\n")).collect();
    let repeated = users.to_uppercase();
    let file = world.file("users.csv", &format!("username,email\n{users}{repeated}eve,none\n"));
    let imported = world.run(&["import", &file]).await;
    assert_eq!(imported.code, Some(1), "{imported:?}");
    let out = &imported.stdout;
    assert!(out.contains("  row 13 (line 14) USER1: DUPLICATE_IN_FILE: "), "{out}");
    assert!(out.contains("  row 25 (line 26, column 2 \"email\") eve: INVALID_VALUE: "), "{out}");
    let rejects = world.paste(after(out, "All failed rows, to mend and import:")).await;
    assert_eq!(rejects.code, Some(0), "{rejects:?}");
    assert!(std::fs::read_to_string(world.path("rejects.csv")).unwrap().contains("eve,none,INVALID_VALUE"));
    let skipped = world.paste(after(out, "… and 2 more skipped:")).await;
    assert_eq!(skipped.stdout.lines().count(), 12, "{skipped:?}");
    assert!(skipped.stdout.contains("row 24 (line 25) USER12: DUPLICATE_IN_FILE: "), "{skipped:?}");
}

#[tokio::test]
async fn the_command_for_mended_rows_says_again_what_the_columns_mean() {
    let world = World::new().await;
    let file = world.file("users.csv", "Login Name,E-Mail,Dept,Shoe\nada,none,Dr,42\nbob,,Ms,43\n");
    let mapped = ["--map", "Login Name=username", "--map", "Dept=title", "--ignore-unknown-columns"];
    let imported = world.run(&[&["import", &file], &mapped[..]].concat()).await;
    assert_eq!(imported.code, Some(1), "{imported:?}");
    let out = &imported.stdout;
    assert_eq!(world.paste(after(out, "All failed rows, to mend and import:")).await.code, Some(0));
    let rejects = world.path("rejects.csv");
    let mended = std::fs::read_to_string(&rejects).unwrap().replace("ada,none", "ada,ada@example.com");
    std::fs::write(&rejects, mended).unwrap();
    let again = world.paste(after(out, "When they are mended:")).await;
    assert_eq!(again.code, Some(0), "{again:?}");
    assert_eq!(world.simulator.user("ada").unwrap()["title"], "Dr");
}

#[tokio::test]
async fn the_command_that_carries_out_a_plan_can_be_pasted() {
    let world = World::new().await;
    let file = world.file("users.csv", "username\nada\nbob\n");
    assert_eq!(world.run(&["import", &file]).await.code, Some(0));
    let backup = world.path("the backup.csv");
    let planned = world.run(&["delete", "--whole-environment", "--backup", &backup]).await;
    assert_eq!(planned.code, Some(2), "{planned:?}");
    let done = world.paste(after(&planned.stderr, "to carry it out, run:")).await;
    assert_eq!(done.code, Some(0), "{done:?}");
    assert_eq!(world.simulator.user_count(), 0);
    assert!(std::fs::read_to_string(&backup).unwrap().contains("ada"));
}

#[tokio::test]
async fn a_code_is_printed_once() {
    let world = World::new().await;
    let file = world.file("users.csv", "username\nada\n");
    world.run(&["import", &file]).await;
    let again = world.run(&["import", &file]).await;
    assert_eq!(again.stdout.matches("UNIQUENESS_VIOLATION").count(), 1, "{again:?}");
    let listed = world.run(&["jobs", "list"]).await;
    assert_eq!(listed.stdout.lines().count(), 2, "{listed:?}");
    for line in listed.stdout.lines() {
        let columns: Vec<&str> = line.split("  ").filter(|column| !column.is_empty()).collect();
        assert!(columns[1].starts_with("20") && columns[1].len() == "2026-11-26 11:10".len(), "{line}");
        assert!(columns[2].trim() == "import" && line.ends_with("users.csv"), "{line}");
    }
    let dry = world.run(&["import", &file, "--dry-run", "--json"]).await;
    assert_eq!(dry.code, Some(0), "{dry:?}");
    assert!(world.run(&["jobs", "list"]).await.stdout.contains("  import (dry run)  "));
}

#[tokio::test]
async fn no_file_is_overwritten_unless_that_is_wanted() {
    let world = World::new().await;
    let file = world.file("users.csv", "username,email\nada,\nbob,none\n");
    let job = world.run(&["import", &file, "--json"]).await.json()["job"].as_str().unwrap().to_owned();
    let kept = world.file("kept.csv", "precious");
    let commands: [&[&str]; 5] = [
        &["export", "-o", &kept],
        &["jobs", "rejects", &job, "-o", &kept],
        &["import", &file, "--generate-passwords", &kept],
        &["delete", "--whole-environment", "--confirm", "delete 1 user", "--backup", &kept],
        &["jobs", "rejects", &job, "--output", &kept, "--json"],
    ];
    for arguments in commands {
        let refused = world.run(arguments).await;
        assert_eq!(refused.code, Some(2), "{refused:?}");
        assert!(
            refused.stderr.contains("exists already") && refused.stderr.contains("--force"),
            "{refused:?}"
        );
        assert_eq!(std::fs::read_to_string(&kept).unwrap(), "precious", "{arguments:?}");
    }
    assert_eq!(world.simulator.user_count(), 1);
    let forced = world.run(&["export", "-o", &kept, "--force", "--json"]).await;
    assert_eq!((forced.code, &forced.json()["file"]), (Some(0), &json!(kept)), "{forced:?}");
    assert!(std::fs::read_to_string(&kept).unwrap().contains("ada"));
    let device = world.run(&["jobs", "rejects", &job, "-o", "/dev/null"]).await;
    assert_eq!(device.code, Some(0), "{device:?}");
}

#[tokio::test]
async fn a_job_is_named_by_the_beginning_of_its_id() {
    let world = World::new().await;
    let file = world.file("users.csv", "username\nada\n");
    let mut ids = Vec::new();
    for _ in 0..2 {
        let done = world.run(&["import", &file, "--dry-run", "--json"]).await.json();
        ids.push(done["job"].as_str().unwrap().to_owned());
    }
    let common = ids[0].chars().zip(ids[1].chars()).take_while(|(one, other)| one == other).count();
    let shown = world.run(&["jobs", "show", &ids[1][..=common], "--json"]).await;
    assert_eq!(shown.json()["id"], json!(ids[1]), "{shown:?}");
    let ambiguous = world.run(&["jobs", "show", &ids[1][..common], "--json"]).await;
    assert_eq!((ambiguous.code, &ambiguous.json()["error"]["code"]), (Some(2), &json!("job_ambiguous")));
    assert!(ids.iter().all(|id| ambiguous.stderr.contains(id)), "{ambiguous:?}");
    let nobody = world.run(&["jobs", "show", "ffff", "--json"]).await;
    assert_eq!(nobody.json()["error"]["code"], "job_not_found", "{nobody:?}");
    let no_id = world.run(&["jobs", "show", "users.csv"]).await;
    assert_eq!(no_id.code, Some(2));
    assert!(no_id.stderr.contains("\"jobs list\" shows the ids"), "{no_id:?}");
}

#[tokio::test]
async fn every_command_and_every_error_has_a_form_for_programs() {
    let world = World::new().await;
    let file = world.file("users.csv", "username,email\nada,\nbob,none\neve,none\n");
    let job = world.run(&["--json", "import", &file]).await.json()["job"].as_str().unwrap().to_owned();
    let (rejects, pages) = (world.path("rejects.csv"), world.path("man"));
    let written = world.run(&["jobs", "rejects", &job, "-o", &rejects, "--json"]).await.json();
    assert_eq!(written, json!({"job": job, "file": rejects}));
    let rows = world.run(&["jobs", "rows", &job, "--outcome", "failed", "--json"]).await;
    let rows: Vec<Value> = rows.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((rows.len(), &rows[1]["key"]), (2, &json!("eve")), "one object for each row");
    let one = world.run(&["jobs", "rows", &job, "--after", "1", "--limit", "1"]).await;
    assert!(one.stdout.starts_with("row 2 (line 3, column 2 \"email\") bob: INVALID_VALUE: "), "{one:?}");
    let in_dir = |arguments: &[&str]| command(arguments, None);
    assert_eq!(run(in_dir(&["completions", "bash", "--json"])).await.json()["shell"], "bash");
    assert!(run(in_dir(&["man", &pages, "--json"])).await.json()["pages"].as_u64().unwrap() > 20);
    assert!(run(in_dir(&["openapi", "--json"])).await.json()["openapi"].is_string());
    let errors: [(&[&str], i32, &str); 6] = [
        (&["jobs", "show", "nothing", "--json"], 2, "usage"),
        (&["jobs", "rejects", &job, "--json"], 2, "invalid_options"),
        (&["export", "-o", "-", "--json"], 2, "invalid_options"),
        (&["jobs", "passwords", &job, "-o", &pages, "--json"], 2, "no_output"),
        (&["jobs", "file", &job, "--json"], 2, "no_output"),
        (&["serve", "--listen", "192.0.2.1:1", "--json"], 2, "not_served"),
    ];
    for (arguments, exit, code) in errors {
        let failed = world.run(arguments).await;
        assert_eq!((failed.code, &failed.json()["error"]["code"]), (Some(exit), &json!(code)), "{failed:?}");
        assert!(failed.json()["error"]["message"].as_str().unwrap().len() > 10, "{failed:?}");
    }
    let nowhere = run(command(&["doctor", "ftp://nowhere", "--json"], None)).await;
    assert_eq!(nowhere.json()["error"]["code"], "invalid_target", "{nowhere:?}");
}

#[tokio::test]
async fn what_keeps_a_server_from_starting_is_told_once() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let dir = tempfile::tempdir().unwrap();
    let told = run(command(&["serve", "--simulator", "--listen", &address], Some(dir.path()))).await;
    assert_eq!(told.stderr.matches("in use").count(), 1, "{told:?}");
    assert!(told.stderr.trim_end().lines().last().unwrap().starts_with("error: port"), "{told:?}");
    let arguments = ["serve", "--simulator", "--listen", &address, "--log-format", "json"];
    let logged = run(command(&arguments, Some(dir.path()))).await;
    assert_eq!(logged.stderr.matches("in use").count(), 1, "{logged:?}");
}

#[tokio::test]
async fn the_data_directory_may_come_from_the_environment() {
    let world = World::new().await;
    let file = world.file("users.csv", "username\nada\n");
    let mut import = command(&["import", &file, "--simulator", "--json"], None);
    import.env("PINGONE_IMPORT_DATA_DIR", world.path("elsewhere"));
    assert_eq!(run(import).await.code, Some(0));
    let list = run(command(&["jobs", "list", "--json"], Some(Path::new(&world.path("elsewhere"))))).await;
    assert_eq!(list.json().as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_data_directory_may_be_named_from_here() {
    let world = World::new().await;
    let file = world.file("users.csv", "username\nada\n");
    let mut import = command(&["import", &file, "--simulator", "--json"], Some(Path::new("jobs")));
    import.current_dir(world.dir.path());
    let imported = run(import).await;
    assert_eq!(imported.code, Some(0), "{imported:?}");
    assert!(world.dir.path().join("jobs/store.db").is_file());
}
