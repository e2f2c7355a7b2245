#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod client;
mod config;
mod error;
mod filter;
mod metrics;
mod model;
mod rate;
mod region;
mod schema;
mod secret;

pub use client::{Client, Reconciled, Trace, UserPages};
pub use config::{AuthMethod, Config, ConfigError, RetryPolicy};
pub use error::{Detail, Error, Refusal};
pub use filter::{AttributePath, Filter, FilterValue, InvalidFilter, InvalidPath};
pub use metrics::{Metrics, Observer};
pub use model::{
    Group, NewPassword, NewPopulation, NewUser, PasswordState, Population, PopulationChange, User, UserKey,
};
pub use region::{Region, UnknownRegion};
pub use schema::{
    Attribute, AttributeType, Demands, EnumeratedValue, Problem, ProblemCode, RegexValidation, Schema,
    SchemaType,
};
pub use secret::Secret;
