use std::cell::OnceCell;

use serde_json::{Map, Value};
use uuid::Uuid;

use crate::filter::{Membership, Subject};
use crate::store::Record;

/// A user that a filter looks at. Its attributes are read only if the filter asks for one.
#[derive(Debug)]
pub(super) struct Candidate<'a> {
    record: &'a Record,
    population: Uuid,
    groups: &'a [Uuid],
    case_sensitive: bool,
    profile: OnceCell<Map<String, Value>>,
}

impl<'a> Candidate<'a> {
    pub(super) fn new(
        record: &'a Record,
        population: Uuid,
        groups: &'a [Uuid],
        case_sensitive: bool,
    ) -> Self {
        Self { record, population, groups, case_sensitive, profile: OnceCell::new() }
    }

    fn attribute(&self, path: &str) -> Option<&Value> {
        let profile = self.profile.get_or_init(|| self.record.profile());
        match path.split_once('.') {
            Some((parent, child)) => profile.get(parent)?.get(child),
            None => profile.get(path),
        }
    }
}

impl Subject for Candidate<'_> {
    fn is_case_sensitive(&self) -> bool {
        self.case_sensitive
    }

    fn text(&self, path: &str, holds: &dyn Fn(&str) -> bool) -> bool {
        match path {
            "username" => holds(self.record.username()),
            "population.id" => holds(&self.population.to_string()),
            path => match self.attribute(path) {
                Some(Value::String(text)) => holds(text),
                Some(Value::Array(values)) => values.iter().filter_map(Value::as_str).any(holds),
                _ => false,
            },
        }
    }

    fn flag(&self, path: &str) -> Option<bool> {
        (path == "enabled").then_some(self.record.flags.enabled)
    }

    // There are no dynamic groups here, so every membership is a direct one.
    fn is_member(&self, membership: &Membership) -> bool {
        let id = membership.group.as_deref().and_then(|id| Uuid::parse_str(id).ok());
        id.is_some_and(|id| self.groups.contains(&id))
            && membership.kind.as_deref().is_none_or(|kind| kind == "DIRECT")
    }
}
