//! What generated code may name, and nothing else may: changes in any release.

use std::marker::PhantomData;

pub use jiff;
pub use serde;
pub use serde_json;

use crate::{
    Error, Result,
    action::{ContextsInput, NoInput, PageInput},
    answer::{IntoEnd, IntoEvent, IntoFinalAnswer, IntoNothing},
    argument::{Lent, MutArgument, ValueArgument},
    context::Scratch,
    effect,
    emits::{self, Emits},
    erased::{CodecOf, End, Final, HookOf, Ongoing},
    id::TaskKey,
    transaction::Transaction,
};
pub use crate::{
    action::{
        Action, BoxFuture, ContextByPlace, ContextOf, Continuation, Env, Named, PagesOf, StandIn, TakesPage, Types,
        Unnamed,
    },
    answer::{Answer, Event, IntoPage},
    argument::{Given, OtherType, Taken},
    asking::Asking,
    context::Facts,
    emits::IntoEmitted,
    engine::LogLevel,
    erased::{AnyAction, AnyContinuation, Codec},
    machine::{Countdown, Machine, MachineDescriptor, OnFinish, StateDescriptor, TransitionDescriptor},
    name::check_event_name,
    registry::{Registration, StateActions},
    retry::RetryPolicy,
    services::{ServiceKey, Services},
    told::{AnsweredBy, Answers, Told, check_emits, check_external, fetched, missing, sent, told, told_emitted},
    unchecked::{Unchecked, no_pages},
};

/// What the wiring of a machine takes in.
pub mod wiring {
    pub use super::{
        Countdown, Hook, LogLevel, Machine, MachineDescriptor, OnFinish, Registration, RetryPolicy, StateActions,
        StateDescriptor, TransitionDescriptor, codec, end_fan_in_state, end_page_state, end_state, fan_in_hook,
        fan_in_state, final_fan_in_state, final_page_state, final_state, hook, page_state, state,
    };
    pub use crate::unchecked::{
        NoAttribute as Action, NoAttribute as Entry, NoAttribute as Exit, NoAttribute as OnTheWay,
        ToldBefore as ActionAgain, ToldBefore as EntryAgain, ToldBefore as ExitAgain, ToldBefore as OnTheWayAgain,
    };
}

/// An entry, an exit or a transition's action, whoever it is.
pub type Hook = &'static dyn AnyAction;

/// The codec of a machine's contexts.
#[must_use]
pub const fn codec<M: Machine>() -> &'static dyn Codec {
    &CodecOf::<M>(PhantomData)
}

/// A type, between signs that may have a place.
pub type Same<T> = T;
/// The items of what a continuation answers.
pub type ItemOf<P> = <P as IntoPage>::Item;
/// The tokens of what a continuation answers.
pub type TokenOf<P> = <P as IntoPage>::Token;

/// What the arguments of type `&mut T` are taken from.
pub fn lend<'a>(scratch: &'a mut Scratch, transaction: &'a mut Transaction) -> Lent<'a> {
    Lent { scratch: Some(scratch), transaction: Some(transaction) }
}

/// An action's argument of type `&mut T`.
pub fn by_mut<'a, T: MutArgument>(lent: &mut Lent<'a>) -> Result<&'a mut T> {
    T::take(lent).ok_or_else(|| Error::permanent("an action takes the same thing by `&mut` twice"))
}

/// An action's argument of type `T`, which is not its input.
#[must_use]
pub fn by_value<T: ValueArgument>(key: TaskKey) -> T {
    T::take(key)
}

/// Fails to compile for what an action does not take by `&T`.
pub const fn check_service(given: Given) {
    match given {
        Given::Service => {}
        Given::Context => panic!("an action has one context, its first argument: take it out of this place"),
        Given::Input => panic!("an action takes its page or its contexts by value: leave the `&` out"),
        Given::Key => panic!("an action takes its key by value: leave the `&` out"),
        Given::Scratch | Given::Transaction => {
            panic!("an action takes the scratch and the step's transaction by `&mut`")
        }
    }
}

/// Fails to compile for what a continuation does not take by `&T`.
pub const fn check_page_service(given: Given) {
    if !matches!(given, Given::Service) {
        panic!(
            "beside its context and its token a continuation takes services; what belongs to the step is the action's"
        );
    }
}

/// Fails to compile for a type that an action takes by `&mut` when it has taken the other one.
pub const fn check_once(first: Given, again: Given) {
    match (first, again) {
        (Given::Scratch, Given::Scratch) | (Given::Transaction, Given::Transaction) => {
            panic!("an action takes the scratch and the step's transaction once each")
        }
        _ => {}
    }
}

/// Fails to compile for what is no context.
#[must_use]
pub const fn check_context(given: Given) -> bool {
    match given {
        Given::Context => true,
        _ => {
            panic!("the first argument is the machine's context: write `cx: &mut Context`, or `cx: &Context` for pages")
        }
    }
}

/// Fails to compile for an action that takes no page.
pub const fn takes_page<A: TakesPage>() {}

/// Fails to compile for an action that does not fit its state, unless the macro has checked it, at its own tokens.
const fn check<M: Machine>(state: Asking, checked: Option<()>, emits: Option<Emits>, may_repeat: bool) {
    if checked.is_some() {
        return;
    }
    if let Some(emits) = emits {
        emits::check(&emits, &state);
    }
    effect::check::<M>(&state, may_repeat);
}

/// The same of an entry, an exit or a transition's action.
const fn check_hook(checked: Option<()>, may_repeat: bool) {
    if checked.is_none() {
        effect::check_hook(may_repeat);
    }
}

