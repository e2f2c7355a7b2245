//! The checks that are cargo's own.
//!
//! None of them sets `RUSTFLAGS`: flags that differ from step to step would compile every dependency again.

use anyhow::Result;

use crate::{command::Cmd, workspace::Workspace};

pub(crate) fn format(workspace: &Workspace) -> Result<()> {
    cargo(workspace, &["fmt", "--all", "--check"]).run()
}

pub(crate) fn clippy(workspace: &Workspace) -> Result<()> {
    cargo(workspace, &["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"]).run()
}

/// Unit and integration tests, by cargo-nextest where it is installed.
pub(crate) fn tests(workspace: &Workspace) -> Result<()> {
    if cargo(workspace, &["nextest", "--version"]).succeeds() {
        return cargo(workspace, &["nextest", "run", "--workspace", "--locked", "--no-fail-fast"]).run();
    }
    cargo(workspace, &["test", "--workspace", "--all-targets", "--locked", "--no-fail-fast"]).run()
}

/// Random input for everything that parses bytes, for a short time.
pub(crate) fn fuzz(workspace: &Workspace) -> Result<()> {
    cargo(workspace, &["run", "--package", "fuzz", "--locked", "--quiet", "--", "--seconds", "2"]).run()
}

pub(crate) fn documentation_tests(workspace: &Workspace) -> Result<()> {
    cargo(workspace, &["test", "--workspace", "--doc", "--locked"]).run()
}

pub(crate) fn documentation(workspace: &Workspace) -> Result<()> {
    cargo(workspace, &["doc", "--workspace", "--no-deps", "--document-private-items", "--locked"])
        .env("RUSTDOCFLAGS", "-D warnings")
        .run()
}

fn cargo(workspace: &Workspace, arguments: &[&str]) -> Cmd {
    Cmd::new("cargo").args(arguments.iter().copied()).directory(&workspace.root)
}
