//! A whole HTTP answer, and what a refusal means.

use hyper::header::RETRY_AFTER;
use hyper::{HeaderMap, StatusCode, Version};
use serde_json::Value;

use super::super::cause::Cause;
use super::super::failure::Failure;

/// A whole HTTP answer.
#[derive(Debug)]
pub(in crate::doctor) struct Answer {
    pub(in crate::doctor) status: StatusCode,
    pub(in crate::doctor) version: Version,
    pub(in crate::doctor) headers: HeaderMap,
    pub(in crate::doctor) body: String,
}

impl Answer {
    /// The body of a 200, or of a 201.
    pub(in crate::doctor) fn ok(self, step: &str) -> Result<String, Failure> {
        if matches!(self.status, StatusCode::OK | StatusCode::CREATED) {
            Ok(self.body)
        } else {
            Err(self.refusal(step, Cause::UnexpectedAnswer))
        }
    }

    /// The first value of a header, if it is text.
    pub(in crate::doctor) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Whether the body is one that this program or a Socket.IO server writes, and not a proxy's page.
    pub(in crate::doctor) fn is_from_server(&self) -> bool {
        serde_json::from_str::<Value>(&self.body).is_ok_and(|body| body.get("code").is_some())
    }

    /// Names the reason for an answer that refuses.
    pub(in crate::doctor) fn refusal(&self, step: &str, otherwise: Cause) -> Failure {
        let code = serde_json::from_str::<Value>(&self.body).ok();
        let code = code.as_ref().and_then(|body| body.get("code"));
        let number = code.and_then(Value::as_u64);
        let name = code.and_then(Value::as_str);
        let cause = match (self.status, number, name) {
            (StatusCode::UNAUTHORIZED, ..) => Cause::NotAuthorised,
            (StatusCode::FORBIDDEN, _, Some("origin_not_allowed")) => Cause::OriginRefused,
            (StatusCode::FORBIDDEN, _, Some(_)) => Cause::NotAuthorised,
            (StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED, ..) => Cause::WrongPath,
            (StatusCode::BAD_REQUEST, Some(1), _) => Cause::SessionLost,
            (StatusCode::BAD_REQUEST, Some(5), _) => Cause::VersionMismatch,
            (StatusCode::PAYLOAD_TOO_LARGE, ..) => Cause::BodyLimit,
            (StatusCode::SERVICE_UNAVAILABLE, ..) if self.headers.contains_key(RETRY_AFTER) => {
                Cause::Overloaded
            }
            // A proxy that passes no WebSockets may say so in these words too, while it passes everything else.
            _ if otherwise == Cause::UpgradeRefused => otherwise,
            (StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE, ..) => Cause::BadGateway,
            (StatusCode::GATEWAY_TIMEOUT | StatusCode::REQUEST_TIMEOUT, ..) => Cause::PollsCut,
            _ => otherwise,
        };
        Failure::new(cause, format!("{step}: answered {}{}", self.status, self.told()))
    }

    /// The words of a Socket.IO server or of this program, which no proxy's page has.
    fn told(&self) -> String {
        let body = serde_json::from_str::<Value>(&self.body).ok();
        let words =
            body.as_ref().and_then(|body| body.get("message").or_else(|| body.get("detail"))?.as_str());
        words.map(|words| format!(" ({words:.500})")).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_named_by_status_and_code() {
        let cause_of = |status: u16, body: &str, otherwise: Cause| {
            let status = StatusCode::from_u16(status).unwrap();
            let (version, headers) = (Version::HTTP_11, HeaderMap::new());
            let answer = Answer { status, version, headers, body: body.to_owned() };
            answer.refusal("handshake", otherwise).cause
        };
        let cause = |status, body| cause_of(status, body, Cause::UpgradeRefused);
        assert_eq!(cause(401, ""), Cause::NotAuthorised);
        assert_eq!(cause(403, r#"{"code":"origin_not_allowed"}"#), Cause::OriginRefused);
        assert_eq!(cause(403, "<html>blocked</html>"), Cause::UpgradeRefused);
        assert_eq!(cause(400, r#"{"code":1,"message":"Session ID unknown"}"#), Cause::SessionLost);
        assert_eq!(
            cause(400, r#"{"code":5,"message":"Unsupported protocol version"}"#),
            Cause::VersionMismatch
        );
        assert_eq!(cause(404, ""), Cause::WrongPath);
        assert_eq!(cause(413, "<html>"), Cause::BodyLimit);
        assert_eq!(cause(502, "<html>"), Cause::UpgradeRefused);
        assert_eq!(cause(426, "<html>"), Cause::UpgradeRefused);
        assert_eq!(cause_of(502, "<html>", Cause::UnexpectedAnswer), Cause::BadGateway);
        assert_eq!(cause_of(504, "<html>", Cause::UnexpectedAnswer), Cause::PollsCut);
    }
}
