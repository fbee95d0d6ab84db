//! Contexts and continuation tokens as JSON: what goes in comes out, or the step fails and says why.

use serde::{Serialize, de::DeserializeOwned};

use crate::{Error, Result, engine::Start, machine::Machine};

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
    /// It would not come back as it is.
    #[error(
        "the {0} would not come back as it is from its JSON (a float that is not a number, or a type that reads \
         other than it writes)"
    )]
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
    // A NaN is written as null, which no float reads back: found here, the error is that of the guilty step.
    serde_json::from_str::<T>(&json).map_err(|error| ContextError::OneWay(what, error))?;
    Ok(json)
}

/// Reads a value that was stored.
pub(crate) fn decode<T: DeserializeOwned>(json: &str) -> Result<T> {
    serde_json::from_str(json).map_err(|error| Error::permanent(ContextError::Read(error)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_not_come_back_is_refused() {
        assert!(matches!(encode("context", &f64::NAN), Err(ContextError::OneWay(..))));
        assert_eq!(encode("context", &1.5).unwrap(), "1.5");
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
