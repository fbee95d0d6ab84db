//! Finds the float that JSON has no word for: `NaN` and the infinities are written as `null`, which an optional float would
//! read back as `None`.

use std::fmt::{self, Display};

use serde::ser::{self, Serialize, Serializer};

/// The place of the first float of a value that is no number or infinite, as a path of names and indices, and that float.
pub(crate) fn first_not_finite<T: Serialize + ?Sized>(value: &T) -> Option<(String, f64)> {
    match value.serialize(Walk) {
        Err(Stop::At { mut path, float }) => {
            path.reverse();
            Some((path.concat().trim_start_matches('.').to_owned(), float))
        }
        // Whatever else stands in the way was told when the value was written.
        Ok(()) | Err(Stop::Other) => None,
    }
}

/// Goes through a value as far as it shows itself to serde, and writes nothing.
struct Walk;

/// Why the walk ended early.
#[derive(Debug)]
enum Stop {
    /// A float that JSON has no word for, and the way to it from the innermost name.
    At { path: Vec<String>, float: f64 },
    /// The value itself refuses to be written.
    Other,
}

impl Stop {
    fn of(float: f64) -> Self {
        Self::At { path: Vec::new(), float }
    }

    /// The same, seen from one level further out.
    fn below(mut self, name: impl FnOnce() -> String) -> Self {
        if let Self::At { path, .. } = &mut self {
            path.push(name());
        }
        self
    }
}

impl Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

impl std::error::Error for Stop {}

impl ser::Error for Stop {
    fn custom<T: Display>(_: T) -> Self {
        Self::Other
    }
}

/// A field as it is written in Rust, and a key that cannot be one in brackets.
fn named(name: &str) -> String {
    let is_plain = !name.is_empty() && name.chars().all(|letter| letter.is_alphanumeric() || letter == '_');
    if is_plain { format!(".{name}") } else { format!("[{name:?}]") }
}

/// Kinds of values that have no floats in them.
macro_rules! plain {
    ($($method:ident: $kind:ty),+ $(,)?) => {$(
        fn $method(self, _: $kind) -> Result<(), Stop> {
            Ok(())
        }
    )+};
}

impl Serializer for Walk {
    type Ok = ();
    type Error = Stop;
    type SerializeSeq = Items;
    type SerializeTuple = Items;
    type SerializeTupleStruct = Items;
    type SerializeTupleVariant = Items;
    type SerializeMap = Entries;
    type SerializeStruct = Fields;
    type SerializeStructVariant = Fields;

    plain! {
        serialize_bool: bool, serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64,
        serialize_i128: i128, serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64,
        serialize_u128: u128, serialize_char: char, serialize_str: &str, serialize_bytes: &[u8],
        serialize_unit_struct: &'static str,
    }

    fn serialize_f32(self, float: f32) -> Result<(), Stop> {
        self.serialize_f64(f64::from(float))
    }

    fn serialize_f64(self, float: f64) -> Result<(), Stop> {
        if float.is_finite() { Ok(()) } else { Err(Stop::of(float)) }
    }

    fn serialize_none(self) -> Result<(), Stop> {
        Ok(())
    }

