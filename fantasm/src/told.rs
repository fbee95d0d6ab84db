//! Answers of actions that the macro has written: they know their function, so that rustc can show there what does not fit.

use std::{fmt, future::Future, marker::PhantomData};

use crate::{
    Error, Result,
    action::{BoxFuture, Types},
    answer::{Answer, Event, IntoEnd, IntoEvent, IntoFinalAnswer, IntoNothing, IntoPage},
    asking::Asking,
    effect,
    emits::{self, Emits, IntoEmitted},
    machine::Machine,
    page::Page,
};

/// What action `A` has answered; `T` is what parts its [`Types`].
pub struct Told<A: Types<T>, T>(pub A::Output);

/// Makes of a function's future that of its action.
pub fn told<'a, A, T, F>(future: F) -> BoxFuture<'a, Result<Told<A, T>>>
where
    A: Types<T>,
    F: Future<Output = A::Output> + Send + 'a,
{
    Box::pin(async move { Ok(Told(future.await)) })
}

/// The same of an action that answers an event of its own list.
pub fn told_emitted<'a, E, A, T, O, F>(future: F) -> BoxFuture<'a, Result<Told<A, T>>>
where
    O: IntoEmitted<E>,
    A: Types<T, Output = Result<O::Emitted>>,
    F: Future<Output = O> + Send + 'a,
{
    Box::pin(async move { Ok(Told(future.await.into_emitted())) })
}

/// A continuation's future, which may move between threads.
pub fn sent<'a, F: Future + Send + 'a>(future: F) -> BoxFuture<'a, F::Output> {
    Box::pin(future)
}

/// Makes of a continuation's future that of its page.
pub fn fetched<'a, T, K, P>(future: BoxFuture<'a, P>) -> BoxFuture<'a, Result<Page<T, K>>>
where
    P: IntoPage<Item = T, Token = K> + 'a,
{
    Box::pin(async move { future.await.into_page() })
}

/// The same of what an action or a continuation was to be given and is missing.
pub fn missing<'a, O: 'a>(error: Error) -> BoxFuture<'a, Result<O>> {
    Box::pin(async { Err(error) })
}

/// An action that answers what is asked of it.
///
/// The attribute writes it for whatever may be asked, under a condition that stands at what the function answers.
pub trait Answers<T, Q>: Types<T> {
    /// The question, of which is known that it is answered.
    type By: AnsweredBy<Self::Output>;

    /// Fails to compile for what only values tell.
    const CHECK: () = ();
}

/// What a state or a transition asks of an action.
pub trait Question {
    /// The state that asks; nothing of an entry, an exit or a transition's action.
    const STATE: Option<Asking>;
}

/// A question to which `O` is an answer.
pub trait AnsweredBy<O>: Question {
    /// What the action may answer, where that is a list of its own.
    const EMITS: Option<Emits>;

    /// Reads the answer.
    ///
    /// # Errors
    /// The error the action answered with.
    fn read(answer: O) -> Result<Answer>;
}

/// Fails to compile for an action with a list of its own that is not that of the state.
pub const fn check_emits<Q: AnsweredBy<O>, O>() {
    if let (Some(emits), Some(state)) = (Q::EMITS, Q::STATE) {
        emits::check(&emits, &state);
    }
}

/// Fails to compile for an external action that may run twice.
pub const fn check_external<M: Machine, Q: Question>(may_repeat: bool) {
    match Q::STATE {
        Some(state) => effect::check::<M>(&state, may_repeat),
        None => effect::check_hook(may_repeat),
    }
}

/// Which event of a state that is not final?
#[derive(Debug)]
pub struct WhichEvent<E>(PhantomData<E>);
/// Which event of a final state, if any?
#[derive(Debug)]
pub struct WhetherEvent<E>(PhantomData<E>);
/// Has a state that no transition leaves ended?
#[derive(Debug)]
pub struct Ended<E>(PhantomData<E>);
/// Has an entry, an exit or a transition's action ended?
#[derive(Debug)]
pub struct Done;

/// One question, by the trait of what answers it, and whether that may be nothing.
macro_rules! question {
    ($question:ident, $answer:ident, $may_end:literal) => {
        impl<E: Event> Question for $question<E> {
            const STATE: Option<Asking> = Some(Asking::of::<E>($may_end));
        }

        impl<E: Event, O: $answer<E>> AnsweredBy<O> for $question<E> {
            const EMITS: Option<Emits> = O::EMITS;

            fn read(answer: O) -> Result<Answer> {
                answer.into_answer()
            }
        }

        impl<E: Event, A: Answers<T, $question<E>>, T> $answer<E> for Told<A, T> {
            const CHECKED: Option<()> = Some(A::CHECK);

            fn into_answer(self) -> Result<Answer> {
                A::By::read(self.0)
            }
        }
    };
}
question!(WhichEvent, IntoEvent, false);
question!(WhetherEvent, IntoFinalAnswer, true);
question!(Ended, IntoEnd, true);

impl Question for Done {
    const STATE: Option<Asking> = None;
}

impl<O: IntoNothing> AnsweredBy<O> for Done {
    const EMITS: Option<Emits> = None;

    fn read(answer: O) -> Result<Answer> {
        answer.into_nothing().map(|()| Answer::Nothing)
    }
}

impl<A: Answers<T, Done>, T> IntoNothing for Told<A, T> {
    const CHECKED: Option<()> = Some(A::CHECK);

    fn into_nothing(self) -> Result<()> {
        A::By::read(self.0).map(|_| ())
    }
}

impl<A: Types<T>, T> fmt::Debug for Told<A, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Told")
    }
}
