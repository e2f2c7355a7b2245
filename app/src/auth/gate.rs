//! The gate in front of the API and the sockets.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, COOKIE};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use url::Url;

use super::origin::OriginPolicy;
use super::sessions::{Principal, Sessions, Visit};
use crate::error::Problem;

/// What the gate needs to know.
#[derive(Debug, Clone)]
pub struct Access {
    sessions: Sessions,
    origins: OriginPolicy,
    cookie: Arc<str>,
    secure: bool,
}

impl Access {
    /// For a server that listens on `port` and, behind a proxy, is used under `public_url`.
    pub fn new(sessions: Sessions, port: u16, public_url: Option<&Url>) -> Self {
        Self {
            sessions,
            origins: OriginPolicy::new(public_url),
            // Cookies are shared by all ports of a host; two servers on one machine must not log each other out.
            cookie: format!("pingone_import_{port}").into(),
            secure: public_url.is_some_and(|url| url.scheme() == "https"),
        }
    }

    /// The sessions and login links.
    pub fn sessions(&self) -> &Sessions {
        &self.sessions
    }

    /// The value of `Set-Cookie` that gives a browser its session.
    pub fn set_cookie(&self, session: &str) -> String {
        let secure = if self.secure { "; Secure" } else { "" };
        format!("{}={session}; Path=/; HttpOnly; SameSite=Strict{secure}", self.cookie)
    }

    /// The value of `Set-Cookie` that takes the session away.
    pub fn clear_cookie(&self) -> String {
        format!("{}; Max-Age=0", self.set_cookie(""))
    }

    /// Ends the session that a request shows.
    pub fn end_session(&self, headers: &HeaderMap) {
        let token = headers.get(AUTHORIZATION).and_then(|value| bearer(value.as_bytes()));
        if let Some(token) = token.or_else(|| self.session_cookie(headers)) {
            self.sessions.close(token);
        }
    }

    /// The session cookie of a request.
    fn session_cookie<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
        let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
        cookies.flat_map(|value| value.split(';')).find_map(|pair| {
            let (name, value) = pair.trim().split_once('=')?;
            (name == &*self.cookie).then_some(value)
        })
    }

    /// Who sent a request.
    ///
    /// # Errors
    /// If it shows neither a valid token nor the cookie of an open session.
    pub fn authenticate(&self, headers: &HeaderMap) -> Result<Visit, Problem> {
        let visit = match headers.get(AUTHORIZATION) {
            Some(value) => bearer(value.as_bytes()).and_then(|token| self.sessions.bearer(token)),
            None => self.session_cookie(headers).and_then(|token| self.sessions.cookie(token)),
        };
        visit.ok_or_else(Problem::not_logged_in)
    }

    /// Refuses a request that a page of another site sent.
    ///
    /// # Errors
    /// If `Origin` is not ours.
    pub fn check_origin(&self, headers: &HeaderMap) -> Result<(), Problem> {
        self.origins.check(headers).map_err(Problem::from)
    }
}

/// Lets administrators through, after the check of `Origin` where a request changes something.
pub async fn guard_api(State(access): State<Access>, mut request: Request, next: Next) -> Response {
    let checked = access.authenticate(request.headers()).and_then(|visit| {
        if visit.principal == Principal::Probe {
            return Err(Problem::forbidden());
        }
        if OriginPolicy::concerns(request.method()) {
            access.check_origin(request.headers())?;
        }
        Ok(visit)
    });
    match checked {
        Ok(visit) => {
            request.extensions_mut().insert(visit);
            next.run(request).await
        }
        Err(problem) => problem.into_response(),
    }
}

/// Lets everybody who is known open sockets, from our own pages or from programs.
pub async fn guard_socket(State(access): State<Access>, mut request: Request, next: Next) -> Response {
    let checked =
        access.check_origin(request.headers()).and_then(|()| access.authenticate(request.headers()));
    match checked {
        Ok(visit) => {
            request.extensions_mut().insert(visit);
            next.run(request).await
        }
        Err(problem) => problem.into_response(),
    }
}

fn bearer(value: &[u8]) -> Option<&str> {
    let (scheme, token) = std::str::from_utf8(value).ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_is_found_among_others() {
        let access = Access::new(Sessions::new(), 4000, None);
        let mut headers = HeaderMap::new();
        headers.append(COOKIE, "theme=dark; pingone_import_4001=other".parse().unwrap());
        assert_eq!(access.session_cookie(&headers), None);
        headers.append(COOKIE, "pingone_import_4000=mine; x=y".parse().unwrap());
        assert_eq!(access.session_cookie(&headers), Some("mine"));
    }

    #[test]
    fn the_cookie_is_secure_behind_tls() {
        let url = Url::parse("https://import.example").unwrap();
        assert!(Access::new(Sessions::new(), 4000, Some(&url)).set_cookie("s").ends_with("; Secure"));
        assert!(!Access::new(Sessions::new(), 4000, None).set_cookie("s").contains("Secure"));
    }
}
