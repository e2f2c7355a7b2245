//! Users that are never deleted.

use std::collections::HashSet;
use std::sync::Arc;

use futures_util::future::join_all;
use pingone::{Client, UserKey};
use uuid::Uuid;

use super::create::blocking;
use super::error::Error;
use super::event::{ErrorEvent, EventBody};
use super::incoming::Incoming;
use super::service::Jobs;
use super::view::Kind;
use crate::plan::{FileError, read_text};
use crate::store::JobRecord;

/// The users that are never deleted, by username or id; letter case does not count.
#[derive(Clone, Debug, Default)]
pub(super) struct Protected(Arc<HashSet<String>>);

/// The names in a file that has one on each line, quoted or not.
pub fn protected_names(text: &str) -> Vec<String> {
    let unquoted = |line: &str| {
        let line = line.trim();
        let inner = line.strip_prefix('"').and_then(|line| line.strip_suffix('"'));
        inner.unwrap_or(line).trim().to_owned()
    };
    text.lines().map(unquoted).filter(|name| !name.is_empty()).collect()
}

impl Jobs {
    /// The names in a file of protected users, of which nothing is kept.
    ///
    /// # Errors
    /// When it is no text, names nobody, or is longer than options may be.
    pub async fn protected_users(&self, mut incoming: Incoming) -> Result<Vec<String>, Error> {
        if incoming.size() > LONGEST_FILE {
            return Err(Error::TooBig { limit: LONGEST_FILE });
        }
        incoming.finish().await?;
        let text = blocking(move || match read_text(incoming.path()) {
            Err(FileError::Empty) => Ok(String::new()),
            read => read,
        });
        let names = protected_names(&text.await?);
        // Whoever gives such a file means to protect somebody.
        if names.is_empty() {
            return Err(Error::Options(
                "the file names nobody to protect; name one user on each line".to_owned(),
            ));
        }
        Ok(names)
    }
}

impl Protected {
    pub(super) fn new(names: &[String]) -> Self {
        let names = names.iter().map(|name| name.trim().to_lowercase());
        Self(Arc::new(names.filter(|name| !name.is_empty()).collect()))
    }

    pub(super) fn holds(&self, username: &str, id: Uuid) -> bool {
        !self.0.is_empty() && (self.0.contains(&username.to_lowercase()) || self.0.contains(&id.to_string()))
    }
}

/// A warning when a plan of a delete protects names that no user has: whoever was meant is not protected.
///
/// # Errors
/// When PingOne cannot be asked.
pub(super) async fn unknown(record: &JobRecord, client: &Client) -> Result<Option<EventBody>, Error> {
    let options = &record.options;
    if options.kind != Kind::Delete || !options.dry_run {
        return Ok(None);
    }
    let names = options.protect.iter().map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
    let names: Vec<String> = names.collect();
    let mut unknown = Vec::new();
    for some in names.chunks(AT_ONCE) {
        let asked = some.iter().map(|name| exists(name.clone(), client.clone()));
        for (name, exists) in some.iter().zip(join_all(asked).await) {
            if !exists.map_err(|error| Error::pingone(&error))? {
                unknown.push(name);
            }
        }
    }
    if unknown.is_empty() {
        return Ok(None);
    }
    let shown: Vec<_> = unknown.iter().take(SHOWN).map(|name| format!("{name:?}")).collect();
    let more = unknown.len().saturating_sub(SHOWN);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let message = format!(
        "no user has the username or id {}{more}, so this protects nobody; if somebody was meant, correct it and \
         plan anew",
        shown.join(", ")
    );
    Ok(Some(EventBody::Error(ErrorEvent::warning(UNKNOWN_PROTECTED, message))))
}

async fn exists(name: String, client: Client) -> Result<bool, pingone::Error> {
    if let Ok(id) = name.parse()
        && !client.find_users(&UserKey::Id(id)).await?.is_empty()
    {
        return Ok(true);
    }
    Ok(!client.find_users(&UserKey::Username(name)).await?.is_empty())
}

/// The code of such a warning.
pub(super) const UNKNOWN_PROTECTED: &str = "unknown_protected";
/// Bytes of a file of names; more of them do not fit into the options of a job.
const LONGEST_FILE: u64 = 512 * 1024;
const AT_ONCE: usize = 32;
/// Names in a warning.
const SHOWN: usize = 10;

#[cfg(test)]
mod tests {
    use super::protected_names;

    #[test]
    fn names_stand_on_lines_with_blanks_and_quotes_around_them() {
        let cases: [(&str, &[&str]); 4] = [
            ("ada\n bob \n\neve", &["ada", "bob", "eve"]),
            ("ada\r\nbob\r\n", &["ada", "bob"]),
            ("\"ada\"\r\n\"bob, jr\"\r\n", &["ada", "bob, jr"]),
            (" \n\"\"\n", &[]),
        ];
        for (text, names) in cases {
            assert_eq!(protected_names(text), names, "{text:?}");
        }
    }
}
