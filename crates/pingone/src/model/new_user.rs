use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::User;
use crate::Secret;

/// A user to create, in the form of PingOne's import request.
#[derive(Debug, Clone, PartialEq)]
pub struct NewUser {
    /// Unique in the environment, across all populations.
    pub username: String,
    /// The population; `None` leaves the choice to PingOne, which takes the environment's default.
    pub population: Option<Uuid>,
    /// Every other attribute as PingOne names it, complex ones nested: `{"name":{"given":"Ada"}}`.
    /// `username`, `population` and `password` in here are not sent: the fields beside it count.
    pub attributes: Map<String, Value>,
    /// Password; `None` creates the user without one.
    pub password: Option<NewPassword>,
}

impl NewUser {
    /// A user with nothing but a name and a population.
    pub fn new(username: impl Into<String>, population: Option<Uuid>) -> Self {
        Self { username: username.into(), population, attributes: Map::new(), password: None }
    }

    /// Sets an attribute by its path; one dot names a sub-attribute, as in `name.given`.
    pub fn set(&mut self, path: &str, value: impl Into<Value>) {
        let value = value.into();
        let Some((parent, child)) = path.split_once('.') else {
            self.attributes.insert(path.into(), value);
            return;
        };
        if let Some(Value::Object(object)) = self.attributes.get_mut(parent) {
            object.insert(child.into(), value);
            return;
        }
        let object = Map::from_iter([(String::from(child), value)]);
        self.attributes.insert(parent.into(), Value::Object(object));
    }

    /// The same as [`set`](Self::set), for building a user in one expression.
    #[must_use]
    pub fn with(mut self, path: &str, value: impl Into<Value>) -> Self {
        self.set(path, value);
        self
    }

    /// Whether `user` is what creating this user yields: same username, same population (unless none is named)
    /// and every attribute that is sent has the value that is sent.
    ///
    /// The password is never returned and cannot be compared.
    pub fn describes(&self, user: &User) -> bool {
        self.username == user.username
            && self.population.is_none_or(|population| population == user.population)
            && self.sent_attributes().all(|(name, value)| covers(value, user.attributes.get(name)))
    }

    /// The attributes that go into the request.
    pub(crate) fn sent_attributes(&self) -> impl Iterator<Item = (&String, &Value)> {
        self.attributes.iter().filter(|(name, _)| !FIELDS.contains(&name.as_str()))
    }
}

/// Whether every leaf of `sent` is found in `stored`; an attribute sent as `null` is one that is not set.
///
/// `enabled` needs no exception because it is not an attribute of a create: PingOne ignores it there.
fn covers(sent: &Value, stored: Option<&Value>) -> bool {
    match (sent, stored) {
        (Value::Null, None) => true,
        (Value::Object(sent), Some(Value::Object(stored))) if sent.contains_key(SUPPRESSION) => {
            let mut told = sent.iter().filter(|(name, _)| *name != SUPPRESSION);
            told.all(|(name, value)| covers(value, stored.get(name)))
        }
        (Value::Object(sent), Some(Value::Object(stored))) => {
            sent.iter().all(|(name, value)| covers(value, stored.get(name)))
        }
        (Value::Object(sent), None) => sent.values().all(|value| covers(value, None)),
        (sent, Some(stored)) => sent == stored,
        (_, None) => false,
    }
}

/// A password to set when a user is created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPassword {
    /// Clear text, or a value that is already encoded and begins with its `{SCHEME}`.
    pub value: Secret,
    /// Whether the user must change it at the next sign-on.
    pub force_change: bool,
}

impl Serialize for NewPassword {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("value", self.value.expose())?;
        map.serialize_entry("forceChange", &self.force_change)?;
        map.end()
    }
}

impl Serialize for NewUser {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("username", &self.username)?;
        if let Some(id) = self.population {
            map.serialize_entry("population", &Reference { id })?;
        }
        for (name, value) in self.sent_attributes() {
            map.serialize_entry(name, value)?;
        }
        if let Some(password) = &self.password {
            map.serialize_entry("password", password)?;
        }
        map.end()
    }
}

/// `{"id":…}`, PingOne's way to name another resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Reference {
    pub(crate) id: Uuid,
}

/// Part of `lifecycle` that says what the create is to do, and is never returned.
const SUPPRESSION: &str = "suppressVerificationCode";

/// Attributes that have a field of their own in [`NewUser`], and `enabled`, which a create ignores.
const FIELDS: [&str; 4] = ["username", "population", "password", "enabled"];
