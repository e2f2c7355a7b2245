//! Where variables come from.

/// Something that has values under names, such as the environment of a process.
pub trait Variables {
    /// The value of `name`, if it is set and not blank.
    fn value(&self, name: &str) -> Option<String>;
}

/// The environment of this process.
#[derive(Clone, Copy, Debug)]
pub struct ProcessEnvironment;

impl Variables for ProcessEnvironment {
    fn value(&self, name: &str) -> Option<String> {
        std::env::var(name).ok().filter(|value| !value.trim().is_empty())
    }
}

impl Variables for &[(&str, &str)] {
    fn value(&self, name: &str) -> Option<String> {
        let found = self.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| (*value).to_owned()).filter(|value| !value.trim().is_empty())
    }
}
