//! The token endpoint of the authorization service, and the check of tokens at the API.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, StatusCode};
use parking_lot::RwLock;
use url::form_urlencoded;
use uuid::Uuid;

use crate::TokenAuthMethod;
use crate::ids::Ids;
use crate::json::Json;
use crate::reply::Reply;

/// The worker application and the tokens that it holds.
#[derive(Debug)]
pub(crate) struct Tokens {
    pub(crate) client_id: String,
    pub(crate) client_secret: String,
    method: TokenAuthMethod,
    lifetime: Duration,
    live: RwLock<HashMap<Box<str>, Instant>>,
}

impl Tokens {
    pub(crate) fn new(method: TokenAuthMethod, lifetime: Duration, ids: &Ids) -> Self {
        Self {
            client_id: ids.uuid().to_string(),
            client_secret: format!("{}~{}", ids.uuid().simple(), ids.uuid().simple()),
            method,
            lifetime,
            live: RwLock::default(),
        }
    }

    /// Whether the request carries a token that is still good.
    pub(crate) fn accept(&self, headers: &HeaderMap) -> bool {
        let header = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let Some(token) = header.and_then(|value| value.strip_prefix("Bearer ")) else { return false };
        self.live.read().get(token).is_some_and(|expiry| Instant::now() < *expiry)
    }

    /// Makes the token that a request carries invalid.
    pub(crate) fn revoke(&self, headers: &HeaderMap) {
        let header = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        if let Some(token) = header.and_then(|value| value.strip_prefix("Bearer ")) {
            self.live.write().remove(token);
        }
    }

    pub(crate) fn revoke_all(&self) {
        self.live.write().clear();
    }

    /// Answers a token request.
    pub(crate) fn request(&self, headers: &HeaderMap, body: &[u8], environment: Uuid, ids: &Ids) -> Reply {
        if !has_form(headers) {
            return oauth_error(
                StatusCode::BAD_REQUEST,
                "invalid_request",
                "The request must be a form",
                ids,
            );
        }
        let form: HashMap<_, _> = form_urlencoded::parse(body).into_owned().collect();
        match form.get("grant_type").map(String::as_str) {
            Some("client_credentials") => {}
            Some(_) => {
                let text = "Request denied: Unsupported grant type";
                return oauth_error(StatusCode::BAD_REQUEST, "unsupported_grant_type", text, ids);
            }
            None => {
                let text = "Request denied: Missing grant_type parameter";
                return oauth_error(StatusCode::BAD_REQUEST, "invalid_request", text, ids);
            }
        }
        let basic = basic_credentials(headers);
        let (used, credentials) = match (basic, form.get("client_id"), form.get("client_secret")) {
            (Some(credentials), _, _) => (TokenAuthMethod::ClientSecretBasic, credentials),
            (None, Some(id), Some(secret)) => {
                (TokenAuthMethod::ClientSecretPost, (id.clone(), secret.clone()))
            }
            _ => return invalid_client("Unsupported authentication method", ids),
        };
        let known = credentials.0 == self.client_id;
        if known && used != self.method {
            return invalid_client("Unsupported authentication method", ids);
        }
        if !known || credentials.1 != self.client_secret {
            return invalid_client("Invalid client credentials", ids);
        }
        self.issue(environment, ids)
    }

    fn issue(&self, environment: Uuid, ids: &Ids) -> Reply {
        let now = Instant::now();
        let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256","kid":"default"}"#);
        let claims = format!(
            r#"{{"client_id":"{}","env":"{environment}","exp":{},"jti":"{}"}}"#,
            self.client_id,
            jiff::Timestamp::now().as_second() + self.lifetime.as_secs().cast_signed(),
            ids.uuid()
        );
        let signature: Vec<u8> = (0..32).flat_map(|_| ids.number().to_be_bytes()).collect();
        let token =
            format!("{header}.{}.{}", URL_SAFE_NO_PAD.encode(claims), URL_SAFE_NO_PAD.encode(signature));
        let mut live = self.live.write();
        live.retain(|_, expiry| now < *expiry);
        live.insert(token.as_str().into(), now + self.lifetime);
        let mut json = Json::new(false);
        json.object(|json| {
            json.key("access_token").plain(&token);
            json.key("token_type").plain("Bearer");
            json.key("expires_in").bare(self.lifetime.as_secs());
        });
        Reply::plain_json(StatusCode::OK, json.finish())
    }
}

fn has_form(headers: &HeaderMap) -> bool {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value
        .split(';')
        .next()
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded"))
}

/// Client id and secret of an `Authorization: Basic` header, each decoded as a form's value (RFC 6749, 2.3.1).
fn basic_credentials(headers: &HeaderMap) -> Option<(String, String)> {
    let header = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, encoded) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("Basic") {
        return None;
    }
    let Some(text) = STANDARD.decode(encoded.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok())
    else {
        return Some((String::new(), String::new()));
    };
    let (id, secret) = text.split_once(':').unwrap_or((&text, ""));
    Some((form_decoded(id), form_decoded(secret)))
}

fn form_decoded(text: &str) -> String {
    form_urlencoded::parse(text.as_bytes()).next().map(|(key, _)| key.into_owned()).unwrap_or_default()
}

fn invalid_client(reason: &str, ids: &Ids) -> Reply {
    oauth_error(StatusCode::UNAUTHORIZED, "invalid_client", &format!("Request denied: {reason}"), ids)
}

fn oauth_error(status: StatusCode, error: &str, description: &str, ids: &Ids) -> Reply {
    let mut json = Json::new(false);
    json.object(|json| {
        json.key("error").plain(error);
        json.key("error_description").text(&format!("{description} (Correlation ID: {})", ids.uuid()));
    });
    Reply::plain_json(status, json.finish())
}
