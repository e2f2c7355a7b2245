//! What the process environment says, one file per concern, read through [`Variables`] so that tests need no
//! environment.

mod connection;
mod data_dir;
mod variables;

pub use connection::{ConnectionError, connection};
pub use data_dir::{NoDataDir, data_dir};
pub use variables::{ProcessEnvironment, Variables};
