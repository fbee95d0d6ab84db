//! Actions that several states share: the events of their own list, checked against each state that names them.

use crate::{
    Result,
    answer::{Event, IntoError},
    asking::Asking,
    text::{Text, contains},
};

/// An event of an action's own list, on its way to the state that names the action.
#[derive(Debug, Clone, Copy)]
pub struct Emitted<T>(pub(crate) T);

/// The same of an action that may answer nothing.
#[derive(Debug, Clone, Copy)]
pub struct MaybeEmitted<T>(pub(crate) Option<T>);

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
    type Emitted = MaybeEmitted<T>;

    fn into_emitted(self) -> Result<MaybeEmitted<T>> {
        Ok(MaybeEmitted(self))
    }
}

impl<T: Event, O: IntoEmitted<T>, X: IntoError> IntoEmitted<T> for Result<O, X> {
    type Emitted = O::Emitted;

    fn into_emitted(self) -> Result<O::Emitted> {
        self.map_err(IntoError::into_error)?.into_emitted()
    }
}

/// What an action with a list of its own may answer.
#[derive(Debug, Clone, Copy)]
pub struct Emits {
    events: &'static [&'static str],
    or_nothing: bool,
}

impl Emits {
    /// One of these events in any case.
    pub(crate) const fn always(events: &'static [&'static str]) -> Self {
        Self { events, or_nothing: false }
    }

    /// One of these events or nothing.
    pub(crate) const fn perhaps(events: &'static [&'static str]) -> Self {
        Self { events, or_nothing: true }
    }
}

/// Fails to compile unless an action with a list of its own emits the very events of its state.
///
/// That every event is emitted is asked too, because rustc sees no value of the state's own enum here.
pub(crate) const fn check(emits: &Emits, asking: &Asking) {
    let Some(mismatch) = mismatch(emits, asking) else { return };
    let Asking { state, events, place, .. } = *asking;
    let text = Text::new().push("the action ");
    let text = match mismatch {
        Mismatch::NoTransition(event) => text
            .push("emits `")
            .push(event)
            .push("`, for which ")
            .push_state(state, place)
            .push(" has no transition; it has: ")
            .push_list(events),
        Mismatch::NeverEmitted(event) => text
            .push("never emits `")
            .push(event)
            .push("`, for which ")
            .push_state(state, place)
            .push(" has a transition; it emits: ")
            .push_list(emits.events),
        Mismatch::Nothing => text
            .push("may answer nothing, and ")
            .push_state(state, place)
            .push(" is not final; answer an event in any case, or write `final: True` there"),
    };
    panic!("{}", text.as_str());
}

/// How an action does not fit a state.
#[derive(Clone, Copy)]
enum Mismatch {
    NoTransition(&'static str),
    NeverEmitted(&'static str),
    Nothing,
}

/// The first mismatch that is not told for a state before as well.
const fn mismatch(emits: &Emits, asking: &Asking) -> Option<Mismatch> {
    let mut at = 0;
    while at < emits.events.len() {
        let told = Mismatch::NoTransition(emits.events[at]);
        if !contains(asking.events, emits.events[at]) && !is_told_before(told, asking) {
            return Some(told);
        }
        at += 1;
    }
    at = 0;
    while at < asking.events.len() {
        let told = Mismatch::NeverEmitted(asking.events[at]);
        if !contains(emits.events, asking.events[at]) && !is_told_before(told, asking) {
            return Some(told);
        }
        at += 1;
    }
    let is_nothing = emits.or_nothing && !asking.may_end && !is_told_before(Mismatch::Nothing, asking);
    if is_nothing { Some(Mismatch::Nothing) } else { None }
}

const fn is_told_before(mismatch: Mismatch, asking: &Asking) -> bool {
    let mut before = asking.before;
    while let Some(state) = before {
        let is_told = match mismatch {
            Mismatch::NoTransition(event) => !contains(state.events, event),
            Mismatch::NeverEmitted(event) => contains(state.events, event),
            Mismatch::Nothing => !state.may_end,
        };
        if is_told {
            return true;
        }
        before = state.before;
    }
    false
}
