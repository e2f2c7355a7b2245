//! The checks that are cargo's own.
//!
//! None of them sets `RUSTFLAGS`: flags that differ from step to step would compile every dependency again.

use anyhow::Result;

use crate::{command::Cmd, interop, setup, workspace::Workspace};

pub(crate) fn format(workspace: &Workspace) -> Result<()> {
    cargo(workspace, &["fmt", "--all", "--check"]).run()
}

pub(crate) fn clippy(workspace: &Workspace) -> Result<()> {
    cargo(workspace, &["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"]).run()
}

/// Unit and integration tests, by cargo-nextest where it is installed.
///
/// Those with other people's programs are left to [`outside_tests`]; `.ci/nextest.toml` leaves them out too.
pub(crate) fn tests(workspace: &Workspace) -> Result<()> {
    if has_nextest(workspace) {
        return nextest(workspace).run();
    }
    let all = ["test", "--workspace", "--all-targets", "--locked", "--no-fail-fast", "--"];
    cargo(workspace, &all).args(["--skip", "real_programs::"]).run()
}

/// The tests with proxies, the reference server and Prometheus.
pub(crate) fn outside_tests(workspace: &Workspace) -> Result<()> {
    setup::for_outside()?;
    interop::install(workspace)?;
    if has_nextest(workspace) {
        return nextest(workspace).args(["--ignore-default-filter", "-E", "binary(outside)"]).run();
    }
    cargo(workspace, &["test", "--workspace", "--locked", "--no-fail-fast", "--test", "outside"]).run()
}

fn nextest(workspace: &Workspace) -> Cmd {
    let run = ["nextest", "run", "--workspace", "--locked", "--no-fail-fast"];
    cargo(workspace, &run).args(["--config-file", ".ci/nextest.toml"])
}

fn has_nextest(workspace: &Workspace) -> bool {
    cargo(workspace, &["nextest", "--version"]).succeeds()
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
