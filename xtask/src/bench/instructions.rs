//! Instructions of the hot path, counted by callgrind.

use std::{collections::BTreeMap, fs};

use anyhow::{Context as _, Result, bail};

use crate::{command::Cmd, output, workspace::Workspace};

/// Counts, shows them beside the stored ones, and stores them if that is wanted.
pub(crate) fn run(workspace: &Workspace, store: bool) -> Result<()> {
    if !Cmd::new("valgrind").args(["--version"]).succeeds() {
        bail!("valgrind is missing, which counts the instructions; on Debian: apt-get install valgrind");
    }
    let build = ["build", "--release", "--locked", "-p", "bench", "--bin", "instructions"];
    Cmd::new("cargo").args(build).directory(&workspace.root).run()?;
    let file = workspace.root.join("bench/instructions.json");
    let stored: BTreeMap<String, f64> = match fs::read_to_string(&file) {
        Ok(text) => {
            serde_json::from_str(&text).context("bench/instructions.json is not what it should be")?
        }
        Err(_) => BTreeMap::new(),
    };
    let program = workspace.release_binary("instructions");
    let mut counted = BTreeMap::new();
    for piece in Cmd::new(&program).stdout()?.lines() {
        // What both runs have in common is setting up.
        let (few, many) = (count(workspace, piece, FEW)?, count(workspace, piece, MANY)?);
        let each = many.saturating_sub(few) as f64 / f64::from(MANY - FEW);
        output::line(&line(piece, each, stored.get(piece).copied()));
        counted.insert(piece.to_owned(), each.round());
    }
    if store {
        fs::write(&file, serde_json::to_string_pretty(&counted)? + "\n")?;
        output::line(&format!("stored in {}", file.display()));
    }
    Ok(())
}

const FEW: u32 = 1000;
const MANY: u32 = 11_000;

fn line(piece: &str, each: f64, stored: Option<f64>) -> String {
    let change = match stored {
        Some(stored) if stored > 0.0 => {
            format!("  was {stored:>7.0}  {:+.1} %", (each / stored - 1.0) * 100.0)
        }
        _ => String::new(),
    };
    format!("{piece:<24} {each:>8.0} instructions{change}")
}

fn count(workspace: &Workspace, piece: &str, times: u32) -> Result<u64> {
    let output = Cmd::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null", "--log-fd=1"])
        .args([workspace.release_binary("instructions").to_string_lossy()])
        .args([piece, "--times", &times.to_string()])
        .stdout()?;
    let collected = output.lines().find_map(|line| line.split_once("Collected : "));
    collected.context("callgrind told no count")?.1.trim().parse().context("callgrind told something else")
}

#[cfg(test)]
mod tests {
    use super::line;

    #[test]
    fn a_change_is_told_in_percent() {
        assert!(line("echo", 110.0, Some(100.0)).ends_with("was     100  +10.0 %"));
        assert!(line("echo", 110.0, None).ends_with("instructions"));
    }
}
