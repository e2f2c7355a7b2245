//! Reading values whose bytes travel beside the JSON text.

use std::{borrow::Cow, fmt, marker::PhantomData};

use bytes::Bytes;
use serde::{
    Deserialize, Deserializer,
    de::{
        DeserializeSeed, EnumAccess, Error as _, IgnoredAny, IntoDeserializer, MapAccess, SeqAccess,
        VariantAccess, Visitor, value::CowStrDeserializer,
    },
};

use crate::tree::Tree;

/// The object that stands for an attachment is `{"_placeholder":true,"num":0}`.
pub(crate) const PLACEHOLDER: &str = "_placeholder";
const NUMBER: &str = "num";

/// Wraps a deserializer, a visitor, an access or a seed so that placeholders below it read as bytes.
pub(crate) struct WithAttachments<'a, T> {
    inner: T,
    attachments: &'a [Bytes],
}

impl<'a, T> WithAttachments<'a, T> {
    pub(crate) fn new(inner: T, attachments: &'a [Bytes]) -> Self {
        Self { inner, attachments }
    }

    fn wrap<U>(&self, inner: U) -> WithAttachments<'a, U> {
        WithAttachments { inner, attachments: self.attachments }
    }
}

// === impl Deserializer ===

macro_rules! forward {
    ($($method:ident($($argument:ident: $type:ty),*))*) => {$(
        fn $method<V: Visitor<'de>>(self, $($argument: $type,)* visitor: V) -> Result<V::Value, D::Error> {
            self.inner.$method($($argument,)* WithAttachments::new(visitor, self.attachments))
        }
    )*};
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for WithAttachments<'_, D> {
    type Error = D::Error;

    forward! {
        deserialize_bool() deserialize_i8() deserialize_i16() deserialize_i32()
        deserialize_i64() deserialize_i128() deserialize_u8() deserialize_u16() deserialize_u32()
        deserialize_u64() deserialize_u128() deserialize_f32() deserialize_f64() deserialize_char()
        deserialize_str() deserialize_string() deserialize_option() deserialize_unit()
        deserialize_unit_struct(name: &'static str) deserialize_newtype_struct(name: &'static str)
        deserialize_seq() deserialize_tuple(len: usize)
        deserialize_tuple_struct(name: &'static str, len: usize) deserialize_map()
        deserialize_struct(name: &'static str, fields: &'static [&'static str])
        deserialize_enum(name: &'static str, variants: &'static [&'static str])
        deserialize_identifier() deserialize_ignored_any()
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        let visitor = Untyped(self.wrap(visitor));
        self.inner.deserialize_any(visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.deserialize_any(visitor)
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.deserialize_any(visitor)
    }
}

// === impl Visitor ===

macro_rules! visit {
    ($($method:ident: $type:ty)*) => {$(
        fn $method<E: serde::de::Error>(self, value: $type) -> Result<V::Value, E> {
            self.inner.$method(value)
        }
    )*};
}

impl<'de, V: Visitor<'de>> Visitor<'de> for WithAttachments<'_, V> {
    type Value = V::Value;

    visit! {
        visit_bool: bool visit_i64: i64 visit_i128: i128 visit_u64: u64 visit_u128: u128 visit_f64: f64
        visit_str: &str visit_borrowed_str: &'de str visit_string: String
    }

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.expecting(f)
    }

    fn visit_none<E: serde::de::Error>(self) -> Result<V::Value, E> {
        self.inner.visit_none()
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<V::Value, E> {
        self.inner.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        self.inner.visit_some(WithAttachments::new(deserializer, self.attachments))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        self.inner.visit_newtype_struct(WithAttachments::new(deserializer, self.attachments))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<V::Value, A::Error> {
        self.inner.visit_seq(WithAttachments::new(seq, self.attachments))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<V::Value, A::Error> {
        self.inner.visit_map(WithAttachments::new(map, self.attachments))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, access: A) -> Result<V::Value, A::Error> {
        self.inner.visit_enum(WithAttachments::new(access, self.attachments))
    }
}

/// Visits a value that may be a placeholder.
struct Untyped<'a, V>(WithAttachments<'a, V>);

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
            number = Some(map.next_value_seed(WithAttachments::new(PhantomData::<Tree>, attachments))?);
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
            Some(Tree::Unsigned(number)) => {
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
    value: Option<Tree>,
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

// === impl accesses and seeds ===

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for WithAttachments<'_, S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<S::Value, D::Error> {
        self.inner.deserialize(WithAttachments::new(deserializer, self.attachments))
    }
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for WithAttachments<'_, A> {
    type Error = A::Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        let seed = self.wrap(seed);
        self.inner.next_element_seed(seed)
    }

    fn size_hint(&self) -> Option<usize> {
        self.inner.size_hint()
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for WithAttachments<'_, A> {
    type Error = A::Error;

    /// A key is never bytes, hence the seed is passed on as it is.
    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        self.inner.next_key_seed(seed)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        let seed = self.wrap(seed);
        self.inner.next_value_seed(seed)
    }

    fn size_hint(&self) -> Option<usize> {
        self.inner.size_hint()
    }
}

impl<'a, 'de, A: EnumAccess<'de>> EnumAccess<'de> for WithAttachments<'a, A> {
    type Error = A::Error;
    type Variant = WithAttachments<'a, A::Variant>;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self::Variant), A::Error> {
        let (value, variant) = self.inner.variant_seed(seed)?;
        Ok((value, WithAttachments::new(variant, self.attachments)))
    }
}

impl<'de, A: VariantAccess<'de>> VariantAccess<'de> for WithAttachments<'_, A> {
    type Error = A::Error;

    fn unit_variant(self) -> Result<(), A::Error> {
        self.inner.unit_variant()
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, A::Error> {
        let seed = self.wrap(seed);
        self.inner.newtype_variant_seed(seed)
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, A::Error> {
        let visitor = self.wrap(visitor);
        self.inner.tuple_variant(len, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, A::Error> {
        let visitor = self.wrap(visitor);
        self.inner.struct_variant(fields, visitor)
    }
}
