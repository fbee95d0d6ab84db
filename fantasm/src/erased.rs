//! Actions without their types, so that one registry can hold them all.

use std::{
    any::{Any, type_name},
    fmt,
    marker::PhantomData,
};

use crate::{
    Error, Result,
    action::{Action, BoxFuture, Continuation, Env, Input},
    answer::{Answer, Event, IntoEnd, IntoEvent, IntoFinalAnswer, IntoNothing},
    codec,
    context::{Context, Facts, Parts},
    engine::Effects,
    machine::Machine,
    services::{ServiceKey, Services},
};

/// A `Context<M>` whose `M` only the actions know.
pub struct AnyContext(Box<dyn Any + Send + Sync>);

/// An action's input whose type only the action knows.
pub enum AnyInput {
    Nothing,
    Page(Box<dyn Any + Send>),
    Contexts(Vec<String>),
}

/// A page as the engine sees it: the next token, and the page itself unless there is nothing to do on it.
pub struct AnyPage {
    pub(crate) next: Option<String>,
    pub(crate) page: Option<Box<dyn Any + Send>>,
}

/// Reads and writes the contexts of one machine.
pub trait Codec: Send + Sync {
    /// Reads a stored context.
    fn decode(&self, json: &str, facts: Facts) -> Result<AnyContext>;
    /// Writes a context and the forks that were asked for.
    fn encode(&self, cx: AnyContext) -> Result<Effects>;
}

/// A state's action, or an entry, exit or transition's action.
pub trait AnyAction: Send + Sync {
    /// The services it will ask for.
    fn services(&self) -> &'static [ServiceKey];
    /// Whether it takes the step's transaction.
    fn is_transactional(&self) -> bool;
    /// Runs it on a context and an input whose types it knows.
    fn run<'a>(&'a self, cx: &'a mut AnyContext, input: AnyInput, env: Env<'a>) -> BoxFuture<'a, Result<Answer>>;
}

/// A continuation state's page source.
pub trait AnyContinuation: Send + Sync {
    /// The services it will ask for.
    fn services(&self) -> &'static [ServiceKey];
    /// Fetches the page that the token names, which is JSON; the first page has none.
    fn page<'a>(
        &'a self,
        cx: &'a AnyContext,
        token: Option<&str>,
        services: &'a Services,
    ) -> BoxFuture<'a, Result<AnyPage>>;
}

/// The generated code joined two types that do not belong together; rustc checks that it does not.
#[derive(Debug, thiserror::Error)]
#[error("fantasm handed over something else than the `{0}` that the action takes; please report this as a bug")]
pub(crate) struct Mismatch(&'static str);

impl Mismatch {
    pub(crate) fn of<T>() -> Error {
        Error::permanent(Self(type_name::<T>()))
    }
}

/// Names types without holding values of them.
type Types<T> = PhantomData<fn() -> T>;

/// The codec of machine `M`.
pub(crate) struct CodecOf<M>(pub(crate) Types<M>);
/// Action `A` of a state of `M` that is not final and emits `E`.
pub(crate) struct Ongoing<M, E, A>(pub(crate) Types<(M, E, A)>);
/// Action `A` of a final state of `M` that may emit `E`.
pub(crate) struct Final<M, E, A>(pub(crate) Types<(M, E, A)>);
/// Action `A` of a final state of `M` that no transition leaves and that emits nothing.
pub(crate) struct End<M, E, A>(pub(crate) Types<(M, E, A)>);
/// Entry, exit or transition's action `A` of `M`.
pub(crate) struct HookOf<M, A>(pub(crate) Types<(M, A)>);
/// The continuation of action `A` of `M`.
pub(crate) struct Pages<M, A>(pub(crate) Types<(M, A)>);

impl<M: Machine> Codec for CodecOf<M> {
    fn decode(&self, json: &str, facts: Facts) -> Result<AnyContext> {
        let data: M = codec::decode(json)?;
        Ok(AnyContext(Box::new(Context::with_facts(data, facts))))
    }

    fn encode(&self, cx: AnyContext) -> Result<Effects> {
        let cx: Context<M> = *cx.0.downcast().map_err(|_| Mismatch::of::<Context<M>>())?;
        let Parts { data, forks, spawns, queue } = cx.into_parts();
        let write = |what, data: &M| codec::encode(what, data).map_err(Error::permanent);
        queue.as_deref().map_or(Ok(()), codec::check_queue).map_err(Error::permanent)?;
        Ok(Effects {
            context: write("context", &data)?,
            forks: forks.iter().map(|fork| write("fork's context", fork)).collect::<Result<_>>()?,
            spawns: spawns
                .into_iter()
                .map(|spawn| spawn.and_then(codec::check_start))
                .collect::<Result<_, _>>()
                .map_err(Error::permanent)?,
            queue,
            statements: Vec::new(),
        })
    }
}

/// Gives context and input their types back, and runs the action.
async fn call<'a, M: Machine, A: Action<M, Input: Input<M>>>(
    cx: &'a mut AnyContext,
    input: AnyInput,
    env: Env<'a>,
) -> Result<A::Output> {
    let cx = cx.0.downcast_mut::<Context<M>>().ok_or_else(Mismatch::of::<Context<M>>)?;
    let input = crate::action::input_from_any::<M, A::Input>(input, cx)?;
    A::call(cx, input, env).await
}

