//! The part of the SCIM filter language (RFC 7644, section 3.4.2.2) that PingOne supports.

mod eval;
mod lexer;
mod parser;

pub(crate) use eval::Candidate;
pub(crate) use parser::{Comparison, Expression, InvalidFilter, Literal, Membership, Operator, parse};
