use serde::Deserialize;

/// The state of a user's password.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PasswordState {
    /// `OK`, `NO_PASSWORD`, `MUST_CHANGE_PASSWORD`, `EXTERNAL` or another of PingOne's words.
    pub status: String,
    /// When the password was last changed, as PingOne writes times: `2026-03-01T12:00:00.000Z`.
    pub last_changed_at: Option<String>,
}
