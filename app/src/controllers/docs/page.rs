//! The OpenAPI document as a page, without scripts.

use std::borrow::Cow;
use std::fmt::Write as _;

use serde_json::{Map, Value};

/// Methods in the order in which they are shown.
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// The page for a document.
pub(super) fn render(document: &Value) -> String {
    let mut page = String::from(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">",
    );
    let info = &document["info"];
    let (title, version) = (text(&info["title"]), text(&info["version"]));
    let _ = write!(
        page,
        "<title>{title} API</title><link rel=\"stylesheet\" href=\"/docs/style.css\"></head><body>"
    );
    let _ = write!(
        page,
        "<header><h1>{title} <small>{version}</small></h1><p>{}</p>",
        prose(&info["description"])
    );
    page.push_str("<p><a href=\"/api/openapi.json\">OpenAPI document</a> · <a href=\"#schemas\">Schemas</a></p></header><main>");
    for tag in list(&document["tags"]) {
        let _ = write!(page, "<h2>{}</h2><p>{}</p>", text(&tag["name"]), prose(&tag["description"]));
        operations(&mut page, document, tag["name"].as_str().unwrap_or_default());
    }
    schemas(&mut page, &document["components"]["schemas"]);
    page.push_str("</main></body></html>\n");
    page
}

fn operations(page: &mut String, document: &Value, tag: &str) {
    for (path, item) in entries(&document["paths"]) {
        for method in METHODS {
            let operation = &item[method];
            if list(&operation["tags"]).any(|name| name == tag) {
                operation_section(page, path, method, operation);
            }
        }
    }
}

fn operation_section(page: &mut String, path: &str, method: &str, operation: &Value) {
    let _ = write!(
        page,
        "<section><h3><code><b>{}</b> {}</code> {}</h3><p>{}</p>",
        method.to_uppercase(),
        escape(path),
        prose(&operation["summary"]),
        prose(&operation["description"]),
    );
    let parameters: Vec<&Value> = list(&operation["parameters"]).collect();
    if !parameters.is_empty() {
        page.push_str("<table><thead><tr><th>Parameter</th><th>In</th><th>Type</th><th>Meaning</th></tr></thead><tbody>");
        for parameter in parameters {
            let required = if parameter["required"] == true { " (required)" } else { "" };
            let cells =
                [text(&parameter["name"]), text(&parameter["in"]), Cow::Owned(kind(&parameter["schema"]))];
            let _ = write!(
                page,
                "<tr><td><code>{}</code></td><td>{}</td><td>{}</td>",
                cells[0], cells[1], cells[2]
            );
            let _ = write!(page, "<td>{}{required}</td></tr>", prose(&parameter["description"]));
        }
        page.push_str("</tbody></table>");
    }
    for (media, content) in entries(&operation["requestBody"]["content"]) {
        let _ = write!(page, "<p>Body: <code>{}</code> {}</p>", escape(media), kind(&content["schema"]));
    }
    page.push_str("<table><thead><tr><th>Answer</th><th>Meaning</th><th>Body</th></tr></thead><tbody>");
    for (status, response) in entries(&operation["responses"]) {
        let bodies: Vec<String> = entries(&response["content"])
            .map(|(media, content)| format!("<code>{}</code> {}", escape(media), kind(&content["schema"])))
            .collect();
        let meaning = prose(&response["description"]);
        let _ = write!(
            page,
            "<tr><td>{}</td><td>{meaning}</td><td>{}</td></tr>",
            escape(status),
            bodies.join("<br>")
        );
    }
    page.push_str("</tbody></table></section>");
}

fn schemas(page: &mut String, schemas: &Value) {
    page.push_str("<h2 id=\"schemas\">Schemas</h2>");
    for (name, schema) in entries(schemas) {
        let name = escape(name);
        let _ = write!(
            page,
            "<section id=\"schema-{name}\"><h3>{name}</h3><p>{}</p>",
            prose(&schema["description"])
        );
        if let Some(values) = schema["enum"].as_array() {
            let values: Vec<String> =
                values.iter().map(|value| format!("<code>{}</code>", text(value))).collect();
            let _ = write!(page, "<p>One of {}</p>", values.join(", "));
        }
        variants(page, schema);
        properties(page, schema);
        page.push_str("</section>");
    }
}

