//! What user code ran, and whether that is what the runtime promises.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use fantasm::TaskKey;

use crate::machines::survey::Context;

/// The phases of every kind of task, in their order.
const ORDERS: [&[&str]; 9] = [
    &["Begin.entry", "Begin.action"],
    &["Begin.exit", "begun", "Open.entry", "Open.action"],
    &["Accounts.entry", "Accounts.page", "Accounts.action"],
    &["Badges.entry", "Badges.page", "Badges.action"],
    &["Count.entry", "Count.action"],
    &["Count.exit", "counted", "Pack.entry", "Pack.action"],
    &["Total.entry", "Total.action"],
    &["Report.entry", "Report.action"],
    &["Report.exit"],
];

/// How many tasks run each phase up to the fan-in; from there on it depends on when the contexts came.
const N_TASKS: [(&str, usize); 7] = [
    ("Begin.action", 1),
    ("Open.action", 1),
    ("Accounts.page", 3),
    ("Accounts.action", 2),
    ("Badges.action", 4),
    ("Count.action", 8),
    ("Pack.action", 8),
];

/// Every phase that user code ran, over all processes of a world.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ledger(Arc<Mutex<Vec<Entry>>>);

#[derive(Debug, Clone)]
struct Entry {
    key: TaskKey,
    attempt: u32,
    phase: &'static str,
    places: Vec<String>,
}

impl Ledger {
    pub(crate) fn record(&self, cx: &Context, phase: &'static str, places: &[String]) {
        let entry = Entry { key: cx.idempotency_key(), attempt: cx.attempt(), phase, places: places.to_vec() };
        self.entries().push(entry);
    }

    /// One line for each phase that ran, in the order in which they ran.
    pub(crate) fn trace(&self) -> Vec<String> {
        self.entries().iter().map(|entry| format!("{} {}", entry.phase, entry.places.join(" "))).collect()
    }

    /// Checks all that holds for a finished survey whatever has crashed, and answers how many steps it took: tasks,
    /// each counted once.
    pub(crate) fn check(&self) -> usize {
        self.check_order();
        for (phase, n_tasks) in N_TASKS {
            assert_eq!(self.keys(phase).len(), n_tasks, "tasks that ran {phase}");
        }
        let n_windows = self.check_batches();
        for phase in ["Report.action", "Report.exit"] {
            assert_eq!(self.keys(phase).len(), n_windows, "tasks that ran {phase}");
        }
        // Accounts have a page more than they have actions.
        1 + 1 + 3 + 4 + 8 + 8 + 3 * n_windows
    }

    /// No attempt runs a phase twice, skips one, or runs one out of its order; only a crash cuts it short.
    fn check_order(&self) {
        let mut attempts: BTreeMap<(TaskKey, u32), Vec<&str>> = BTreeMap::new();
        for entry in self.entries().iter() {
            attempts.entry((entry.key, entry.attempt)).or_default().push(entry.phase);
        }
        for (attempt, phases) in attempts {
            assert!(ORDERS.iter().any(|order| order.starts_with(&phases)), "{attempt:?} ran {phases:?}");
        }
    }

    /// Every context is in the batch of exactly one window, on every attempt of it the same; answers how many windows.
    fn check_batches(&self) -> usize {
        let mut windows: BTreeMap<TaskKey, Vec<String>> = BTreeMap::new();
        for entry in self.entries().iter().filter(|entry| entry.phase == "Total.action") {
            let batch = windows.entry(entry.key).or_insert_with(|| entry.places.clone());
            assert_eq!(*batch, entry.places, "the batch of window {}, attempt {}", entry.key, entry.attempt);
        }
        let mut gathered = windows.values().flatten().collect::<Vec<_>>();
        gathered.sort();
        let expected = ["1.1.1", "1.1.2", "1.2.1", "1.2.2", "2.1.1", "2.1.2", "2.2.1", "2.2.2"];
        assert_eq!(gathered, expected, "each context is gathered once: {windows:?}");
        windows.len()
    }

    fn keys(&self, phase: &str) -> BTreeSet<TaskKey> {
        self.entries().iter().filter(|entry| entry.phase == phase).map(|entry| entry.key).collect()
    }

    fn entries(&self) -> MutexGuard<'_, Vec<Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
