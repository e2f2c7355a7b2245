//! What a password must be like.

use std::num::NonZeroU64;

use crate::errors::{ApiError, ErrorDetail, InnerError};
use crate::ids::mix;
use crate::store::Password;

/// Recognises a password without keeping it; `None` if it came encoded.
pub(crate) fn digest(value: &str) -> Option<NonZeroU64> {
    if is_encoded(value) {
        return None;
    }
    let hash = value.bytes().fold(value.len() as u64, |hash, byte| mix(hash ^ u64::from(byte)));
    NonZeroU64::new(hash | 1)
}

/// Whether the value is a hash that begins with a scheme of
/// <https://developer.pingidentity.com/pingone-api/platform/reference/password-encoding.html>.
pub(super) fn is_encoded(value: &str) -> bool {
    SCHEMES.iter().any(|scheme| value.strip_prefix(scheme).is_some_and(|rest| !rest.is_empty()))
}

/// Holds a clear password against the standard policy.
pub(super) fn check(value: &str, target: &str) -> Result<(), ApiError> {
    let mut unsatisfied = Vec::new();
    if !(8..=255).contains(&value.chars().count()) {
        unsatisfied.push("length");
    }
    let classes: [fn(char) -> bool; 4] =
        [|c| c.is_lowercase(), |c| c.is_uppercase(), |c| c.is_numeric(), |c| !c.is_alphanumeric()];
    if !classes.iter().all(|class| value.chars().any(class)) {
        unsatisfied.push("minCharacters");
    }
    if unsatisfied.is_empty() { Ok(()) } else { Err(unsatisfactory(target, unsatisfied)) }
}

/// Refuses the password that the user has now.
pub(super) fn check_history(present: &Password, value: &str, target: &str) -> Result<(), ApiError> {
    let is_same = present.digest.is_some() && present.digest == digest(value);
    if is_same { Err(unsatisfactory(target, vec!["history"])) } else { Ok(()) }
}

fn unsatisfactory(target: &str, requirements: Vec<&'static str>) -> ApiError {
    let message = match target {
        "newPassword" => "New password did not satisfy password policy requirements",
        _ => "User password did not satisfy password policy requirements",
    };
    let inner = InnerError::Texts("unsatisfiedRequirements", requirements);
    ApiError::invalid(vec![ErrorDetail::new("INVALID_VALUE", target, message).with(inner)])
}

const SCHEMES: [&str; 10] = [
    "{ARGON2}",
    "{BCRYPT}",
    "{MSKCC_PBKDF2}",
    "{PBKDF2}",
    "{SCRYPT}",
    "{SCRYPT_RFC7914}",
    "{SSHA}",
    "{SSHA256}",
    "{SSHA384}",
    "{SSHA512}",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_scheme_makes_a_password_encoded() {
        for encoded in ["{BCRYPT}$2a$10$abc", "{SSHA512}df6b", "{SCRYPT_RFC7914}x"] {
            assert!(is_encoded(encoded) && digest(encoded).is_none(), "{encoded}");
        }
        for clear in ["{BCRYPT}", "{bcrypt}$2a$10$abc", "{MD5}abc", "2Federate!", "{", ""] {
            assert!(!is_encoded(clear) && digest(clear).is_some(), "{clear}");
        }
    }

    #[test]
    fn every_rule_is_named_that_is_broken() {
        let table = [
            ("2Federate!", vec![]),
            ("Żółw ma 4 łapy", vec![]),
            ("Aa1!", vec!["length"]),
            ("abcdefgh", vec!["minCharacters"]),
            ("abc", vec!["length", "minCharacters"]),
        ];
        for (value, expected) in table {
            let broken =
                match check(value, "password").err().and_then(|mut error| error.details.remove(0).inner) {
                    Some(InnerError::Texts("unsatisfiedRequirements", broken)) => broken,
                    other => other.map_or(vec![], |other| panic!("{other:?}")),
                };
            assert_eq!(broken, expected, "{value}");
        }
    }
}
