//! Telling the operator that a job has ended: a signed webhook, an e-mail. Imported users are written to only by jobs
//! that were asked to.

mod mail;
mod settings;
mod webhook;

use std::sync::Arc;
use std::time::Duration;

use crate::jobs::JobView;

pub(crate) use mail::Unsent;
pub use mail::{InvalidMail, Mail};
pub use settings::{InvalidNotification, from_variables};
pub use webhook::{InvalidWebhook, SIGNATURE, Webhook, verify};

/// Whom to tell. Cloning gives another handle to the same.
#[derive(Clone, Debug, Default)]
pub struct Notifier {
    inner: Arc<Channels>,
}

#[derive(Debug, Default)]
struct Channels {
    webhook: Option<Webhook>,
    mail: Option<Mail>,
}

impl Notifier {
    /// Tells through whatever is there.
    pub fn new(webhook: Option<Webhook>, mail: Option<Mail>) -> Self {
        Self { inner: Arc::new(Channels { webhook, mail }) }
    }

    /// Whether there is nobody to tell.
    pub fn is_silent(&self) -> bool {
        self.inner.webhook.is_none() && !self.inner.mail.as_ref().is_some_and(Mail::tells)
    }

    /// How mails are sent, if they can be.
    pub fn mail(&self) -> Option<Mail> {
        self.inner.mail.clone()
    }

    /// Tells of the end of `job`. What cannot be delivered is logged, and changes nothing for the job.
    pub async fn tell(&self, job: &JobView) {
        let webhook = async {
            if let Some(webhook) = &self.inner.webhook {
                log("webhook", job, attempts(|| webhook.send(job)).await);
            }
        };
        let mail = async {
            if let Some(mail) = self.inner.mail.as_ref().filter(|mail| mail.tells()) {
                log("mail", job, attempts(|| mail.send(job)).await);
            }
        };
        tokio::join!(webhook, mail);
    }
}

/// Tries a few times, with growing pauses.
async fn attempts<F: Future<Output = Result<(), String>>>(once: impl Fn() -> F) -> Result<(), String> {
    let mut pause = FIRST_PAUSE;
    for _ in 1..ATTEMPTS {
        match tokio::time::timeout(DEADLINE, once()).await {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(error)) => tracing::debug!(%error, "a notification will be tried again"),
            Err(_) => tracing::debug!("a notification took too long and will be tried again"),
        }
        tokio::time::sleep(pause).await;
        pause *= 2;
    }
    tokio::time::timeout(DEADLINE, once())
        .await
        .unwrap_or_else(|_| Err("there was no answer in time".to_owned()))
}

fn log(channel: &str, job: &JobView, result: Result<(), String>) {
    match result {
        Ok(()) => tracing::info!(job = %job.id, channel, "told of the end of the job"),
        Err(error) => tracing::warn!(job = %job.id, channel, %error, "the end of the job could not be told"),
    }
}

const ATTEMPTS: u32 = 4;
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const DEADLINE: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests;
