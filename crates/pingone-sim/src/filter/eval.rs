use super::{Comparison, Expression, Literal, Membership, Operator};

/// Something that a filter can look at.
pub(crate) trait Subject {
    /// Whether comparisons of texts tell letter cases apart.
    fn is_case_sensitive(&self) -> bool;

    /// Whether `holds` is true of the text at `path`; no, if there is none.
    fn text(&self, path: &str, holds: &dyn Fn(&str) -> bool) -> bool;

    /// The truth at `path`, if it is one.
    fn flag(&self, _path: &str) -> Option<bool> {
        None
    }

    /// Whether it is in a group.
    fn is_member(&self, _membership: &Membership) -> bool {
        false
    }

    /// Whether the filter selects it.
    fn matches(&self, expression: &Expression) -> bool {
        match expression {
            Expression::And(terms) => terms.iter().all(|term| self.matches(term)),
            Expression::Or(terms) => terms.iter().any(|term| self.matches(term)),
            Expression::Member(membership) => self.is_member(membership),
            Expression::Comparison(Comparison { path, operator, value }) => match value {
                Literal::Bool(value) => *operator == Operator::Equals && self.flag(path) == Some(*value),
                Literal::Text(value) => {
                    self.text(path, &|text| compares(text, *operator, value, self.is_case_sensitive()))
                }
            },
        }
    }
}

fn compares(text: &str, operator: Operator, value: &str, case_sensitive: bool) -> bool {
    let holds = |text: &str, value: &str| match operator {
        Operator::Equals => text == value,
        Operator::StartsWith => text.starts_with(value),
        Operator::EndsWith => text.ends_with(value),
        Operator::Contains => text.contains(value),
    };
    if case_sensitive { holds(text, value) } else { holds(&text.to_lowercase(), &value.to_lowercase()) }
}
