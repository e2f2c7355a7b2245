//! What the process environment and the file of settings say, one file per concern, read through [`Variables`] so
//! that tests need no environment.

mod connection;
mod data_dir;
mod settings;
mod settings_file;
mod variables;

pub use connection::{ConnectionError, connection};
pub use data_dir::{NoDataDir, data_dir};
pub use settings::{Connections, Flags, NamedError, SettingError, SettingErrors, Settings, duration, keys};
pub use settings_file::settings_file;
pub use variables::{ProcessEnvironment, Variables};
