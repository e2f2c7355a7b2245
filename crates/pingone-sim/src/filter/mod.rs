//! The part of the SCIM filter language (RFC 7644, section 3.4.2.2) that PingOne supports.

mod eval;
mod lexer;
mod parser;

pub(crate) use eval::Subject;
pub(crate) use parser::{Comparison, Expression, InvalidFilter, Literal, Membership, Operator, parse};

/// Whether a filter is well formed and uses supported operators, whatever attributes it names.
///
/// ```
/// assert!(pingone_sim::accepts_filter(r#"(username sw "a" or enabled eq true) and name.given eq "Ann""#));
/// assert!(!pingone_sim::accepts_filter("username ne"));
/// ```
pub fn accepts_filter(filter: &str) -> bool {
    parse(filter, |_| true).is_ok()
}
