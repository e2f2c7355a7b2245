use std::cell::OnceCell;

use serde_json::{Map, Value};
use uuid::Uuid;

use super::{Comparison, Expression, Literal, Membership, Operator};
use crate::store::Record;

/// A user that a filter looks at. Its attributes are read only if the filter asks for one.
#[derive(Debug)]
pub(crate) struct Candidate<'a> {
    record: &'a Record,
    population: Uuid,
    groups: &'a [Uuid],
    case_sensitive: bool,
    profile: OnceCell<Map<String, Value>>,
}

impl<'a> Candidate<'a> {
    pub(crate) fn new(
        record: &'a Record,
        population: Uuid,
        groups: &'a [Uuid],
        case_sensitive: bool,
    ) -> Self {
        Self { record, population, groups, case_sensitive, profile: OnceCell::new() }
    }

    pub(crate) fn matches(&self, expression: &Expression) -> bool {
        match expression {
            Expression::And(terms) => terms.iter().all(|term| self.matches(term)),
            Expression::Or(terms) => terms.iter().any(|term| self.matches(term)),
            Expression::Comparison(comparison) => self.compares(comparison),
            // There are no dynamic groups here, so every membership is a direct one.
            Expression::Member(Membership { group, kind }) => {
                let id = group.as_deref().and_then(|id| Uuid::parse_str(id).ok());
                id.is_some_and(|id| self.groups.contains(&id))
                    && kind.as_deref().is_none_or(|kind| kind == "DIRECT")
            }
        }
    }

    fn compares(&self, comparison: &Comparison) -> bool {
        let text = match comparison.path.as_str() {
            "username" => return self.compares_text(self.record.username(), comparison),
            "enabled" => {
                return comparison.operator == Operator::Equals
                    && comparison.value == Literal::Bool(self.record.flags.enabled);
            }
            "population.id" => return self.compares_text(&self.population.to_string(), comparison),
            path => self.attribute(path),
        };
        text.is_some_and(|text| self.compares_text(text, comparison))
    }

    fn attribute(&self, path: &str) -> Option<&str> {
        let profile = self.profile.get_or_init(|| self.record.profile());
        match path.split_once('.') {
            Some((parent, child)) => profile.get(parent)?.get(child)?.as_str(),
            None => profile.get(path)?.as_str(),
        }
    }

    fn compares_text(&self, text: &str, comparison: &Comparison) -> bool {
        let Literal::Text(value) = &comparison.value else { return false };
        let holds = |text: &str, value: &str| match comparison.operator {
            Operator::Equals => text == value,
            Operator::StartsWith => text.starts_with(value),
            Operator::EndsWith => text.ends_with(value),
            Operator::Contains => text.contains(value),
        };
        if self.case_sensitive {
            holds(text, value)
        } else {
            holds(&text.to_lowercase(), &value.to_lowercase())
        }
    }
}