/// The action of one kind of state, by the trait of what answers it.
macro_rules! any_action {
    ($action:ident, $answer:ident) => {
        impl<M: Machine, E: Event, A: Action<M, Input: Input<M>, Output: $answer<E>>> AnyAction for $action<M, E, A> {
            fn services(&self) -> &'static [ServiceKey] {
                A::services()
            }

            fn is_transactional(&self) -> bool {
                A::IS_TRANSACTIONAL
            }

            fn run<'a>(
                &'a self,
                cx: &'a mut AnyContext,
                input: AnyInput,
                env: Env<'a>,
            ) -> BoxFuture<'a, Result<Answer>> {
                Box::pin(async move { call::<M, A>(cx, input, env).await?.into_answer() })
            }
        }
    };
}
any_action!(Ongoing, IntoEvent);
any_action!(Final, IntoFinalAnswer);
any_action!(End, IntoEnd);

impl<M: Machine, A: Action<M, Input: Input<M>, Output: IntoNothing>> AnyAction for HookOf<M, A> {
    fn services(&self) -> &'static [ServiceKey] {
        A::services()
    }

    fn is_transactional(&self) -> bool {
        A::IS_TRANSACTIONAL
    }

    fn run<'a>(&'a self, cx: &'a mut AnyContext, input: AnyInput, env: Env<'a>) -> BoxFuture<'a, Result<Answer>> {
        Box::pin(async move { call::<M, A>(cx, input, env).await?.into_nothing().map(|()| Answer::Nothing) })
    }
}

impl<M: Machine, A: Continuation<M>> AnyContinuation for Pages<M, A> {
    fn services(&self) -> &'static [ServiceKey] {
        A::page_services()
    }

    fn page<'a>(
        &'a self,
        cx: &'a AnyContext,
        token: Option<&str>,
        services: &'a Services,
    ) -> BoxFuture<'a, Result<AnyPage>> {
        let token = token.map(codec::decode::<A::Token>).transpose();
        Box::pin(async move {
            let cx = cx.0.downcast_ref::<Context<M>>().ok_or_else(Mismatch::of::<Context<M>>)?;
            let page = A::page(cx, token?, services).await?;
            let write = |token| codec::encode("continuation token", token).map_err(Error::permanent);
            Ok(AnyPage {
                next: page.next().map(write).transpose()?,
                page: if page.is_skipped() { None } else { Some(Box::new(page) as Box<_>) },
            })
        })
    }
}

/// One shape for `Debug` where there is nothing to show but the type's name.
macro_rules! opaque_debug {
    ($($name:ty),+) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(stringify!($name))
            }
        }
    )+};
}
opaque_debug!(AnyContext, AnyInput, AnyPage, dyn Codec, dyn AnyAction, dyn AnyContinuation);
