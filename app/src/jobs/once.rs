//! Requests that may be sent again without being done again.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

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
        hash.update(serde_json::to_vec(options).unwrap_or_default());
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
