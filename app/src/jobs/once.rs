//! Requests that may be sent again without being done again.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::create::Created;
use super::deletion::{PLAN, carrying_out};
use super::error::Error;
use super::incoming::Incoming;
use super::options::JobOptions;
use super::view::JobId;
use crate::background;
use crate::store::{Key, Keyed};

/// A request that makes one job, however often it is sent.
#[derive(Clone, Debug)]
pub(super) struct Once(Vec<Key>);

impl Once {
    /// The request that a caller has given `key`.
    pub(super) async fn request(
        key: &str,
        incoming: Option<&mut Incoming>,
        options: &JobOptions,
    ) -> Result<Self, Error> {
        let mut hash = Sha256::new();
        hash.update(said(options).to_string());
        if let Some(incoming) = incoming {
            incoming.finish().await?;
            let path = incoming.path().to_owned();
            let file = background::spawn("telling a file from others", move || digest(&path)).await;
            hash.update(file.map_err(io::Error::from)??);
        }
        Ok(Self(vec![Key { text: named(key), request: Some(hash.finalize().to_vec()) }]))
    }

    /// Whoever carries a plan out, however often it is asked for; `request` if the caller has given a key as well.
    pub(super) fn plan(plan: JobId, request: Option<&Self>) -> Self {
        let mut keys = request.map_or_else(Vec::new, |request| request.0.clone());
        keys.push(Key { text: carrying_out(plan), request: None });
        Self(keys)
    }

    /// What the store knows the request by.
    pub(super) fn keys(&self) -> &[Key] {
        &self.0
    }

    /// The job that an earlier request has made, if this is the same.
    pub(super) fn again(&self, earlier: &Keyed) -> Result<Created, Error> {
        let request = self.0.iter().find_map(|key| key.request.as_ref());
        let is_same = match (request, &earlier.request) {
            (Some(this), Some(earlier)) => this == earlier,
            // Jobs of earlier versions do not know what was asked for, and a plan says it all.
            _ => true,
        };
        match is_same {
            true => Ok(Created { id: earlier.job, repeated: true }),
            false => Err(Error::KeyReused { job: earlier.job }),
        }
    }
}

/// What a caller's key is known by: never as a plan is.
fn named(key: &str) -> String {
    match key.starts_with(PLAN) || key.starts_with(OTHER) {
        true => format!("{OTHER}{key}"),
        false => key.to_owned(),
    }
}

/// The options less those that have nothing to say, so that a version with more of them takes a request for the same.
fn said(options: &JobOptions) -> Value {
    let mut options = serde_json::to_value(options).unwrap_or_default();
    if let Value::Object(members) = &mut options {
        members.retain(|_, value| match value {
            Value::Null | Value::Bool(false) => false,
            Value::String(text) => !text.is_empty(),
            Value::Array(values) => !values.is_empty(),
            Value::Object(members) => !members.is_empty(),
            Value::Bool(true) | Value::Number(_) => true,
        });
    }
    options
}

fn digest(path: &Path) -> io::Result<[u8; 32]> {
    let (mut file, mut hash, mut chunk) = (File::open(path)?, Sha256::new(), vec![0; CHUNK]);
    loop {
        match file.read(&mut chunk)? {
            0 => return Ok(hash.finalize().into()),
            read => hash.update(&chunk[..read]),
        }
    }
}

const CHUNK: usize = 256 * 1024;
/// Before the keys of callers that begin with this, or as that of a plan does.
const OTHER: &str = "key ";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_of_a_caller_is_that_of_a_plan_or_of_another_caller() {
        let plan = carrying_out(JobId::new());
        let keys = ["a", "plan", &plan, &format!("key {plan}"), "key a"];
        let names: std::collections::HashSet<_> = keys.iter().map(|key| named(key)).collect();
        assert_eq!(names.len(), keys.len());
        assert!(!names.contains(&plan) && names.contains("a"), "{names:?}");
    }

    #[test]
    fn options_that_say_nothing_are_no_part_of_a_request() {
        let Value::Object(said) = said(&JobOptions::default()) else { panic!("an object") };
        let words: Vec<_> = said.iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert!(words.iter().all(|word| word.ends_with('"')), "only words that are always said: {words:?}");
        let other = JobOptions { dry_run: true, ..JobOptions::default() };
        assert_ne!(super::said(&other).as_object(), Some(&said));
    }
}
