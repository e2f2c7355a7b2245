//! Login tickets: each opens one session, within minutes, and is good for nothing else.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::time::Instant;

use super::token::{Token, TokenDigest};
use crate::private::private_file;

/// A login link that was not opened within this time is worth nothing.
pub const TICKET_LIFETIME: Duration = Duration::from_mins(10);

/// Tickets that were not spent: those that this process made, and those that were left for it in a directory.
///
/// Whoever may write into the data directory may log in, so that a new link needs no restart. What lies there is the
/// digest of the ticket, which says nothing about it.
#[derive(Debug, Default)]
pub(super) struct Tickets {
    /// Those of this process, and when each ends.
    own: HashMap<TokenDigest, Instant>,
    directory: Option<PathBuf>,
}

impl Tickets {
    pub(super) fn left_in(directory: Option<PathBuf>) -> Self {
        Self { own: HashMap::new(), directory }
    }

    /// A new ticket.
    pub(super) fn issue(&mut self) -> Token {
        let now = Instant::now();
        self.own.retain(|_, ends| *ends > now);
        let token = Token::random();
        self.own.insert(token.digest(), now + TICKET_LIFETIME);
        token
    }

    /// Spends a ticket; whether it was one.
    pub(super) fn spend(&mut self, digest: TokenDigest) -> bool {
        match self.own.remove(&digest) {
            Some(ends) => ends > Instant::now(),
            None => {
                self.directory.as_deref().is_some_and(|directory| take(&directory.join(digest.to_string())))
            }
        }
    }
}

/// Leaves a ticket for the server whose data directory has `directory` for this, and removes those that have ended.
///
/// # Errors
/// When the disk fails.
pub fn leave_ticket(directory: &Path) -> io::Result<Token> {
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if !is_fresh(&path) {
            // Somebody else may have removed it by now.
            let _ = fs::remove_file(path);
        }
    }
    let token = Token::random();
    private_file(&directory.join(token.digest().to_string()))?.sync_all()?;
    Ok(token)
}

/// Whoever removes the file has the ticket, so that of two who try one gets it.
fn take(path: &Path) -> bool {
    let is_fresh = is_fresh(path);
    fs::remove_file(path).is_ok() && is_fresh
}

fn is_fresh(path: &Path) -> bool {
    let age = fs::metadata(path).and_then(|metadata| metadata.modified()).map(|left| left.elapsed());
    matches!(age, Ok(Ok(age)) if age < TICKET_LIFETIME)
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::time::SystemTime;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_ticket_ends_by_itself() {
        let mut tickets = Tickets::default();
        let (late, prompt) = (tickets.issue(), tickets.issue());
        tokio::time::advance(TICKET_LIFETIME - Duration::from_secs(1)).await;
        assert!(tickets.spend(prompt.digest()));
        tokio::time::advance(Duration::from_secs(1)).await;
        assert!(!tickets.spend(late.digest()));
    }

    #[test]
    fn a_ticket_that_was_left_works_once_and_for_minutes() {
        let dir = tempfile::tempdir().unwrap();
        let mut tickets = Tickets::left_in(Some(dir.path().to_owned()));
        let old = leave_ticket(dir.path()).unwrap();
        let file = File::open(dir.path().join(old.digest().to_string())).unwrap();
        file.set_modified(SystemTime::now() - TICKET_LIFETIME).unwrap();
        let token = leave_ticket(dir.path()).unwrap();
        let left: Vec<_> =
            fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left.len(), 1, "the old one was removed");
        assert!(!left[0].to_string_lossy().contains(token.reveal()), "the directory holds no ticket");
        assert!(!tickets.spend(old.digest()));
        assert!(tickets.spend(token.digest()) && !tickets.spend(token.digest()));
    }

    #[test]
    fn an_old_file_is_no_ticket() {
        let dir = tempfile::tempdir().unwrap();
        let mut tickets = Tickets::left_in(Some(dir.path().to_owned()));
        let old = leave_ticket(dir.path()).unwrap();
        let file = File::open(dir.path().join(old.digest().to_string())).unwrap();
        file.set_modified(SystemTime::now() - TICKET_LIFETIME).unwrap();
        assert!(!tickets.spend(old.digest()));
    }
}
