//! A store that changes some methods of another.

use std::{fmt, num::NonZeroU32, time::Duration};

use fantasm::{
    InstanceId, TaskId, WorkerId,
    store::{
        Claim, Claiming, Commit, Instance, Lease, LogEntry, NewInstance, NewTask, Notifier, Started, Step, Store,
        StoreFuture, StoredTask,
    },
};
use jiff::Timestamp;

/// Makes the trait and the store of one list of methods.
macro_rules! layer {
    ($($name:ident($($argument:ident: $type:ty),*) -> $answer:ty;)+) => {
        /// Some methods of a [`Store`]; all others are those of the store below.
        pub trait Layer: fmt::Debug + Send + Sync + 'static {
            /// The store below.
            fn below(&self) -> &dyn Store;

            /// What becomes of every call that is not changed.
            fn call<'a, T: Send + 'a>(&'a self, call: StoreFuture<'a, T>) -> StoreFuture<'a, T> {
                call
            }

            /// [`Store::has_sql`]
            fn has_sql(&self) -> bool {
                self.below().has_sql()
            }

            $(
                #[doc = concat!("[`Store::", stringify!($name), "`]")]
                fn $name(&self, $($argument: $type),*) -> StoreFuture<'_, $answer> {
                    self.call(self.below().$name($($argument),*))
                }
            )+
        }

        impl<L: Layer> Store for Layered<L> {
            $(
                fn $name(&self, $($argument: $type),*) -> StoreFuture<'_, $answer> {
                    self.0.$name($($argument),*)
                }
            )+

            fn has_sql(&self) -> bool {
                self.0.has_sql()
            }

            fn schema(&self) -> Option<&str> {
                self.0.below().schema()
            }

            fn notifier(&self) -> &Notifier {
                self.0.below().notifier()
            }
        }
    };
}

/// A layer and all that is below it, as a store.
#[derive(Debug)]
pub struct Layered<L>(pub L);

layer! {
    introduce(starts: Vec<NewInstance>) -> ();
    start(instances: Vec<NewInstance>) -> Vec<Started>;
    register(worker: WorkerId, lease: Duration) -> ();
    renew(worker: WorkerId, lease: Duration) -> ();
    claim(claiming: Claiming) -> Vec<Claim>;
    next_due(claiming: Claiming) -> Option<Duration>;
    advance(lease: Lease, next: NewTask) -> bool;
    seal(lease: Lease) -> Vec<String>;
    commit(lease: Lease, commit: Commit) -> ();
    release(lease: Lease, delay: Duration) -> ();
    retire(worker: WorkerId) -> ();
    cancel(id: InstanceId) -> bool;
    retry(id: InstanceId, into: Option<String>) -> u64;
    set_instance_paused(id: InstanceId, is_paused: bool) -> bool;
    set_paused(queue: String, is_paused: bool) -> ();
    paused() -> Vec<String>;
    purge(ended_before: Timestamp, limit: NonZeroU32) -> u64;
    history(id: InstanceId) -> Vec<Step>;
    log(id: InstanceId) -> Vec<LogEntry>;
    tasks(after: TaskId, limit: NonZeroU32) -> Vec<StoredTask>;
    instance(id: InstanceId) -> Option<Instance>;
    find(machine: String, key: String) -> Option<InstanceId>;
}
