use std::num::NonZeroU64;

use crate::time::Millis;
use serde_json::{Map, Value};
use uuid::Uuid;

/// A stored user. The username and the other attributes share one text, so that a million of them fit in memory.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    pub(crate) id: Uuid,
    pub(crate) population: u32,
    /// Successful writes to this user, its creation included.
    pub(crate) writes: u32,
    /// Those of them that left something different.
    pub(crate) changes: u32,
    pub(crate) created: Millis,
    pub(crate) updated: Millis,
    pub(crate) flags: Flags,
    username_length: u32,
    text: Box<str>,
}

/// What is neither an attribute nor an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Flags {
    pub(crate) enabled: bool,
    pub(crate) mfa_enabled: bool,
    pub(crate) email_verified: Option<bool>,
    pub(crate) verification_required: bool,
    pub(crate) password: Password,
    /// Since when the account is locked.
    pub(crate) locked: Option<Millis>,
}

/// A user's password, which itself is not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Password {
    pub(crate) state: PasswordState,
    /// Hash of the clear text, by which it is recognised; `None` for one that came encoded.
    pub(crate) digest: Option<NonZeroU64>,
}

impl Password {
    pub(crate) const NONE: Self = Self { state: PasswordState::None, digest: None };
}

/// The state of a user's password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PasswordState {
    None,
    Ok,
    MustChange,
}

impl PasswordState {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::None => "NO_PASSWORD",
            Self::Ok => "OK",
            Self::MustChange => "MUST_CHANGE_PASSWORD",
        }
    }
}

impl Record {
    pub(crate) fn new(
        id: Uuid,
        population: u32,
        now: Millis,
        flags: Flags,
        username: &str,
        profile: &Map<String, Value>,
    ) -> Self {
        let (username_length, text) = packed(username, profile);
        Self {
            id,
            population,
            writes: 1,
            changes: 1,
            created: now,
            updated: now,
            flags,
            username_length,
            text,
        }
    }

    /// The same user with another name and other attributes.
    pub(crate) fn changed(&self, username: &str, profile: &Map<String, Value>, now: Millis) -> Self {
        let (username_length, text) = packed(username, profile);
        Self { username_length, text, updated: now, ..self.clone() }
    }

    /// Counts a write that has made this of what `old` was.
    pub(crate) fn count_write(&mut self, old: &Self) {
        let is_same = self.population == old.population
            && self.flags == old.flags
            && self.username_length == old.username_length
            && self.text == old.text;
        self.writes = old.writes.saturating_add(1);
        self.changes = old.changes.saturating_add(u32::from(!is_same));
    }

    pub(crate) fn username(&self) -> &str {
        self.text.get(..self.username_length as usize).unwrap_or_default()
    }

    /// Every attribute but the username, in alphabetical order.
    pub(crate) fn profile(&self) -> Map<String, Value> {
        let json = self.text.get(self.username_length as usize..).unwrap_or_default();
        serde_json::from_str(json).unwrap_or_default()
    }
}

fn packed(username: &str, profile: &Map<String, Value>) -> (u32, Box<str>) {
    let mut text = String::with_capacity(128);
    text.push_str(username);
    // An object of text keys and JSON values always has a JSON text.
    text.push_str(&serde_json::to_string(profile).unwrap_or_default());
    (username.len().try_into().unwrap_or(u32::MAX), text.into_boxed_str())
}
