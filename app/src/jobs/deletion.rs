//! What makes a delete hard to ask for by mistake.

use jiff::{SignedDuration, Timestamp};

use super::error::Error;
use super::view::{JobId, JobStatus, Kind};
use crate::store::JobRecord;

/// What has to be typed to carry out a plan: it names the number of users and where they are.
pub(super) fn confirmation(plan: &JobRecord) -> Option<String> {
    let users = plan.counts.deleted;
    if why_no_plan(plan).is_some() {
        return None;
    }
    let noun = if users == 1 { "user" } else { "users" };
    Some(match (&plan.population, plan.options.whole_environment) {
        (_, true) => format!("delete all {users} {noun} of environment {}", plan.environment),
        (Some(population), false) => format!("delete {users} {noun} of {}", population.name),
        (None, false) => format!("delete {users} {noun}"),
    })
}

/// Checks that `plan` may be carried out and that somebody typed so.
///
/// # Errors
/// When it is no plan, is too old, or something else was typed.
pub(super) fn confirm(plan: &JobRecord, typed: Option<&str>) -> Result<(), Error> {
    if let Some(reason) = why_no_plan(plan) {
        return Err(Error::NoPlan { job: plan.id, reason });
    }
    let expected = confirmation(plan).unwrap_or_default();
    match typed.map(str::trim) {
        Some(typed) if typed == expected => Ok(()),
        Some(typed) => Err(Error::WrongConfirmation { expected, typed: typed.to_owned() }),
        None => Err(Error::Unconfirmed),
    }
}

/// The key under which the one job is known that carries out `plan`.
pub(super) fn carrying_out(plan: JobId) -> String {
    format!("{PLAN}{plan}")
}

/// What such keys begin with.
pub(super) const PLAN: &str = "plan ";

fn why_no_plan(plan: &JobRecord) -> Option<&'static str> {
    let is_plan = plan.options.kind == Kind::Delete && plan.options.dry_run;
    let is_old = plan
        .finished_at
        .is_some_and(|at| at.saturating_add(VALID).is_ok_and(|until| until < Timestamp::now()));
    match () {
        () if !is_plan => Some("it is not a dry run of a delete"),
        () if plan.status != JobStatus::Completed => Some("it has not been completed"),
        () if plan.counts.deleted == 0 => Some("it would delete nobody"),
        () if is_old => Some("it is more than a day old; plan anew"),
        () => None,
    }
}

/// Users come and go, so a plan is good for a day.
const VALID: SignedDuration = SignedDuration::from_hours(24);
