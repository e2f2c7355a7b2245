//! The release binaries.

use anyhow::Result;

use crate::{command::Cmd, interop, workspace::Workspace};

/// Builds the tool, the local PingOne, the conformance servers and the proxy that breaks connections.
///
/// The packages are always selected together: another selection could unify other features and build everything again.
pub(crate) fn build(workspace: &Workspace) -> Result<()> {
    // The servers hand out the JavaScript client that is installed there.
    interop::install(workspace)?;
    Cmd::new("cargo")
        .args(["build", "--release", "-p", "pingone-import", "-p", "pingone-sim", "-p", "conformance"])
        .args(["-p", "testkit"])
        .directory(&workspace.root)
        .run()
}
