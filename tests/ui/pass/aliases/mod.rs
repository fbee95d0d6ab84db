//! What the engine gives, under names that say nothing of it; and types of the author's that are called as it is.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use fantasm::{
    Page as Slice, TaskKey as Key, continuation, fsm_action,
    store::MemoryStore,
    testing::{ManualClock, StepWorker},
};
use machines::{
    Aliased,
    aliased::{Context, Load, Send},
};

mod machines {
    include!(concat!(env!("OUT_DIR"), "/aliases/fantasm.rs"));
}

type Job = Context;
type Rows = Slice<i64, i64>;

mod bank {
    /// A service, in spite of its name.
    #[derive(Debug, Default)]
    pub(super) struct Transaction(pub(super) std::sync::atomic::AtomicI64);
}

/// With a key it may run twice, whatever the key is called.
#[fsm_action(external)]
async fn load(cx: &mut Job, key: Key, sum: &Arc<bank::Transaction>) -> Load {
    assert_eq!(key, cx.idempotency_key());
    sum.0.store(0, Ordering::Relaxed);
    Load::Loaded
}

#[continuation(send)]
async fn pages(_cx: &Job, token: Option<i64>) -> fantasm::Result<Rows> {
    let first = token.unwrap_or(1);
    Ok(Slice::new(vec![first, first * 10], (first < 3).then_some(first + 1)))
}

#[fsm_action(external)]
async fn send(cx: &mut Job, rows: Rows, key: Key, sum: &Arc<bank::Transaction>) -> Send {
    assert_eq!(key, cx.idempotency_key());
    sum.0.fetch_add(rows.iter().sum(), Ordering::Relaxed);
    Send::Sent
}

macro_rules! actions {
    ($($name:ident($first:ty))*; $($by_machine:ident($context:ty))*) => {
        $(
            #[fsm_action]
            async fn $name(_cx: $first) {}
        )*
        $(
            #[fsm_action]
            async fn $by_machine(_cx: &mut $context) {}
        )*
    };
}
actions!(enter(&mut Context); done(Context));

#[tokio::test]
async fn names_say_nothing_and_types_do() {
    let sum = Arc::new(bank::Transaction(AtomicI64::new(7)));
    let clock = Arc::new(ManualClock::new());
    let worker = StepWorker::new(MemoryStore::with_clock(clock.clone()), clock).machines(machines::all());
    let mut worker = worker.service(Arc::clone(&sum));
    let run = worker.client().start(Aliased::default()).await.unwrap();
    worker.run_until_idle().await.unwrap();
    run.finished().await.unwrap();
    assert_eq!(sum.0.load(Ordering::Relaxed), (1 + 2 + 3) * 11);
}
