//! What the doctor looks at beside the tiers: the way to the server, step by step, and what is done to traffic on it.

mod caching;
mod compression;
mod idle;
mod large;
mod network;
mod place;
mod proxies;
mod sticky;
mod streaming;
mod upload;
mod web;

use std::time::Duration;

use serde::Serialize;
use tokio::time::Instant;

use super::cause::Cause;
use super::client::Deadline;
use super::failure::Failure;

pub(super) use caching::caching;
pub(super) use compression::compression;
pub(super) use idle::{Working, stay_idle};
pub(super) use large::large;
pub(super) use network::{name, tcp, tls};
pub(super) use place::place;
pub(super) use proxies::fingerprints;
pub use proxies::{Fingerprints, Product};
pub(super) use sticky::stickiness;
pub(super) use streaming::streaming;
pub(super) use upload::upload;
pub(super) use web::{Greeting, Kind, clock, cors, greet, http};

/// One thing that was looked at.
#[derive(Debug, Clone, Serialize)]
pub struct Check {
    /// What was looked at.
    pub name: &'static str,
    /// How it is.
    pub state: CheckState,
    /// How long it took, in milliseconds; null if it was skipped.
    pub ms: Option<u64>,
    /// What was seen.
    pub detail: String,
    /// The code of the cause, where there is trouble.
    pub cause: Option<&'static str>,
}

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckState {
    /// As it should be.
    Ok,
    /// Works, and deserves attention.
    Warning,
    /// Does not work.
    Failed,
    /// Does not apply, or cannot be looked at because of earlier trouble.
    Skipped,
}

/// What a check found where nothing failed.
#[derive(Debug)]
pub(super) enum Seen {
    /// Nothing to complain of.
    Fine(String),
    /// Something that works and deserves attention.
    Odd(Failure),
    /// Nothing was looked at, for this reason.
    Skip(String),
}

impl Seen {
    pub(super) fn fine(detail: impl Into<String>) -> Self {
        Self::Fine(detail.into())
    }

    pub(super) fn skip(reason: impl Into<String>) -> Self {
        Self::Skip(reason.into())
    }
}

/// A check and, where there is trouble, what it is.
#[derive(Debug)]
pub(super) struct Checked {
    pub(super) check: Check,
    pub(super) trouble: Option<Failure>,
}

/// Looks at one thing, within a time.
pub(super) async fn look(
    name: &'static str,
    limit: Duration,
    looking: impl Future<Output = Result<Seen, Failure>>,
) -> Checked {
    let started = Instant::now();
    let seen = Deadline::after(limit).step(Cause::TimedOut, name, looking).await;
    let ms = u64::try_from(started.elapsed().as_millis()).ok();
    let (state, detail, trouble) = match seen {
        Ok(Seen::Fine(detail)) => (CheckState::Ok, detail, None),
        Ok(Seen::Odd(failure)) => (CheckState::Warning, failure.detail.clone(), Some(failure)),
        Ok(Seen::Skip(reason)) => (CheckState::Skipped, reason, None),
        Err(failure) => (CheckState::Failed, failure.detail.clone(), Some(failure)),
    };
    let ms = ms.filter(|_| state != CheckState::Skipped);
    let cause = trouble.as_ref().map(|failure| failure.cause.code());
    Checked { check: Check { name, state, ms, detail, cause }, trouble }
}
