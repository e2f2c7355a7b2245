use http::header::CONTENT_TYPE;
use http::request::Parts;

/// A request that came, and the answer that was meant for it.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// HTTP method, such as `POST`.
    pub method: String,
    /// Path, such as `/v1/environments/…/users`.
    pub path: String,
    /// Query as sent.
    pub query: Option<String>,
    /// Media type of the request's body, as sent.
    pub content_type: Option<String>,
    /// The request's body; empty if there is none. A token request's is left out, since it holds the secret.
    pub request: String,
    /// Status of the answer.
    pub status: u16,
    /// The answer's body; empty if there is none.
    pub response: String,
}

impl Exchange {
    pub(crate) fn new(head: &Parts, body: &[u8], status: u16, response: String) -> Self {
        let is_token = head.uri.path().ends_with("/as/token");
        let content_type = head.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        Self {
            method: head.method.to_string(),
            path: head.uri.path().to_owned(),
            query: head.uri.query().map(Into::into),
            content_type: content_type.map(Into::into),
            request: if is_token { String::new() } else { String::from_utf8_lossy(body).into_owned() },
            status,
            response: if is_token { String::new() } else { response },
        }
    }
}
