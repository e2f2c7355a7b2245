use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

/// Where a list of users goes on. It holds the filter, so that the next page needs no other parameter.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Cursor {
    /// First slot that was not looked at, or the number of users to pass over.
    pub(crate) position: u32,
    /// First slot that was not there when the first page was read, for a list that stays as it was then.
    pub(crate) end: Option<u32>,
    /// Number of users that the filter selected at the first page.
    pub(crate) count: Option<usize>,
    /// Number of pages before this one.
    pub(crate) page: usize,
    /// When the cursor was made, in milliseconds since 1970.
    pub(crate) made: i64,
    /// The filter of the first page.
    pub(crate) filter: Option<String>,
}

impl Cursor {
    pub(crate) fn encode(&self) -> String {
        // A structure of numbers and texts always has a JSON text.
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).unwrap_or_default())
    }

    pub(crate) fn decode(text: &str) -> Option<Self> {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()
    }
}
