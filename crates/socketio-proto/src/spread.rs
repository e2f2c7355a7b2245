//! Writing a Rust value as the arguments of an event: a tuple is several, `()` is none.

use serde::{
    Serialize, Serializer,
    ser::{Error as _, Impossible, SerializeSeq, SerializeTuple, SerializeTupleStruct},
};

/// Appends `value` to `seq` as arguments.
pub(crate) fn serialize<T: Serialize + ?Sized, S: SerializeSeq>(
    value: &T,
    seq: &mut S,
) -> Result<(), S::Error> {
    match value.serialize(Probe) {
        // A value of a larger type that happens to be nothing, such as `Value::Null`, is an argument.
        Err(Shape::None) if size_of_val(value) == 0 => Ok(()),
        Err(Shape::Many) => value.serialize(Spread(seq)),
        Ok(()) | Err(Shape::None | Shape::One) => seq.serialize_element(value),
    }
}

/// How many arguments a value makes. It is an error so that the probe stops at the first call.
#[derive(Debug, thiserror::Error)]
#[error("not an error")]
enum Shape {
    None,
    One,
    Many,
}

impl serde::ser::Error for Shape {
    fn custom<T: std::fmt::Display>(_: T) -> Self {
        Self::One
    }
}

struct Probe;

/// Passes every call that is not about tuples to one answer.
macro_rules! otherwise {
    ($error:expr; $ok:ty) => {
        otherwise! { @scalar $error; $ok;
            serialize_bool: bool, serialize_i8: i8, serialize_i16: i16, serialize_i32: i32,
            serialize_i64: i64, serialize_i128: i128, serialize_u8: u8, serialize_u16: u16,
            serialize_u32: u32, serialize_u64: u64, serialize_u128: u128, serialize_f32: f32,
            serialize_f64: f64, serialize_char: char, serialize_str: &str, serialize_bytes: &[u8],
            serialize_unit_struct: &'static str,
        }

        fn serialize_none(self) -> Result<$ok, Self::Error> {
            Err($error)
        }

        fn serialize_some<T: Serialize + ?Sized>(self, _: &T) -> Result<$ok, Self::Error> {
            Err($error)
        }

        fn serialize_unit_variant(self, _: &str, _: u32, _: &str) -> Result<$ok, Self::Error> {
            Err($error)
        }

        fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &str, _: &T) -> Result<$ok, Self::Error> {
            Err($error)
        }

        fn serialize_newtype_variant<T: Serialize + ?Sized>(
            self,
            _: &str,
            _: u32,
            _: &str,
            _: &T,
        ) -> Result<$ok, Self::Error> {
            Err($error)
        }

        fn serialize_seq(self, _: Option<usize>) -> Result<Self::SerializeSeq, Self::Error> {
            Err($error)
        }

        fn serialize_tuple_variant(
            self,
            _: &str,
            _: u32,
            _: &str,
            _: usize,
        ) -> Result<Self::SerializeTupleVariant, Self::Error> {
            Err($error)
        }

        fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, Self::Error> {
            Err($error)
        }

        fn serialize_struct(self, _: &str, _: usize) -> Result<Self::SerializeStruct, Self::Error> {
            Err($error)
        }

        fn serialize_struct_variant(
            self,
            _: &str,
            _: u32,
            _: &str,
            _: usize,
        ) -> Result<Self::SerializeStructVariant, Self::Error> {
            Err($error)
        }
    };
    (@scalar $error:expr; $ok:ty; $($method:ident: $type:ty,)*) => {$(
        fn $method(self, _: $type) -> Result<$ok, Self::Error> {
            Err($error)
        }
    )*};
}

impl Serializer for Probe {
    type Ok = ();
    type Error = Shape;
    type SerializeSeq = Impossible<(), Shape>;
    type SerializeTuple = Impossible<(), Shape>;
    type SerializeTupleStruct = Impossible<(), Shape>;
    type SerializeTupleVariant = Impossible<(), Shape>;
    type SerializeMap = Impossible<(), Shape>;
    type SerializeStruct = Impossible<(), Shape>;
    type SerializeStructVariant = Impossible<(), Shape>;

    otherwise!(Shape::One; ());

    fn serialize_unit(self) -> Result<(), Shape> {
        Err(Shape::None)
    }

    fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, Shape> {
        Err(Shape::Many)
    }

    fn serialize_tuple_struct(self, _: &str, _: usize) -> Result<Self::SerializeTupleStruct, Shape> {
        Err(Shape::Many)
    }
}

/// Appends the elements of a tuple.
struct Spread<'a, S>(&'a mut S);

impl<S: SerializeSeq> Serializer for Spread<'_, S> {
    type Ok = ();
    type Error = S::Error;
    type SerializeSeq = Impossible<(), S::Error>;
    type SerializeTuple = Self;
    type SerializeTupleStruct = Self;
    type SerializeTupleVariant = Impossible<(), S::Error>;
    type SerializeMap = Impossible<(), S::Error>;
    type SerializeStruct = Impossible<(), S::Error>;
    type SerializeStructVariant = Impossible<(), S::Error>;

    otherwise!(S::Error::custom("a value serialises as a tuple at one time and not at another"); ());

    fn serialize_unit(self) -> Result<(), S::Error> {
        Ok(())
    }

    fn serialize_tuple(self, _: usize) -> Result<Self, S::Error> {
        Ok(self)
    }

    fn serialize_tuple_struct(self, _: &str, _: usize) -> Result<Self, S::Error> {
        Ok(self)
    }
}

impl<S: SerializeSeq> SerializeTuple for Spread<'_, S> {
    type Ok = ();
    type Error = S::Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), S::Error> {
        self.0.serialize_element(value)
    }

    fn end(self) -> Result<(), S::Error> {
        Ok(())
    }
}

impl<S: SerializeSeq> SerializeTupleStruct for Spread<'_, S> {
    type Ok = ();
    type Error = S::Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), S::Error> {
        self.0.serialize_element(value)
    }

    fn end(self) -> Result<(), S::Error> {
        Ok(())
    }
}
