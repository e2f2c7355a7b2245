//! Which columns an export has.

use std::collections::{BTreeSet, HashMap, HashSet};

use pingone::{AttributeType, Schema, User};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::plan::{Directory, importable_paths, named_attribute, same_column};

/// The columns of an export and what it takes to fill them.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    columns: Vec<String>,
    populations: HashMap<Uuid, String>,
    /// The attributes that hold any JSON.
    json: HashSet<String>,
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
        let json =
            directory.schema.attributes.iter().filter(|attribute| attribute.kind == AttributeType::Json);
        let json = json.filter(|attribute| !attribute.multi_valued).map(|attribute| attribute.name.clone());
        Self { columns, populations, json: json.collect(), is_chosen }
    }

    /// The columns, without those that are neither chosen nor in `used`; all of them where there is nobody to use any.
    pub(super) fn columns(&self, used: &BTreeSet<String>) -> Vec<&str> {
        let kept =
            self.columns.iter().filter(|path| self.is_chosen || used.is_empty() || used.contains(*path));
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
            path => match user.attribute(path).filter(|value| !value.is_null())? {
                // An import reads what stands in such an attribute as JSON, a text in quotes.
                text @ Value::String(_) if self.json.contains(path) => Some(text.to_string().into()),
                value => Some(value.clone()),
            },
        }
    }
}

/// The path of the column that is asked for as `name`: the path itself, or a name that an import takes for it.
pub(crate) fn column(name: &str, schema: &Schema) -> Option<String> {
    if is_known(name, schema) {
        return Some(name.to_owned());
    }
    if let Some(path) = FIXED.into_iter().find(|path| same_column(path, name)) {
        return Some(path.to_owned());
    }
    let path = match named_attribute(name, schema)? {
        path if path == "population" => "population.name".to_owned(),
        path => path,
    };
    is_known(&path, schema).then_some(path)
}

/// Whether a column can be called `path`.
fn is_known(path: &str, schema: &Schema) -> bool {
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
