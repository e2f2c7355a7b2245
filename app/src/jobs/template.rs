//! The text of a mail, with places for what a user has.

use pingone::{NewUser, Schema};
use serde_json::Value;

/// A subject and a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Template {
    subject: String,
    text: String,
}

impl Template {
    /// Reads a template: a line `Subject: …`, a blank line, and the text. `{username}`, `{email}`, `{name.given}` and
    /// other paths stand for what the user has.
    ///
    /// # Errors
    /// When there is no subject or no text, with what is missing.
    pub(super) fn parse(template: &str) -> Result<Self, String> {
        let template = template.trim_start_matches('\u{feff}').replace("\r\n", "\n");
        let (head, text) = template.split_once("\n\n").unwrap_or((template.as_str(), ""));
        let subject = head
            .strip_prefix("Subject:")
            .map(str::trim)
            .filter(|subject| !subject.is_empty() && !subject.contains('\n'));
        let Some(subject) = subject else {
            return Err("it must begin with a line such as \"Subject: Welcome\" and a blank line".to_owned());
        };
        if text.trim().is_empty() {
            return Err("there is no text below its subject and a blank line".to_owned());
        }
        Ok(Self { subject: subject.to_owned(), text: text.to_owned() })
    }

    /// Refuses places for what no user of the environment can have.
    ///
    /// # Errors
    /// With the first such place.
    pub(super) fn check(&self, schema: &Schema) -> Result<(), String> {
        let is_known = |path: &&str| *path == "username" || schema.attribute(path).is_some();
        match places(&self.subject).chain(places(&self.text)).find(|path| !is_known(path)) {
            Some(path) => Err(format!("{{{path}}} is no attribute of a user in this environment")),
            None => Ok(()),
        }
    }

    /// The subject and the text for `user`; a place for what it does not have stays empty.
    pub(super) fn fill(&self, user: &NewUser) -> (String, String) {
        // A line break in a value must not begin another header.
        let subject = filled(&self.subject, user).replace(|c: char| c.is_control(), " ");
        (subject, filled(&self.text, user))
    }
}

fn filled(template: &str, user: &NewUser) -> String {
    let (mut out, mut rest) = (String::with_capacity(template.len()), template);
    while let Some((before, path, after)) = next_place(rest) {
        out.push_str(before);
        out.push_str(&value(user, path));
        rest = after;
    }
    out + rest
}

fn value(user: &NewUser, path: &str) -> String {
    if path == "username" {
        return user.username.clone();
    }
    let value = match path.split_once('.') {
        Some((parent, child)) => user.attributes.get(parent).and_then(|value| value.get(child)),
        None => user.attributes.get(path),
    };
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
    }
}

fn places(template: &str) -> impl Iterator<Item = &str> {
    let mut rest = template;
    std::iter::from_fn(move || {
        let (_, path, after) = next_place(rest)?;
        rest = after;
        Some(path)
    })
}

/// What stands before the next place, the path in it, and what stands behind. Braces around anything that is no path
/// are text.
fn next_place(text: &str) -> Option<(&str, &str, &str)> {
    let is_path = |path: &str| {
        let is_sign = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | ' ');
        path.starts_with(char::is_alphabetic) && path.chars().all(is_sign)
    };
    text.match_indices('{').find_map(|(start, _)| {
        let (path, after) = text[start + 1..].split_once('}')?;
        is_path(path).then_some((&text[..start], path, after))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn places_are_filled_and_other_braces_stay() {
        let template = Template::parse(
            "Subject: Hello {name.given}\r\n\r\nYou are {username}{nickname}.\n\n{ \"a\": {} } {email}\n",
        )
        .unwrap();
        let user = NewUser::new("ada", None).with("name.given", "Ada\nBcc: x").with("email", "{username}");
        let (subject, text) = template.fill(&user);
        assert_eq!(subject, "Hello Ada Bcc: x");
        assert_eq!(text, "You are ada.\n\n{ \"a\": {} } {username}\n", "a value is not filled again");
    }

    #[test]
    fn what_is_no_template_is_refused() {
        for text in [
            "",
            "Hello",
            "Subject: Hello",
            "Subject:\n\nHello",
            "Subject: a\nTo: b\n\nHello",
            "Subject: a\n\n \n",
        ] {
            assert!(Template::parse(text).is_err(), "{text:?}");
        }
        let attributes = json!([{"name": "name", "type": "COMPLEX", "subAttributes": [{"name": "given"}]}]);
        let schema = Schema { id: None, attributes: serde_json::from_value(attributes).unwrap() };
        let check = |text: &str| Template::parse(&format!("Subject: a\n\n{text}")).unwrap().check(&schema);
        assert_eq!(check("{username} {name.given}"), Ok(()));
        for text in ["{password}", "{name.givn}", "{surname}"] {
            assert!(check(text).unwrap_err().starts_with(text), "{text}");
        }
    }
}
