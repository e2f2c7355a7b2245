//! A job as it is named on the command line.

use std::str::FromStr;

use pingone_import::jobs::{Error, JobId, Jobs};

/// A job's id, or the beginning of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct JobRef(String);

impl FromStr for JobRef {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        if let Ok(id) = text.parse::<JobId>() {
            return Ok(Self(id.to_string()));
        }
        let can_begin_an_id =
            (1..36).contains(&text.len()) && text.chars().all(|c| c.is_ascii_hexdigit() || c == '-');
        match can_begin_an_id {
            true => Ok(Self(text.to_ascii_lowercase())),
            false => {
                Err("a job's id has 36 digits, letters from a to f and hyphens, and its beginning will do; \
                          \"jobs list\" shows the ids")
            }
        }
    }
}

impl JobRef {
    /// The id, or the beginning of it.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// The one job that is meant.
    pub(super) async fn find(&self, jobs: &Jobs) -> Result<JobId, Error> {
        jobs.find(&self.0).await
    }
}

#[cfg(test)]
mod tests {
    use super::JobRef;

    #[test]
    fn an_id_or_its_beginning_names_a_job() {
        let named = |text: &str| text.parse::<JobRef>().map(|JobRef(text)| text);
        let id = "018f0000-0000-7000-8000-00000000000a";
        assert_eq!(named(&id.to_uppercase()).as_deref(), Ok(id));
        assert_eq!(named(&id.replace('-', "")).as_deref(), Ok(id));
        assert_eq!(named(" 018F ").as_deref(), Ok("018f"));
        for text in ["", "users.csv", "018g", &"0".repeat(37)] {
            assert!(named(text).is_err(), "{text}");
        }
    }
}