// Each function below is named on one line of generated code, which ends in the action's place in fsm.yaml. What it asks of
// the action is asked there and nowhere else, so that one mistake is one error, and rustc quotes the line.

/// A state that is not final.
#[must_use]
pub const fn state<M: Machine, E: Event, A: Action<M, Input: NoInput<M>, Output: IntoEvent<E>>>() -> StateActions {
    check::<M>(
        Asking::of::<E>(false),
        <A::Output as IntoEvent<E>>::CHECKED,
        <A::Output as IntoEvent<E>>::EMITS,
        A::MAY_REPEAT,
    );
    StateActions::new().action(&Ongoing::<M, E, A>(PhantomData))
}

/// A final state.
#[must_use]
pub const fn final_state<M: Machine, E: Event, A: Action<M, Input: NoInput<M>, Output: IntoFinalAnswer<E>>>()
-> StateActions {
    check::<M>(
        Asking::of::<E>(true),
        <A::Output as IntoFinalAnswer<E>>::CHECKED,
        <A::Output as IntoFinalAnswer<E>>::EMITS,
        A::MAY_REPEAT,
    );
    StateActions::new().action(&Final::<M, E, A>(PhantomData))
}

/// A final state that no transition leaves.
#[must_use]
pub const fn end_state<M: Machine, E: Event, A: Action<M, Input: NoInput<M>, Output: IntoEnd<E>>>() -> StateActions {
    check::<M>(
        Asking::of::<E>(true),
        <A::Output as IntoEnd<E>>::CHECKED,
        <A::Output as IntoEnd<E>>::EMITS,
        A::MAY_REPEAT,
    );
    StateActions::new().action(&End::<M, E, A>(PhantomData))
}

/// A continuation state that is not final.
#[must_use]
pub const fn page_state<M: Machine, E: Event, A: Action<M, Input: PageInput<M, A>, Output: IntoEvent<E>>>()
-> StateActions {
    check::<M>(
        Asking::of::<E>(false),
        <A::Output as IntoEvent<E>>::CHECKED,
        <A::Output as IntoEvent<E>>::EMITS,
        A::MAY_REPEAT,
    );
    StateActions::new().action(&Ongoing::<M, E, A>(PhantomData)).continuation(A::Input::SOURCE)
}

/// A final continuation state.
#[must_use]
pub const fn final_page_state<
    M: Machine,
    E: Event,
    A: Action<M, Input: PageInput<M, A>, Output: IntoFinalAnswer<E>>,
>() -> StateActions {
    check::<M>(
        Asking::of::<E>(true),
        <A::Output as IntoFinalAnswer<E>>::CHECKED,
        <A::Output as IntoFinalAnswer<E>>::EMITS,
        A::MAY_REPEAT,
    );
    StateActions::new().action(&Final::<M, E, A>(PhantomData)).continuation(A::Input::SOURCE)
}

/// A final continuation state that no transition leaves.
#[must_use]
pub const fn end_page_state<M: Machine, E: Event, A: Action<M, Input: PageInput<M, A>, Output: IntoEnd<E>>>()
-> StateActions {
    check::<M>(
        Asking::of::<E>(true),
        <A::Output as IntoEnd<E>>::CHECKED,
        <A::Output as IntoEnd<E>>::EMITS,
        A::MAY_REPEAT,
    );
    StateActions::new().action(&End::<M, E, A>(PhantomData)).continuation(A::Input::SOURCE)
}

/// A fan-in state that is not final.
#[must_use]
pub const fn fan_in_state<M: Machine, E: Event, A: Action<M, Input: ContextsInput<M>, Output: IntoEvent<E>>>()
-> StateActions {
    check::<M>(
        Asking::of::<E>(false),
        <A::Output as IntoEvent<E>>::CHECKED,
        <A::Output as IntoEvent<E>>::EMITS,
        A::MAY_REPEAT,
    );
    StateActions::new().action(&Ongoing::<M, E, A>(PhantomData))
}

/// A final fan-in state.
#[must_use]
pub const fn final_fan_in_state<
    M: Machine,
    E: Event,
    A: Action<M, Input: ContextsInput<M>, Output: IntoFinalAnswer<E>>,
>() -> StateActions {
    check::<M>(
        Asking::of::<E>(true),
        <A::Output as IntoFinalAnswer<E>>::CHECKED,
        <A::Output as IntoFinalAnswer<E>>::EMITS,
        A::MAY_REPEAT,
    );
    StateActions::new().action(&Final::<M, E, A>(PhantomData))
}

/// A final fan-in state that no transition leaves.
#[must_use]
pub const fn end_fan_in_state<M: Machine, E: Event, A: Action<M, Input: ContextsInput<M>, Output: IntoEnd<E>>>()
-> StateActions {
    check::<M>(
        Asking::of::<E>(true),
        <A::Output as IntoEnd<E>>::CHECKED,
        <A::Output as IntoEnd<E>>::EMITS,
        A::MAY_REPEAT,
    );
    StateActions::new().action(&End::<M, E, A>(PhantomData))
}

/// An entry, an exit or a transition's action.
#[must_use]
pub const fn hook<M: Machine, A: Action<M, Input: NoInput<M>, Output: IntoNothing>>() -> Hook {
    check_hook(<A::Output as IntoNothing>::CHECKED, A::MAY_REPEAT);
    &HookOf::<M, A>(PhantomData)
}

/// The entry of a fan-in state.
#[must_use]
pub const fn fan_in_hook<M: Machine, A: Action<M, Input: ContextsInput<M>, Output: IntoNothing>>() -> Hook {
    check_hook(<A::Output as IntoNothing>::CHECKED, A::MAY_REPEAT);
    &HookOf::<M, A>(PhantomData)
}
