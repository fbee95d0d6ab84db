//! Durable state machines, checked by the compiler.
//!
//! You draw a long or large piece of work as states and events in `fsm.yaml`, and write what happens in them as async
//! functions. The build makes types of the file, so that what does not fit together does not compile; what compiles runs to
//! its end, through crashes.
//!
//! - [`include_machines!`], [`fsm_action`](macro@fsm_action) and [`continuation`](macro@continuation) join file and code.
//! - A [`Worker`] runs what is to be done, on a [store]; a [`Client`] starts [runs](Run) and waits for their end.
//! - Actions are handed a [`Context`], a [`Page`] or [`Contexts`], a [`Transaction`], and the worker's services.
//! - [`Immediate`], and with the feature `testing` a worker on a clock that is moved, run machines without waiting.
//!
//! The [guide] says what is guaranteed, and how everything is meant; its [first chapter](guide::guarantees) names the tests
//! that hold the code to it.

mod action;
mod answer;
mod argument;
mod asking;
mod builtin;
mod client;
mod clock;
mod codec;
mod context;
mod effect;
mod emits;
mod engine;
mod erased;
mod error;
mod finite;
pub mod guide;
mod headers;
mod id;
mod immediate;
mod log;
mod machine;
mod name;
mod page;
pub mod pages;
mod patience;
#[doc(hidden)]
pub mod private;
mod registry;
mod renamed;
mod retry;
mod services;
pub mod store;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod text;
mod told;
mod transaction;
mod unchecked;
#[cfg(feature = "postgres")]
mod within;
mod worker;

pub use crate::{
    action::{Action, BoxFuture, Continuation, Env, Input},
    answer::{Answer, Event},
    client::{Client, IntoStart, RetryError, Run, RunError, Start, StartError},
    clock::{Clock, ManualClock, SystemClock},
    codec::{ContextError, MAX_CONTEXT_BYTES, MAX_HEADERS_BYTES, MAX_NAME_BYTES},
    context::{Context, Contexts, Scratch, Spawning},
    engine::{Closing, LogLevel, LogLine},
    error::{Error, ErrorKind, Result},
    headers::Headers,
    id::{InstanceId, TaskId, TaskKey, WindowId, WorkerId},
    immediate::{Ended, Immediate},
    log::Log,
    machine::{
        Countdown, FanInDescriptor, Machine, MachineDescriptor, OnFinish, StateDescriptor, TransitionDescriptor,
    },
    page::Page,
    registry::Registration,
    retry::RetryPolicy,
    services::{ServiceKey, Services},
    transaction::{SqlValue, Statement, Transaction},
    worker::{Worker, WorkerBuilder, WorkerError},
};

