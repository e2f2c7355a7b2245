//! Requests that may be sent again without being done again.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::create::Created;
use super::deletion::carrying_out;
use super::error::Error;
use super::incoming::Incoming;
use super::options::JobOptions;
use super::view::JobId;
use crate::background;
use crate::store::{Key, Keyed};

/// A request that makes one job, however often it is sent.
#[derive(Clone, Debug)]
pub(super) struct Once(Key);

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
        Ok(Self(Key { text: key.to_owned(), request: Some(hash.finalize().to_vec()) }))
    }

    /// Whoever carries a plan out, however often it is asked for.
    pub(super) fn plan(plan: JobId) -> Self {
        Self(Key { text: carrying_out(plan), request: None })
    }

    /// What the store knows the request by.
    pub(super) fn key(&self) -> &Key {
        &self.0
    }

    /// The job that an earlier request has made, if this is the same.
    pub(super) fn again(&self, earlier: &Keyed) -> Result<Created, Error> {
        let is_same = match (&self.0.request, &earlier.request) {
            (Some(this), Some(earlier)) => this == earlier,
            // Jobs of earlier versions do not know what was asked for.
            _ => true,
        };
        match is_same {
            true => Ok(Created { id: earlier.job, repeated: true }),
            false => Err(Error::KeyReused { job: earlier.job }),
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_that_say_nothing_are_no_part_of_a_request() {
        let Value::Object(said) = said(&JobOptions::default()) else { panic!("an object") };
        let words: Vec<_> = said.iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert!(words.iter().all(|word| word.ends_with('"')), "only words that are always said: {words:?}");
        let other = JobOptions { dry_run: true, ..JobOptions::default() };
        assert_ne!(super::said(&other).as_object(), Some(&said));
    }
}
