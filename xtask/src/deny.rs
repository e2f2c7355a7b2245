//! Licences, duplicate versions and sources of the dependencies, by cargo-deny.

use std::env;

use anyhow::{Context, Result};

use crate::{as_cargo, command::Cmd, python, workspace::Workspace};

pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let bin = python::environment(workspace)?;
    let this_program = env::current_exe().context("cannot find this program's own path")?;
    Cmd::new(bin.join("cargo-deny"))
        .args(["--log-level", "error", "--all-features", "check", "bans", "licenses", "sources"])
        .directory(&workspace.root)
        .env("CARGO", this_program.to_string_lossy())
        .env(as_cargo::SWITCH, "1")
        .run()
}
