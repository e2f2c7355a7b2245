//! Multipart bodies with a `file` and its `options`, streamed to disk.

use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::header::CONTENT_TYPE;
use http_body_util::{BodyExt as _, Limited};

use crate::error::Problem;
use crate::jobs::{Incoming, JobOptions, Jobs};

/// The `options` part is a JSON object that may name some thousand users to protect; more bytes than this are refused.
const MAX_OPTIONS: usize = 256 * 1024;

/// What to do, and the file on disk to do it with.
pub(crate) struct Upload {
    pub(crate) file: Option<Incoming>,
    pub(crate) options: JobOptions,
}

impl Upload {
    /// Reads the parts in whatever order they come; a JSON body is the options alone.
    pub(crate) async fn receive(jobs: &Jobs, request: Request) -> Result<Self, Problem> {
        let media_type = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        if media_type.is_some_and(|it| it.split(';').next().unwrap_or_default().trim() == "application/json")
        {
            let body = Limited::new(request.into_body(), MAX_OPTIONS).collect().await;
            let body = body.map_err(|error| Problem::bad_request("invalid_options", error.to_string()))?;
            return Self { file: None, options: parse_options(&body.to_bytes())? }.checked();
        }
        let mut parts = Multipart::from_request(request, &())
            .await
            .map_err(|error| Problem::bad_request("invalid_multipart", error.body_text()))?;
        let (mut file, mut options) = (None, None);
        while let Some(part) = parts.next_field().await.map_err(|error| unreadable(&error))? {
            match part.name() {
                Some("file") if file.is_none() => file = Some(receive_file(jobs, part).await?),
                Some("options") if options.is_none() => options = Some(receive_options(part).await?),
                name => return Err(unexpected(name)),
            }
        }
        Self { file, options: options.unwrap_or_default() }.checked()
    }

    fn checked(self) -> Result<Self, Problem> {
        match self.file.is_some() || self.options.goes_without_file() {
            true => Ok(self),
            false => Err(file_missing()),
        }
    }

    /// The file, which what is asked for cannot do without.
    pub(crate) fn into_file(self) -> Result<(Incoming, JobOptions), Problem> {
        let file = self.file.ok_or_else(file_missing)?;
        Ok((file, self.options))
    }
}

fn file_missing() -> Problem {
    Problem::bad_request("file_part_missing", "The body has no part named \"file\"; send the file in it.")
}

async fn receive_file(jobs: &Jobs, mut part: Field<'_>) -> Result<Incoming, Problem> {
    let name = base_name(part.file_name().unwrap_or_default());
    let mut file = jobs.receive(&name).await?;
    while let Some(chunk) = part.chunk().await.map_err(|error| unreadable(&error))? {
        file.write(&chunk).await?;
    }
    Ok(file)
}

async fn receive_options(mut part: Field<'_>) -> Result<JobOptions, Problem> {
    let mut json = Vec::new();
    while let Some(chunk) = part.chunk().await.map_err(|error| unreadable(&error))? {
        json.extend_from_slice(&chunk);
        if json.len() > MAX_OPTIONS {
            let detail = format!("The options are longer than {MAX_OPTIONS} bytes.");
            return Err(Problem::bad_request("invalid_options", detail));
        }
    }
    parse_options(&json)
}

fn parse_options(json: &[u8]) -> Result<JobOptions, Problem> {
    // A list would be read as the fields in their order, which nobody means.
    if json.trim_ascii_start().first() != Some(&b'{') {
        return Err(Problem::bad_request("invalid_options", "The options must be a JSON object."));
    }
    serde_json::from_slice(json).map_err(|error| {
        Problem::bad_request("invalid_options", format!("The options are not valid: {error}."))
    })
}

fn unexpected(name: Option<&str>) -> Problem {
    let detail = match name {
        Some(name @ ("file" | "options")) => format!("The body has more than one part named {name:?}."),
        _ => "The body has a part that is neither \"file\" nor \"options\".".to_owned(),
    };
    Problem::bad_request("unexpected_part", detail)
}

fn unreadable(error: &MultipartError) -> Problem {
    Problem::bad_request("invalid_multipart", format!("The body cannot be read: {}.", error.body_text()))
}

/// Some browsers send the whole path; only the last part of it is a name, and no name needs 255 characters.
fn base_name(name: &str) -> String {
    let base = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: String = base.chars().filter(|c| !c.is_control()).take(255).collect();
    if clean.is_empty() { "upload.csv".to_owned() } else { clean }
}

#[cfg(test)]
mod tests {
    use super::base_name;

    #[test]
    fn a_name_never_holds_a_path() {
        assert_eq!(base_name("users.csv"), "users.csv");
        assert_eq!(base_name("../../etc/passwd"), "passwd");
        assert_eq!(base_name(r"C:\Users\ada\users (1).csv"), "users (1).csv");
        assert_eq!(base_name("a\r\nb\0.csv"), "ab.csv");
        assert_eq!(base_name(""), "upload.csv");
        assert_eq!(base_name(&"ä".repeat(1_000)).chars().count(), 255);
    }
}
