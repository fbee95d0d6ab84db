//! User code as types: what `#[fsm_action]` and `#[continuation]` implement, and what the generated code demands.

use std::{future::Future, marker::PhantomData, pin::Pin};

use serde::{Serialize, de::DeserializeOwned};

use crate::{
    Result,
    context::{Context, Contexts, Scratch},
    erased::{AnyContinuation, AnyInput, Pages},
    id::TaskKey,
    machine::Machine,
    page::Page,
    services::{ServiceKey, Services},
    transaction::Transaction,
};

/// A boxed future, as the traits of this crate return it.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// One piece of user code of machine `M`: a state's action or entry or exit, or a transition's action.
///
/// `#[fsm_action]` on an async function implements it for a type of the function's name; it may be written by hand.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an action of machine `{M}`",
    label = "not an action of `{M}`",
    note = "an action of `{M}` is an async function with `#[fsm_action]` whose first argument is `{M}`'s `Context`"
)]
pub trait Action<M: Machine>: 'static {
    /// What the engine hands over besides the context: `()`, a [`Page`] in a continuation state, [`Contexts`] in a
    /// fan-in state. Any other type is refused where a state names the action.
    type Input: Send + 'static;
    /// What it answers; which types are good depends on the state that names it.
    type Output: Send + 'static;

    /// Whether it may run again for the same task, after an error or a crash.
    ///
    /// `#[fsm_action(external)]` says that it may not, unless it takes its key; a state that is retried cannot name it then.
    const MAY_REPEAT: bool = true;

    /// Whether it takes the step's [`Transaction`]; a worker whose store has no SQL does not start then.
    const IS_TRANSACTIONAL: bool = false;

    /// The services that `call` will ask for; a worker that lacks one does not start.
    #[must_use]
    fn services() -> &'static [ServiceKey] {
        &[]
    }

    /// Runs the action.
    ///
    /// # Errors
    /// The outer result is for what the action was to be given and is missing; its own errors are part of `Output`.
    ///
    /// # Cancel safety
    /// The future is dropped when the worker shuts down without waiting; the task is then run again elsewhere.
    fn call<'a>(cx: &'a mut Context<M>, input: Self::Input, env: Env<'a>) -> BoxFuture<'a, Result<Self::Output>>;
}

/// The types of an [`Action`], apart from it so that rustc has one reason to tell of a type that it does not find.
pub trait Types<M> {
    /// [`Action::Input`].
    type Input;
    /// [`Action::Output`].
    type Output;
}

/// The page source of a continuation state: an action that is visited once per page of its input.
///
/// `#[continuation(action)]` on an async function implements it for the action's type.
///
/// The action takes pages of the same items and tokens, which is checked where a state names it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is the action of a continuation state of `{M}`, but has no `#[continuation]` for `{M}`",
    label = "nothing says which pages of `{M}` it is run for",
    note = "write `#[continuation({Self})] async fn pages(cx: &Context, token: Option<Token>) -> fantasm::Result<Page<Item, Token>>`, with the `Context` of `{M}`'s generated module"
)]
pub trait Continuation<M: Machine>: 'static {
    /// What a page holds.
    type Item: Send + 'static;
    /// What names a page; stored as JSON with the page's task.
    type Token: Serialize + DeserializeOwned + Send + 'static;

    /// The services that `page` will ask for.
    #[must_use]
    fn page_services() -> &'static [ServiceKey] {
        &[]
    }

    /// Fetches the page that `token` names; the first page has none.
    ///
    /// The page's own next token is committed before the action runs. The same token must name the same page on
    /// every call: after a crash the page is fetched again.
    ///
    /// # Errors
    /// Whatever kept it from fetching the page; the task is retried by its policy.
    fn page<'a>(
        cx: &'a Context<M>,
        token: Option<Self::Token>,
        services: &'a Services,
    ) -> BoxFuture<'a, Result<Page<Self::Item, Self::Token>>>;
}

/// What an action may ask for beyond its context and input.
#[derive(Debug)]
pub struct Env<'a> {
    /// Shared by the phases of this task.
    pub scratch: &'a mut Scratch,
    /// Takes effect with the step.
    pub transaction: &'a mut Transaction,
    /// Shared by all tasks of the worker.
    pub services: &'a Services,
}

/// What the engine can hand to an action: nothing, a [`Page`] or [`Contexts`].
pub trait Input<M>: sealed::FromAny<M> + Send + Sized + 'static {}

/// Gives an input its type back.
pub(crate) fn input_from_any<M, I: Input<M>>(input: AnyInput, cx: &Context<M>) -> Result<I> {
    I::from_any(input, cx)
}

impl<M> Input<M> for () {}
impl<M: Machine> Input<M> for TaskKey {}
impl<M, T: Send + 'static, K: Send + 'static> Input<M> for Page<T, K> {}
impl<M: Machine> Input<M> for Contexts<M> {}

/// The input of an action that is handed nothing but its context.
#[diagnostic::on_unimplemented(
    message = "nothing gives this action a `{Self}`: its state is neither a continuation nor a fan-in",
    label = "takes a `{Self}`",
    note = "a `Page` is for the action of a state with `continuation: True`, `Contexts` are for one with `fan_in`",
    note = "a service of the worker is borrowed: `&{Self}`"
)]
pub trait NoInput<M>: Input<M> {}

impl<M> NoInput<M> for () {}

/// The task's key under a name by which the macro did not know it.
#[diagnostic::do_not_recommend]
impl<M: Machine> NoInput<M> for TaskKey {}

