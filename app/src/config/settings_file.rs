//! Where settings are when nobody says where.

use std::path::PathBuf;

use super::Variables;

/// `pingone-import/settings.toml` in the platform's directory for configuration, if there is such a file.
///
/// Linux: `$XDG_CONFIG_HOME` or `~/.config`; macOS: `~/Library/Application Support`; Windows: `%APPDATA%`.
pub fn settings_file(variables: &impl Variables) -> Option<PathBuf> {
    settings_path(variables).filter(|path| path.is_file())
}

fn settings_path(variables: &impl Variables) -> Option<PathBuf> {
    let named = |name: &str| variables.value(name).map(PathBuf::from);
    let home = |rest: &str| named("HOME").map(|home| home.join(rest));
    let base = if cfg!(windows) {
        named("APPDATA")
    } else if cfg!(target_os = "macos") {
        home("Library/Application Support")
    } else {
        // What is relative is to be ignored, says the XDG Base Directory Specification.
        named("XDG_CONFIG_HOME").filter(|path| path.is_absolute()).or_else(|| home(".config"))
    };
    base.map(|base| base.join("pingone-import").join("settings.toml"))
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use std::path::PathBuf;

    use super::settings_path;

    #[test]
    fn the_configuration_home_is_preferred_to_the_home() {
        let both: &[_] = &[("HOME", "/home/ada"), ("XDG_CONFIG_HOME", "/config")];
        assert_eq!(settings_path(&both), Some(PathBuf::from("/config/pingone-import/settings.toml")));
        for unusable in ["", "relative"] {
            let home: &[_] = &[("HOME", "/home/ada"), ("XDG_CONFIG_HOME", unusable)];
            let expected = PathBuf::from("/home/ada/.config/pingone-import/settings.toml");
            assert_eq!(settings_path(&home), Some(expected));
        }
        let none: &[(&str, &str)] = &[];
        assert_eq!(settings_path(&none), None);
    }
}
