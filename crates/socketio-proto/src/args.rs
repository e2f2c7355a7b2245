use std::{marker::PhantomData, ops::Range};

use bytes::Bytes;
use bytestring::ByteString;
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{DeserializeSeed, SeqAccess, Visitor},
    ser::SerializeTuple,
};
use smallvec::SmallVec;

use crate::{EncodeError, Value, binary::WithAttachments, encoder, parse, raw};

/// The arguments of an event or of an acknowledgement.
///
/// They stay JSON text until [`Args::deserialize`] asks for a type.
/// They serialise as a tuple, so that received arguments can be sent on unchanged, attachments included.
#[derive(Clone, Debug, Default)]
pub struct Args {
    text: ByteString,
    /// Invariant: each range lies on character boundaries of `text` and holds valid JSON.
    spans: Spans,
    attachments: Vec<Bytes>,
}

pub(crate) type Spans = SmallVec<[Range<usize>; 2]>;

impl Args {
    /// What `data` is as arguments: a tuple is several, `()` is none, anything else is one.
    ///
    /// # Errors
    /// The data has no JSON form.
    ///
    /// ```
    /// use socketio_proto::Args;
    ///
    /// let args = Args::new(&(1, "two"))?;
    /// assert_eq!(args.iter().collect::<Vec<_>>(), ["1", "\"two\""]);
    /// # Ok::<(), socketio_proto::EncodeError>(())
    /// ```
    pub fn new<T: Serialize + ?Sized>(data: &T) -> Result<Self, EncodeError> {
        let (text, attachments) = encoder::args(data)?;
        let text = ByteString::from(text);
        let spans = parse::elements(&text)?;
        Ok(Self { text, spans, attachments })
    }

    /// Each value is one argument.
    ///
    /// # Errors
    /// A value is a float that JSON has no form for.
    pub fn from_values(values: &[Value]) -> Result<Self, EncodeError> {
        Self::new(&Many(values))
    }

    /// The arguments one by one, attachments at their places.
    ///
    /// # Errors
    /// A placeholder names no attachment.
    pub fn values(&self) -> Result<Vec<Value>, serde_json::Error> {
        self.iter().map(|text| self.seed(text, PhantomData::<Value>)).collect()
    }

    pub(crate) fn from_parts(text: ByteString, spans: Spans) -> Self {
        Self { text, spans, attachments: Vec::new() }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// The JSON text of each; bytes appear as `{"_placeholder":true,"num":0}`.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        self.spans.iter().map(|span| self.text.get(span.clone()).unwrap_or("null"))
    }

    /// The binary attachments, in the order in which placeholders count them.
    pub fn attachments(&self) -> &[Bytes] {
        &self.attachments
    }

    /// Reads the arguments as a `T`.
    ///
    /// A tuple takes them all, anything else takes the first one; a missing one reads as `null`.
    ///
    /// # Errors
    /// The arguments do not have the shape of `T`, or a placeholder names no attachment.
    pub fn deserialize<'de, T: Deserialize<'de>>(&'de self) -> Result<T, serde_json::Error> {
        T::deserialize(ArgsDeserializer { args: self })
    }

    /// Whether each placeholder names an attachment.
    pub(crate) fn check(&self) -> Result<(), serde_json::Error> {
        self.iter().try_for_each(|text| self.seed(text, PhantomData::<Value>).map(drop))
    }

    pub(crate) fn attach(&mut self, attachment: Bytes) {
        self.attachments.push(attachment);
    }

    fn seed<'de, S: DeserializeSeed<'de>>(&'de self, text: &'de str, seed: S) -> Result<S::Value, Error> {
        let mut json = serde_json::Deserializer::from_str(text);
        if self.attachments.is_empty() {
            seed.deserialize(&mut json)
        } else {
            seed.deserialize(WithAttachments::new(&mut json, &self.attachments))
        }
    }

    fn first(&self) -> &str {
        self.iter().next().unwrap_or("null")
    }
}

/// Values as a tuple.
struct Many<'a>(&'a [Value]);

impl Serialize for Many<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut tuple = serializer.serialize_tuple(self.0.len())?;
        self.0.iter().try_for_each(|value| tuple.serialize_element(value))?;
        tuple.end()
    }
}

impl PartialEq for Args {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter()) && self.attachments == other.attachments
    }
}

impl Serialize for Args {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::Error as _;
        let mut tuple = serializer.serialize_tuple(self.len())?;
        for text in self.iter() {
            if self.attachments.is_empty() {
                tuple.serialize_element(raw::checked(text).map_err(S::Error::custom)?)?;
            } else {
                let value = self.seed(text, PhantomData::<Value>).map_err(S::Error::custom)?;
                tuple.serialize_element(&value)?;
            }
        }
        tuple.end()
    }
}

type Error = serde_json::Error;

/// Hands all arguments to a tuple and the first one to everything else.
struct ArgsDeserializer<'de> {
    args: &'de Args,
}

/// Passes a `deserialize_*` call on to a deserializer of the first argument.
macro_rules! first {
    ($($method:ident($($argument:ident: $type:ty),*))*) => {$(
        fn $method<V: Visitor<'de>>(self, $($argument: $type,)* visitor: V) -> Result<V::Value, Error> {
            let mut json = serde_json::Deserializer::from_str(self.args.first());
            if self.args.attachments.is_empty() {
                json.$method($($argument,)* visitor)
            } else {
                WithAttachments::new(&mut json, &self.args.attachments).$method($($argument,)* visitor)
            }
        }
    )*};
}

impl<'de> Deserializer<'de> for ArgsDeserializer<'de> {
    type Error = Error;

    first! {
        deserialize_any() deserialize_bool() deserialize_i8() deserialize_i16() deserialize_i32()
        deserialize_i64() deserialize_i128() deserialize_u8() deserialize_u16() deserialize_u32()
        deserialize_u64() deserialize_u128() deserialize_f32() deserialize_f64() deserialize_char()
        deserialize_str() deserialize_string() deserialize_bytes() deserialize_byte_buf()
        deserialize_option() deserialize_unit() deserialize_unit_struct(name: &'static str)
        deserialize_newtype_struct(name: &'static str) deserialize_seq() deserialize_map()
        deserialize_struct(name: &'static str, fields: &'static [&'static str])
        deserialize_enum(name: &'static str, variants: &'static [&'static str])
        deserialize_identifier() deserialize_ignored_any()
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_seq(Elements { args: self.args, next: 0, len })
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_tuple(len, visitor)
    }
}

/// The arguments as the elements of a tuple.
struct Elements<'de> {
    args: &'de Args,
    next: usize,
    len: usize,
}

impl<'de> SeqAccess<'de> for Elements<'de> {
    type Error = Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Error> {
        if self.next == self.len {
            return Ok(None);
        }
        let text = self.args.iter().nth(self.next).unwrap_or("null");
        self.next += 1;
        self.args.seed(text, seed).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.len - self.next)
    }
}
