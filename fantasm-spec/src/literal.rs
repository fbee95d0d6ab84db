//! A value of the file as it was written, without any meaning.

use crate::integer::Integer;

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
    List(Vec<Literal>),
    /// A mapping, in file order.
    Map(Vec<(String, Literal)>),
}