    fn serialize_unit(self) -> Result<(), Stop> {
        Ok(())
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, _: &'static str) -> Result<(), Stop> {
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Stop> {
        value.serialize(self)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<(), Stop> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Stop> {
        value.serialize(self).map_err(|stop| stop.below(|| named(variant)))
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Items, Stop> {
        Ok(Items::default())
    }

    fn serialize_tuple(self, _: usize) -> Result<Items, Stop> {
        Ok(Items::default())
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Items, Stop> {
        Ok(Items::default())
    }

    fn serialize_tuple_variant(self, _: &'static str, _: u32, variant: &'static str, _: usize) -> Result<Items, Stop> {
        Ok(Items { variant: Some(variant), n: 0 })
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Entries, Stop> {
        Ok(Entries::default())
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Fields, Stop> {
        Ok(Fields::default())
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Fields, Stop> {
        Ok(Fields { variant: Some(variant) })
    }
}

/// The items of a list or a tuple, by their indices.
#[derive(Default)]
struct Items {
    variant: Option<&'static str>,
    n: usize,
}

impl Items {
    fn item<T: Serialize + ?Sized>(&mut self, item: &T) -> Result<(), Stop> {
        let index = self.n;
        self.n += 1;
        item.serialize(Walk).map_err(|stop| {
            let variant = self.variant.map(named).unwrap_or_default();
            stop.below(|| format!("{variant}[{index}]"))
        })
    }
}

/// The fields of a struct, by their names.
#[derive(Default)]
struct Fields {
    variant: Option<&'static str>,
}

impl Fields {
    fn field<T: Serialize + ?Sized>(&self, name: &'static str, value: &T) -> Result<(), Stop> {
        value.serialize(Walk).map_err(|stop| {
            let variant = self.variant.map(named).unwrap_or_default();
            stop.below(|| variant + &named(name))
        })
    }
}

/// The entries of a mapping, by their keys.
#[derive(Default)]
struct Entries {
    key: String,
}

impl ser::SerializeMap for Entries {
    type Ok = ();
    type Error = Stop;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Stop> {
        // As the key of JSON, which is a text whatever its type; what is none was refused when the value was written.
        self.key = match serde_json::to_value(key) {
            Ok(serde_json::Value::String(key)) => named(&key),
            Ok(key) => named(&key.to_string()),
            Err(_) => "[?]".to_owned(),
        };
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Stop> {
        value.serialize(Walk).map_err(|stop| stop.below(|| std::mem::take(&mut self.key)))
    }

    fn end(self) -> Result<(), Stop> {
        Ok(())
    }
}

/// Serde's traits for lists and tuples differ in the name of their method only.
macro_rules! items {
    ($($kind:ident: $method:ident),+) => {$(
        impl ser::$kind for Items {
            type Ok = ();
            type Error = Stop;

            fn $method<T: Serialize + ?Sized>(&mut self, item: &T) -> Result<(), Stop> {
                self.item(item)
            }

            fn end(self) -> Result<(), Stop> {
                Ok(())
            }
        }
    )+};
}
items!(
    SerializeSeq: serialize_element,
    SerializeTuple: serialize_element,
    SerializeTupleStruct: serialize_field,
    SerializeTupleVariant: serialize_field
);

/// And those for structs in nothing.
macro_rules! fields {
    ($($kind:ident),+) => {$(
        impl ser::$kind for Fields {
            type Ok = ();
            type Error = Stop;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Stop> {
                self.field(name, value)
            }

            fn end(self) -> Result<(), Stop> {
                Ok(())
            }
        }
    )+};
}
fields!(SerializeStruct, SerializeStructVariant);

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Serialize;

    use super::first_not_finite;

    #[derive(Serialize)]
    enum Shape {
        Circle { radius: f32 },
        Square(f64),
        Box(f64, f64),
        Point,
    }

    #[derive(Serialize)]
    struct Inner {
        price: Option<f64>,
    }

    #[derive(Serialize)]
    struct Outer {
        #[serde(flatten)]
        inner: Inner,
        rows: Vec<Inner>,
        by_name: BTreeMap<String, f64>,
        by_number: BTreeMap<i64, Option<Shape>>,
    }

    fn outer() -> Outer {
        let by_number = BTreeMap::from([(1, None), (2, Some(Shape::Point)), (3, Some(Shape::Square(1.5)))]);
        let (inner, rows) = (Inner { price: None }, vec![Inner { price: Some(0.5) }]);
        Outer { inner, rows, by_name: BTreeMap::from([("a".to_owned(), f64::MAX)]), by_number }
    }

    #[test]
    fn what_json_has_words_for_is_passed() {
        assert_eq!(first_not_finite(&outer()), None);
        assert_eq!(first_not_finite(&serde_json::json!({ "a": [null, 1.5] })), None);
    }

    #[test]
    fn a_float_is_found_by_its_path() {
        let nan = || Inner { price: Some(f64::NAN) };
        let shape = |shape| Outer { by_number: BTreeMap::from([(7, Some(shape))]), ..outer() };
        let by_name = |name: &str| BTreeMap::from([(name.to_owned(), f64::NEG_INFINITY)]);
        for (value, expected) in [
            (Outer { inner: nan(), ..outer() }, "price"),
            (Outer { rows: vec![Inner { price: None }, nan()], ..outer() }, "rows[1].price"),
            (Outer { by_name: by_name("a"), ..outer() }, "by_name.a"),
            (Outer { by_name: by_name("a b"), ..outer() }, "by_name[\"a b\"]"),
            (shape(Shape::Circle { radius: f32::INFINITY }), "by_number.7.Circle.radius"),
            (shape(Shape::Square(f64::NAN)), "by_number.7.Square"),
            (shape(Shape::Box(0.0, f64::NAN)), "by_number.7.Box[1]"),
        ] {
            assert_eq!(first_not_finite(&value).unwrap().0, expected);
        }
        assert_eq!(first_not_finite(&f64::INFINITY), Some((String::new(), f64::INFINITY)));
    }
}
