//! Durable state machines, checked by the compiler.

mod action;
mod answer;
mod client;
mod clock;
mod codec;
mod context;
mod engine;
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
pub mod store;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod worker;

pub use crate::{
    action::{Action, BoxFuture, Continuation, Env, Input},
    answer::{Answer, Event},
    client::{Client, Run, RunError, Start, StartError},
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
    worker::{Worker, WorkerBuilder, WorkerError},
};
