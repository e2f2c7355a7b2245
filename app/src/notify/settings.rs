//! Notifications as the environment describes them.

use pingone::Secret;
use thiserror::Error;

use super::Notifier;
use super::mail::{InvalidMail, Mail};
use super::webhook::{InvalidWebhook, Webhook};
use crate::config::Variables;

/// The environment describes notifications that cannot work.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum InvalidNotification {
    /// Some variables are set and others are not.
    #[error("{set} is set and {missing} is not; one needs the other")]
    Incomplete {
        /// One that is set.
        set: &'static str,
        /// One that is missing.
        missing: &'static str,
    },
    /// The webhook's address is no URL.
    #[error("{WEBHOOK_URL} is no URL: {0}")]
    Url(#[from] url::ParseError),
    /// The webhook cannot work.
    #[error(transparent)]
    Webhook(#[from] InvalidWebhook),
    /// The mail cannot work.
    #[error(transparent)]
    Mail(#[from] InvalidMail),
}

/// Whom the environment says to tell of the end of a job.
///
/// - `PINGONE_IMPORT_WEBHOOK_URL` and `PINGONE_IMPORT_WEBHOOK_SECRET`: a POST, signed with HMAC-SHA256.
/// - `PINGONE_IMPORT_SMTP_URL` (`smtps://user:password@host`, or `smtp://…?tls=required`),
///   `PINGONE_IMPORT_MAIL_FROM` and `PINGONE_IMPORT_MAIL_TO`: an e-mail with the counts. Without the last, mail is sent
///   only to users that an import has created, where that is asked for.
///
/// # Errors
/// When the description is incomplete or makes no sense.
pub fn from_variables(variables: &impl Variables) -> Result<Notifier, InvalidNotification> {
    let webhook = match pair(variables, WEBHOOK_URL, WEBHOOK_SECRET)? {
        Some((url, secret)) => Some(Webhook::new(url.trim().parse()?, Secret::from(secret))?),
        None => None,
    };
    let to = variables.value(MAIL_TO);
    let mail = match pair(variables, SMTP_URL, MAIL_FROM)? {
        Some((url, from)) => Some(Mail::new(&url, &from, to.as_deref())?),
        None if to.is_some() => {
            return Err(InvalidNotification::Incomplete { set: MAIL_TO, missing: SMTP_URL });
        }
        None => None,
    };
    Ok(Notifier::new(webhook, mail))
}

fn pair(
    variables: &impl Variables,
    one: &'static str,
    other: &'static str,
) -> Result<Option<(String, String)>, InvalidNotification> {
    match (variables.value(one), variables.value(other)) {
        (Some(one), Some(other)) => Ok(Some((one, other))),
        (None, None) => Ok(None),
        (Some(_), None) => Err(InvalidNotification::Incomplete { set: one, missing: other }),
        (None, Some(_)) => Err(InvalidNotification::Incomplete { set: other, missing: one }),
    }
}

const WEBHOOK_URL: &str = "PINGONE_IMPORT_WEBHOOK_URL";
const WEBHOOK_SECRET: &str = "PINGONE_IMPORT_WEBHOOK_SECRET";
const SMTP_URL: &str = "PINGONE_IMPORT_SMTP_URL";
const MAIL_FROM: &str = "PINGONE_IMPORT_MAIL_FROM";
const MAIL_TO: &str = "PINGONE_IMPORT_MAIL_TO";
