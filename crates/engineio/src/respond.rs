use bytes::Bytes;
use engineio_proto::{
    RequestError,
    frame::deflate,
    session::adaptive::{Record, body::BodyBuilder},
    v3,
};
use http::{HeaderMap, HeaderValue, Response, StatusCode, header};

use crate::{Body, Cors, Refusal, body::Delivery, connection::Answer, engine::Engine, gzip, meters::Meters};

/// Answers for one request.
#[derive(Debug)]
pub(crate) struct Respond<'a> {
    meters: &'a Meters,
    cors: Option<&'a Cors>,
    origin: Option<HeaderValue>,
    /// From how many bytes on an answer to a poll is compressed.
    gzip_from: Option<usize>,
}

impl<'a> Respond<'a> {
    pub(crate) fn new(engine: &'a Engine, request: &HeaderMap) -> Self {
        let config = &engine.config;
        Self {
            meters: &engine.meters,
            cors: config.cors.as_ref(),
            // A copy, as the value is a part of the buffer that the request was read into.
            origin: request
                .get(header::ORIGIN)
                .and_then(|origin| HeaderValue::from_bytes(origin.as_bytes()).ok()),
            gzip_from: config.http_compression.filter(|_| gzip::is_accepted(request)),
        }
    }

    /// The answer to a poll.
    pub(crate) fn payload(&self, answer: Answer, delivery: Delivery) -> Response<Body> {
        let Answer { body: payload, compress } = answer;
        let is_long = self.gzip_from.is_some_and(|len| payload.len() >= len);
        let compressed = (compress && is_long).then(|| gzip::compress(&payload)).flatten();
        let encoding = compressed.is_some().then(|| HeaderValue::from_static("gzip"));
        let content_type =
            if v3::is_binary(&payload) { "application/octet-stream" } else { "text/plain; charset=UTF-8" };
        let body = Body::reply(compressed.unwrap_or(payload), delivery);
        let mut response = self.with(StatusCode::OK, content_type, body);
        if let Some(encoding) = encoding {
            response.headers_mut().insert(header::CONTENT_ENCODING, encoding);
        }
        response
    }

    /// The answer to a request of an adaptive session that does not exist.
    pub(crate) fn record(&self, record: Record) -> Response<Body> {
        let body = BodyBuilder::default().record(record).finish();
        self.with(StatusCode::OK, "text/plain; charset=UTF-8", body.into())
    }

    /// The answer to a post. The type is the reference implementation's, which keeps old browsers from sniffing.
    pub(crate) fn ok(&self) -> Response<Body> {
        self.with(StatusCode::OK, "text/html", Bytes::from_static(b"ok").into())
    }

    /// A refusal, as a status and the JSON that clients know.
    pub(crate) fn refuse(&self, error: RequestError) -> Response<Body> {
        self.error(StatusCode::BAD_REQUEST, error, &error.to_string())
    }

    /// The application's refusal.
    pub(crate) fn forbid(&self, refusal: &Refusal) -> Response<Body> {
        self.error(StatusCode::FORBIDDEN, RequestError::Forbidden, &refusal.message)
    }

    fn error(&self, status: StatusCode, error: RequestError, message: &str) -> Response<Body> {
        self.meters.refused(error);
        tracing::debug!(%error, message, "a request is refused");
        let json = serde_json::json!({ "code": error.code(), "message": message });
        self.with(status, "application/json", Bytes::from(json.to_string()).into())
    }

    /// A body above the limit.
    pub(crate) fn too_large(&self) -> Response<Body> {
        self.meters.too_large();
        tracing::debug!("a request is refused: its body is above the limit");
        let mut response = self.empty(StatusCode::PAYLOAD_TOO_LARGE);
        // Not all of the body may have been read.
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        response
    }

    /// What the application serves below our path.
    pub(crate) fn file(&self, file: Response<Bytes>) -> Response<Body> {
        let mut response = file.map(Body::from);
        self.allow(response.headers_mut());
        response
    }

    /// A body that does not come.
    pub(crate) fn too_slow(&self) -> Response<Body> {
        self.meters.slow_body();
        tracing::debug!("a request is refused: its body does not come");
        let mut response = self.empty(StatusCode::REQUEST_TIMEOUT);
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        response
    }

    /// A path or method that is not ours.
    pub(crate) fn empty(&self, status: StatusCode) -> Response<Body> {
        self.with(status, "text/plain; charset=UTF-8", Body::default())
    }

    /// The answer to a CORS preflight.
    pub(crate) fn preflight(&self, request: &HeaderMap) -> Response<Body> {
        let mut response = self.empty(StatusCode::NO_CONTENT);
        let headers = response.headers_mut();
        headers.remove(header::CONTENT_TYPE);
        if headers.contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN) {
            headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST"));
            if let Some(wanted) = request.get(header::ACCESS_CONTROL_REQUEST_HEADERS) {
                headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, wanted.clone());
            }
            headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("7200"));
        }
        response
    }

    fn with(&self, status: StatusCode, content_type: &'static str, body: Body) -> Response<Body> {
        let mut response = Response::new(body);
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store, no-transform"));
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        // nginx would otherwise collect the answer before it passes it on.
        headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
        self.allow(headers);
        response
    }

    fn allow(&self, headers: &mut HeaderMap) {
        match (self.cors, &self.origin) {
            (Some(Cors::Any), Some(_)) => {
                headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
            }
            (Some(Cors::Origins(origins)), origin) => {
                headers.append(header::VARY, HeaderValue::from_static("Origin"));
                if let Some(origin) = origin.as_ref().filter(|origin| origins.contains(origin)) {
                    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
                    headers
                        .insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
                }
            }
            _ => {}
        }
    }
}

/// The answer to the opening handshake of a WebSocket.
pub(crate) fn switch_protocols(accept: &str, deflate: bool) -> Response<Body> {
    let mut response = Response::new(Body::default());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
    if let Ok(accept) = HeaderValue::from_str(accept) {
        headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
    }
    if deflate {
        headers.insert(header::SEC_WEBSOCKET_EXTENSIONS, HeaderValue::from_static(deflate::RESPONSE));
    }
    response
}
