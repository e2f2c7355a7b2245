use bytes::Bytes;
use http::header::{
    ACCEPT, CACHE_CONTROL, CONTENT_TYPE, ETAG, EXPIRES, HeaderName, HeaderValue, PRAGMA, RETRY_AFTER,
};
use http::{HeaderMap, Response, StatusCode};
use http_body_util::Full;
use uuid::Uuid;

/// An answer before it is put in HTTP.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) body: String,
    pub(crate) content_type: &'static str,
    pub(crate) retry_after: Option<HeaderValue>,
    pub(crate) etag: Option<HeaderValue>,
}

impl Reply {
    pub(crate) fn hal(status: StatusCode, body: String) -> Self {
        Self { status, body, content_type: HAL, retry_after: None, etag: None }
    }

    pub(crate) fn plain_json(status: StatusCode, body: String) -> Self {
        Self { content_type: JSON, ..Self::hal(status, body) }
    }

    pub(crate) fn no_content() -> Self {
        Self::hal(StatusCode::NO_CONTENT, String::new())
    }

    /// The answer in the media type that the client asks for: PingOne's own is HAL, but a client that names JSON gets
    /// that, and PingOne's SDK for Go reads nothing else.
    pub(crate) fn negotiated(self, headers: &HeaderMap) -> Self {
        let wanted = headers.get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or("*/*");
        let types = wanted.split(',').map(|part| part.split(';').next().unwrap_or_default().trim());
        let known = ["application/json", "application/hal+json", "application/*", "*/*"];
        let first = types.into_iter().find(|wanted| known.contains(&wanted.to_ascii_lowercase().as_str()));
        let is_json = first.is_some_and(|first| first.eq_ignore_ascii_case("application/json"));
        Self { content_type: if is_json { JSON } else { self.content_type }, ..self }
    }

    pub(crate) fn into_response(self, correlation_id: Uuid) -> Response<Full<Bytes>> {
        let mut response = Response::new(Full::new(Bytes::from(self.body)));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        if self.status != StatusCode::NO_CONTENT {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        }
        let mut id = [0; uuid::fmt::Hyphenated::LENGTH];
        if let Ok(id) = HeaderValue::from_str(correlation_id.hyphenated().encode_lower(&mut id)) {
            headers.insert(CORRELATION_ID, id);
        }
        headers.insert(
            CACHE_CONTROL,
            HeaderValue::from_static("no-cache, no-store, max-age=0, must-revalidate"),
        );
        headers.insert(PRAGMA, HeaderValue::from_static("no-cache"));
        headers.insert(EXPIRES, HeaderValue::from_static("0"));
        if let Some(value) = self.retry_after {
            headers.insert(RETRY_AFTER, value);
        }
        if let Some(value) = self.etag {
            headers.insert(ETAG, value);
        }
        response
    }
}

const HAL: &str = "application/hal+json;charset=UTF-8";
const JSON: &str = "application/json;charset=UTF-8";
const CORRELATION_ID: HeaderName = HeaderName::from_static("correlation-id");
