//! Durable state machines, checked by the compiler.

mod action;
mod answer;
mod clock;
mod codec;
mod context;
mod erased;
mod error;
mod id;
mod machine;
mod page;
#[doc(hidden)]
pub mod private;
mod registry;
mod retry;
mod services;

#[cfg(any(test, feature = "testing"))]
pub use crate::clock::ManualClock;
pub use crate::{
    action::{Action, BoxFuture, Continuation, Env, Input},
    answer::{Answer, Event},
    clock::{Clock, SystemClock},
    codec::MAX_CONTEXT_BYTES,
    context::{Context, Contexts, Scratch},
    error::{Error, ErrorKind, Result},
    id::{InstanceId, TaskId, TaskKey, WindowId, WorkerId},
    machine::{Countdown, FanInDescriptor, Machine, MachineDescriptor, StateDescriptor, TransitionDescriptor},
    page::Page,
    registry::Registration,
    retry::RetryPolicy,
    services::{ServiceKey, Services},
};
