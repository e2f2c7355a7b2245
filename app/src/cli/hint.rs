//! Commands that are printed so that they can be copied and run.

use std::borrow::Cow;

use pingone_import::program;

use super::args::{Named, Store};

/// How this program was called, as far as later commands have to be called in the same way.
#[derive(Clone, Debug)]
pub(super) struct Hint {
    program: &'static str,
    /// Options that every later command needs.
    options: Vec<String>,
    /// Options that those need which talk to PingOne.
    connecting: Vec<String>,
}

impl Hint {
    pub(super) fn new(store: &Store) -> Self {
        let data_dir = store.data_dir.as_ref().map(|dir| dir.to_string_lossy().into_owned());
        let options = data_dir.into_iter().flat_map(|dir| ["--data-dir".to_owned(), dir]).collect();
        Self { program: program::name(), options, connecting: Vec::new() }
    }

    /// As it is, for commands that talk to the PingOne that was `named`.
    pub(super) fn connecting(self, named: &Named) -> Self {
        let connection = named.connection.iter().flat_map(|name| ["--connection".to_owned(), name.clone()]);
        let config = named.config.as_ref().map(|file| file.to_string_lossy().into_owned());
        let config = config.into_iter().flat_map(|file| ["--config".to_owned(), file]);
        Self { connecting: connection.chain(config).collect(), ..self }
    }

    /// As [`Self::command`], for one that talks to PingOne.
    pub(super) fn connected(&self, words: &[&str]) -> String {
        let connecting = self.connecting.iter().map(String::as_str);
        self.command(&words.iter().copied().chain(connecting).collect::<Vec<_>>())
    }

    /// The command with these words, and with what it needs to find the same jobs.
    pub(super) fn command(&self, words: &[&str]) -> String {
        let words = words.iter().copied().chain(self.options.iter().map(String::as_str)).map(quoted);
        std::iter::once(Cow::Borrowed(self.program)).chain(words).collect::<Vec<_>>().join(" ")
    }

    /// This very command once more, with further words.
    pub(super) fn again(words: &[&str]) -> String {
        let typed: Vec<_> = std::env::args_os().map(|word| word.to_string_lossy().into_owned()).collect();
        let words = typed.iter().map(String::as_str).chain(words.iter().copied());
        words.map(quoted).collect::<Vec<_>>().join(" ")
    }
}

/// How this process was called, as a shell takes it.
pub(super) fn called() -> Option<String> {
    let program = std::env::args_os().next()?.to_string_lossy().into_owned();
    (!program.is_empty()).then(|| quoted(&program).into_owned())
}

/// A word as a shell takes it.
fn quoted(word: &str) -> Cow<'_, str> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@,+%".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return Cow::Borrowed(word);
    }
    // Within double quotes a shell of Unix and one of Windows agree, as long as nothing is expanded there.
    if !word.contains(['"', '$', '`', '\\', '!']) {
        return Cow::Owned(format!("\"{word}\""));
    }
    Cow::Owned(format!("'{}'", word.replace('\'', r"'\''")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hint_has_what_later_commands_need() {
        let options = vec!["--data-dir".to_owned(), "my jobs".to_owned()];
        let named = Named { connection: Some("staging".to_owned()), config: Some("settings.toml".into()) };
        let hint =
            Hint { program: "target/pingone-import", options, connecting: Vec::new() }.connecting(&named);
        assert_eq!(hint.command(&["jobs", "list"]), "target/pingone-import jobs list --data-dir \"my jobs\"");
        assert_eq!(
            hint.connected(&["jobs", "resume"]),
            "target/pingone-import jobs resume --connection staging --config settings.toml --data-dir \"my jobs\""
        );
    }

    #[test]
    fn words_are_quoted_as_a_shell_needs_them() {
        let table = [
            ("users.csv", "users.csv"),
            ("", "\"\""),
            ("delete 1 user", "\"delete 1 user\""),
            ("a \"b\"", "'a \"b\"'"),
            ("it's $5", r"'it'\''s $5'"),
        ];
        for (word, expected) in table {
            assert_eq!(quoted(word), expected);
        }
    }
}
