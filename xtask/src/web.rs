//! The UI in `web/`: installing, checking and building it.

use std::{
    fs,
    path::Path,
    time::{Duration, SystemTime},
};

use anyhow::Result;

use crate::{clients, command::Cmd, release, setup, workspace::Workspace};

/// The browser suite takes a few minutes; beyond this it hangs.
const BROWSER_DEADLINE: Duration = Duration::from_secs(1_500);

/// What the bundle is made of; tests and their results are not part of it.
const SOURCES: [&str; 7] =
    ["src", "public", "index.html", "package.json", "package-lock.json", "tsconfig.json", "vite.config.ts"];

/// `npm ci`, unless `node_modules` already holds what the lockfile says.
pub(crate) fn install(workspace: &Workspace) -> Result<()> {
    install_in(&workspace.web())
}

/// The same for another directory with a `package-lock.json`.
pub(crate) fn install_in(directory: &Path) -> Result<()> {
    let installed = modified(&directory.join("node_modules/.package-lock.json"));
    if installed > modified(&directory.join("package-lock.json")) {
        return Ok(());
    }
    Cmd::new("npm").args(["ci", "--no-audit", "--no-fund"]).directory(directory).run()
}

/// Type check, lint and unit tests.
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    npm_run(workspace, "check")
}

/// Installs and builds only when a source is newer than the bundle, which is part of the binary.
pub(crate) fn build_if_stale(workspace: &Workspace) -> Result<()> {
    clients::build_if_stale(workspace)?;
    let web = workspace.web();
    let built = web.join("dist/index.html");
    // The adaptive transport is a part of the bundle.
    let transport = workspace.javascript_client().join("dist");
    if is_newer(&built, &web, &SOURCES) && is_newer(&built, &transport, &["index.js"]) {
        return Ok(());
    }
    install(workspace)?;
    npm_run(workspace, "build")
}

/// The end-to-end tests in a real browser.
pub(crate) fn browser(workspace: &Workspace) -> Result<()> {
    setup::for_browser()?;
    release::build(workspace)?;
    // A debug build may be newer, and is so slow that the browser has to wait for it.
    let programs = workspace.target.join("release");
    Cmd::new("npm")
        .args(["run", "e2e"])
        .directory(&workspace.web())
        .env("PROGRAMS", programs.to_string_lossy())
        .within(BROWSER_DEADLINE)
        .run()
}

/// Runs a script of `web/package.json`.
pub(crate) fn npm_run(workspace: &Workspace, script: &str) -> Result<()> {
    Cmd::new("npm").args(["run", script]).directory(&workspace.web()).run()
}

/// Whether a file is newer than all of these in a directory.
pub(crate) fn is_newer(built: &Path, directory: &Path, sources: &[&str]) -> bool {
    let built = modified(built);
    sources.iter().all(|source| newest(&directory.join(source)) < built)
}

/// The latest modification of a path or of anything below it; the epoch when there is nothing.
///
/// A directory counts itself, because removing a file changes only that.
fn newest(path: &Path) -> SystemTime {
    let entries = fs::read_dir(path).into_iter().flatten().flatten();
    let below = entries.map(|entry| newest(&entry.path())).max();
    below.map_or_else(|| modified(path), |below| below.max(modified(path)))
}

fn modified(path: &Path) -> SystemTime {
    fs::metadata(path).and_then(|metadata| metadata.modified()).unwrap_or(SystemTime::UNIX_EPOCH)
}
