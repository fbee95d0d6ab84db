//! What an action may answer, checked against the state that names it.

use crate::{
    Error, Result,
    asking::Asking,
    emits::{Emits, Emitted, MaybeEmitted},
    page::Page,
};

/// The events that one state emits: the enum that is generated for it.
pub trait Event: Copy + Send + 'static {
    /// The name of the state, as fsm.yaml has it; for the list of a shared action, the name of the action.
    const STATE: &'static str;
    /// The names of all its events, as fsm.yaml has them.
    const NAMES: &'static [&'static str];
    /// Where fsm.yaml names the state's action, for the messages of the compiler.
    #[doc(hidden)]
    const PLACE: &'static str = "";
    /// The state before this one that names the same action.
    #[doc(hidden)]
    const BEFORE: Option<&'static Asking> = None;

    /// The event's name, as fsm.yaml has it.
    fn name(self) -> &'static str;
}

/// The errors that an action or a continuation may answer with.
#[diagnostic::on_unimplemented(
    message = "an action or a continuation answers with an error, and `{Self}` is none",
    label = "no `std::error::Error` that is `Send + Sync + 'static`",
    note = "return `fantasm::Result<…>`, into which `?` turns every error, or an error type of your own",
    note = "a text becomes an error with `fantasm::Error::permanent(…)` or `fantasm::Error::retryable(…)`"
)]
pub trait IntoError {
    /// The error as the engine reads it.
    fn into_error(self) -> Error;
}

#[diagnostic::do_not_recommend]
impl<X: Into<Error>> IntoError for X {
    fn into_error(self) -> Error {
        self.into()
    }
}

/// What an action answered, as the engine reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// The event that selects the next transition.
    Event(&'static str),
    /// Nothing: this branch ends here.
    Nothing,
}

/// The answers of a state that is not final: an event, always.
#[diagnostic::on_unimplemented(
    message = "the action of state `{E}`, which is not final, answers one of its events, not `{Self}`",
    label = "not an event of `{E}`",
    note = "return `fantasm::Result<{E}>`; only the action of a final state may answer nothing"
)]
pub trait IntoEvent<E: Event> {
    /// What it may answer, where that is a list of its own and not the state's.
    const EMITS: Option<Emits> = None;

    /// Whether everything has been checked where the action is, which fails to compile for what does not fit.
    const CHECKED: Option<()> = None;

    /// Reads the answer.
    ///
    /// # Errors
    /// The error the action answered with.
    fn into_answer(self) -> Result<Answer>;
}

impl<E: Event> IntoEvent<E> for E {
    fn into_answer(self) -> Result<Answer> {
        Ok(Answer::Event(self.name()))
    }
}

#[diagnostic::do_not_recommend]
impl<E: Event, T: Event> IntoEvent<E> for Emitted<T> {
    const EMITS: Option<Emits> = Some(Emits::always(T::NAMES));

    fn into_answer(self) -> Result<Answer> {
        Ok(Answer::Event(self.0.name()))
    }
}

// That the state is not final is told with its place.
#[diagnostic::do_not_recommend]
impl<E: Event, T: Event> IntoEvent<E> for MaybeEmitted<T> {
    const EMITS: Option<Emits> = Some(Emits::perhaps(T::NAMES));

    fn into_answer(self) -> Result<Answer> {
        Ok(self.0.map_or(Answer::Nothing, |event| Answer::Event(event.name())))
    }
}

impl<E: Event, T: IntoEvent<E>, X: IntoError> IntoEvent<E> for Result<T, X> {
    const EMITS: Option<Emits> = T::EMITS;

    fn into_answer(self) -> Result<Answer> {
        self.map_err(IntoError::into_error)?.into_answer()
    }
}

/// The answers of a final state: an event, or nothing.
#[diagnostic::on_unimplemented(
    message = "the action of the final state `{E}` answers one of its events or nothing, not `{Self}`",
    label = "neither an event of `{E}` nor `()`",
    note = "return `fantasm::Result<Option<{E}>>`, or `fantasm::Result<()>` to end here"
)]
pub trait IntoFinalAnswer<E: Event> {
    /// What it may answer, where that is a list of its own and not the state's.
    const EMITS: Option<Emits> = None;

    /// Whether everything has been checked where the action is, which fails to compile for what does not fit.
    const CHECKED: Option<()> = None;

    /// Reads the answer.
    ///
    /// # Errors
    /// The error the action answered with.
    fn into_answer(self) -> Result<Answer>;
}

impl<E: Event> IntoFinalAnswer<E> for () {
    fn into_answer(self) -> Result<Answer> {
        Ok(Answer::Nothing)
    }
}

impl<E: Event> IntoFinalAnswer<E> for E {
    fn into_answer(self) -> Result<Answer> {
        Ok(Answer::Event(self.name()))
    }
}

impl<E: Event> IntoFinalAnswer<E> for Option<E> {
    fn into_answer(self) -> Result<Answer> {
        Ok(self.map_or(Answer::Nothing, |event| Answer::Event(event.name())))
    }
}

