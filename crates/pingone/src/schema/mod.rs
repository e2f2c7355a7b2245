//! The attributes that users of an environment may have, and the check of a user against them.

mod demands;
mod limits;
mod predicates;
mod types;
mod validate;

pub use demands::Demands;
pub use types::{Attribute, AttributeType, EnumeratedValue, RegexValidation, Schema, SchemaType};
pub use validate::{Problem, ProblemCode};
