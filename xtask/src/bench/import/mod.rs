//! `cargo xtask bench --import`: what the import engine does against a local PingOne.
//!
//! The tool and the simulator are processes of their own and share the machine, so the rate by the wall clock is
//! that of both together; the processor time is the tool's alone.

mod process;
mod rate;
mod simulator;
mod table;
mod throughput;

use std::{fs, path::PathBuf};

use anyhow::{Context as _, Result};

use crate::{command::Cmd, output, workspace::Workspace};
use table::Row;

/// Builds what is measured, measures it as often as `rounds` says, and prints a table.
pub(super) fn run(workspace: &Workspace, quick: bool, rounds: usize) -> Result<()> {
    let packages = ["-p", "pingone-import", "-p", "pingone-sim", "-p", "bench"];
    let build = Cmd::new("cargo").args(["build", "--release", "--locked"]).args(packages);
    build.directory(&workspace.root).run()?;
    let mut rows = Vec::new();
    for _ in 0..rounds {
        rows = Row::and(rows, round(workspace, quick)?);
    }
    table::lines(&rows).iter().for_each(|line| output::line(line));
    Ok(())
}

fn round(workspace: &Workspace, quick: bool) -> Result<Vec<Row>> {
    let directory = workspace.target.join("bench/import");
    if directory.exists() {
        fs::remove_dir_all(&directory).with_context(|| format!("cannot empty {}", directory.display()))?;
    }
    fs::create_dir_all(&directory)?;
    let bench = Bench { workspace, directory };
    let mut rows = throughput::measure(&bench, quick)?;
    rows.extend(rate::measure(&bench, quick)?);
    Ok(rows)
}

/// Where a measurement finds and leaves things.
#[derive(Debug)]
struct Bench<'a> {
    workspace: &'a Workspace,
    directory: PathBuf,
}

impl Bench<'_> {
    /// A file of that many users, without anything wrong.
    fn users(&self, rows: u64) -> Result<PathBuf> {
        let path = self.directory.join(format!("users-{rows}.csv"));
        let mut text = "username,email,first name,last name,enabled\n".to_owned();
        for row in 1..=rows {
            text.push_str(&format!("user{row:07},user{row:07}@example.com,Given{row},Family,true\n"));
        }
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
        Ok(path)
    }

    /// A data directory that nothing else uses.
    fn data(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }
}

fn progress(row: Row) -> Row {
    output::line(&row.to_string());
    row
}
