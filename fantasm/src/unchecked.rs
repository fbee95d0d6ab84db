//! What stands for user code that has an error of its own: it fits everywhere, so that the error stays alone.

use std::marker::PhantomData;

use crate::{
    Error, Result,
    action::{Action, BoxFuture, ContextsInput, Continuation, Env, Input, NoInput, PageInput},
    answer::{Answer, Event, IntoEnd, IntoEvent, IntoFinalAnswer, IntoNothing},
    context::Context,
    erased::{AnyContinuation, Pages},
    machine::Machine,
    page::Page,
    services::Services,
};

/// The answer or the input of a function that has an error of its own.
#[derive(Debug)]
#[non_exhaustive]
pub struct Unchecked;

#[diagnostic::do_not_recommend]
impl<E: Event> IntoEvent<E> for Unchecked {
    fn into_answer(self) -> Result<Answer> {
        Ok(Answer::Nothing)
    }
}

#[diagnostic::do_not_recommend]
impl<E: Event> IntoFinalAnswer<E> for Unchecked {
    fn into_answer(self) -> Result<Answer> {
        Ok(Answer::Nothing)
    }
}

#[diagnostic::do_not_recommend]
impl<E: Event> IntoEnd<E> for Unchecked {
    fn into_answer(self) -> Result<Answer> {
        Ok(Answer::Nothing)
    }
}

impl IntoNothing for Unchecked {
    fn into_nothing(self) -> Result<()> {
        Ok(())
    }
}

#[diagnostic::do_not_recommend]
impl<M> Input<M> for Unchecked {}

#[diagnostic::do_not_recommend]
impl<M> NoInput<M> for Unchecked {}

#[diagnostic::do_not_recommend]
impl<M> ContextsInput<M> for Unchecked {}

#[diagnostic::do_not_recommend]
impl<M: Machine, A: 'static> PageInput<M, A> for Unchecked {
    const SOURCE: &'static dyn AnyContinuation = &Pages::<M, Self>(PhantomData);
}

impl<M: Machine> Continuation<M> for Unchecked {
    type Item = ();
    type Token = ();

    fn page<'a>(_: &'a Context<M>, _: Option<()>, _: &'a Services) -> BoxFuture<'a, Result<Page<(), ()>>> {
        Box::pin(async { Ok(Page::skip(None)) })
    }
}

/// The pages of an action that nobody knows.
#[must_use]
pub const fn no_pages<M: Machine>() -> &'static dyn AnyContinuation {
    &Pages::<M, Unchecked>(PhantomData)
}

/// What an action's name means as a type where there is a function of the name and nothing else.
///
/// Generated code has it around under the names that it gives to actions, and each import of an action hides it, unless what is
/// imported is no type.
#[derive(Debug)]
#[non_exhaustive]
pub struct NoAttribute;

/// What holds of no function without the attribute, whatever its machine.
#[diagnostic::on_unimplemented(
    message = "the function that is named here has no `#[fsm_action]`",
    label = "a function, but no action yet",
    note = "write `#[fsm_action]` on the line above its `async fn`"
)]
pub trait HasAttribute<M> {}

impl<M: Machine> Action<M> for NoAttribute
where
    Self: HasAttribute<M>,
{
    type Input = Unchecked;
    type Output = Unchecked;

    fn call<'a>(_: &'a mut Context<M>, _: Unchecked, _: Env<'a>) -> BoxFuture<'a, Result<Unchecked>> {
        no_attribute()
    }
}

/// The same, where the function has been named before.
#[derive(Debug)]
#[non_exhaustive]
pub struct ToldBefore;

impl<M: Machine> Action<M> for ToldBefore {
    type Input = Unchecked;
    type Output = Unchecked;

    fn call<'a>(_: &'a mut Context<M>, _: Unchecked, _: Env<'a>) -> BoxFuture<'a, Result<Unchecked>> {
        no_attribute()
    }
}

fn no_attribute<'a>() -> BoxFuture<'a, Result<Unchecked>> {
    Box::pin(async { Err(Error::permanent("a function without `#[fsm_action]` is no action")) })
}
