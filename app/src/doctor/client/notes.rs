//! What is kept between requests: cookies, as in a browser, and the headers that tell who is on the way.

use std::collections::BTreeMap;

use hyper::HeaderMap;
use hyper::header::{COOKIE, HeaderName, HeaderValue, SET_COOKIE};
use parking_lot::Mutex;

/// The memory of one visitor.
#[derive(Debug, Default)]
pub(in crate::doctor) struct Notes {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default, Clone)]
struct Inner {
    cookies: BTreeMap<String, String>,
    /// Names and values of headers of answers, each value once.
    seen: BTreeMap<String, Vec<String>>,
}

/// More values of one header than this tell nothing new.
const MAX_VALUES: usize = 8;

/// A longer value is no product's name.
const MAX_VALUE: usize = 200;

impl Notes {
    /// The same memory of answers, for a visitor who has no cookies.
    pub(super) fn without_cookies(&self) -> Self {
        let seen = self.inner.lock().seen.clone();
        Self { inner: Mutex::new(Inner { cookies: BTreeMap::new(), seen }) }
    }

    /// Takes over what answers to another visitor looked like.
    pub(in crate::doctor) fn learn(&self, other: &Self) {
        if std::ptr::eq(self, other) {
            return;
        }
        let theirs = other.inner.lock().seen.clone();
        let mut inner = self.inner.lock();
        for (name, values) in theirs {
            values.iter().for_each(|value| inner.see(&name, value));
        }
    }

    pub(super) fn record(&self, headers: &HeaderMap) {
        let mut inner = self.inner.lock();
        for (name, value) in headers {
            let Ok(value) = value.to_str() else { continue };
            if name == SET_COOKIE {
                inner.keep_cookie(value);
            } else {
                inner.see(name.as_str(), value);
            }
        }
    }

    pub(super) fn cookie_header(&self) -> Option<(HeaderName, HeaderValue)> {
        let inner = self.inner.lock();
        let pairs: Vec<String> =
            inner.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let value = HeaderValue::try_from(pairs.join("; ")).ok().filter(|value| !value.is_empty())?;
        Some((COOKIE, value))
    }

    /// The values that this header had in answers.
    pub(in crate::doctor) fn values(&self, name: &str) -> Vec<String> {
        self.inner.lock().seen.get(name).cloned().unwrap_or_default()
    }

    /// The names of the cookies that were set, which name load balancers.
    pub(in crate::doctor) fn cookie_names(&self) -> Vec<String> {
        self.inner.lock().cookies.keys().cloned().collect()
    }
}

impl Inner {
    fn keep_cookie(&mut self, value: &str) {
        let pair = value.split(';').next().unwrap_or_default();
        if let Some((name, value)) = pair.split_once('=') {
            self.cookies.insert(name.trim().to_owned(), value.trim().to_owned());
        }
    }

    fn see(&mut self, name: &str, value: &str) {
        let values = self.seen.entry(name.to_owned()).or_default();
        if values.len() < MAX_VALUES && !values.iter().any(|known| known == value) {
            values.push(value.chars().take(MAX_VALUE).collect());
        }
    }
}
