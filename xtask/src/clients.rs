//! The npm package in `clients/js/`: installing, checking and building it.

use anyhow::Result;

use crate::{command::Cmd, web, workspace::Workspace};

/// What its bundles are made of.
const SOURCES: [&str; 6] = [
    "src",
    "package.json",
    "package-lock.json",
    "rolldown.config.js",
    "tsconfig.json",
    "tsconfig.build.json",
];

/// `npm ci` where it is needed.
pub(crate) fn install(workspace: &Workspace) -> Result<()> {
    web::install_in(&workspace.javascript_client())
}

/// Lint, type check and unit tests.
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    npm_run(workspace, "check")
}

/// Installs and builds only when a source is newer than the bundle, which the UI and the peers use.
pub(crate) fn build_if_stale(workspace: &Workspace) -> Result<()> {
    let package = workspace.javascript_client();
    if web::is_newer(&package.join("dist/index.d.ts"), &package, &SOURCES) {
        return Ok(());
    }
    install(workspace)?;
    npm_run(workspace, "build")
}

fn npm_run(workspace: &Workspace, script: &str) -> Result<()> {
    Cmd::new("npm").args(["run", script]).directory(&workspace.javascript_client()).run()
}
