//! Requests to a server in process.

use axum::body::Body;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use axum::http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt as _;
use serde_json::Value;
use tower::ServiceExt as _;

use super::{Service, soon};

pub(crate) const BOUNDARY: &str = "a-boundary-that-is-in-no-file";

/// A request that is being put together.
pub(crate) struct Call<'a> {
    service: &'a Service,
    request: axum::http::request::Builder,
    body: Body,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Service {
    /// A request of the one who is logged in.
    pub(crate) fn call(&self, method: Method, path: &str) -> Call<'_> {
        self.anonymous(method, path).header(AUTHORIZATION.as_str(), &format!("Bearer {}", self.token))
    }

    /// A request of nobody in particular.
    pub(crate) fn anonymous(&self, method: Method, path: &str) -> Call<'_> {
        let request = Request::builder().method(method).uri(path).header(HOST, "127.0.0.1:4000");
        Call { service: self, request, body: Body::empty() }
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.call(Method::GET, path).send().await
    }

    pub(crate) async fn post(&self, path: &str) -> Reply {
        self.call(Method::POST, path).send().await
    }

    /// Creates a job and gives its id.
    pub(crate) async fn import(&self, csv: &str, options: &Value) -> String {
        let reply = self.call(Method::POST, "/api/jobs").upload("users.csv", csv, Some(options)).send().await;
        assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.text());
        reply.json()["id"].as_str().unwrap().to_owned()
    }

    /// Waits for the end of a job.
    pub(crate) async fn finished(&self, job: &str) -> Value {
        let id = job.parse().unwrap();
        soon("the end of the job", self.app.jobs.wait(id)).await.unwrap();
        self.get(&format!("/api/jobs/{job}")).await.json()
    }
}

impl Call<'_> {
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.header(name, value);
        self
    }

    /// As a proxy sends it that names the server differently.
    pub(crate) fn at(mut self, host: &str) -> Self {
        if let Some(headers) = self.request.headers_mut() {
            headers.insert(HOST, host.parse().unwrap());
        }
        self
    }

    pub(crate) fn json(mut self, body: &Value) -> Self {
        self.body = Body::from(body.to_string());
        self.header(CONTENT_TYPE.as_str(), "application/json")
    }

    /// A multipart body as a browser sends it.
    pub(crate) fn upload(self, name: &str, file: &str, options: Option<&Value>) -> Self {
        let mut body = part(&format!("name=\"file\"; filename=\"{name}\""), file);
        if let Some(options) = options {
            body.push_str(&part("name=\"options\"", &options.to_string()));
        }
        self.multipart(&body)
    }

    pub(crate) fn multipart(mut self, parts: &str) -> Self {
        self.body = Body::from(format!("{parts}--{BOUNDARY}--\r\n"));
        self.header(CONTENT_TYPE.as_str(), &format!("multipart/form-data; boundary={BOUNDARY}"))
    }

    pub(crate) fn body(mut self, body: impl Into<Body>) -> Self {
        self.body = body.into();
        self
    }

    pub(crate) async fn send(self) -> Reply {
        let (parts, body) = self.stream().await;
        let body = soon("the body", body.collect()).await.unwrap().to_bytes().to_vec();
        Reply { status: parts.status, headers: parts.headers, body }
    }

    /// The answer with its body still to be read.
    pub(crate) async fn stream(self) -> (axum::http::response::Parts, Body) {
        let request = self.request.body(self.body).unwrap();
        let answer = self.service.router.clone().oneshot(request);
        soon("the answer", answer).await.unwrap().into_parts()
    }
}

pub(crate) fn part(disposition: &str, content: &str) -> String {
    format!("--{BOUNDARY}\r\nContent-Disposition: form-data; {disposition}\r\n\r\n{content}\r\n")
}

impl Reply {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.text()))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    /// Asserts that this is a problem of that kind, and gives its detail.
    pub(crate) fn problem(&self, status: u16, code: &str) -> String {
        let body = self.json();
        assert_eq!((self.status.as_u16(), body["code"].as_str()), (status, Some(code)), "{body}");
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert_eq!(body["status"], status);
        body["detail"].as_str().unwrap().to_owned()
    }
}
