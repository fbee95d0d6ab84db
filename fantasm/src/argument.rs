//! What an action takes beside its input, and how rustc knows each by its type.

use std::marker::PhantomData;

use crate::{
    context::{Context, Contexts, Scratch},
    id::TaskKey,
    page::Page,
    transaction::Transaction,
};

/// What an action may take by `&mut` beside its context.
#[diagnostic::on_unimplemented(
    message = "an action takes by `&mut` only its context, the `Scratch` and the `Transaction`, not `{Self}`",
    label = "neither the `Scratch` nor the `Transaction`",
    note = "a service of the worker is shared by all actions: take it by `&`"
)]
pub trait MutArgument: Sized {
    /// Takes it from what the task lends, where it is once.
    fn take<'a>(lent: &mut Lent<'a>) -> Option<&'a mut Self>;
}

/// What an action may take by value beside its input.
#[diagnostic::on_unimplemented(
    message = "an action takes by value its `TaskKey` and one input, a page or the gathered contexts, not `{Self}` as well",
    label = "neither the input nor the `TaskKey`",
    note = "a service of the worker is borrowed: `&{Self}`"
)]
pub trait ValueArgument {
    /// Takes what the context knows.
    fn take(key: TaskKey) -> Self;
}

impl ValueArgument for TaskKey {
    fn take(key: TaskKey) -> Self {
        key
    }
}

/// The type of an argument, of which rustc knows what it is, whatever it is called.
///
/// What a type has by itself counts before what a trait gives to all types, so that any other type answers as well.
#[derive(Debug)]
pub struct Taken<T: ?Sized>(PhantomData<T>);

/// What the engine gives to an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Given {
    /// The machine's context.
    Context,
    /// A page, or the gathered contexts.
    Input,
    /// The task's key.
    Key,
    /// The scratch.
    Scratch,
    /// The step's transaction.
    Transaction,
    /// Any other type: one of the user's.
    Service,
}

impl<M> Taken<Context<M>> {
    /// What it is.
    pub const GIVEN: Given = Given::Context;
}

impl<M> Taken<Contexts<M>> {
    /// What it is.
    pub const GIVEN: Given = Given::Input;
}

impl<T, K> Taken<Page<T, K>> {
    /// What it is.
    pub const GIVEN: Given = Given::Input;
}

impl Taken<TaskKey> {
    /// What it is.
    pub const GIVEN: Given = Given::Key;
}

impl Taken<Scratch> {
    /// What it is.
    pub const GIVEN: Given = Given::Scratch;
}

impl Taken<Transaction> {
    /// What it is.
    pub const GIVEN: Given = Given::Transaction;
}

/// What holds for every other type, see [`Taken`].
pub trait OtherType {
    /// What it is.
    const GIVEN: Given = Given::Service;
}

impl<T: ?Sized> OtherType for Taken<T> {}

/// What a task lends to its actions, each once.
#[derive(Debug)]
pub struct Lent<'a> {
    pub(crate) scratch: Option<&'a mut Scratch>,
    pub(crate) transaction: Option<&'a mut Transaction>,
}

impl MutArgument for Scratch {
    fn take<'a>(lent: &mut Lent<'a>) -> Option<&'a mut Self> {
        lent.scratch.take()
    }
}

impl MutArgument for Transaction {
    fn take<'a>(lent: &mut Lent<'a>) -> Option<&'a mut Self> {
        lent.transaction.take()
    }
}
