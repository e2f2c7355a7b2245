//! What became of mails to users.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What became of the welcome mails of a job. Where the process was killed while some were sent, up to four stand
/// nowhere: whether those were sent is not known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WelcomeMails {
    /// The mail server took them.
    pub sent: u64,
    /// They could not be sent.
    pub failed: u64,
    /// They were not tried, after too many had failed in a row.
    pub not_tried: u64,
    /// Users who were created and have no address.
    pub without_address: u64,
}

impl WelcomeMails {
    /// The users that it is known of what became of their mails.
    pub fn users(&self) -> u64 {
        self.sent + self.failed + self.not_tried + self.without_address
    }

    pub(super) fn with(self, more: Self) -> Self {
        Self {
            sent: self.sent + more.sent,
            failed: self.failed + more.failed,
            not_tried: self.not_tried + more.not_tried,
            without_address: self.without_address + more.without_address,
        }
    }
}