#[diagnostic::do_not_recommend]
impl<E: Event, T: Event> IntoFinalAnswer<E> for Emitted<T> {
    const EMITS: Option<Emits> = Some(Emits::always(T::NAMES));

    fn into_answer(self) -> Result<Answer> {
        Ok(Answer::Event(self.0.name()))
    }
}

#[diagnostic::do_not_recommend]
impl<E: Event, T: Event> IntoFinalAnswer<E> for MaybeEmitted<T> {
    const EMITS: Option<Emits> = Some(Emits::perhaps(T::NAMES));

    fn into_answer(self) -> Result<Answer> {
        Ok(self.0.map_or(Answer::Nothing, |event| Answer::Event(event.name())))
    }
}

impl<E: Event, T: IntoFinalAnswer<E>, X: IntoError> IntoFinalAnswer<E> for Result<T, X> {
    const EMITS: Option<Emits> = T::EMITS;

    fn into_answer(self) -> Result<Answer> {
        self.map_err(IntoError::into_error)?.into_answer()
    }
}

/// The answers of a final state that no transition leaves: nothing.
#[diagnostic::on_unimplemented(
    message = "the action of state `{E}`, which no transition leaves, answers nothing, not `{Self}`",
    label = "`{E}` has no events",
    note = "return `fantasm::Result<()>`, or give the state a transition for the event in fsm.yaml"
)]
pub trait IntoEnd<E: Event> {
    /// What it may answer, where that is a list of its own and not the state's.
    const EMITS: Option<Emits> = None;

    /// Whether everything has been checked where the action is, which fails to compile for what does not fit.
    const CHECKED: Option<()> = None;

    /// Reads the answer.
    ///
    /// # Errors
    /// The error the action answered with.
    fn into_answer(self) -> Result<Answer>;
}

impl<E: Event> IntoEnd<E> for () {
    fn into_answer(self) -> Result<Answer> {
        Ok(Answer::Nothing)
    }
}

impl<E: Event> IntoEnd<E> for Option<E> {
    fn into_answer(self) -> Result<Answer> {
        IntoFinalAnswer::<E>::into_answer(self)
    }
}

// That the state has none of these events is told with their names.
#[diagnostic::do_not_recommend]
impl<E: Event, T: Event> IntoEnd<E> for Emitted<T> {
    const EMITS: Option<Emits> = Some(Emits::always(T::NAMES));

    fn into_answer(self) -> Result<Answer> {
        IntoFinalAnswer::<E>::into_answer(self)
    }
}

#[diagnostic::do_not_recommend]
impl<E: Event, T: Event> IntoEnd<E> for MaybeEmitted<T> {
    const EMITS: Option<Emits> = Some(Emits::perhaps(T::NAMES));

    fn into_answer(self) -> Result<Answer> {
        IntoFinalAnswer::<E>::into_answer(self)
    }
}

impl<E: Event, T: IntoEnd<E>, X: IntoError> IntoEnd<E> for Result<T, X> {
    const EMITS: Option<Emits> = T::EMITS;

    fn into_answer(self) -> Result<Answer> {
        self.map_err(IntoError::into_error)?.into_answer()
    }
}

/// The answers of an entry, an exit or a transition's action: nothing, or an error.
#[diagnostic::on_unimplemented(
    message = "an entry, an exit or a transition's action answers nothing, not `{Self}`",
    label = "not `()`",
    note = "return `fantasm::Result<()>`; only a state's `action` selects the next event"
)]
pub trait IntoNothing {
    /// Whether everything has been checked where the action is, which fails to compile for what does not fit.
    const CHECKED: Option<()> = None;

    /// Reads the answer.
    ///
    /// # Errors
    /// The error the action answered with.
    fn into_nothing(self) -> Result<()>;
}

impl IntoNothing for () {
    fn into_nothing(self) -> Result<()> {
        Ok(())
    }
}

impl<X: IntoError> IntoNothing for Result<(), X> {
    fn into_nothing(self) -> Result<()> {
        self.map_err(IntoError::into_error)
    }
}

/// What a continuation may answer: a page, or an error.
#[diagnostic::on_unimplemented(
    message = "a continuation answers a page, not `{Self}`",
    label = "not a `Page`",
    note = "return `fantasm::Result<Page<Item, Token>>`"
)]
pub trait IntoPage {
    /// What the page holds.
    type Item;
    /// What names the next page.
    type Token;

    /// Reads the answer.
    ///
    /// # Errors
    /// The error the continuation answered with.
    fn into_page(self) -> Result<Page<Self::Item, Self::Token>>;
}

impl<T, K> IntoPage for Page<T, K> {
    type Item = T;
    type Token = K;

    fn into_page(self) -> Result<Self> {
        Ok(self)
    }
}

impl<P: IntoPage, X: IntoError> IntoPage for Result<P, X> {
    type Item = P::Item;
    type Token = P::Token;

    fn into_page(self) -> Result<Page<Self::Item, Self::Token>> {
        self.map_err(IntoError::into_error)?.into_page()
    }
}
