//! Dates as servers write them into cookies, in whatever form.
//!
//! <https://www.rfc-editor.org/rfc/rfc6265#section-5.1.1>

use std::time::{Duration, SystemTime};

/// Reads a date; one before 1970 becomes the beginning of 1970.
pub(super) fn parse(text: &str) -> Option<SystemTime> {
    let (mut time, mut day, mut month, mut year) = (None, None, None, None);
    // The first token that can be something not yet found is that.
    for token in text.split(is_delimiter).filter(|token| !token.is_empty()) {
        let _found = time.is_none() && set(&mut time, time_of_day(token))
            || day.is_none() && set(&mut day, number(token, 1..=2))
            || month.is_none() && set(&mut month, month_number(token))
            || year.is_none() && set(&mut year, number(token, 2..=4));
    }
    let year = match year? {
        year @ 70..=99 => 1900 + year,
        year @ 0..=69 => 2000 + year,
        year => year,
    };
    seconds(year, month?, day?, time?).map(|seconds| {
        let since = Duration::from_secs(u64::try_from(seconds).unwrap_or(0));
        SystemTime::UNIX_EPOCH + since
    })
}

fn set<T>(place: &mut Option<T>, value: Option<T>) -> bool {
    let is_set = value.is_some();
    *place = value;
    is_set
}

fn is_delimiter(character: char) -> bool {
    matches!(character, '\t' | '\x20'..='\x2f' | '\x3b'..='\x40' | '\x5b'..='\x60' | '\x7b'..='\x7e')
}

/// The number that a token begins with, if it has so many digits.
fn number(token: &str, digits: std::ops::RangeInclusive<usize>) -> Option<u32> {
    let end = token.find(|character: char| !character.is_ascii_digit()).unwrap_or(token.len());
    token.get(..end).filter(|_| digits.contains(&end))?.parse().ok()
}

