use std::fmt::{Display, Write as _};

use serde_json::Value;

/// Writes JSON with a chosen order of keys, indented as PingOne's answers are or not at all.
///
/// The indentation is Jackson's: `"key" : value`, two spaces per object, arrays on one line with spaces.
#[derive(Debug)]
pub(crate) struct Json {
    out: String,
    pretty: bool,
    depth: usize,
    first: bool,
}

impl Json {
    pub(crate) fn new(pretty: bool) -> Self {
        Self { out: String::with_capacity(3 * 1024), pretty, depth: 0, first: true }
    }

    pub(crate) fn finish(self) -> String {
        self.out
    }

    pub(crate) fn object(&mut self, members: impl FnOnce(&mut Self)) {
        self.out.push('{');
        self.depth += 1;
        self.first = true;
        members(self);
        self.depth -= 1;
        if self.first {
            self.out.push_str(if self.pretty { " }" } else { "}" });
        } else {
            self.new_line();
            self.out.push('}');
        }
        self.first = false;
    }

    pub(crate) fn array<T>(
        &mut self,
        items: impl IntoIterator<Item = T>,
        mut item: impl FnMut(&mut Self, T),
    ) {
        self.out.push('[');
        for (index, value) in items.into_iter().enumerate() {
            self.out.push_str(match (index, self.pretty) {
                (0, true) => " ",
                (0, false) => "",
                (_, true) => ", ",
                (_, false) => ",",
            });
            item(self, value);
        }
        self.out.push_str(if self.pretty { " ]" } else { "]" });
        self.first = false;
    }

    /// Begins a member of the innermost object.
    pub(crate) fn key(&mut self, key: &str) -> &mut Self {
        if !self.first {
            self.out.push(',');
        }
        self.first = false;
        self.new_line();
        self.text(key);
        self.out.push_str(if self.pretty { " : " } else { ":" });
        self
    }

    pub(crate) fn text(&mut self, text: &str) {
        self.out.push('"');
        let mut rest = text;
        while let Some(at) = rest.find(|c: char| c < ' ' || c == '"' || c == '\\') {
            let (plain, tail) = rest.split_at(at);
            self.out.push_str(plain);
            let mut chars = tail.chars();
            match chars.next() {
                Some('\n') => self.out.push_str("\\n"),
                Some('\r') => self.out.push_str("\\r"),
                Some('\t') => self.out.push_str("\\t"),
                Some(c @ ('"' | '\\')) => {
                    self.out.push('\\');
                    self.out.push(c);
                }
                Some(c) => self.display(format_args!("\\u{:04X}", u32::from(c))),
                None => {}
            }
            rest = chars.as_str();
        }
        self.out.push_str(rest);
        self.out.push('"');
    }

    /// A text that needs no escaping: an id, a URL, a time.
    pub(crate) fn plain(&mut self, value: impl Display) {
        self.display(format_args!("\"{value}\""));
    }

    /// A number, `true`, `false` or anything else that is JSON as it stands.
    pub(crate) fn bare(&mut self, value: impl Display) {
        self.display(value);
    }

    pub(crate) fn value(&mut self, value: &Value) {
        match value {
            Value::String(text) => self.text(text),
            Value::Array(items) => self.array(items, Self::value),
            Value::Object(members) => self.object(|json| {
                for (key, value) in members {
                    json.key(key).value(value);
                }
            }),
            Value::Null | Value::Bool(_) | Value::Number(_) => self.bare(value),
        }
    }

    /// `"key" : { "id" : "…" }`
    pub(crate) fn reference(&mut self, key: &str, id: impl Display) {
        self.key(key).object(|json| json.key("id").plain(id));
    }

    /// `"key" : { "href" : "…" }`
    pub(crate) fn link(&mut self, key: &str, href: impl Display) {
        self.key(key).object(|json| json.key("href").plain(href));
    }

    fn display(&mut self, value: impl Display) {
        // Writing to a `String` cannot fail.
        let _ = write!(self.out, "{value}");
    }

    fn new_line(&mut self) {
        if self.pretty {
            self.out.push('\n');
            self.out.extend(std::iter::repeat_n("  ", self.depth));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn written(value: &Value, pretty: bool) -> String {
        let mut json = Json::new(pretty);
        json.value(value);
        json.finish()
    }

    #[test]
    fn indentation_is_that_of_jackson() {
        let value = json!({"a": 1, "b": {"c": []}, "d": [{"e": "f"}, "g"], "h": {}});
        let expected = "{\n  \"a\" : 1,\n  \"b\" : {\n    \"c\" : [ ]\n  },\n  \"d\" : [ {\n    \"e\" : \"f\"\n  }, \"g\" ],\n  \"h\" : { }\n}";
        assert_eq!(written(&value, true), expected);
    }

    #[test]
    fn what_is_written_reads_back() {
        let value =
            json!({"quote\"": "back\\slash \n\r\t\u{1} żółć 🦀", "n": [1, 2.5, true, null], "o": {"p": {}}});
        for pretty in [true, false] {
            assert_eq!(serde_json::from_str::<Value>(&written(&value, pretty)).unwrap(), value);
        }
    }
}
