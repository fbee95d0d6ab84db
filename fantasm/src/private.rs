//! What generated code may name, and nothing else may: changes in any release.

use std::marker::PhantomData;

pub use jiff;
pub use serde;
pub use serde_json;

use crate::{
    Error, Result,
    action::{ContextsInput, Lent, MutArgument, NoInput, PageInput},
    answer::{IntoEnd, IntoEvent, IntoFinalAnswer, IntoNothing},
    context::Scratch,
    effect, emits,
    erased::{CodecOf, Final, HookOf, Ongoing},
    transaction::Transaction,
};
pub use crate::{
    action::{Action, BoxFuture, ContextOf, Continuation, Env, NoTransaction, Taken, TakesPage},
    answer::{Event, IntoPage, Unchecked},
    context::Facts,
    emits::IntoEmitted,
    engine::LogLevel,
    erased::{AnyAction, AnyContinuation, Codec},
    machine::{Countdown, Machine, MachineDescriptor, OnFinish, StateDescriptor, TransitionDescriptor},
    name::check_event_name,
    registry::{Registration, StateActions},
    retry::RetryPolicy,
    services::{ServiceKey, Services},
};

/// An entry, an exit or a transition's action, whoever it is.
pub type Hook = &'static dyn AnyAction;

/// The codec of a machine's contexts.
#[must_use]
pub const fn codec<M: Machine>() -> &'static dyn Codec {
    &CodecOf::<M>(PhantomData)
}

/// What the arguments of type `&mut T` are taken from.
pub fn lend<'a>(scratch: &'a mut Scratch, transaction: &'a mut Transaction) -> Lent<'a> {
    Lent { scratch: Some(scratch), transaction: Some(transaction) }
}

/// An action's argument of type `&mut T`.
pub fn by_mut<'a, T: MutArgument>(lent: &mut Lent<'a>) -> Result<&'a mut T> {
    T::take(lent).ok_or_else(|| Error::permanent("an action takes the same thing by `&mut` twice"))
}

/// Fails to compile for an action that takes no page.
pub const fn takes_page<A: TakesPage>() {}

// Each function below is named on one line of generated code, which ends in the action's place in fsm.yaml. What it asks of
// the action is asked there and nowhere else, so that one mistake is one error, and rustc quotes the line.

/// A state that is not final.
#[must_use]
pub const fn state<M: Machine, E: Event, A: Action<M, Input: NoInput<M>, Output: IntoEvent<E>>>() -> StateActions {
    emits::check::<E>(<A::Output as IntoEvent<E>>::EMITS);
    effect::check::<M>(E::STATE, A::MAY_REPEAT);
    StateActions::new().action(&Ongoing::<M, E, A>(PhantomData))
}

/// A final state.
#[must_use]
pub const fn final_state<M: Machine, E: Event, A: Action<M, Input: NoInput<M>, Output: IntoFinalAnswer<E>>>()
-> StateActions {
    emits::check::<E>(<A::Output as IntoFinalAnswer<E>>::EMITS);
    effect::check::<M>(E::STATE, A::MAY_REPEAT);
    StateActions::new().action(&Final::<M, E, A>(PhantomData))
}

/// A final state that no transition leaves.
#[must_use]
pub const fn end_state<M: Machine, E: Event, A: Action<M, Input: NoInput<M>, Output: IntoEnd<E>>>() -> StateActions {
    emits::check::<E>(<A::Output as IntoFinalAnswer<E>>::EMITS);
    effect::check::<M>(E::STATE, A::MAY_REPEAT);
    StateActions::new().action(&Final::<M, E, A>(PhantomData))
}

/// A continuation state that is not final.
#[must_use]
pub const fn page_state<M: Machine, E: Event, A: Action<M, Input: PageInput<M, A>, Output: IntoEvent<E>>>()
-> StateActions {
    emits::check::<E>(<A::Output as IntoEvent<E>>::EMITS);
    effect::check::<M>(E::STATE, A::MAY_REPEAT);
    StateActions::new().action(&Ongoing::<M, E, A>(PhantomData)).continuation(A::Input::SOURCE)
}

/// A final continuation state.
#[must_use]
pub const fn final_page_state<
    M: Machine,
    E: Event,
    A: Action<M, Input: PageInput<M, A>, Output: IntoFinalAnswer<E>>,
>() -> StateActions {
    emits::check::<E>(<A::Output as IntoFinalAnswer<E>>::EMITS);
    effect::check::<M>(E::STATE, A::MAY_REPEAT);
    StateActions::new().action(&Final::<M, E, A>(PhantomData)).continuation(A::Input::SOURCE)
}

/// A final continuation state that no transition leaves.
#[must_use]
pub const fn end_page_state<M: Machine, E: Event, A: Action<M, Input: PageInput<M, A>, Output: IntoEnd<E>>>()
-> StateActions {
    emits::check::<E>(<A::Output as IntoFinalAnswer<E>>::EMITS);
    effect::check::<M>(E::STATE, A::MAY_REPEAT);
    StateActions::new().action(&Final::<M, E, A>(PhantomData)).continuation(A::Input::SOURCE)
}

/// A fan-in state that is not final.
#[must_use]
pub const fn fan_in_state<M: Machine, E: Event, A: Action<M, Input: ContextsInput<M>, Output: IntoEvent<E>>>()
-> StateActions {
    emits::check::<E>(<A::Output as IntoEvent<E>>::EMITS);
    effect::check::<M>(E::STATE, A::MAY_REPEAT);
    StateActions::new().action(&Ongoing::<M, E, A>(PhantomData))
}

/// A final fan-in state.
#[must_use]
pub const fn final_fan_in_state<
    M: Machine,
    E: Event,
    A: Action<M, Input: ContextsInput<M>, Output: IntoFinalAnswer<E>>,
>() -> StateActions {
    emits::check::<E>(<A::Output as IntoFinalAnswer<E>>::EMITS);
    effect::check::<M>(E::STATE, A::MAY_REPEAT);
    StateActions::new().action(&Final::<M, E, A>(PhantomData))
}

/// A final fan-in state that no transition leaves.
#[must_use]
pub const fn end_fan_in_state<M: Machine, E: Event, A: Action<M, Input: ContextsInput<M>, Output: IntoEnd<E>>>()
-> StateActions {
    emits::check::<E>(<A::Output as IntoFinalAnswer<E>>::EMITS);
    effect::check::<M>(E::STATE, A::MAY_REPEAT);
    StateActions::new().action(&Final::<M, E, A>(PhantomData))
}

/// An entry, an exit or a transition's action.
#[must_use]
pub const fn hook<M: Machine, A: Action<M, Input: NoInput<M>, Output: IntoNothing>>() -> Hook {
    effect::check_hook(A::MAY_REPEAT);
    &HookOf::<M, A>(PhantomData)
}

/// The entry of a fan-in state.
#[must_use]
pub const fn fan_in_hook<M: Machine, A: Action<M, Input: ContextsInput<M>, Output: IntoNothing>>() -> Hook {
    effect::check_hook(A::MAY_REPEAT);
    &HookOf::<M, A>(PhantomData)
}
