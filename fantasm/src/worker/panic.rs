//! User code that panics fails its task, not the worker.

use std::{
    any::{Any, type_name},
    future::{Future, poll_fn},
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    task::Poll,
};

use super::phases::Interrupt;
use crate::{Error, log};

/// Runs user code, and turns a panic into an error that is retried like any other.
///
/// What the code was working on is dropped with it and read again by the next attempt; a service that it left
/// half-changed behind a lock is poisoned, as everywhere in Rust.
pub(super) async fn caught<T>(code: impl Future<Output = Result<T, Interrupt>>) -> Result<T, Interrupt> {
    let mut code = pin!(code);
    poll_fn(|cx| {
        catch_unwind(AssertUnwindSafe(|| code.as_mut().poll(cx)))
            .unwrap_or_else(|panic| Poll::Ready(Err(Interrupt::Error(Error::retryable(message(panic))))))
    })
    .await
}

/// An error as text, of a length that can be stored; its `Display` is user code as well.
pub(super) fn text_of(error: &Error) -> String {
    let text = catch_unwind(AssertUnwindSafe(|| error.to_string()));
    log::bounded(text.unwrap_or_else(|panic| format!("an error whose text {}", message(panic))))
}

/// Drops what user code has handed over; that is user code as well, and what it is about has been done.
pub(super) fn drop_quietly<T>(value: T) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| drop(value))) {
        tracing::error!(kind = type_name::<T>(), "a value of user code panicked when it was dropped");
        // It may panic again when it is dropped, and so on.
        std::mem::forget(panic);
    }
}

fn message(panic: Box<dyn Any + Send>) -> String {
    let text = panic.downcast_ref::<&str>().copied().or(panic.downcast_ref::<String>().map(String::as_str));
    let message = format!("panicked: {}", text.unwrap_or("(no message)"));
    drop_quietly(panic);
    message
}
