//! What is said of the welcome mails of a job.

use pingone_import::jobs::{JobStatus, JobView, WelcomeMails};

use super::output::counted;

/// A line on the mails to users whom `job` has created, if it writes to them.
pub(super) fn told(job: &JobView) -> Option<String> {
    line(job.status, job.counts.created, job.welcome_mails?)
}

fn line(status: JobStatus, created: u64, mails: WelcomeMails) -> Option<String> {
    if created == 0 {
        return status.is_final().then(|| "Welcome mails: none, as nobody was created.".to_owned());
    }
    let WelcomeMails { sent, failed, not_tried, without_address } = mails;
    let left = created.saturating_sub(mails.users());
    let left = (left > 0).then(|| match status {
        // Only a process that is killed leaves some of whom nothing is known.
        JobStatus::Completed => {
            format!("of {left} it is not known, as the process ended while they were sent")
        }
        JobStatus::Cancelled | JobStatus::Failed => format!("{left} not sent, as the job was stopped"),
        _ => format!("{left} to be sent"),
    });
    let parts = [
        Some(format!("{sent} sent")),
        (failed > 0).then(|| format!("{failed} could not be sent")),
        (not_tried > 0).then(|| format!("{not_tried} not tried")),
        (without_address > 0).then(|| {
            let users = counted(without_address, "user has", "users have");
            format!("{users} no address")
        }),
        left,
    ];
    let parts: Vec<_> = parts.into_iter().flatten().collect();
    Some(format!(
        "Welcome mails to {}: {}.",
        counted(created, "created user", "created users"),
        parts.join(", ")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_of_the_mails_is_told() {
        let mails = WelcomeMails { sent: 2, failed: 1, without_address: 1, not_tried: 0 };
        let told = |status, created| line(status, created, mails).unwrap();
        assert_eq!(
            told(JobStatus::Completed, 4),
            "Welcome mails to 4 created users: 2 sent, 1 could not be sent, 1 user has no address."
        );
        let killed = told(JobStatus::Completed, 6);
        assert!(
            killed.ends_with("of 2 it is not known, as the process ended while they were sent."),
            "{killed}"
        );
        assert!(told(JobStatus::Paused, 6).ends_with(", 2 to be sent."));
        assert!(told(JobStatus::Cancelled, 6).ends_with(", 2 not sent, as the job was stopped."));
    }

    #[test]
    fn where_nobody_was_created_no_mail_is_missed() {
        let none = WelcomeMails::default();
        let told = line(JobStatus::Completed, 0, none);
        assert_eq!(told.as_deref(), Some("Welcome mails: none, as nobody was created."));
        assert_eq!(line(JobStatus::Paused, 0, none), None);
    }
}
