//! The text of a cell as a value.

use pingone::AttributeType;
use serde_json::Value;

/// `text` as the value of an attribute, or why it is none.
pub(super) fn typed(text: &str, kind: AttributeType, multi_valued: bool) -> Result<Value, String> {
    if multi_valued {
        return match text.starts_with('[') {
            true => json(text),
            false => Ok(Value::Array(vec![typed(text, kind, false)?])),
        };
    }
    match kind {
        AttributeType::Boolean => boolean(text).map(Value::Bool).ok_or_else(|| not_boolean(text)),
        AttributeType::Json => json(text),
        AttributeType::String | AttributeType::Complex | AttributeType::Other => {
            Ok(Value::String(text.to_owned()))
        }
    }
}

/// `text` without blanks around it; quick for what has none.
#[inline]
pub(super) fn trimmed(text: &str) -> &str {
    match text.as_bytes() {
        [first, .., last] if first.is_ascii_graphic() && last.is_ascii_graphic() => text,
        [only] if only.is_ascii_graphic() => text,
        _ => text.trim(),
    }
}

/// `true`, `false`, `1`, `0`, `yes`, `no`, in any letter case.
pub(super) fn boolean(text: &str) -> Option<bool> {
    let is = |words: [&str; 3]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    match text {
        // Nearly all programs write them so.
        "true" => Some(true),
        "false" => Some(false),
        _ if is(["true", "1", "yes"]) => Some(true),
        _ if is(["false", "0", "no"]) => Some(false),
        _ => None,
    }
}

pub(super) fn not_boolean(text: &str) -> String {
    format!("{text:?} is neither yes nor no; write true, false, 1, 0, yes or no, or leave it blank")
}

/// What to say of a value for which the header has no column.
pub(super) fn extra(column: u64, text: &str) -> String {
    let shown: String = text.chars().take(40).collect();
    format!(
        "{shown:?} stands in column {column}, for which the header has no name; \
         is a value with a delimiter in it not quoted?"
    )
}

/// What to say of a value that seems to be the rest of the one before it.
pub(super) fn shifted(column: u64, text: &str) -> String {
    let shown: String = text.chars().take(40).collect();
    format!(
        "the row has more cells than the header has columns, and {shown:?} in column {column} begins with a blank; is a \
         value with a delimiter in it not quoted? if it is right as it is, take the blank and the cells at the end away"
    )
}

/// `cell` as a spreadsheet may be given it: a leading character that would begin a formula is guarded.
///
/// The guard is an apostrophe. A cell that has one before such a character already gets another, so that
/// [`unguarded`] gives back exactly what was there.
pub(crate) fn guarded(cell: &str) -> Option<String> {
    begins_formula(cell.trim_start_matches('\'')).then(|| format!("'{cell}"))
}

/// What [`guarded`] was given, for a cell of a file that is known to be guarded.
pub(super) fn unguarded(cell: &str, is_guarded: bool) -> &str {
    if !is_guarded {
        return cell;
    }
    match cell.strip_prefix('\'') {
        Some(rest) if begins_formula(rest.trim_start_matches('\'')) => rest,
        _ => cell,
    }
}

fn begins_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r']) || text == NULL
}

/// A cell of a guarded file that has no value where others have one, as `null` in JSON; a text like it is guarded.
pub(crate) const NULL: &str = "\u{2400}";

fn json(text: &str) -> Result<Value, String> {
    serde_json::from_str(text).map_err(|error| format!("not valid JSON: {error}"))
}

#[cfg(test)]
mod tests {
    use super::{NULL, boolean, guarded, unguarded};

    #[test]
    fn a_guard_comes_off_as_it_went_on() {
        for cell in [
            "=1+1",
            "+49 30 1",
            "'+49",
            "''=x",
            "plain",
            "'quoted'",
            "",
            "-",
            "@a",
            "\tx",
            "'",
            NULL,
            "'\u{2400}",
        ] {
            let written = guarded(cell).unwrap_or_else(|| cell.to_owned());
            assert!(!super::begins_formula(&written), "{written}");
            assert_eq!(unguarded(&written, true), cell);
        }
    }

    #[test]
    fn a_file_that_is_not_ours_keeps_its_apostrophes() {
        assert_eq!(unguarded("'+49", false), "'+49");
    }

    #[test]
    fn yes_and_no_have_three_forms_each() {
        for (text, meaning) in [("TRUE", Some(true)), ("0", Some(false)), ("No", Some(false)), ("ja", None)] {
            assert_eq!(boolean(text), meaning, "{text}");
        }
    }
}