/// Hour, minute and second.
fn time_of_day(token: &str) -> Option<[u32; 3]> {
    let mut fields = token.splitn(3, ':');
    let mut whole = || {
        let field = fields.next()?;
        number(field, 1..=2).filter(|_| field.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let (hour, minute) = (whole()?, whole()?);
    // Whatever follows the second counts for nothing.
    Some([hour, minute, number(fields.next()?, 1..=2)?])
}

/// From 1, by the first three letters.
fn month_number(token: &str) -> Option<u32> {
    let name = token.get(..3)?;
    (1..).zip(MONTHS).find(|(_, (month, _))| month.eq_ignore_ascii_case(name)).map(|(number, _)| number)
}

/// Since the beginning of 1970, if there is such a moment.
fn seconds(year: u32, month: u32, day: u32, [hour, minute, second]: [u32; 3]) -> Option<i64> {
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let len = |number: u32, days: u32| days + u32::from(number == 2 && is_leap);
    let months = || (1..).zip(MONTHS).map(|(number, (_, days))| (number, len(number, days)));
    let exists = year >= 1601
        && day >= 1
        && months().any(|(number, days)| number == month && day <= days)
        && hour <= 23
        && minute <= 59
        && second <= 59;
    let before: u32 = months().take_while(|(number, _)| *number < month).map(|(_, days)| days).sum();
    let days = days_before(year) - days_before(1970) + i64::from(before + day) - 1;
    exists.then_some(days * 86_400 + i64::from(hour * 3600 + minute * 60 + second))
}

/// From the beginning of the year 1, as the Gregorian calendar would have had it, to that of this one.
fn days_before(year: u32) -> i64 {
    let years = i64::from(year) - 1;
    years * 365 + years / 4 - years / 100 + years / 400
}

/// With their days in a year that has no 29 February.
const MONTHS: [(&str, u32); 12] = [
    ("jan", 31),
    ("feb", 28),
    ("mar", 31),
    ("apr", 30),
    ("may", 31),
    ("jun", 30),
    ("jul", 31),
    ("aug", 31),
    ("sep", 30),
    ("oct", 31),
    ("nov", 30),
    ("dec", 31),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// 2015-10-21 07:28:00, 2016-02-29 00:00:00, and the ends of what a year may be.
    const THEN: Option<u64> = Some(1_445_412_480);
    const LEAP_DAY: Option<u64> = Some(1_456_704_000);

    #[test]
    fn dates_in_every_form() {
        let table: &[(&str, Option<u64>)] = &[
            // The forms of HTTP, and of servers that follow none.
            ("Wed, 21 Oct 2015 07:28:00 GMT", THEN),
            ("Wednesday, 21-Oct-15 07:28:00 GMT", THEN),
            ("Wed Oct 21 07:28:00 2015", THEN),
            ("Wed, 21-Oct-2015 07:28:00 GMT", THEN),
            ("21 oct 2015 7:28:0", THEN),
            ("2015 Oct 21 07:28:00", THEN),
            ("07:28:00 October 21 2015", THEN),
            ("\tOCTOBER 21st 2015AD 07:28:00Z ", THEN),
            ("Wed,21/Oct/2015;07:28:00(GMT)", THEN),
            ("21 Oct 2015 07:28:00.999 GMT+0200", THEN),
            // The time zone is always that of Greenwich, and the name of the day says nothing.
            ("Sun, 21 Oct 2015 07:28:00 PST", THEN),
            // The first of each kind counts.
            ("21 Oct 2015 07:28:00 22 Nov 2016 08:29:01", THEN),
            ("21 Oct 15 07:28:00 1999", THEN),
            // Two digits are a day before they are a year.
            ("15 Oct 21 07:28:00", Some(1_634_282_880)),
            ("29 Feb 2016 00:00:00", LEAP_DAY),
            ("29 Feb 16 0:0:0", LEAP_DAY),
            // Of years with two digits.
            ("01 Jan 70 00:00:00", Some(0)),
            ("31 Dec 99 23:59:59", Some(946_684_799)),
            ("01 Jan 00 00:00:00", Some(946_684_800)),
            ("01 Jan 69 00:00:00", Some(3_124_224_000)),
            ("01 Jan 100 00:00:00", None),
            ("01 Jan 1601 00:00:00", Some(0)),
            ("31 Dec 1600 23:59:59", None),
            ("31 Dec 9999 23:59:59", Some(253_402_300_799)),
            // What is missing, or is no number that it could be.
            ("", None),
            ("sometime", None),
            ("Oct 2015 07:28:00", None),
            ("21 2015 07:28:00", None),
            ("21 Oct 07:28:00", None),
            ("21 Oct 2015", None),
            ("21 Oct 2015 07:28", None),
            ("21 Oct 2015 07:28:", None),
            ("21 Oct 2015 007:28:00", None),
            ("21 Oct 2015 07:28:000", None),
            ("21 Oct 2015 07:2x:00", None),
            ("21 Oct 20155 07:28:00", None),
            ("021 Oct 2015 07:28:00", None),
            ("21 Okt 2015 07:28:00", None),
            ("21 Oc 2015 07:28:00", None),
            ("21 10 2015 07:28:00", None),
            // Moments that do not exist.
            ("00 Oct 2015 07:28:00", None),
            ("31 Sep 2015 07:28:00", None),
            ("32 Oct 2015 07:28:00", None),
            ("29 Feb 2015 00:00:00", None),
            ("29 Feb 2100 00:00:00", None),
            ("29 Feb 2000 00:00:00", Some(951_782_400)),
            ("21 Oct 2015 24:00:00", None),
            ("21 Oct 2015 23:60:00", None),
            ("21 Oct 2015 23:59:60", None),
            ("21 Oct 2015 07:28:00 é", THEN),
            ("21 éOct Oct 2015 07:28:00", THEN),
        ];
        for (text, expected) in table {
            let seconds = |at: SystemTime| at.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
            assert_eq!(parse(text).map(seconds), *expected, "{text:?}");
        }
    }

    #[test]
    fn each_day_follows_the_one_before() {
        let mut days = 0;
        for year in 1970..2400 {
            for (month, (name, _)) in MONTHS.iter().enumerate() {
                for day in 1..=31 {
                    if let Some(at) = parse(&format!("{day} {name} {year} 00:00:00")) {
                        let expected = SystemTime::UNIX_EPOCH + Duration::from_secs(days * 86_400);
                        assert_eq!(at, expected, "{year}-{}-{day}", month + 1);
                        days += 1;
                    }
                }
            }
        }
        assert_eq!(days, 157_054);
    }
}
