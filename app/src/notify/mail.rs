//! A summary by SMTP.

use lettre::message::{Mailbox, Mailboxes, header::ContentType};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use thiserror::Error;

use crate::jobs::JobView;

/// Through which server, from whom and to whom.
#[derive(Clone, Debug)]
pub struct Mail {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    to: Mailboxes,
}

/// A description of mail that cannot work.
#[derive(Debug, Error)]
#[error("the mail server or an address cannot be used: {0}")]
pub struct InvalidMail(String);

impl Mail {
    /// Mail through the server at `url`, such as `smtps://user:password@mail.example.com`; `from` is one address and
    /// `to` any number, separated by commas.
    ///
    /// # Errors
    /// When the URL or an address is none.
    pub fn new(url: &str, from: &str, to: &str) -> Result<Self, InvalidMail> {
        // The URL holds a password, so it is not repeated in an error.
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url);
        let transport = transport.map_err(|error| InvalidMail(error.to_string()))?.build();
        let from = from.parse().map_err(|error| InvalidMail(format!("{from:?}: {error}")))?;
        let to: Mailboxes = to.parse().map_err(|error| InvalidMail(format!("{to:?}: {error}")))?;
        Ok(Self { transport, from, to })
    }

    pub(super) async fn send(&self, job: &JobView) -> Result<(), String> {
        let mut message = Message::builder().from(self.from.clone()).subject(subject(job));
        for to in self.to.iter() {
            message = message.to(to.clone());
        }
        let message =
            message.header(ContentType::TEXT_PLAIN).body(text(job)).map_err(|error| error.to_string())?;
        self.transport.send(message).await.map(drop).map_err(|error| error.to_string())
    }
}

fn subject(job: &JobView) -> String {
    format!(
        "Job {}: {} of {} rows, {} failed",
        job.status.as_str(),
        job.counts.processed,
        job.total,
        job.counts.failed
    )
}

/// Counts only: what rows hold stays where the job is.
fn text(job: &JobView) -> String {
    let counts = &job.counts;
    let mut text = format!(
        "Job {}\nof {}\nin environment {}\n\nis {}.\n\n",
        job.id,
        job.file,
        job.environment,
        job.status.as_str()
    );
    for (word, count) in [
        ("created", counts.created),
        ("updated", counts.updated),
        ("unchanged", counts.unchanged),
        ("deleted", counts.deleted),
        ("skipped", counts.skipped),
        ("failed", counts.failed),
    ] {
        text.push_str(&format!("{word:>10} {count}\n"));
    }
    text.push_str(&format!("\n{} of {} rows in {:.0} s.\n", counts.processed, job.total, job.seconds));
    if let Some(trouble) = &job.error {
        text.push_str(&format!("\n{}\n", trouble.message));
    }
    text
}
