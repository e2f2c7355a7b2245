use std::iter;

use serde::{
    Deserialize, Deserializer,
    de::{
        Visitor,
        value::{BorrowedStrDeserializer, MapDeserializer},
    },
    forward_to_deserialize_any,
};
use serde_json::{Error, value::RawValue};

/// JSON that was checked before, as a value that is written as it is.
///
/// `RawValue` offers no way to skip the check, but reads itself from any deserializer as a newtype whose map holds the
/// text under its own name. Should a version of `serde_json` do it otherwise, the text is checked again.
pub(crate) fn checked(text: &str) -> Result<&RawValue, Error> {
    <&RawValue>::deserialize(Checked(text)).or_else(|_| serde_json::from_str(text))
}

struct Checked<'de>(&'de str);

impl<'de> Deserializer<'de> for Checked<'de> {
    type Error = Error;

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        let entry = (BorrowedStrDeserializer::new(name), BorrowedStrDeserializer::new(self.0));
        visitor.visit_map(MapDeserializer::new(iter::once(entry)))
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_borrowed_str(self.0)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_is_not_read_again() {
        // What is no JSON would be refused if it were.
        assert_eq!(<&RawValue>::deserialize(Checked("{]")).unwrap().get(), "{]");
        assert_eq!(checked("[1, \"two\"]").unwrap().get(), "[1, \"two\"]");
    }
}
