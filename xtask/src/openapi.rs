//! The API description that the UI's typed client is generated from is the one that the tool serves.

use std::{fs, path::Path};

use anyhow::{Context, Result, ensure};

use crate::{command::Cmd, web, workspace::Workspace};

/// The description, and the types generated from it.
const DESCRIPTION: &str = "openapi.json";
const TYPES: &str = "src/api/schema.ts";

/// Fails when the committed description or types differ from what the code says now.
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let web = workspace.web();
    let served = Cmd::new(workspace.release_binary("pingone-import")).args(["openapi"]).stdout()?;
    ensure!(
        served.trim_end() == read(&web.join(DESCRIPTION))?.trim_end(),
        "web/{DESCRIPTION} is not what the tool serves; to update it: \
         target/release/pingone-import openapi > web/{DESCRIPTION} && cd web && npm run generate",
    );
    let committed = read(&web.join(TYPES))?;
    web::npm_run(workspace, "generate")?;
    ensure!(
        committed == read(&web.join(TYPES))?,
        "web/{TYPES} was out of date and has been generated again; commit it"
    );
    Ok(())
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}
