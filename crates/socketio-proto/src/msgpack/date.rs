//! Dates as the text that JSON has for them.

/// Milliseconds since 1970 as `Date.prototype.toISOString` writes them; `None` outside of its range.
///
/// <https://tc39.es/ecma262/#sec-date-time-string-format>
pub(super) fn iso(millis: i64) -> Option<String> {
    if millis.unsigned_abs() > 8_640_000_000_000_000 {
        return None;
    }
    let (days, time) = (millis.div_euclid(DAY), millis.rem_euclid(DAY));
    let (year, month, day) = civil(days);
    let year = if (0..=9999).contains(&year) { format!("{year:04}") } else { format!("{year:+07}") };
    let (hour, minute, second) = (time / 3_600_000, time / 60_000 % 60, time / 1000 % 60);
    let millis = time % 1000;
    Some(format!("{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z"))
}

/// Milliseconds of a timestamp extension, rounded down.
///
/// <https://github.com/msgpack/msgpack/blob/master/spec.md#timestamp-extension-type>
pub(super) fn timestamp(bytes: &[u8]) -> Option<i64> {
    let (seconds, nanos) = match *bytes {
        [a, b, c, d] => (u32::from_be_bytes([a, b, c, d]).into(), 0),
        [a, b, c, d, e, f, g, h] => {
            let both = u64::from_be_bytes([a, b, c, d, e, f, g, h]);
            (i64::try_from(both & 0x3_ffff_ffff).ok()?, i64::try_from(both >> 34).ok()?)
        }
        [a, b, c, d, ref seconds @ ..] => {
            (i64::from_be_bytes(seconds.try_into().ok()?), u32::from_be_bytes([a, b, c, d]).into())
        }
        _ => return None,
    };
    seconds.checked_mul(1000)?.checked_add(nanos / 1_000_000)
}

/// Year, month and day of a day since 1970-01-01 in the Gregorian calendar.
///
/// Years are counted from March, so that the leap day is the last one, in eras of 400 years, which all have the same
/// number of days.
fn civil(days: i64) -> (i64, i64, i64) {
    // From 0000-03-01 to 1970-01-01.
    let days = days + 719_468;
    let (era, day_of_era) = (days.div_euclid(ERA), days.rem_euclid(ERA));
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    (era * 400 + year_of_era + i64::from(month <= 2), month, day)
}

const DAY: i64 = 86_400_000;
const ERA: i64 = 146_097;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_read_as_javascript_writes_them() {
        for (millis, text) in [
            (0, Some("1970-01-01T00:00:00.000Z")),
            (-1, Some("1969-12-31T23:59:59.999Z")),
            (951_782_400_000, Some("2000-02-29T00:00:00.000Z")),
            (1_735_689_599_999, Some("2024-12-31T23:59:59.999Z")),
            (-62_167_219_200_000, Some("0000-01-01T00:00:00.000Z")),
            (-62_167_219_200_001, Some("-000001-12-31T23:59:59.999Z")),
            (253_402_300_800_000, Some("+010000-01-01T00:00:00.000Z")),
            (8_640_000_000_000_000, Some("+275760-09-13T00:00:00.000Z")),
            (8_640_000_000_000_001, None),
            (i64::MIN, None),
        ] {
            assert_eq!(iso(millis).as_deref(), text, "{millis}");
        }
    }

    #[test]
    fn timestamps_come_in_three_lengths() {
        let nanos = (500_000_000_u64 << 34 | 1).to_be_bytes();
        let mut long = 999_000_000_u32.to_be_bytes().to_vec();
        long.extend_from_slice(&(-1_i64).to_be_bytes());
        for (bytes, millis) in [(&[0, 0, 0, 2][..], Some(2000)), (&nanos, Some(1500)), (&long, Some(-1))] {
            assert_eq!(timestamp(bytes), millis, "{bytes:?}");
        }
        for bytes in [&[][..], &[0; 5], &[0; 11], &[0xff; 12]] {
            assert_eq!(timestamp(bytes), timestamp(bytes).filter(|_| bytes.len() == 12), "{bytes:?}");
        }
    }
}
