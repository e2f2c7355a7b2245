//! Disks without room, and places that cannot be written to: nothing is lost, and what was begun goes on when there is
//! room. The shell limits how large a file may get, which the system tells as it tells that a disk is full.
#![cfg(unix)]

use std::path::Path;
use std::process::Stdio;

use serde_json::{Value, json};
use tokio::process::Command;

use crate::kinds::World;
use crate::program::{Run, connected, run, users};
use crate::running::Serving;

/// The program, in whose files no more than this many blocks of 512 bytes fit.
fn limited(blocks: u32, arguments: &[&str], dir: &Path) -> Command {
    let mut command = Command::new("sh");
    // A process that goes beyond the limit is ended, unless it ignores that.
    let script = format!("trap '' XFSZ; ulimit -f {blocks} && exec \"$0\" \"$@\"");
    command.args(["-c", &script, env!("CARGO_BIN_EXE_pingone-import")]).args(arguments);
    command.arg("--data-dir").arg(dir);
    command.env_clear().env("PATH", "/usr/bin:/bin").stdin(Stdio::null()).kill_on_drop(true);
    command
}

impl World {
    async fn run_limited(&self, blocks: u32, arguments: &[&str]) -> Run {
        let mut command = limited(blocks, arguments, &self.dir.path().join("data"));
        connected(&mut command, &self.simulator);
        run(command).await
    }

    /// Some users with much to say: a megabyte and a half.
    fn many(&self) -> String {
        let text = "t".repeat(200);
        let row = |row| format!("user{row:05},{text},{text},{text},{text},{text}\n");
        let header = "username,title,nickname,locality,region,street address\n".to_owned();
        self.file("many.csv", &std::iter::once(header).chain((1..=1500).map(row)).collect::<String>())
    }

    async fn jobs(&self) -> Vec<Value> {
        self.run(&["jobs", "list", "--json"]).await.json().as_array().unwrap().clone()
    }

    /// Files in a directory of the data directory.
    fn kept(&self, name: &str) -> Vec<String> {
        let entries = std::fs::read_dir(self.dir.path().join("data").join(name)).unwrap();
        entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect()
    }
}

/// Room for a store with some jobs in it, and not for what `many` makes.
const SMALL: u32 = 2048;

#[tokio::test]
async fn a_file_that_does_not_fit_is_refused_and_leaves_nothing() {
    let world = World::new().await;
    let file = world.many();
    let refused = world.run_limited(SMALL, &["import", &file, "--json"]).await;
    assert_eq!(
        (refused.code, &refused.json()["error"]["code"]),
        (Some(2), &json!("disk_full")),
        "{refused:?}"
    );
    assert!(refused.stderr.contains("make room"), "{refused:?}");
    assert!(world.jobs().await.is_empty() && world.kept("inputs").is_empty());
    assert_eq!(world.simulator.user_count(), 0);
    let done = world.run(&["import", &file, "--json"]).await;
    assert_eq!((done.code, &done.json()["created"]), (Some(0), &json!(1500)), "{done:?}");
}

#[tokio::test]
async fn a_workbook_whose_text_does_not_fit_is_refused_and_leaves_nothing() {
    let world = World::new().await;
    let file = world.many();
    assert_eq!(world.run(&["import", &file]).await.code, Some(0));
    // Packed it is small.
    let workbook = world.path("many.xlsx");
    assert_eq!(world.run(&["export", "-o", &workbook]).await.code, Some(0));
    assert!(std::fs::metadata(&workbook).unwrap().len() < 400_000);
    let other = World::new().await;
    let refused = other.run_limited(SMALL, &["import", &workbook, "--json"]).await;
    assert_eq!(
        (refused.code, &refused.json()["error"]["code"]),
        (Some(2), &json!("disk_full")),
        "{refused:?}"
    );
    assert!(refused.stderr.contains("make room"), "{refused:?}");
    assert!(other.jobs().await.is_empty() && other.kept("inputs").is_empty());
    let done = other.run(&["import", &workbook, "--json"]).await;
    assert_eq!((done.code, &done.json()["created"]), (Some(0), &json!(1500)), "{done:?}");
}

#[tokio::test]
async fn an_export_that_does_not_fit_is_paused_and_goes_on_with_room() {
    for format in ["csv", "ndjson", "xlsx"] {
        let world = World::new().await;
        assert_eq!(world.run(&["import", &world.many()]).await.code, Some(0));
        let to = world.path(&format!("users.{format}"));
        let stopped = world.run_limited(SMALL, &["export", "-o", &to, "--json"]).await;
        let told = stopped.json();
        assert_eq!((stopped.code, &told["status"]), (Some(2), &json!("paused")), "{format}: {stopped:?}");
        assert_eq!(told["error"]["code"], "disk_full", "{format}: {stopped:?}");
        assert!(!Path::new(&to).exists());
        let job = told["job"].as_str().unwrap();
        // What is of no use any more takes no room.
        assert_eq!((world.kept("inputs").contains(&job.to_owned()), world.kept("outputs").len()), (false, 0));
        let done = world.run(&["jobs", "resume", job, "--json"]).await;
        assert_eq!((done.code, &done.json()["unchanged"]), (Some(0), &json!(1500)), "{format}: {done:?}");
        assert_eq!(world.run(&["jobs", "file", job, "-o", &to]).await.code, Some(0));
        let other = World::new().await;
        let imported = other.run(&["import", &to, "--json"]).await;
        assert_eq!((imported.code, &imported.json()["created"]), (Some(0), &json!(1500)), "{imported:?}");
    }
}

