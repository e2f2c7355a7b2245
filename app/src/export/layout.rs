//! Which columns an export has.

use std::collections::{BTreeSet, HashMap};

use pingone::{Schema, User};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::plan::{Directory, importable_paths};

/// The columns of an export and what it takes to fill them.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    columns: Vec<String>,
    populations: HashMap<Uuid, String>,
    /// Whether columns were chosen; otherwise those that nobody has a value in are left out.
    is_chosen: bool,
}

impl Layout {
    /// The columns in `chosen`, or everything that an import takes.
    pub(crate) fn new(chosen: &[String], directory: &Directory) -> Self {
        let populations = directory.populations().iter();
        let populations = populations.map(|population| (population.id, population.name.clone())).collect();
        let is_chosen = !chosen.is_empty();
        let columns = if is_chosen { chosen.to_vec() } else { everything(&directory.schema) };
        Self { columns, populations, is_chosen }
    }

    /// The columns, without those that are neither chosen nor in `used`.
    pub(super) fn columns(&self, used: &BTreeSet<String>) -> Vec<&str> {
        let kept = self.columns.iter().filter(|path| self.is_chosen || used.contains(*path));
        kept.map(String::as_str).collect()
    }

    /// The values of `user` by path; what it has no value for is not there.
    pub(super) fn values(&self, user: &User) -> Map<String, Value> {
        let values = self.columns.iter().filter_map(|path| Some((path.clone(), self.value(user, path)?)));
        values.collect()
    }

    fn value(&self, user: &User, path: &str) -> Option<Value> {
        match path {
            "id" => Some(user.id.to_string().into()),
            "username" => Some(user.username.as_str().into()),
            "enabled" => Some(user.enabled.into()),
            "population.id" => Some(user.population.to_string().into()),
            "population.name" => self.populations.get(&user.population).map(|name| name.as_str().into()),
            path => user.attribute(path).filter(|value| !value.is_null()).cloned(),
        }
    }
}

/// Whether a column can be called `path`.
pub(crate) fn is_known(path: &str, schema: &Schema) -> bool {
    FIXED.contains(&path) || schema.attribute(path).is_some()
}

/// Every path that a column can have, and whether an import takes it: first those that an export has by itself.
pub(crate) fn exportable(schema: &Schema) -> Vec<(String, bool)> {
    let mut paths: Vec<_> = everything(schema).into_iter().map(|path| (path, true)).collect();
    let simple = schema.attributes.iter().filter(|attribute| attribute.enabled);
    let simple = simple.filter(|attribute| attribute.sub_attributes.is_empty());
    let others = FIXED.iter().copied().chain(simple.map(|attribute| attribute.name.as_str()));
    for path in others {
        if !paths.iter().any(|(known, _)| known == path) {
            paths.push((path.to_owned(), path == "population.id"));
        }
    }
    paths
}

fn everything(schema: &Schema) -> Vec<String> {
    let fixed = ["username", "population.name", "enabled"].map(str::to_owned);
    let others = importable_paths(schema).into_iter().filter(|path| path != "username");
    fixed.into_iter().chain(others).collect()
}

/// What users have beside the attributes of the schema.
const FIXED: [&str; 7] =
    ["id", "username", "enabled", "population.id", "population.name", "createdAt", "updatedAt"];
