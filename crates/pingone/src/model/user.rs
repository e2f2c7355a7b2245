use std::fmt;

use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use uuid::Uuid;

/// A user as PingOne returns it.
#[derive(Debug, Clone, PartialEq)]
pub struct User {
    /// Identifies the user in its environment.
    pub id: Uuid,
    /// Unique in the environment.
    pub username: String,
    /// Whether the user may sign on.
    pub enabled: bool,
    /// The population that the user is in.
    pub population: Uuid,
    /// Everything else in the answer except `_links` and `_embedded`, as PingOne names it.
    pub attributes: Map<String, Value>,
}

impl User {
    /// The value at `path`, where one dot names a sub-attribute, as in `name.given`.
    ///
    /// The fields of this struct are not attributes.
    pub fn attribute(&self, path: &str) -> Option<&Value> {
        match path.split_once('.') {
            Some((parent, child)) => self.attributes.get(parent)?.get(child),
            None => self.attributes.get(path),
        }
    }

    /// The e-mail address, if the user has one.
    pub fn email(&self) -> Option<&str> {
        self.attribute("email")?.as_str()
    }
}

// `#[serde(flatten)]` would buffer every value twice; a create of a user reads one of these.
impl<'de> Deserialize<'de> for User {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(UserVisitor)
    }
}

struct UserVisitor;

impl<'de> Visitor<'de> for UserVisitor {
    type Value = User;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a user")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<User, A::Error> {
        use serde::de::Error as _;

        let (mut id, mut username, mut population) = (None, None, None);
        let mut enabled = true;
        let mut attributes = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "_links" | "_embedded" => {
                    map.next_value::<IgnoredAny>()?;
                }
                "id" => id = Some(map.next_value()?),
                "username" => username = Some(map.next_value()?),
                "enabled" => enabled = map.next_value()?,
                "population" => population = Some(map.next_value::<PopulationReference>()?.id),
                _ => {
                    let value = map.next_value()?;
                    attributes.insert(key, value);
                }
            }
        }
        Ok(User {
            id: id.ok_or_else(|| A::Error::missing_field("id"))?,
            username: username.ok_or_else(|| A::Error::missing_field("username"))?,
            population: population.ok_or_else(|| A::Error::missing_field("population"))?,
            enabled,
            attributes,
        })
    }
}

#[derive(Deserialize)]
struct PopulationReference {
    id: Uuid,
}
