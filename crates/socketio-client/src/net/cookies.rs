use std::time::{Duration, SystemTime};

use cookie::Cookie;
use http::{HeaderMap, HeaderValue, header};
use parking_lot::Mutex;

use super::cookie_date;

/// The cookies of one server, which a load balancer or a login set.
///
/// All requests go to one endpoint of it, so that domains and paths need no looking at.
#[derive(Debug, Default)]
pub(crate) struct Cookies(Mutex<Vec<Kept>>);

#[derive(Debug)]
struct Kept {
    name: String,
    value: String,
    /// `None` if it is kept as long as the client lives.
    until: Option<SystemTime>,
}

impl Cookies {
    /// Keeps what an answer sets, and forgets what it ends.
    pub(crate) fn store(&self, now: SystemTime, answer: &HeaderMap) {
        for cookie in answer.get_all(header::SET_COOKIE) {
            let Ok(text) = cookie.to_str() else { continue };
            let Ok(cookie) = Cookie::parse(text) else { continue };
            let until = end(now, &cookie, text);
            let mut kept = self.0.lock();
            kept.retain(|known| known.name != cookie.name() && known.until.is_none_or(|until| now < until));
            if until.is_none_or(|until| now < until) && kept.len() < MAX_COOKIES {
                kept.push(Kept { name: cookie.name().to_owned(), value: cookie.value().to_owned(), until });
            }
        }
    }

    /// Adds them to a request, behind those that the application states itself.
    pub(crate) fn add(&self, now: SystemTime, request: &mut HeaderMap) {
        let mut kept = self.0.lock();
        kept.retain(|cookie| cookie.until.is_none_or(|until| now < until));
        if kept.is_empty() {
            return;
        }
        let own = request.get(header::COOKIE).and_then(|own| own.to_str().ok()).map(str::to_owned);
        let pairs = kept.iter().map(|Kept { name, value, .. }| format!("{name}={value}"));
        let all = own.into_iter().chain(pairs).collect::<Vec<_>>().join("; ");
        // What came in a header can go in one.
        if let Ok(all) = HeaderValue::try_from(all) {
            request.insert(header::COOKIE, all);
        }
    }
}

/// When a cookie ends; `Max-Age` counts before `Expires`, and of several dates the last that can be read.
///
/// <https://www.rfc-editor.org/rfc/rfc6265#section-5.3>
fn end(now: SystemTime, cookie: &Cookie<'_>, text: &str) -> Option<SystemTime> {
    if let Some(age) = cookie.max_age() {
        return now.checked_add(Duration::try_from(age).unwrap_or_default());
    }
    let attributes = text.split(';').skip(1).filter_map(|attribute| attribute.split_once('='));
    let dates = attributes.filter(|(name, _)| name.trim().eq_ignore_ascii_case("expires"));
    dates.filter_map(|(_, date)| cookie_date::parse(date)).last()
}

/// More are not one server's.
const MAX_COOKIES: usize = 50;

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(cookies: &[&'static str]) -> HeaderMap {
        cookies.iter().map(|cookie| (header::SET_COOKIE, HeaderValue::from_static(cookie))).collect()
    }

    #[test]
    fn cookies_are_kept_replaced_and_forgotten() {
        let (now, cookies) = (SystemTime::now(), Cookies::default());
        let mut request = HeaderMap::new();
        cookies.add(now, &mut request);
        assert!(request.is_empty());
        cookies.store(now, &answer(&["io=a=b; Path=/; HttpOnly", "lb=1", "nothing", "=x"]));
        cookies.store(now, &answer(&["lb=2; SameSite=Lax", "io=; Max-Age=0", "node=7; max-age=60"]));
        request.insert(header::COOKIE, HeaderValue::from_static("own=1"));
        cookies.add(now, &mut request);
        assert_eq!(request[header::COOKIE], "own=1; lb=2; node=7");
        for number in 0..100 {
            let cookie = HeaderValue::try_from(format!("{number}=x")).unwrap();
            cookies.store(now, &std::iter::once((header::SET_COOKIE, cookie)).collect());
        }
        assert_eq!(cookies.0.lock().len(), MAX_COOKIES);
    }

    #[test]
    fn cookies_end_when_they_say() {
        let (start, cookies) =
            (SystemTime::UNIX_EPOCH + Duration::from_secs(1_445_412_420), Cookies::default());
        let at = |seconds| {
            let mut request = HeaderMap::new();
            cookies.add(start + Duration::from_secs(seconds), &mut request);
            request.remove(header::COOKIE).map(|value| value.to_str().unwrap().to_owned())
        };
        // 60 s after the start.
        let minute = "a=1; Expires=Wed, 21 Oct 2015 07:28:00 GMT";
        let hour = "b=2; Max-Age=3600; Expires=Thu, 01 Jan 1970 00:00:00 GMT";
        cookies.store(start, &answer(&[minute, hour, "c=3; Expires=sometime", "d=4"]));
        // Other forms of the date, and several.
        cookies.store(start, &answer(&["e=5; path=/; EXPIRES = Wed Oct 21 07:28:00 2015; Secure"]));
        let twice = "f=6; expires=Thu, 01 Jan 1970 00:00:00 GMT; expires=21-oct-15 7:28:0 PST; expires=never";
        cookies.store(start, &answer(&[twice, "g=7; expires=31 Feb 2000 00:00:00"]));
        assert_eq!(at(59).as_deref(), Some("a=1; b=2; c=3; d=4; e=5; f=6; g=7"));
        assert_eq!(at(60).as_deref(), Some("b=2; c=3; d=4; g=7"));
        cookies.store(
            start,
            &answer(&["d=; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "c=5; Max-Age=-1", "g=; Max-Age=0"]),
        );
        assert_eq!(at(3599).as_deref(), Some("b=2"));
        assert_eq!(at(3600), None);
    }
}
