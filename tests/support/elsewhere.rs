//! A store whose calls run on another runtime, for tests on paused time.

use std::{
    future,
    sync::{Arc, OnceLock},
    thread,
};

use fantasm::store::{Store, StoreFuture};
use tokio::runtime::{Builder, Handle};

use crate::{Backend, Layer};

/// Runs each call on a runtime whose time is real, and lets its caller stand still meanwhile.
///
/// A paused runtime moves its time on as soon as it has nothing to do but wait, and so it would while a query is on its way.
/// Here its thread is blocked until the answer has come: whatever a call takes, no time passes.
#[derive(Debug)]
pub struct Elsewhere(Arc<dyn Store>);

impl Elsewhere {
    /// The store of a backend that was made on [the other runtime](Elsewhere::runtime).
    #[must_use]
    pub fn new(backend: &Backend) -> Self {
        Self(backend.store())
    }

    /// The other runtime. A thread of its own drives its timers and connections.
    ///
    /// # Panics
    /// When it cannot be made.
    pub fn runtime() -> &'static Handle {
        static RUNTIME: OnceLock<Handle> = OnceLock::new();
        RUNTIME.get_or_init(|| {
            let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime can be made");
            let handle = runtime.handle().clone();
            thread::spawn(move || runtime.block_on(future::pending::<()>()));
            handle
        })
    }
}

impl Layer for Elsewhere {
    fn below(&self) -> &dyn Store {
        &*self.0
    }

    fn call<'a, T: Send + 'a>(&'a self, call: StoreFuture<'a, T>) -> StoreFuture<'a, T> {
        Box::pin(async move {
            let answer = thread::scope(|scope| scope.spawn(|| Self::runtime().block_on(call)).join());
            answer.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })
    }
}