/// The input of an action that is handed the contexts that a fan-in gathered.
#[diagnostic::on_unimplemented(
    message = "the action of a fan-in state takes the gathered `Contexts` of `{M}`, not `{Self}`",
    label = "does not take the gathered contexts",
    note = "write `cx: &mut Context, batch: Contexts`, both from `{M}`'s generated module"
)]
pub trait ContextsInput<M>: Input<M> {}

impl<M: Machine> ContextsInput<M> for Contexts<M> {}

/// The input of action `A`, that is handed the pages of its own continuation.
#[diagnostic::on_unimplemented(
    message = "the action of a continuation state takes a `Page`, not `{Self}`",
    label = "does not take a page",
    note = "write `cx: &mut Context, page: Page<Item, Token>`, and `#[continuation({A})]` on the function that fetches the page"
)]
pub trait PageInput<M, A>: Input<M> {
    /// Where the pages come from.
    const SOURCE: &'static dyn AnyContinuation;
}

impl<M: Machine, A, T, K> PageInput<M, A> for Page<T, K>
where
    Named: PagesOf<Named, Named, A, M, T, K>,
    T: Send + 'static,
    K: Send + 'static,
{
    const SOURCE: &'static dyn AnyContinuation = Named::SOURCE;
}

/// That an action with a continuation takes no page is told at the continuation, and need not be told at the state again.
impl<M: Machine, A: Continuation<M>> PageInput<M, A> for () {
    const SOURCE: &'static dyn AnyContinuation = &Pages::<M, A>(PhantomData);
}

#[diagnostic::do_not_recommend]
impl<M: Machine, A: Continuation<M>> PageInput<M, A> for Contexts<M> {
    const SOURCE: &'static dyn AnyContinuation = &Pages::<M, A>(PhantomData);
}

/// What gives action `A` pages of these items and tokens.
///
/// `#[continuation(name)]` writes it for `name` and what that makes of [`Unnamed`], which no state asks for. While rustc does not
/// know the name it takes both for anything, so that the action that was meant does not lack its pages as well.
pub trait PagesOf<Name, By, A, M, T, K> {
    /// Where the pages come from.
    const SOURCE: &'static dyn AnyContinuation;
}

/// By its name: how a state asks for the pages of its action.
#[derive(Debug)]
pub enum Named {}

impl<M: Machine, A: Continuation<M>> PagesOf<Self, Self, A, M, A::Item, A::Token> for Named {
    const SOURCE: &'static dyn AnyContinuation = &Pages::<M, A>(PhantomData);
}

/// What a name makes of a type: the type itself, and while rustc does not know the name anything.
pub trait Unnamed<T> {
    /// The type.
    type Type;
}

impl<A, T> Unnamed<T> for A {
    type Type = T;
}

/// An action that takes a page, and so may have a continuation.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has a continuation, but takes no page",
    label = "takes no page",
    note = "add `page: Page<Item, Token>` to `{Self}`, and `continuation: True` to its state in fsm.yaml",
    note = "a type that implements `Action` by hand implements `Continuation` by hand as well"
)]
pub trait TakesPage {}

#[diagnostic::do_not_recommend]
impl<A: StandIn> TakesPage for A {}

/// What stands for the action of a continuation that is a function without its attribute.
pub trait StandIn {}

mod sealed {
    use crate::{
        Result,
        context::{Context, Contexts},
        erased::{AnyInput, Mismatch},
        id::TaskKey,
        machine::Machine,
        page::Page,
        unchecked::Unchecked,
    };

    /// Gives an input its type back.
    pub trait FromAny<M>: Sized {
        fn from_any(input: AnyInput, cx: &Context<M>) -> Result<Self>;
    }

    impl<M> FromAny<M> for () {
        fn from_any(_: AnyInput, _: &Context<M>) -> Result<Self> {
            Ok(())
        }
    }

    impl<M> FromAny<M> for Unchecked {
        fn from_any(_: AnyInput, _: &Context<M>) -> Result<Self> {
            Ok(Self)
        }
    }

    impl<M: Machine> FromAny<M> for TaskKey {
        fn from_any(_: AnyInput, cx: &Context<M>) -> Result<Self> {
            Ok(cx.idempotency_key())
        }
    }

    impl<M, T: 'static, K: 'static> FromAny<M> for Page<T, K> {
        fn from_any(input: AnyInput, _: &Context<M>) -> Result<Self> {
            let AnyInput::Page(page) = input else { return Err(Mismatch::of::<Self>()) };
            page.downcast().map(|page| *page).map_err(|_| Mismatch::of::<Self>())
        }
    }

    impl<M: Machine> FromAny<M> for Contexts<M> {
        fn from_any(input: AnyInput, _: &Context<M>) -> Result<Self> {
            let AnyInput::Contexts(contexts) = input else { return Err(Mismatch::of::<Self>()) };
            contexts.iter().map(|json| crate::codec::decode(json)).collect::<Result<_>>().map(Self::new)
        }
    }
}

/// Finds the machine behind the type of an action's first argument, which is written through the alias `Context`.
#[diagnostic::on_unimplemented(
    message = "the first argument of a fantasm action is the machine's context, not `{Self}`",
    label = "this is no `Context`",
    note = "write `cx: &mut Context`, with the `Context` of the machine's generated module"
)]
pub trait ContextOf {
    /// The machine.
    type Machine: Machine;
}

impl<M: Machine> ContextOf for Context<M> {
    type Machine = M;
}

/// The same of a type that is not called as contexts are, where `true` says that it is one nevertheless.
pub trait ContextByPlace<const IS_CONTEXT: bool> {
    /// The machine.
    type Machine: Machine;
}

impl<M: Machine> ContextByPlace<true> for Context<M> {
    type Machine = M;
}
