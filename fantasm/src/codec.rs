//! Contexts and continuation tokens as JSON: what goes in comes out, or the step fails and says why.

use serde::{Serialize, de::DeserializeOwned};

use crate::{Error, Result, engine::Start, finite::first_not_finite, machine::Machine};

/// The largest context or token that is stored: 256 KiB of JSON.
pub const MAX_CONTEXT_BYTES: usize = 256 * 1024;

/// The longest key of an instance or name of a queue: a database has them in an index, and bounds the rows of those.
pub const MAX_NAME_BYTES: usize = 512;

/// How long the headers of an instance are at most together: each claim of its tasks reads them.
pub const MAX_HEADERS_BYTES: usize = 8 * 1024;

/// Why a context or a continuation token could not be stored or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ContextError {
    /// Its type refuses to be written as JSON.
    #[error("cannot write the {0} as JSON")]
    Write(&'static str, #[source] serde_json::Error),
    /// A float of it is no number, or infinite: JSON writes `null` for that, which is no float and might be no value.
    #[error(
        "the {what} has a float that JSON cannot write: {} is {float}; leave it out where there is no number, or say it in words",
        if path.is_empty() { "it".to_owned() } else { format!("`{path}`") }
    )]
    NotFinite {
        /// A context or a continuation token.
        what: &'static str,
        /// Where it is: names of fields, keys and indices, as in `rows[3].price`.
        path: String,
        /// The float.
        float: f64,
    },
    /// It would not come back as it is.
    #[error("the {0} would not come back as it is from its JSON: a type of it reads other than it writes")]
    OneWay(&'static str, #[source] serde_json::Error),
    /// What is stored no longer fits its type.
    #[error("cannot read the stored context or token: its type has changed since it was written")]
    Read(#[source] serde_json::Error),
    /// Its machine was written by hand and names a state by an index that it does not have.
    #[error("the table of machine `{0}` names a state that is not in it: check the indices of its states")]
    Machine(&'static str),
    /// A key, the name of a queue or the headers are too long.
    #[error(
        "the {what} has {bytes} bytes, the limit is {limit}: take something shorter that stands for it, and keep the rest in the context"
    )]
    TooLong {
        /// What is too long.
        what: &'static str,
        /// How many bytes it has.
        bytes: usize,
        /// How many it may have.
        limit: usize,
    },
    /// A key, the name of a queue or that of a header is empty, which is nobody's wish.
    #[error("the {0} is empty: name one, or leave it out")]
    Empty(&'static str),
    /// The machine that is to follow cannot.
    #[error("machine `{0}` cannot follow an instance: its first state is a fan-in, or is not in its table")]
    Successor(&'static str),
    /// A webhook has no address.
    #[error("`{0}` is no address of a webhook: it begins with `https://` or `http://`")]
    Address(String),
    /// It has more than [`MAX_CONTEXT_BYTES`].
    #[error(
        "the {what} has {bytes} bytes of JSON, the limit is {MAX_CONTEXT_BYTES}: keep large data elsewhere and only its key \
         in the context"
    )]
    TooLarge {
        /// A context or a continuation token.
        what: &'static str,
        /// How many bytes its JSON has.
        bytes: usize,
    },
}

/// Writes the context that an instance of a machine starts with.
pub(crate) fn encode_start<M: Machine>(what: &'static str, context: &M) -> Result<String, ContextError> {
    if M::DESCRIPTOR.is_sound() { encode(what, context) } else { Err(ContextError::Machine(M::DESCRIPTOR.name)) }
}

/// Passes a start on, unless it says more than is to be said beside the context.
pub(crate) fn check_start(start: Start) -> Result<Start, ContextError> {
    start.key.as_deref().map_or(Ok(()), |key| check_name("instance's key", key))?;
    start.queue.as_deref().map_or(Ok(()), check_queue)?;
    start.headers.iter().try_for_each(|(name, _)| check_name("name of a header", name))?;
    let n_bytes = start.headers.iter().map(|(name, value)| name.len() + value.len()).sum();
    check_length("instance's headers", n_bytes, MAX_HEADERS_BYTES)?;
    Ok(start)
}

