//! A store whose calls fail as a test wants it.

use std::{fmt, num::NonZeroU32, sync::Arc, time::Duration};

use jiff::Timestamp;

use crate::{
    action::BoxFuture,
    id::{InstanceId, TaskId, WorkerId},
    store::{
        Claim, Claiming, Commit, Instance, Lease, LogEntry, NewInstance, NewTask, Notifier, Started, Step, Store,
        StoreError, StoreFuture, StoredTask,
    },
};

/// What becomes of the calls of a [`FaultyStore`].
///
/// ```
/// use std::sync::atomic::{AtomicBool, Ordering};
/// use fantasm::{store::{StoreError, StoreErrorKind}, testing::{Call, Faults}};
///
/// /// The first commit takes effect, but its answer gets lost.
/// #[derive(Debug, Default)]
/// struct LostAnswer(AtomicBool);
///
/// impl Faults for LostAnswer {
///     fn after(&self, call: Call, _: Option<&StoreError>) -> Result<(), StoreError> {
///         if call == Call::Commit && !self.0.swap(true, Ordering::Relaxed) {
///             return Err(StoreError::new(StoreErrorKind::Unavailable, "the answer got lost"));
///         }
///         Ok(())
///     }
/// }
/// ```
pub trait Faults: fmt::Debug + Send + Sync + 'static {
    /// Happens before a call; an error is its answer, and the call does not reach the store.
    fn before(&self, call: Call) -> BoxFuture<'_, Result<(), StoreError>> {
        let _ = call;
        Box::pin(std::future::ready(Ok(())))
    }

    /// Happens after a call that reached the store and may have ended in an error there; an error of this method is heard
    /// in the place of the store's answer.
    ///
    /// # Errors
    /// What is to be heard instead.
    fn after(&self, call: Call, error: Option<&StoreError>) -> Result<(), StoreError> {
        let _ = (call, error);
        Ok(())
    }
}

/// One process's connection to a store that others share, with [`Faults`].
#[derive(Debug)]
pub struct FaultyStore<F> {
    inner: Arc<dyn Store>,
    faults: F,
}

impl<F: Faults> FaultyStore<F> {
    /// A store whose calls go to `inner` unless the faults say otherwise.
    pub fn new(inner: Arc<dyn Store>, faults: F) -> Self {
        Self { inner, faults }
    }
}

macro_rules! calls {
    ($($call:ident $name:ident($($argument:ident: $type:ty),*) -> $answer:ty;)+) => {
        /// A call of a [`Store`].
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Call {
            $(#[doc = concat!("[`Store::", stringify!($name), "`].")] $call,)+
        }

        impl<F: Faults> Store for FaultyStore<F> {
            $(fn $name(&self, $($argument: $type),*) -> StoreFuture<'_, $answer> {
                Box::pin(async move {
                    self.faults.before(Call::$call).await?;
                    let answer = self.inner.$name($($argument),*).await;
                    self.faults.after(Call::$call, answer.as_ref().err())?;
                    answer
                })
            })+

            fn has_sql(&self) -> bool {
                self.inner.has_sql()
            }

            fn schema(&self) -> Option<&str> {
                self.inner.schema()
            }

            fn notifier(&self) -> &Notifier {
                self.inner.notifier()
            }
        }
    };
}

calls! {
    Introduce introduce(starts: Vec<NewInstance>) -> ();
    Start start(instances: Vec<NewInstance>) -> Vec<Started>;
    Register register(worker: WorkerId, lease: Duration) -> ();
    Renew renew(worker: WorkerId, lease: Duration) -> ();
    Claim claim(claiming: Claiming) -> Vec<Claim>;
    NextDue next_due(claiming: Claiming) -> Option<Duration>;
    Advance advance(lease: Lease, next: NewTask) -> bool;
    Seal seal(lease: Lease) -> Vec<String>;
    Commit commit(lease: Lease, commit: Commit) -> ();
    Release release(lease: Lease, delay: Duration) -> ();
    Retire retire(worker: WorkerId) -> ();
    Cancel cancel(id: InstanceId) -> bool;
    Retry retry(id: InstanceId, into: Option<String>) -> u64;
    SetInstancePaused set_instance_paused(id: InstanceId, is_paused: bool) -> bool;
    SetPaused set_paused(queue: String, is_paused: bool) -> ();
    Paused paused() -> Vec<String>;
    Purge purge(ended_before: Timestamp, limit: NonZeroU32) -> u64;
    History history(id: InstanceId) -> Vec<Step>;
    Log log(id: InstanceId) -> Vec<LogEntry>;
    Tasks tasks(after: TaskId, limit: NonZeroU32) -> Vec<StoredTask>;
    Instance instance(id: InstanceId) -> Option<Instance>;
    Find find(machine: String, key: String) -> Option<InstanceId>;
}

impl Call {
    /// Whether the call changes the store; the others only read.
    #[must_use]
    pub fn is_write(self) -> bool {
        !matches!(
            self,
            Self::NextDue | Self::Paused | Self::History | Self::Log | Self::Tasks | Self::Instance | Self::Find
        )
    }
}
