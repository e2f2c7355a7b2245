//! What PingOne documents about its own attributes: lengths and forms. The schema's answer does not hold them.

use super::predicates::Form;

/// The rule for a standard attribute, if it has one.
pub(super) fn of(path: &str) -> Option<Rule> {
    let rule = |max, form| Some(Rule { max, form });
    match path {
        "username" => rule(128, Form::Wide),
        "email" => rule(usize::MAX, Form::Email),
        "name.given" | "name.middle" | "nickname" | "title" | "type" | "locale" => rule(256, Form::Wide),
        "name.family" | "name.formatted" => rule(256, Form::Name),
        "primaryPhone" | "mobilePhone" => rule(32, Form::Digit),
        "externalId" => rule(1024, Form::Any),
        "timezone" => rule(256, Form::Timezone),
        "address.streetAddress" => rule(256, Form::Street),
        "address.locality" | "address.region" => rule(256, Form::Wide),
        "address.postalCode" => rule(40, Form::Wide),
        "address.countryCode" => rule(2, Form::Country),
        "photo.href" => rule(usize::MAX, Form::Url),
        _ => None,
    }
}

/// How long a value may be, in characters, and what it looks like.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rule {
    pub(super) max: usize,
    pub(super) form: Form,
}