/// Makes an async function an action, which fsm.yaml can then name by the function's path.
///
/// The function stays as it is and can be called, from a unit test for one. Beside it a type of the same name appears, that
/// implements [`Action`]; it is this type that the generated code names.
///
/// The first argument is the machine's context, `cx: &mut Context` (or `&Context`). `Context` is the alias in the machine's
/// generated module, or `fantasm::Context<M>` for an action of all machines, or any alias of them; an action that takes one by
/// `&` has it end in `Context`, `Ctx` or `Cx`, so that a context that is missing can be told from a service. What else an action
/// takes, under any name:
///
/// | argument | what it is given |
/// |---|---|
/// | `page: Page<Item, Token>` | the page, in a state with `continuation: True`; see [`macro@continuation`] |
/// | `batch: Contexts` | the gathered contexts, in a state with `fan_in` |
/// | `scratch: &mut Scratch` | the [`Scratch`] of this task |
/// | `tx: &mut Transaction` | the step's [`Transaction`]: SQL that takes effect with the step |
/// | `service: &T` | the worker's service of type `T` |
/// | `key: TaskKey` | the key of this step, see [`Context::idempotency_key`] |
///
/// `#[fsm_action(emits("done", "failed"))]` lists the events of an action that several states share,
/// `#[fsm_action(external)]` marks one that changes the world outside, and on an `impl` the attribute makes an action of a type
/// with fields: see [the guide](guide::actions).
///
/// What a state's action answers is checked against the state: one of its events, wrapped in `Option` where a final state may
/// end, or `()` where it always does; each may be the value of a `Result`. An entry, an exit and a transition's action answer
/// `()`.
///
/// ```
/// # pub mod machines {
/// #     #[derive(Clone, serde::Serialize, serde::Deserialize)]
/// #     pub struct EmailBatch { pub campaign: String }
/// #     impl fantasm::Machine for EmailBatch {
/// #         const DESCRIPTOR: &'static fantasm::MachineDescriptor = &fantasm::MachineDescriptor::new("EmailBatch", &[]);
/// #     }
/// #     pub mod email_batch {
/// #         pub type Context = fantasm::Context<super::EmailBatch>;
/// #         pub enum SendEmail { Sent }
/// #     }
/// # }
/// # pub struct Subscriber { id: i64 }
/// # #[derive(Debug)] pub struct Mailer;
/// # impl Mailer { async fn send(&self, _: &str, _: &Subscriber) -> std::io::Result<()> { Ok(()) } }
/// use fantasm::{Page, fsm_action};
/// use crate::machines::email_batch::{Context, SendEmail};
///
/// /// Mails a page of subscribers.
/// #[fsm_action]
/// pub async fn send_email(
///     cx: &mut Context,
///     page: Page<Subscriber, i64>,
///     mailer: &Mailer,
/// ) -> fantasm::Result<Option<SendEmail>> {
///     for subscriber in &page {
///         mailer.send(&cx.campaign, subscriber).await?;
///     }
///     Ok(Some(SendEmail::Sent))
/// }
/// # fn main() {}
/// ```
pub use fantasm_macros::fsm_action;

/// Makes an async function the page source of an action, whose path stands in the parentheses.
///
/// It takes the context, which it can only read, the token of the page (none for the first page) and services. It answers a
/// [`Page`], or an alias of it that has `Page` in its name. The token of the next page is committed before the action works on
/// this page, so that both are worked on at once.
///
/// ```
/// # pub mod machines {
/// #     #[derive(Clone, serde::Serialize, serde::Deserialize)]
/// #     pub struct EmailBatch { pub campaign: String }
/// #     impl fantasm::Machine for EmailBatch {
/// #         const DESCRIPTOR: &'static fantasm::MachineDescriptor = &fantasm::MachineDescriptor::new("EmailBatch", &[]);
/// #     }
/// #     pub mod email_batch {
/// #         pub type Context = fantasm::Context<super::EmailBatch>;
/// #         pub enum SendEmail { Sent }
/// #     }
/// # }
/// # pub struct Subscriber { id: i64 }
/// # pub struct Db;
/// # impl Db { async fn subscribers(&self, _: &str, _: i64) -> std::io::Result<Vec<Subscriber>> { Ok(Vec::new()) } }
/// # #[fantasm::fsm_action] async fn send_email(_: &mut Context, _: Page<Subscriber, i64>) {}
/// use fantasm::{Page, continuation};
/// use crate::machines::email_batch::Context;
///
/// /// The subscribers after the one that the token names, a hundred at a time.
/// #[continuation(send_email)]
/// async fn subscribers(cx: &Context, token: Option<i64>, db: &Db) -> fantasm::Result<Page<Subscriber, i64>> {
///     let subscribers = db.subscribers(&cx.campaign, token.unwrap_or_default()).await?;
///     let last = subscribers.last().map(|subscriber| subscriber.id);
///     Ok(Page::new(subscribers, last))
/// }
/// # fn main() {}
/// ```
pub use fantasm_macros::continuation;

/// Takes in the code that `fantasm_build::compile` has generated from fsm.yaml: `machines::all()`, and for each machine its
/// data and the module with its context, states and events.
///
/// Everything that is wrong with fsm.yaml is told here, as errors at this line; and that the build script no longer reads it,
/// where the code is that of an earlier build.
///
/// ```text
/// pub mod machines {
///     fantasm::include_machines!();
/// }
/// ```
pub use fantasm_macros::include_machines;