#[tokio::test]
async fn nobody_is_deleted_whose_backup_does_not_fit() {
    let world = World::new().await;
    assert_eq!(world.run(&["import", &world.many()]).await.code, Some(0));
    let confirm = "delete 1500 users of Staff";
    let plan = world.run(&["delete", "--population", "Staff", "--dry-run", "--json"]).await.json();
    let (plan, to) = (plan["job"].as_str().unwrap(), world.path("backup.csv"));
    let words = ["delete", "--plan", plan, "--confirm", confirm, "--backup", &to, "--json"];
    let stopped = world.run_limited(SMALL, &words).await;
    let told = stopped.json();
    assert_eq!(stopped.code, Some(2), "{stopped:?}");
    assert_eq!((world.simulator.user_count(), &told["deleted"]), (1500, &json!(0)), "{stopped:?}");
    assert_eq!((&told["status"], &told["error"]["code"]), (&json!("paused"), &json!("disk_full")));
    let done = world.run(&["jobs", "resume", told["job"].as_str().unwrap(), "--json"]).await;
    assert_eq!((done.code, &done.json()["deleted"]), (Some(0), &json!(1500)), "{done:?}");
    assert_eq!(world.simulator.user_count(), 0);
    let kept = world.run(&["jobs", "file", told["job"].as_str().unwrap(), "-o", &to]).await;
    assert_eq!((kept.code, std::fs::read_to_string(&to).unwrap().lines().count()), (Some(0), 1501));
}

#[tokio::test]
async fn passwords_and_files_that_cannot_be_written_are_kept_by_their_job() {
    let world = World::new().await;
    let file = world.file("people.csv", &users(20));
    let words = ["import", &file, "--generate-passwords", "/dev/full", "--json"];
    let done = world.run(&words).await;
    let told = done.json();
    assert_eq!(
        (done.code, &told["created"], &told["status"]),
        (Some(2), &json!(20), &json!("completed")),
        "{done:?}"
    );
    assert!(told["error"]["message"].as_str().unwrap().contains("jobs passwords"), "{done:?}");
    let (job, to) = (told["job"].as_str().unwrap(), world.path("passwords.csv"));
    let full = world.run(&["jobs", "passwords", job, "-o", "/dev/full"]).await;
    assert!(full.code == Some(2) && full.stderr.contains("/dev/full cannot be written"), "{full:?}");
    assert_eq!(world.run(&["jobs", "passwords", job, "-o", &to]).await.code, Some(0));
    assert_eq!(std::fs::read_to_string(&to).unwrap().lines().count(), 21);
    let export = world.run(&["export", "-o", "/dev/full", "--json"]).await;
    let told = export.json();
    assert_eq!((export.code, &told["status"]), (Some(2), &json!("completed")), "{export:?}");
    let (job, to) = (told["job"].as_str().unwrap(), world.path("users.csv"));
    assert_eq!(world.run(&["jobs", "file", job, "-o", &to]).await.code, Some(0));
    assert_eq!(std::fs::read_to_string(&to).unwrap().lines().count(), 21);
}

#[tokio::test]
async fn a_file_that_was_there_stays_whole_when_its_successor_does_not_fit() {
    let world = World::new().await;
    assert_eq!(world.run(&["import", &world.many()]).await.code, Some(0));
    let done = world.run(&["export", "-o", &world.path("first.csv"), "--json"]).await.json();
    let (job, to) = (done["job"].as_str().unwrap(), world.file("users.csv", "what was there"));
    let full = world.run_limited(SMALL, &["jobs", "file", job, "-o", &to, "--force"]).await;
    assert!(full.code == Some(2) && full.stderr.contains("cannot be written"), "{full:?}");
    assert_eq!(std::fs::read_to_string(&to).unwrap(), "what was there");
    let names = std::fs::read_dir(world.dir.path()).unwrap().map(|it| it.unwrap().file_name());
    assert!(
        !names.into_iter().any(|name| name.to_string_lossy().starts_with(".partial-")),
        "nothing half written"
    );
    assert_eq!(world.run(&["jobs", "file", job, "-o", &to, "--force"]).await.code, Some(0));
    assert_eq!(std::fs::read_to_string(&to).unwrap().lines().count(), 1501);
}

#[tokio::test]
async fn an_upload_that_does_not_fit_is_told_and_leaves_nothing() {
    let world = World::new().await;
    let mut command = limited(SMALL, &["serve", "--listen", "127.0.0.1:0"], &world.dir.path().join("data"));
    connected(&mut command, &world.simulator);
    let serve = Serving::spawn(command).await;
    let session = serve.log_in().await;
    let csv = std::fs::read_to_string(world.many()).unwrap();
    let body = format!(
        "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"users.csv\"\r\n\r\n{csv}\r\n--b--\r\n"
    );
    let answer = serve.ask("POST", "/api/jobs", &session, &body).await;
    assert!(answer.starts_with("HTTP/1.1 507") && answer.contains("\"disk_full\""), "{answer}");
    assert!(world.kept("inputs").is_empty());
    // The server goes on, for what does fit.
    let job = serve.import(&session, &users(5)).await;
    serve.watch(&session, &job).await;
    assert_eq!(world.simulator.user_count(), 5);
    serve.stop().await;
}
