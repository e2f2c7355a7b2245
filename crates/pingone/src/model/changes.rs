use serde_json::{Map, Value};

use super::User;

impl User {
    /// What [`Client::update_user`](crate::Client::update_user) must be told for the user to have the attributes
    /// in `wanted`; empty if it has them already. What `wanted` does not name is kept.
    ///
    /// `wanted` has attributes as PingOne names them, complex ones nested, `username` included; `null` clears. What
    /// has a request of its own, such as `enabled` and
    /// `population`, is left out. Of PingOne's complex attributes a part that is not named is kept; a custom JSON
    /// attribute becomes what `wanted` says, by a merge patch (RFC 7396), and an array is sent whole.
    pub fn changes_to(&self, wanted: &Map<String, Value>) -> Map<String, Value> {
        let mut changes = Map::new();
        for (name, value) in wanted {
            let change = match name.as_str() {
                name if SEPARATE.contains(&name) => None,
                "username" => (*value != self.username.as_str()).then(|| value.clone()),
                name => change(self.attributes.get(name), value, !COMPLEX.contains(&name)),
            };
            if let Some(change) = change {
                changes.insert(name.clone(), change);
            }
        }
        changes
    }
}

/// The merge patch that makes `stored` into `wanted`; `None` if it is so already.
///
/// Members of an object that `wanted` does not name are removed if it is `exact`, and kept otherwise.
fn change(stored: Option<&Value>, wanted: &Value, exact: bool) -> Option<Value> {
    let empty = Map::new();
    match (stored, wanted) {
        (None | Some(Value::Null), Value::Null) => None,
        (Some(stored), wanted) if stored == wanted => None,
        (Some(Value::Object(_)) | None, Value::Object(wanted)) => {
            let stored = stored.and_then(Value::as_object).unwrap_or(&empty);
            let part = |(name, value): (&String, &Value)| {
                Some((name.clone(), change(stored.get(name), value, exact)?))
            };
            let mut parts: Map<String, Value> = wanted.iter().filter_map(part).collect();
            if exact {
                let gone = stored.keys().filter(|name| !wanted.contains_key(*name));
                parts.extend(gone.map(|name| (name.clone(), Value::Null)));
                return Some(Value::Object(parts));
            }
            (!parts.is_empty()).then_some(Value::Object(parts))
        }
        (_, wanted) => Some(wanted.clone()),
    }
}

/// PingOne's own attributes that have sub-attributes.
const COMPLEX: [&str; 4] = ["address", "lifecycle", "name", "photo"];

/// What a user's body shows but a change of the user does not take.
const SEPARATE: [&str; 5] = ["enabled", "mfaEnabled", "password", "population", "emailVerified"];

#[cfg(test)]
mod tests {
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn only_what_differs_is_sent() {
        let attributes = json!({
            "email": "ada@example.com", "title": "Countess", "name": {"given": "Ada", "family": "Byron"},
            "badge": {"level": 1, "doors": ["a"]}, "shift": "day",
        });
        let user = User {
            id: Uuid::nil(),
            username: "ada".to_owned(),
            enabled: true,
            population: Uuid::nil(),
            attributes: attributes.as_object().unwrap().clone(),
        };
        let table = [
            (json!({}), json!({})),
            (json!({"username": "ada", "email": "ada@example.com", "name": {"given": "Ada"}}), json!({})),
            (json!({"username": "Ada"}), json!({"username": "Ada"})),
            (
                json!({"email": "a@example.com", "title": null}),
                json!({"email": "a@example.com", "title": null}),
            ),
            (
                json!({"name": {"given": "Ada", "family": "Lovelace", "middle": null}}),
                json!({"name": {"family": "Lovelace"}}),
            ),
            (json!({"name": {"family": null}}), json!({"name": {"family": null}})),
            (json!({"name": null, "address": null}), json!({"name": null})),
            (json!({"address": {"region": "Kent"}}), json!({"address": {"region": "Kent"}})),
            (json!({"badge": {"level": 1, "doors": ["a"]}}), json!({})),
            (json!({"badge": {"level": 2}}), json!({"badge": {"level": 2, "doors": null}})),
            (json!({"badge": {"level": 1, "doors": ["b"]}}), json!({"badge": {"doors": ["b"]}})),
            (json!({"badge": "none"}), json!({"badge": "none"})),
            (json!({"badge": null, "extra": {}}), json!({"badge": null, "extra": {}})),
            (json!({"enabled": false, "population": {"id": "x"}, "mfaEnabled": true}), json!({})),
        ];
        for (wanted, expected) in table {
            let changes = user.changes_to(wanted.as_object().unwrap());
            assert_eq!(Value::Object(changes), expected, "{wanted}");
        }
    }
}
