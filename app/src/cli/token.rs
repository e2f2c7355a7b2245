//! The token that shows a server who asks.

use std::path::Path;

use anyhow::Context as _;

/// What the file holds, where one is named, or what there is `otherwise`; the file `-` is standard input.
pub(super) fn read(file: Option<&Path>, otherwise: Option<String>) -> anyhow::Result<Option<String>> {
    let Some(file) = file else { return Ok(otherwise) };
    let text = match file.as_os_str() == "-" {
        true => std::io::read_to_string(std::io::stdin()),
        false => std::fs::read_to_string(file),
    };
    let text = text.with_context(|| format!("the token cannot be read from {}", file.display()))?;
    match text.trim() {
        "" => anyhow::bail!("{} holds no token", file.display()),
        token => Ok(Some(token.to_owned())),
    }
}
