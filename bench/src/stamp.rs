//! Payloads that say when they were made.

use std::{
    sync::OnceLock,
    time::{Duration, Instant},
};

/// Text of `len` characters, at least 16, that begins with the time in hexadecimal nanoseconds.
pub(crate) fn payload(len: usize) -> String {
    let mut text = format!("{:016x}", elapsed().as_nanos());
    text.extend(std::iter::repeat_n('x', len.saturating_sub(text.len())));
    text
}

/// How long ago the payload that stands in `text` behind `prefix` was made.
pub(crate) fn age(text: &[u8], prefix: &str) -> Option<Duration> {
    let stamp = text.get(prefix.len()..prefix.len() + 16)?;
    let nanos = u64::from_str_radix(std::str::from_utf8(stamp).ok()?, 16).ok()?;
    elapsed().checked_sub(Duration::from_nanos(nanos))
}

fn elapsed() -> Duration {
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed()
}
