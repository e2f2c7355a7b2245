//! A summary by SMTP.

use lettre::message::header::{ContentType, MIME_VERSION_1_0};
use lettre::message::{Mailbox, Mailboxes, MessageBuilder};
use lettre::transport::smtp::response::{Category, Code};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use thiserror::Error;
use uuid::Uuid;

use super::{ATTEMPTS, DEADLINE, FIRST_PAUSE};
use crate::jobs::JobView;

/// Through which server, from whom and to whom.
#[derive(Clone, Debug)]
pub struct Mail {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    /// Who is told of the end of a job.
    to: Option<Mailboxes>,
}

/// A description of mail that cannot work.
#[derive(Debug, Error)]
#[error("the mail server or an address cannot be used: {0}")]
pub struct InvalidMail(String);

impl Mail {
    /// Mail through the server at `url`, such as `smtps://user:password@mail.example.com`; `from` is one address and
    /// `to`, who is told of jobs, any number, separated by commas.
    ///
    /// # Errors
    /// When the URL or an address is none.
    pub fn new(url: &str, from: &str, to: Option<&str>) -> Result<Self, InvalidMail> {
        // The URL holds a password, so it is not repeated in an error.
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url);
        let transport = transport.map_err(|error| InvalidMail(error.to_string()))?.build();
        let from = from.parse().map_err(|error| InvalidMail(format!("{from:?}: {error}")))?;
        let parse = |to: &str| to.parse().map_err(|error| InvalidMail(format!("{to:?}: {error}")));
        let to = to.map(parse).transpose()?;
        Ok(Self { transport, from, to })
    }

    /// Whether somebody is told of jobs.
    pub(super) fn tells(&self) -> bool {
        self.to.is_some()
    }

    pub(super) async fn send(&self, job: &JobView) -> Result<(), String> {
        let mut message = self.message(subject(job));
        for to in self.to.iter().flat_map(Mailboxes::iter) {
            message = message.to(to.clone());
        }
        let message = message.body(text(job)).map_err(|error| error.to_string())?;
        self.transport.send(message).await.map(drop).map_err(|error| error.to_string())
    }
}

impl Mail {
    /// Writes to `to`, once: only what the server has put off is tried again, since a mail whose receipt was not
    /// confirmed may have arrived.
    ///
    /// # Errors
    /// With the reason why nothing was sent, or may not have been.
    pub(crate) async fn write(&self, to: &str, subject: String, text: String) -> Result<(), Unsent> {
        let to = to.parse::<Address>().map_err(|error| Unsent::of_recipient(&error))?;
        let message = self.message(subject).to(Mailbox::new(None, to)).body(text);
        let message = message.map_err(|error| Unsent::of_recipient(&error))?;
        let mut pause = FIRST_PAUSE;
        for _ in 1..ATTEMPTS {
            match self.send_once(message.clone()).await {
                Err(error) if error.is_put_off => tokio::time::sleep(pause).await,
                result => return result,
            }
            pause *= 2;
        }
        self.send_once(message).await
    }

    /// A message of plain text, with all that readers and filters of mail want to see.
    fn message(&self, subject: String) -> MessageBuilder {
        let id = format!("<{}@{}>", Uuid::new_v4(), self.from.email.domain());
        let message = Message::builder().from(self.from.clone()).subject(subject).message_id(Some(id));
        message.header(MIME_VERSION_1_0).header(ContentType::TEXT_PLAIN)
    }

    async fn send_once(&self, message: Message) -> Result<(), Unsent> {
        match tokio::time::timeout(DEADLINE, self.transport.send(message)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(Unsent {
                is_put_off: error.is_transient() || is_refused(&error),
                is_of_recipient: error.is_permanent() && error.status().is_some_and(is_about_mailbox),
                reason: error.to_string(),
            }),
            Err(_) => Err(Unsent {
                is_put_off: false,
                is_of_recipient: false,
                reason: "the mail server did not answer in time".to_owned(),
            }),
        }
    }
}

/// Why a mail was not sent, or may not have been.
#[derive(Debug)]
pub(crate) struct Unsent {
    /// Whether it may be tried again: the server said so, or was not reached.
    is_put_off: bool,
    /// Whether mails to others may be sent all the same.
    pub(crate) is_of_recipient: bool,
    pub(crate) reason: String,
}

impl Unsent {
    fn of_recipient(error: &dyn std::error::Error) -> Self {
        Self { is_put_off: false, is_of_recipient: true, reason: error.to_string() }
    }
}

/// Whether nobody listened, so that nothing was sent.
fn is_refused(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut causes = std::iter::successors(Some(error), |error| error.source());
    causes.any(|cause| {
        let io = cause.downcast_ref::<std::io::Error>();
        io.is_some_and(|io| io.kind() == std::io::ErrorKind::ConnectionRefused)
    })
}

/// Whether a code speaks of a mailbox, as all of the form x5z do.
fn is_about_mailbox(code: Code) -> bool {
    code.category == Category::MailSystem
}

fn subject(job: &JobView) -> String {
    format!(
        "Job {}: {} of {}, {} failed",
        job.status.as_str(),
        job.counts.processed,
        rows(job.total),
        job.counts.failed
    )
}

fn rows(count: u64) -> String {
    format!("{count} {}", if count == 1 { "row" } else { "rows" })
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
    text.push_str(&format!("\n{} of {} in {:.0} s.\n", counts.processed, rows(job.total), job.seconds));
    if let Some(trouble) = &job.error {
        text.push_str(&format!("\n{}\n", trouble.message));
    }
    text
}
