//! A value of the file as it was written, without any meaning.

use crate::integer::Integer;
use crate::scalar::Value;
use crate::yaml::{Kind, Node};

/// A YAML value that is shown as it was written.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum Literal {
    /// `null`, or nothing at all.
    #[default]
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Integer(Integer),
    /// Any other number.
    Float(f64),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Self>),
    /// A mapping, in file order.
    Map(Vec<(String, Self)>),
}

impl From<&Node> for Literal {
    fn from(node: &Node) -> Self {
        match &node.kind {
            Kind::List(items) => Self::List(items.iter().map(Self::from).collect()),
            Kind::Map(entries) => {
                Self::Map(entries.iter().map(|entry| (entry.key.text(), Self::from(&entry.value))).collect())
            }
            Kind::Scalar(scalar) => match scalar.value() {
                Value::Null => Self::Null,
                Value::Bool(value) => Self::Bool(value),
                Value::Integer(Some(number)) => Self::Integer(number.into()),
                Value::Float(number) => Self::Float(number),
                Value::Integer(None) | Value::Date => Self::Text(scalar.text.clone()),
                Value::Text(text) => Self::Text(text.to_owned()),
            },
        }
    }
}
