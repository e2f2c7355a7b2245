//! Passwords that the tool makes up for created users.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;

use hmac::{Hmac, KeyInit, Mac};
use pingone::{NewPassword, NewUser, Secret};
use rand::Rng as _;
use sha2::Sha256;

use crate::private::private_file;

/// Makes passwords out of a key of the job and that by which a row names its user.
///
/// So nothing has to be written for each row: a crash loses no password, and deleting the key forgets them all.
#[derive(Clone)]
pub(super) struct Passwords {
    key: [u8; KEY],
    force_change: bool,
}

impl std::fmt::Debug for Passwords {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Passwords").finish_non_exhaustive()
    }
}

impl Passwords {
    /// Makes a key and writes it to `path`, where only its owner may read it.
    pub(super) fn create(path: &Path) -> io::Result<()> {
        let mut key = [0; KEY];
        rand::rng().fill_bytes(&mut key);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        let mut file = private_file(path)?;
        file.write_all(&key)?;
        file.sync_all()
    }

    /// The passwords of the key at `path`.
    pub(super) fn open(path: &Path, force_change: bool) -> io::Result<Self> {
        let mut key = [0; KEY];
        File::open(path)?.read_exact(&mut key)?;
        Ok(Self { key, force_change })
    }

    /// `user`, whose row has this `key`, with a password, if it has none yet.
    pub(super) fn complete(&self, user: &NewUser, key: &str) -> Option<NewUser> {
        if user.password.is_some() {
            return None;
        }
        let password = NewPassword { value: self.of(key), force_change: self.force_change };
        Some(NewUser { password: Some(password), ..user.clone() })
    }

    /// The password of the user whose row has this `key`: 20 characters, one of each kind that PingOne's standard policy asks for.
    pub(super) fn of(&self, key: &str) -> Secret {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.key) else {
            unreachable!("a key of HMAC may have any length");
        };
        mac.update(key.as_bytes());
        let bytes = mac.finalize().into_bytes();
        let pick = |index: usize, from: &[u8]| char::from(from[usize::from(bytes[index]) % from.len()]);
        let mut password: String = (0..LENGTH - KINDS.len()).map(|index| pick(index, ALL)).collect();
        for (index, kind) in KINDS.iter().enumerate() {
            let at = usize::from(bytes[LENGTH + index]) % (password.len() + 1);
            password.insert(at, pick(LENGTH - KINDS.len() + index, kind));
        }
        Secret::from(password)
    }
}

const KEY: usize = 32;
const LENGTH: usize = 20;

/// Characters that are not mistaken for each other, and that no spreadsheet takes for the beginning of a formula.
const KINDS: [&[u8]; 4] =
    [b"abcdefghijkmnpqrstuvwxyz", b"ABCDEFGHJKLMNPQRSTUVWXYZ", b"23456789", b"!#$%*?:~"];
const ALL: &[u8] = b"abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";

#[cfg(test)]
mod tests {
    use super::{KINDS, LENGTH, Passwords};

    #[test]
    fn a_password_is_the_same_each_time_and_has_every_kind() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("secrets/key");
        Passwords::create(&path).unwrap();
        let (once, again) = (Passwords::open(&path, true).unwrap(), Passwords::open(&path, true).unwrap());
        for name in (0..500).map(|number| format!("user{number}")) {
            let password = once.of(&name);
            assert_eq!(password.expose(), again.of(&name).expose());
            assert_eq!(password.expose().len(), LENGTH);
            for kind in KINDS {
                assert!(password.expose().bytes().any(|byte| kind.contains(&byte)));
            }
        }
        Passwords::create(&path).unwrap();
        assert_ne!(once.of("ada").expose(), Passwords::open(&path, true).unwrap().of("ada").expose());
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_may_read_the_key() {
        use std::os::unix::fs::PermissionsExt;

        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("key");
        Passwords::create(&path).unwrap();
        assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
