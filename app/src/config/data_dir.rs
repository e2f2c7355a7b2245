//! Where jobs are kept when nobody says where.

use std::path::PathBuf;

use thiserror::Error;

use super::Variables;

/// There is no place for data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("there is no home directory to keep jobs in; name a directory with --data-dir")]
pub struct NoDataDir;

/// The platform's directory for data of applications, in it `pingone-import`.
///
/// Linux: `$XDG_DATA_HOME` or `~/.local/share`; macOS: `~/Library/Application Support`; Windows: `%LOCALAPPDATA%`.
///
/// # Errors
/// When the environment names no home directory.
pub fn data_dir(variables: &impl Variables) -> Result<PathBuf, NoDataDir> {
    let named = |name: &str| variables.value(name).map(PathBuf::from);
    let home = |rest: &str| named("HOME").map(|home| home.join(rest));
    let base = if cfg!(windows) {
        named("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        home("Library/Application Support")
    } else {
        named("XDG_DATA_HOME").or_else(|| home(".local/share"))
    };
    base.map(|base| base.join("pingone-import")).ok_or(NoDataDir)
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use std::path::PathBuf;

    use super::{NoDataDir, data_dir};

    #[test]
    fn the_data_home_is_preferred_to_the_home() {
        let both: &[_] = &[("HOME", "/home/ada"), ("XDG_DATA_HOME", "/data")];
        assert_eq!(data_dir(&both), Ok(PathBuf::from("/data/pingone-import")));
        let home: &[_] = &[("HOME", "/home/ada"), ("XDG_DATA_HOME", "")];
        assert_eq!(data_dir(&home), Ok(PathBuf::from("/home/ada/.local/share/pingone-import")));
        let none: &[(&str, &str)] = &[];
        assert_eq!(data_dir(&none), Err(NoDataDir));
    }
}
