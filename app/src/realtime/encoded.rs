//! An event as it goes over every wire.

use std::sync::Arc;

use serde_json::value::{RawValue, to_raw_value};

use crate::jobs::{Error, Event, EventBody};

/// An event of the log, encoded once and shared by all who read it.
#[derive(Debug)]
pub struct Encoded {
    /// Its number in the log.
    pub seq: u64,
    /// Its type: `progress`, `row`, `error` or `completion`.
    pub name: &'static str,
    /// The event as JSON, on one line.
    pub json: Box<RawValue>,
}

impl Encoded {
    fn new(event: &Event) -> Result<Arc<Self>, Error> {
        // Plain structs with string keys always encode.
        let json = to_raw_value(event).map_err(std::io::Error::other)?;
        Ok(Arc::new(Self { seq: event.seq, name: event.body.name(), json }))
    }

    pub(super) fn all(events: &[Event]) -> Result<Vec<Arc<Self>>, Error> {
        events.iter().map(Self::new).collect()
    }

    /// Whether nothing can come after it.
    pub fn is_last(&self) -> bool {
        self.name == "completion"
    }

    /// Its length in bytes, as JSON.
    pub fn size(&self) -> usize {
        self.json.get().len()
    }
}

/// Whether nothing can come after `event`.
pub(super) fn is_last(event: &Event) -> bool {
    matches!(event.body, EventBody::Completion(_))
}
