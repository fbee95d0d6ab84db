//! What generated code may name, and nothing else may: changes in any release.

use std::marker::PhantomData;

pub use serde;
pub use serde_json;

pub use crate::{
    action::{Action, BoxFuture, ContextOf, Continuation, Env},
    answer::Event,
    context::Facts,
    erased::{AnyAction, AnyContinuation, Codec},
    machine::{Countdown, Machine, MachineDescriptor, StateDescriptor, TransitionDescriptor},
    registry::{Registration, StateActions},
    retry::RetryPolicy,
    services::{ServiceKey, Services},
};
use crate::{
    answer::{IntoEvent, IntoFinalAnswer, IntoNothing},
    context::Contexts,
    erased::{CodecOf, Final, Hook, Ongoing, Pages},
};

/// The codec of a machine's contexts.
#[must_use]
pub const fn codec<M: Machine>() -> &'static dyn Codec {
    &CodecOf::<M>(PhantomData)
}

/// The action of a state that is not final.
#[must_use]
pub const fn action<M: Machine, E: Event, A: Action<M, Input = (), Output: IntoEvent<E>>>() -> &'static dyn AnyAction {
    &Ongoing::<M, E, A>(PhantomData)
}

/// The action of a final state.
#[must_use]
pub const fn final_action<M: Machine, E: Event, A: Action<M, Input = (), Output: IntoFinalAnswer<E>>>()
-> &'static dyn AnyAction {
    &Final::<M, E, A>(PhantomData)
}

/// The action of a continuation state that is not final.
#[must_use]
pub const fn page_action<M: Machine, E: Event, A: Continuation<M> + Action<M, Output: IntoEvent<E>>>()
-> &'static dyn AnyAction {
    &Ongoing::<M, E, A>(PhantomData)
}

/// The action of a final continuation state.
#[must_use]
pub const fn final_page_action<M: Machine, E: Event, A: Continuation<M> + Action<M, Output: IntoFinalAnswer<E>>>()
-> &'static dyn AnyAction {
    &Final::<M, E, A>(PhantomData)
}

/// The action of a fan-in state that is not final.
#[must_use]
pub const fn fan_in_action<M: Machine, E: Event, A: Action<M, Input = Contexts<M>, Output: IntoEvent<E>>>()
-> &'static dyn AnyAction {
    &Ongoing::<M, E, A>(PhantomData)
}

/// The action of a final fan-in state.
#[must_use]
pub const fn final_fan_in_action<
    M: Machine,
    E: Event,
    A: Action<M, Input = Contexts<M>, Output: IntoFinalAnswer<E>>,
>() -> &'static dyn AnyAction {
    &Final::<M, E, A>(PhantomData)
}

/// The page source of a continuation state.
#[must_use]
pub const fn continuation<M: Machine, A: Continuation<M>>() -> &'static dyn AnyContinuation {
    &Pages::<M, A>(PhantomData)
}

/// An entry, an exit or a transition's action.
#[must_use]
pub const fn hook<M: Machine, A: Action<M, Input = (), Output: IntoNothing>>() -> &'static dyn AnyAction {
    &Hook::<M, A>(PhantomData)
}

/// The entry of a fan-in state.
#[must_use]
pub const fn fan_in_hook<M: Machine, A: Action<M, Input = Contexts<M>, Output: IntoNothing>>() -> &'static dyn AnyAction
{
    &Hook::<M, A>(PhantomData)
}