/// Refuses the name of a queue that is empty or too long.
pub(crate) fn check_queue(queue: &str) -> Result<(), ContextError> {
    check_name("queue's name", queue)
}

fn check_name(what: &'static str, name: &str) -> Result<(), ContextError> {
    if name.is_empty() { Err(ContextError::Empty(what)) } else { check_length(what, name.len(), MAX_NAME_BYTES) }
}

fn check_length(what: &'static str, bytes: usize, limit: usize) -> Result<(), ContextError> {
    if bytes > limit { Err(ContextError::TooLong { what, bytes, limit }) } else { Ok(()) }
}

/// Writes a value as JSON and makes sure that it can be read back.
pub(crate) fn encode<T: Serialize + DeserializeOwned>(what: &'static str, value: &T) -> Result<String, ContextError> {
    let json = serde_json::to_string(value).map_err(|error| ContextError::Write(what, error))?;
    if json.len() > MAX_CONTEXT_BYTES {
        return Err(ContextError::TooLarge { what, bytes: json.len() });
    }
    // A NaN is written as null, which an optional float reads back as none. Most contexts have no null at all.
    if json.contains("null")
        && let Some((path, float)) = first_not_finite(value)
    {
        return Err(ContextError::NotFinite { what, path, float });
    }
    // Found here, the error is that of the guilty step.
    serde_json::from_str::<T>(&json).map_err(|error| ContextError::OneWay(what, error))?;
    Ok(json)
}

/// Reads a value that was stored.
pub(crate) fn decode<T: DeserializeOwned>(json: &str) -> Result<T> {
    serde_json::from_str(json).map_err(|error| Error::permanent(ContextError::Read(error)))
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    /// Writes text and reads numbers.
    #[derive(Serialize, serde::Deserialize)]
    struct Other(#[serde(serialize_with = "as_text")] i64);

    fn as_text<S: serde::Serializer>(number: &i64, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_str(number)
    }

    #[test]
    fn what_would_not_come_back_is_refused() {
        assert!(matches!(encode("context", &Other(1)), Err(ContextError::OneWay(..))));
        assert_eq!(encode("context", &1.5).unwrap(), "1.5");
    }

    #[test]
    fn a_float_that_is_no_number_is_never_taken_for_none() {
        let told = |value: &HashMap<&'static str, Option<f64>>| match encode::<HashMap<String, Option<f64>>>(
            "context",
            &value.iter().map(|(name, float)| ((*name).to_owned(), *float)).collect(),
        ) {
            Ok(json) => json,
            Err(error) => error.to_string(),
        };
        assert_eq!(told(&HashMap::from([("price", None)])), r#"{"price":null}"#);
        let error = told(&HashMap::from([("price", Some(f64::NAN))]));
        assert!(error.starts_with("the context has a float that JSON cannot write: `price` is NaN"), "{error}");
        let error = encode("context", &f64::INFINITY).unwrap_err().to_string();
        assert!(error.contains("it is inf"), "{error}");
    }

    /// Numbers as they come, not as they are nice.
    #[test]
    fn every_float_comes_back_bit_by_bit() {
        let mut bits = 0x9e37_79b9_7f4a_7c15_u64;
        for _ in 0..100_000 {
            bits = bits.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let float = f64::from_bits(bits);
            if float.is_finite() {
                let back: f64 = decode(&encode("context", &float).unwrap()).unwrap();
                assert_eq!(back.to_bits(), bits, "{float}");
            }
        }
    }

    #[test]
    fn the_limit_is_on_the_json() {
        let fits = "x".repeat(MAX_CONTEXT_BYTES - 2);
        assert!(encode("context", &fits).is_ok());
        assert!(
            matches!(encode("context", &(fits + "x")), Err(ContextError::TooLarge { bytes, .. }) if bytes == MAX_CONTEXT_BYTES + 1)
        );
    }
}
