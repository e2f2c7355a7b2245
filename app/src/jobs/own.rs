//! Which users a job may have created, however alike others are.

use jiff::{SignedDuration, Timestamp};
use pingone::{Client, User};

use crate::store::JobRecord;

/// The moment from which on users can be a job's own: whoever was created before it is somebody else's.
///
/// PingOne's own clock counts, because it is the one that users' times are from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Since(Timestamp);

impl Since {
    /// The moment at which a job first ran.
    pub(super) fn first_run(record: &JobRecord) -> Self {
        match (record.remote_started_at, record.started_at) {
            (Some(remote), _) => Self(before(remote, SPREAD)),
            (None, Some(ours)) => Self(before(ours, CLOCK_SKEW)),
            (None, None) => Self(before(Timestamp::now(), CLOCK_SKEW)),
        }
    }

    /// This moment, where nothing was sent before it.
    pub(super) fn now(self, client: &Client) -> Self {
        client.clock().map_or(self, |now| Self(before(now, SPREAD).max(self.0)))
    }

    /// Whether `user` was created since.
    pub(super) fn includes(self, user: &User) -> bool {
        let created = user.attribute("createdAt").and_then(|value| value.as_str());
        match created.map(str::parse::<Timestamp>) {
            Some(Ok(created)) => created >= self.0,
            _ => true,
        }
    }
}

fn before(time: Timestamp, span: SignedDuration) -> Timestamp {
    time.checked_sub(span).unwrap_or(Timestamp::MIN)
}

/// How far the clocks of PingOne's servers may be apart.
const SPREAD: SignedDuration = SignedDuration::from_secs(2);

/// How far PingOne's clock may be behind ours, where no answer has told.
const CLOCK_SKEW: SignedDuration = SignedDuration::from_mins(2);