/// What a schema is made of, other than properties of its own.
fn variants(page: &mut String, schema: &Value) {
    for (keyword, words) in [("allOf", "All of"), ("oneOf", "One of"), ("anyOf", "Any of")] {
        let parts: Vec<&Value> = list(&schema[keyword]).collect();
        let named: Vec<String> =
            parts.iter().filter(|part| part["properties"].is_null()).map(|part| kind(part)).collect();
        if !named.is_empty() {
            let _ = write!(page, "<p>{words} {}</p>", named.join(", "));
        }
        for part in parts {
            variants(page, part);
            properties(page, part);
        }
    }
}

fn properties(page: &mut String, schema: &Value) {
    let mut properties = entries(&schema["properties"]).peekable();
    if properties.peek().is_none() {
        return;
    }
    page.push_str("<table><thead><tr><th>Property</th><th>Type</th><th>Meaning</th></tr></thead><tbody>");
    for (name, property) in properties {
        let meaning = prose(&property["description"]);
        let _ = write!(
            page,
            "<tr><td><code>{}</code></td><td>{}</td><td>{meaning}</td></tr>",
            escape(name),
            kind(property)
        );
    }
    page.push_str("</tbody></table>");
}

/// A type in a few words, linked where it has a name.
fn kind(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
        let name = escape(name);
        return format!("<a href=\"#schema-{name}\">{name}</a>");
    }
    if schema["items"].is_object() {
        return format!("array of {}", kind(&schema["items"]));
    }
    for keyword in ["oneOf", "anyOf", "allOf"] {
        let parts: Vec<String> = list(&schema[keyword]).map(kind).collect();
        if !parts.is_empty() {
            return parts.join(if keyword == "allOf" { " and " } else { " or " });
        }
    }
    let named = match &schema["type"] {
        Value::Array(types) => types.iter().map(text).collect::<Vec<_>>().join(" or "),
        other => text(other).into_owned(),
    };
    match schema["format"].as_str() {
        Some(format) => format!("{named} ({})", escape(format)),
        None => named,
    }
}

fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// A text that people read: what stands in backticks is code, and an empty line begins a paragraph.
fn prose(value: &Value) -> String {
    let text = text(value);
    let mut parts = text.split('`').map(|part| part.replace("\n\n", "</p><p>"));
    let mut out = parts.next().unwrap_or_default();
    let rest: Vec<String> = parts.collect();
    // Backticks come in pairs; one without the other is a backtick.
    for pair in rest.chunks(2) {
        match pair {
            [code, after] => drop(write!(out, "<code>{code}</code>{after}")),
            _ => drop(write!(out, "`{}", pair.concat())),
        }
    }
    out
}

fn text(value: &Value) -> Cow<'_, str> {
    escape(value.as_str().unwrap_or_default())
}

fn escape(text: &str) -> Cow<'_, str> {
    if !text.contains(['&', '<', '>', '"']) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_and_schema_is_on_the_page() {
        let document = serde_json::to_value(crate::openapi::document()).unwrap();
        let page = render(&document);
        for (path, item) in entries(&document["paths"]) {
            for (method, _) in entries(item).filter(|(method, _)| METHODS.contains(&method.as_str())) {
                let heading = format!("<b>{}</b> {path}</code>", method.to_uppercase());
                assert!(page.contains(&heading), "{heading} is missing");
            }
        }
        for (name, _) in entries(&document["components"]["schemas"]) {
            assert!(page.contains(&format!("id=\"schema-{name}\"")));
        }
        assert!(!page.contains("<script") && !page.contains("style=\""));
    }

    #[test]
    fn prose_is_shown_without_its_marks() {
        let document = serde_json::to_value(crate::openapi::document()).unwrap();
        assert!(!render(&document).contains('`'));
        let text = Value::from("See `a<b>` and `c`.\n\nA lone ` stays.");
        assert_eq!(prose(&text), "See <code>a&lt;b&gt;</code> and <code>c</code>.</p><p>A lone ` stays.");
    }

    #[test]
    fn text_of_the_document_cannot_become_markup() {
        assert_eq!(escape("<b>\"x\" & y"), "&lt;b&gt;&quot;x&quot; &amp; y");
    }
}
