use std::fmt;

use parking_lot::Mutex;
use serde::Deserialize;

use super::Gate;

/// Something that goes wrong with one request.
#[derive(Debug, Clone)]
pub enum Fault {
    /// 429 without doing the work.
    Throttle(RetryAfter),
    /// This status with the body that PingOne has for it, without doing the work.
    Status(u16),
    /// The request's token is no longer good: 401, now and for every other request that carries it.
    ExpireToken,
    /// The work is done, and the answer comes only after [`Options::slow`](crate::Options::slow).
    Slow,
    /// The work is done, and the answer is this status all the same.
    StatusAfter(u16),
    /// The connection is reset without doing the work.
    Reset,
    /// No answer: the connection is held until the client gives up or [`Options::hang`](crate::Options::hang) is
    /// over.
    Hang,
    /// The work is done, and then the connection is reset instead of an answer.
    LoseAnswer,
    /// The work is done, and then there is no answer, as with [`Hang`](Self::Hang).
    HangAfter,
    /// The request waits at the gate before the work is done.
    Hold(Gate),
    /// The answer is this text with status 200, without doing the work.
    Garbage(String),
}

/// The `Retry-After` header of a 429.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryAfter {
    /// This many seconds.
    Seconds(u64),
    /// The date that is this many seconds from now.
    HttpDate(u64),
    /// No header.
    Absent,
}

/// What a predicate can look at.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct RequestInfo<'a> {
    /// HTTP method, such as `POST`.
    pub method: &'a str,
    /// Path, such as `/v1/environments/…/users`.
    pub path: &'a str,
    /// Query as sent.
    pub query: Option<&'a str>,
    /// Body as sent.
    pub body: &'a [u8],
}

impl RequestInfo<'_> {
    /// The username in the body of a create.
    pub fn username(&self) -> Option<String> {
        #[derive(Deserialize)]
        struct Body {
            username: String,
        }
        serde_json::from_slice::<Body>(self.body).ok().map(|body| body.username)
    }

    /// Whether this creates a user.
    pub fn is_create(&self) -> bool {
        self.method == "POST" && self.path.ends_with("/users")
    }

    /// Whether this asks for a token.
    pub fn is_token(&self) -> bool {
        self.path.ends_with("/as/token")
    }

    /// Whether this searches or lists users.
    pub fn is_user_list(&self) -> bool {
        self.method == "GET" && self.path.ends_with("/users")
    }
}

type Predicate = Box<dyn Fn(&RequestInfo<'_>) -> bool + Send + Sync>;

/// The faults that a test asked for, in order.
#[derive(Default)]
pub(crate) struct Plan(Mutex<Vec<Rule>>);

struct Rule {
    left: usize,
    fault: Fault,
    predicate: Predicate,
}

impl Plan {
    pub(crate) fn add(&self, times: usize, fault: Fault, predicate: Predicate) {
        self.0.lock().push(Rule { left: times, fault, predicate });
    }

    pub(crate) fn clear(&self) {
        self.0.lock().clear();
    }

    pub(crate) fn decide(&self, request: &RequestInfo<'_>) -> Option<Fault> {
        let mut rules = self.0.lock();
        let index = rules.iter().position(|rule| (rule.predicate)(request))?;
        rules[index].left -= 1;
        if rules[index].left == 0 {
            Some(rules.remove(index).fault)
        } else {
            Some(rules[index].fault.clone())
        }
    }
}

impl fmt::Debug for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plan").field("rules", &self.0.lock().len()).finish()
    }
}
