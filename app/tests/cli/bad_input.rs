//! Everything that is wrong with a call: the exit code, the message, and that no job is left.

use std::path::Path;

use pingone_sim::{Options, Simulator};
use tempfile::TempDir;

use crate::program::{Run, command, connected, run, users};

/// A directory with a file in it, and a PingOne.
struct World {
    dir: TempDir,
    simulator: Simulator,
}

impl World {
    async fn new() -> Self {
        let simulator = Simulator::start(Options::default()).await.unwrap();
        Self { dir: tempfile::tempdir().unwrap(), simulator }
    }

    fn data(&self) -> std::path::PathBuf {
        self.dir.path().join("data")
    }

    fn file(&self, bytes: &[u8]) -> String {
        let path = self.dir.path().join("users.csv");
        std::fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// Imports `bytes`, and checks that the exit code is 2 and that no job is left.
    async fn refused(&self, bytes: &[u8], more: &[&str]) -> String {
        let file = self.file(bytes);
        let result = self.import(&file, more).await;
        assert_eq!(result.code, Some(2), "{result:?}");
        self.no_job().await;
        result.stderr
    }

    async fn import(&self, file: &str, more: &[&str]) -> Run {
        let mut command = command(&[&["import", file], more].concat(), Some(&self.data()));
        connected(&mut command, &self.simulator);
        run(command).await
    }

    async fn no_job(&self) {
        let list = run(command(&["jobs", "list", "--json"], Some(&self.data()))).await;
        assert_eq!((list.code, list.stdout.trim()), (Some(0), "[]"), "{list:?}");
        let inputs = self.data().join("inputs");
        assert_eq!(std::fs::read_dir(inputs).unwrap().count(), 0, "no input is left");
        assert_eq!(self.simulator.user_count(), 0);
    }
}

#[tokio::test]
async fn a_dry_run_that_is_refused_is_a_dry_run_still() {
    let world = World::new().await;
    let file = world.file(b"username,shoe size\nada,42\n");
    for (more, is_dry) in [(&["--dry-run", "--json"][..], true), (&["--json"], false)] {
        let refused = world.import(&file, more).await;
        assert_eq!((refused.code, &refused.json()["dry_run"]), (Some(2), &is_dry.into()), "{refused:?}");
    }
}

#[tokio::test]
async fn a_hopeless_file_says_what_is_wrong_where_and_what_to_do() {
    let world = World::new().await;
    let cases: [(&[u8], &[&str]); 9] = [
        (b"", &["the file is empty", "needs a header line"]),
        (b"email,title\na@example.com,Dr\n", &["line 1", "no username column", "name the column username"]),
        (
            b"username,titel\nada,Dr\n",
            &["line 1", "column 2", "\"titel\"", "did you mean title?", "--ignore-unknown-columns"],
        ),
        (b"username,mail,email\nada,,\n", &["columns 2", "3", "line 1", "email"]),
        (b"\n\nusername,\"email\"x\nada,\n", &["line 3, column 17", "mend"]),
        (b"username,email\n", &["no rows", "line 1"]),
        (b"PK\x03\x04zip", &["workbook", "save it as CSV"]),
        (b"{\"username\":\"ada\"", &["line 1", "not valid JSON"]),
        (b"user\0name", &["binary"]),
    ];
    for (bytes, expected) in cases {
        let stderr = world.refused(bytes, &[]).await;
        for part in expected {
            assert!(stderr.contains(part), "{part:?} in {stderr}");
        }
    }
}

#[tokio::test]
async fn wrong_options_make_no_job() {
    let world = World::new().await;
    let good = b"username\nada\n";
    let stderr = world.refused(good, &["--population", "Defualt"]).await;
    assert!(
        stderr.contains("no population \"Defualt\"") && stderr.contains("did you mean \"Default\"?"),
        "{stderr}"
    );
    let stderr = world.refused(good, &["--encoding", "klingon"]).await;
    assert!(stderr.contains("klingon") && stderr.contains("windows-1252"), "{stderr}");
    let stderr = world.refused(good, &["--delimiter", "x"]).await;
    assert!(stderr.contains("--delimiter"), "{stderr}");
}

#[tokio::test]
async fn a_missing_file_is_told_before_anything_else() {
    let dir = tempfile::tempdir().unwrap();
    let missing = run(command(&["import", "/nowhere/users.csv"], Some(dir.path()))).await;
    assert_eq!(missing.code, Some(2));
    assert!(
        missing.stderr.contains("/nowhere/users.csv") && missing.stderr.contains("does not exist"),
        "{missing:?}"
    );
    let folder = run(command(&["import", "/"], Some(dir.path()))).await;
    assert_eq!(folder.code, Some(2));
    assert!(folder.stderr.contains("not a folder"), "{folder:?}");
}

#[tokio::test]
async fn bad_rows_fail_with_their_line_and_column_and_the_others_are_imported() {
    let world = World::new().await;
    let text = b"username,email,enabled\n\
        ada,ada@example.com,\n\
        bob,bob@example.com,,extra\n\
        eve,\xC3\x28@example.com,\n\
        ADA,ada2@example.com,\n\
        mal,mal@example.com,maybe\n\
        ,blank@example.com,\n\
        tom,\"tom\"@example.com,\n\
        zoe,zoe@example.com,no\n";
    let file = world.file(text);
    let result = world.import(&file, &["--json"]).await;
    assert_eq!(result.code, Some(1), "{result:?}");
    let json = result.json();
    assert_eq!(json["status"], "completed");
    let counts: Vec<_> = ["total", "processed", "created", "updated", "unchanged", "skipped", "failed"]
        .map(|key| json[key].as_u64().unwrap())
        .to_vec();
    assert_eq!(counts, [8, 8, 2, 0, 0, 1, 5]);
    assert!(json["seconds"].is_number());
    assert_eq!(world.simulator.user("zoe").unwrap()["enabled"], false);
    let shown = run(command(&["jobs", "show", json["job"].as_str().unwrap()], Some(&world.data()))).await;
    for part in [
        "row 2 (line 3, column 4) bob: EXTRA_VALUE: \"extra\" stands in column 4",
        "row 3 (line 4): BAD_ENCODING: not valid text: the bytes at line 4, column 5 are not valid UTF-8",
        "row 5 (line 6, column 3 \"enabled\") mal: INVALID_VALUE: \"maybe\" is neither yes nor no",
        "row 6 (line 7, column 1 \"username\"): REQUIRED_VALUE: the username is blank",
        "row 7 (line 8): BAD_QUOTING: wrongly quoted: text follows a closing quote at line 8, column 10",
    ] {
        assert!(shown.stdout.contains(part), "{part} in {}", shown.stdout);
    }
}

#[tokio::test]
async fn no_connection_names_the_variables() {
    let dir = tempfile::tempdir().unwrap();
    let file = file(dir.path());
    let result = run(command(&["import", &file, "--json"], Some(dir.path()))).await;
    assert_eq!(result.code, Some(2));
    for name in [
        "PINGONE_ENVIRONMENT_ID",
        "PINGONE_CLIENT_ID",
        "PINGONE_CLIENT_SECRET",
        "PINGONE_REGION",
        "--simulator",
    ] {
        assert!(result.stderr.contains(name), "{name} in {}", result.stderr);
    }
    assert_eq!(result.json()["error"]["code"], "not_connected");
    let mut partial = command(&["import", &file], Some(dir.path()));
    partial.env("PINGONE_CLIENT_ID", "worker").env("PINGONE_REGION", "EU");
    let result = run(partial).await;
    assert_eq!(result.code, Some(2));
    assert!(result.stderr.contains("PINGONE_ENVIRONMENT_ID and PINGONE_CLIENT_SECRET not set"), "{result:?}");
}

#[tokio::test]
async fn wrong_credentials_and_an_unreachable_host_exit_with_three() {
    let world = World::new().await;
    let file = world.file(b"username\nada\n");
    let mut wrong = command(&["import", &file], Some(&world.data()));
    connected(&mut wrong, &world.simulator);
    wrong.env("PINGONE_CLIENT_SECRET", "not-the-secret");
    let result = run(wrong).await;
    assert_eq!(result.code, Some(3), "{result:?}");
    assert!(
        result.stderr.contains("PINGONE_CLIENT_SECRET") && !result.stderr.contains("not-the-secret"),
        "{result:?}"
    );
    let mut nobody = command(&["import", &file], Some(&world.data()));
    connected(&mut nobody, &world.simulator);
    nobody.env("PINGONE_API_URL", "http://127.0.0.1:9/v1");
    let result = run(nobody).await;
    assert_eq!(result.code, Some(3), "{result:?}");
    assert!(result.stderr.contains("127.0.0.1") && result.stderr.contains("PINGONE_API_URL"), "{result:?}");
    world.no_job().await;
}

#[tokio::test]
async fn a_port_in_use_exits_with_two() {
    let dir = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let result = run(command(&["serve", "--simulator", "--listen", &address], Some(dir.path()))).await;
    assert_eq!(result.code, Some(2), "{result:?}");
    assert!(result.stderr.contains("in use") && result.stderr.contains("--listen"), "{result:?}");
}

fn file(dir: &Path) -> String {
    let path = dir.join("users.csv");
    std::fs::write(&path, "username\nada\n").unwrap();
    path.to_str().unwrap().to_owned()
}

#[tokio::test]
async fn damage_in_the_middle_of_the_database_is_told_by_migrate() {
    let world = World::new().await;
    let file = world.file(users(2000).as_bytes());
    assert_eq!(world.import(&file, &[]).await.code, Some(0));
    let intact = run(command(&["migrate"], Some(&world.data()))).await;
    assert!(intact.code == Some(0) && intact.stdout.contains("intact"), "{intact:?}");
    let path = world.data().join("store.db");
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 2..bytes.len() / 4 * 3;
    bytes[middle].fill(0xAA);
    std::fs::write(&path, bytes).unwrap();
    let migrate = run(command(&["migrate"], Some(&world.data()))).await;
    assert_eq!(migrate.code, Some(2), "{migrate:?}");
    assert!(migrate.stderr.contains("the store is damaged"), "{migrate:?}");
}
