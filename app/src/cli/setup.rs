//! `pingone-import migrate`, `completions` and `man`.

use std::io::{Write, stdout};
use std::path::Path;

use clap::{Command, CommandFactory};
use clap_complete::Shell;
use clap_mangen::Man;
use serde::Serialize;

use super::args::{Arguments, Output, Store};
use super::exit::{Exit, Failure};
use super::output;

#[derive(Serialize)]
struct Migrated {
    data_dir: String,
    jobs: usize,
    intact: bool,
}

/// Brings the data directory to this version's layout and checks the database.
pub(super) async fn migrate(store: &Store, output: Output) -> Result<Exit, Failure> {
    let dir = store.dir()?;
    let store = pingone_import::store::Store::open(&dir).await?;
    store.check().await?;
    let jobs = store.jobs(u32::MAX, None).await?.len();
    store.close().await;
    let migrated = Migrated { data_dir: dir.display().to_string(), jobs, intact: true };
    match output.json {
        true => output::json(&migrated),
        false => {
            let jobs = output::counted(jobs as u64, "job", "jobs");
            output::say(&format!("{}: up to date and intact, {jobs}", migrated.data_dir));
        }
    }
    Ok(Exit::Done)
}

/// Prints the completions for a shell.
pub(super) fn completions(shell: Shell, output: Output) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "pingone-import", &mut script);
    if output.json {
        let script = String::from_utf8_lossy(&script);
        output::json(&serde_json::json!({ "shell": shell.to_string(), "script": script }));
        return Ok(Exit::Done);
    }
    let failed = |source| Failure::Output { path: "standard output".to_owned(), source };
    stdout().write_all(&script).map_err(failed)?;
    Ok(Exit::Done)
}

/// Writes a manual page for each command.
pub(super) fn man(directory: &Path, output: Output) -> Result<Exit, Failure> {
    let failed = |source| Failure::Output { path: directory.display().to_string(), source };
    std::fs::create_dir_all(directory).map_err(failed)?;
    let mut command = Arguments::command();
    command.build();
    let count = pages(&command, "pingone-import", directory).map_err(failed)?;
    match output.json {
        true => output::json(&serde_json::json!({ "directory": directory, "pages": count })),
        false => output::remark(&format!("wrote {count} pages to {}", directory.display())),
    }
    Ok(Exit::Done)
}

/// Writes the pages of a command and of those below it, and gives their number.
fn pages(command: &Command, name: &str, directory: &Path) -> std::io::Result<usize> {
    let mut page = Vec::new();
    Man::new(command.clone().display_name(name.to_owned())).render(&mut page)?;
    std::fs::write(directory.join(format!("{name}.1")), page)?;
    let mut count = 1;
    for child in command.get_subcommands().filter(|child| child.get_name() != "help") {
        count += pages(child, &format!("{name}-{}", child.get_name()), directory)?;
    }
    Ok(count)
}
