//! Python packages, in an environment of their own below the target directory.

use std::{fs, path::PathBuf};

use anyhow::{Context, Result};

use crate::{command::Cmd, workspace::Workspace};

/// Every file of pinned packages that `cargo xtask` installs.
const REQUIREMENTS: [&str; 3] =
    ["xtask/requirements.txt", "conformance/python/requirements.txt", "conformance/pingone/requirements.txt"];

/// Installs what the requirement files pin, once per content, and returns the environment's `bin`.
pub(crate) fn environment(workspace: &Workspace) -> Result<PathBuf> {
    let directory = workspace.target.join("venv");
    let bin = directory.join("bin");
    let stamp = directory.join("requirements.stamp");
    let wanted = requirements(workspace)?;
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(bin);
    }
    Cmd::new("python3").args(["-m", "venv", "--clear"]).args([directory.to_string_lossy()]).run()?;
    let files = REQUIREMENTS.iter().flat_map(|file| ["-r".to_owned(), (*file).to_owned()]);
    Cmd::new(bin.join("python"))
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
        .args(files)
        .directory(&workspace.root)
        .run()?;
    fs::write(&stamp, wanted).with_context(|| format!("cannot write {}", stamp.display()))?;
    Ok(bin)
}

fn requirements(workspace: &Workspace) -> Result<String> {
    let read = |file: &&str| {
        let path = workspace.root.join(file);
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
    };
    REQUIREMENTS.iter().map(read).collect()
}
