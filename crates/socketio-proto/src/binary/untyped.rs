use std::{borrow::Cow, fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{
        DeserializeSeed, Error as _, IgnoredAny, IntoDeserializer, MapAccess, SeqAccess, Visitor,
        value::CowStrDeserializer,
    },
};

use super::{NUMBER, PLACEHOLDER, WithAttachments};
use crate::Value;

/// Visits a value that may be a placeholder.
pub(super) struct Untyped<'a, V>(pub(super) WithAttachments<'a, V>);

macro_rules! visit_untyped {
    ($($method:ident: $type:ty)*) => {$(
        fn $method<E: serde::de::Error>(self, value: $type) -> Result<V::Value, E> {
            self.0.$method(value)
        }
    )*};
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Untyped<'_, V> {
    type Value = V::Value;

    visit_untyped! {
        visit_bool: bool visit_i64: i64 visit_i128: i128 visit_u64: u64 visit_u128: u128 visit_f64: f64
        visit_str: &str visit_borrowed_str: &'de str visit_string: String
    }

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<V::Value, E> {
        self.0.visit_unit()
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<V::Value, A::Error> {
        self.0.visit_seq(seq)
    }

    /// Both orders of the two keys occur: some clients keep objects in hash tables.
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<V::Value, A::Error> {
        let WithAttachments { inner, attachments } = self.0;
        let (mut number, mut replay) = (None, Replay::default());
        let mut key = map.next_key::<Key<'de>>()?.map(|key| key.0);
        if key.as_deref() == Some(NUMBER) {
            number = Some(map.next_value_seed(WithAttachments::new(PhantomData::<Value>, attachments))?);
            replay.key = key.take();
            key = map.next_key::<Key<'de>>()?.map(|key| key.0);
        }
        if key.as_deref() != Some(PLACEHOLDER) {
            replay = match number {
                Some(value) => Replay { value: Some(value), next_key: key, ..replay },
                None => Replay { key, ..replay },
            };
            return inner.visit_map(WithAttachments::new(Replayed { replay, map }, attachments));
        }
        map.next_value::<IgnoredAny>()?;
        while let Some(Key(key)) = map.next_key()? {
            if key == NUMBER {
                number = Some(map.next_value()?);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        let attachment = match number {
            Some(Value::Unsigned(number)) => {
                usize::try_from(number).ok().and_then(|number| attachments.get(number))
            }
            _ => None,
        };
        let attachment = attachment.ok_or_else(|| A::Error::custom("a placeholder names no attachment"))?;
        inner.visit_bytes(attachment)
    }
}

/// A key of a map, borrowed when it holds no escape.
struct Key<'de>(Cow<'de, str>);

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(KeyVisitor)
    }
}

struct KeyVisitor;

impl<'de> Visitor<'de> for KeyVisitor {
    type Value = Key<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_borrowed_str<E>(self, key: &'de str) -> Result<Key<'de>, E> {
        Ok(Key(Cow::Borrowed(key)))
    }

    fn visit_str<E>(self, key: &str) -> Result<Key<'de>, E> {
        Ok(Key(Cow::Owned(key.to_owned())))
    }
}

/// What was read of a map before it turned out not to be a placeholder.
#[derive(Default)]
struct Replay<'de> {
    key: Option<Cow<'de, str>>,
    /// The value of `key`, if that was read too.
    value: Option<Value>,
    /// The key after `key`, if `value` was read.
    next_key: Option<Cow<'de, str>>,
}

/// A map that begins with what was already read of it.
struct Replayed<'de, A> {
    replay: Replay<'de>,
    map: A,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Replayed<'de, A> {
    type Error = A::Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        match self.replay.key.take().or_else(|| self.replay.next_key.take()) {
            Some(key) => seed.deserialize(CowStrDeserializer::new(key)).map(Some),
            None => self.map.next_key_seed(seed),
        }
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        match self.replay.value.take() {
            Some(value) => seed.deserialize(value.into_deserializer()),
            None => self.map.next_value_seed(seed),
        }
    }
}
