//! From text to values; errors follow the value in a sentence.

use std::time::Duration;

use tracing_subscriber::EnvFilter;
use url::Url;

/// `10`, `10s`, `500ms` or `2m`; a number alone is seconds.
///
/// # Errors
/// For anything else, with what follows the value in a sentence.
pub fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || "is no duration above zero, such as 10s, 500ms or 2m".to_owned();
    let split = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let number: f64 = number.parse().map_err(|_| wrong())?;
    let seconds = match unit.trim() {
        "ms" => number / 1000.0,
        "" | "s" => number,
        "m" | "min" => number * 60.0,
        "h" => number * 3600.0,
        _ => return Err(wrong()),
    };
    Duration::try_from_secs_f64(seconds).ok().filter(|it| !it.is_zero() && *it < MAX).ok_or_else(wrong)
}

/// A whole number above zero.
pub(super) fn positive(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|number| *number > 0).ok_or_else(|| "is no whole number above zero".to_owned())
}

/// A whole number of days; 0 is never.
pub(super) fn days(text: &str) -> Result<u32, String> {
    text.parse().map_err(|_| "is no whole number of days, such as 90, or 0 for never".to_owned())
}

/// An address of the web.
pub(super) fn web_address(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    url.ok_or_else(|| "is no address such as https://import.example.com".to_owned())
}

/// Directives of a log filter.
pub(super) fn filter(text: &str) -> Result<String, String> {
    match EnvFilter::try_new(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(error) => Err(format!("is no log filter such as info or warn,pingone_import=debug: {error}")),
    }
}

/// A timer beyond this would overflow sooner than it would end.
const MAX: Duration = Duration::from_secs(366 * 24 * 3600);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        let table = [
            ("10", 10_000),
            ("10s", 10_000),
            ("1.5s", 1_500),
            ("500ms", 500),
            ("2m", 120_000),
            ("1h", 3_600_000),
        ];
        for (text, ms) in table {
            assert_eq!(duration(text), Ok(Duration::from_millis(ms)), "{text}");
        }
        for text in ["", "s", "0", "-1", "1 fortnight", "1e99", "inf"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }
}
