//! Where values come from, and which of them wins.

use std::collections::BTreeMap;
use std::path::Path;

use super::Flags;
use super::errors::{SettingError, SettingErrors};
use super::keys::{by_name, by_variable, nearest};
use super::named::SECRET_VARIABLE;
use crate::config::Variables;

/// Flags, environment and file.
pub(super) struct Sources<'a, V> {
    flags: Flags<'a>,
    variables: &'a V,
    file: BTreeMap<String, String>,
    file_name: String,
}

/// A value and who set it.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) name: String,
    pub(super) value: String,
}

impl<'a, V: Variables> Sources<'a, V> {
    pub(super) fn read(
        file: Option<&Path>,
        variables: &'a V,
        flags: Flags<'a>,
        errors: &mut SettingErrors,
    ) -> Self {
        let file_name = file.map(|file| file.display().to_string()).unwrap_or_default();
        let file = file.map(|file| read_file(file, &file_name, errors)).unwrap_or_default();
        Self { flags, variables, file, file_name }
    }

    /// The value of a key, from the source that wins.
    pub(super) fn find(&self, name: &str) -> Option<Found> {
        let key = by_name(name)?;
        if let Some((_, value)) = self.flags.iter().find(|(flag, _)| *flag == name) {
            let option = name.rsplit('.').next().unwrap_or(name).replace('_', "-");
            return Some(Found { name: format!("--{option}"), value: value.clone() });
        }
        if let Some(value) = self.variables.value(key.variable) {
            return Some(Found { name: key.variable.to_owned(), value });
        }
        let value = self.file.get(name)?.clone();
        Some(Found { name: format!("{name} in {}", self.file_name), value })
    }
}

/// The sources under the names of the environment, for code that knows only these.
pub(super) struct Merged<'a, 'b, V>(pub(super) &'a Sources<'b, V>);

impl<V: Variables> Variables for Merged<'_, '_, V> {
    fn value(&self, variable: &str) -> Option<String> {
        let from_environment = self.0.variables.value(variable);
        from_environment.or_else(|| self.0.file.get(by_variable(variable)?.name).cloned())
    }
}

pub(super) fn read_file(path: &Path, name: &str, errors: &mut SettingErrors) -> BTreeMap<String, String> {
    let file = name.to_owned();
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(source) => {
            errors.push(SettingError::File { file, source });
            return BTreeMap::new();
        }
    };
    let table = match text.parse::<toml::Table>() {
        Ok(table) => table,
        Err(error) => {
            errors.push(SettingError::Syntax { file, reason: error.to_string().trim_end().to_owned() });
            return BTreeMap::new();
        }
    };
    let mut values = BTreeMap::new();
    flatten("", table, &mut values);
    values.retain(|key, _| {
        let as_only_one = in_connection(key).map(|(_, key)| format!("pingone.{key}"));
        let meant = as_only_one.as_ref().unwrap_or(key);
        let is_named_secret = as_only_one.is_some() && key.ends_with(&format!(".{SECRET_VARIABLE}"));
        let is_known = by_name(meant).is_some() || is_named_secret;
        if !is_known {
            let (file, name) = (name.to_owned(), key.clone());
            errors.push(match meant.as_str() {
                "pingone.client_secret" => SettingError::Secret { file, name },
                _ => SettingError::Unknown { file, name, nearest: nearest(meant) },
            });
        }
        is_known
    });
    values
}

/// The name of the connection that a key belongs to, and the key within it.
pub(super) fn in_connection(key: &str) -> Option<(&str, &str)> {
    key.strip_prefix(NAMED)?.rsplit_once('.')
}

/// What the keys of connections with names begin with.
pub(super) const NAMED: &str = "connections.";

fn flatten(prefix: &str, table: toml::Table, values: &mut BTreeMap<String, String>) {
    for (key, value) in table {
        let name = if prefix.is_empty() { key } else { format!("{prefix}.{key}") };
        match value {
            toml::Value::Table(table) => flatten(&name, table, values),
            toml::Value::String(text) => drop(values.insert(name, text)),
            other => drop(values.insert(name, other.to_string())),
        }
    }
}
