//! Actions that several states share: the events of their own list, checked against each state that names them.

use crate::{
    Result,
    answer::{Event, IntoError},
    text::{Text, contains},
};

/// An event of an action's own list, on its way to the state that names the action.
#[derive(Debug, Clone, Copy)]
pub struct Emitted<T>(pub(crate) T);

/// The answers of an action with `emits`: an event of its own list, or nothing.
#[diagnostic::on_unimplemented(
    message = "an action with `emits` answers an event of its own list, `{T}`, not `{Self}`",
    label = "not a `{T}`",
    note = "return `fantasm::Result<{T}>`, or `fantasm::Result<Option<{T}>>` for final states"
)]
pub trait IntoEmitted<T> {
    /// The same answer, ready for any state.
    type Emitted: Send + 'static;

    /// Reads the answer.
    ///
    /// # Errors
    /// The error the action answered with.
    fn into_emitted(self) -> Result<Self::Emitted>;
}

impl<T: Event> IntoEmitted<T> for T {
    type Emitted = Emitted<T>;

    fn into_emitted(self) -> Result<Emitted<T>> {
        Ok(Emitted(self))
    }
}

impl<T: Event> IntoEmitted<T> for Option<T> {
    type Emitted = Option<Emitted<T>>;

    fn into_emitted(self) -> Result<Option<Emitted<T>>> {
        Ok(self.map(Emitted))
    }
}

impl<T: Event, O: IntoEmitted<T>, X: IntoError> IntoEmitted<T> for Result<O, X> {
    type Emitted = O::Emitted;

    fn into_emitted(self) -> Result<O::Emitted> {
        self.map_err(IntoError::into_error)?.into_emitted()
    }
}

/// Fails to compile unless an action with a list of its own emits the very events of its state.
///
/// That every event is emitted is asked too, because rustc sees no value of the state's own enum here.
pub(crate) const fn check(emits: &[&str], (state, events, place): (&str, &[&str], &str)) {
    let mut at = 0;
    while at < emits.len() {
        if !contains(events, emits[at]) {
            let text =
                Text::new().push("the action emits `").push(emits[at]).push("`, for which ").push_state(state, place);
            panic!("{}", text.push(" has no transition; it has: ").push_list(events).as_str());
        }
        at += 1;
    }
    at = 0;
    while at < events.len() {
        if !contains(emits, events[at]) {
            let text = Text::new().push("the action never emits `").push(events[at]).push("`, for which ");
            let text = text.push_state(state, place).push(" has a transition; it emits: ");
            panic!("{}", text.push_list(emits).as_str());
        }
        at += 1;
    }
}
