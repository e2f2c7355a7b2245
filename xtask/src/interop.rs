//! Other people's unmodified clients against our servers, and our client against theirs.

use std::time::Duration;

use anyhow::Result;

use crate::{clients, command::Cmd, python, setup, web, workspace::Workspace};

/// A suite takes minutes at most, as every case runs over each transport and each carrier; a client that waits for an event that never comes must not hold up the run.
const DEADLINE: Duration = Duration::from_secs(600);

/// Installs the peers.
pub(crate) fn install(workspace: &Workspace) -> Result<()> {
    clients::build_if_stale(workspace)?;
    web::install_in(&workspace.root.join("conformance/js"))
}

/// `socket.io-client` from npm, in Node.js and in Chromium.
pub(crate) fn javascript(workspace: &Workspace) -> Result<()> {
    setup::for_browser()?;
    install(workspace)?;
    with_server(workspace, Cmd::new("npm").args(["test"]), "conformance/js")
}

/// The npm package's own tests, and the package against our server, on Node.js 18.
pub(crate) fn oldest_node(workspace: &Workspace) -> Result<()> {
    clients::build_if_stale(workspace)?;
    web::install_in(&workspace.root.join("conformance/node18"))?;
    with_server(workspace, Cmd::new("npm").args(["test"]), "conformance/node18")
}

/// The same requests to our server and to `socket.io` from npm, and what they answer.
pub(crate) fn differential(workspace: &Workspace) -> Result<()> {
    install(workspace)?;
    with_server(workspace, Cmd::new("npm").args(["run", "differential"]), "conformance/js")
}

/// `python-socketio` from the Python package index.
pub(crate) fn python(workspace: &Workspace) -> Result<()> {
    let pytest = python::environment(workspace)?.join("pytest");
    with_server(workspace, Cmd::new(pytest), "conformance/python")
}

/// Against the local PingOne: `authlib` from the Python package index, an OAuth client that knows no PingOne, and
/// Backstage's client of PingOne from npm.
pub(crate) fn pingone(workspace: &Workspace) -> Result<()> {
    let simulator = workspace.release_binary("pingone-sim");
    let with_simulator = |suite: Cmd, directory: &str| {
        let suite = suite.directory(&workspace.root.join(directory));
        suite.env("PINGONE_SIM", simulator.to_string_lossy()).within(DEADLINE).run()
    };
    let pytest = python::environment(workspace)?.join("pytest");
    with_simulator(Cmd::new(pytest), "conformance/pingone")?;
    web::install_in(&workspace.root.join("conformance/pingone-js"))?;
    with_simulator(Cmd::new("npm").args(["test"]), "conformance/pingone-js")
}

/// `socket.io` from npm, the reference server.
pub(crate) fn reference_server(workspace: &Workspace) -> Result<()> {
    install(workspace)?;
    Cmd::new(workspace.release_binary("conformance"))
        .args(["rust-client"])
        .directory(&workspace.root)
        .within(DEADLINE)
        .run()
}

/// Our clients in Rust and JavaScript and our server with real proxies between them.
pub(crate) fn proxies(workspace: &Workspace) -> Result<()> {
    setup::for_proxies()?;
    Cmd::new(workspace.release_binary("conformance")).args(["proxies"]).within(DEADLINE).run()?;
    install(workspace)?;
    with_server(workspace, Cmd::new("npm").args(["run", "proxies"]), "conformance/js")
}

/// The suites start the servers themselves, from the binary named in `CONFORMANCE`.
fn with_server(workspace: &Workspace, suite: Cmd, directory: &str) -> Result<()> {
    let binary = workspace.release_binary("conformance");
    suite
        .directory(&workspace.root.join(directory))
        .env("CONFORMANCE", binary.to_string_lossy())
        .within(DEADLINE)
        .run()
}
