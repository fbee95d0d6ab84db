//! How often an instance was where.

use std::collections::BTreeMap;

use fantasm::{Run, store::StepVerdict};

/// The tasks that were done, by the states they led into.
pub(crate) async fn visits(run: &Run) -> BTreeMap<String, usize> {
    let mut visits = BTreeMap::new();
    for step in run.history().await.unwrap() {
        if let (StepVerdict::Done, Some(state)) = (step.verdict, step.hop.to()) {
            *visits.entry(state.to_owned()).or_default() += 1;
        }
    }
    visits
}

/// The same as a test expects it.
pub(crate) fn expect<const N: usize>(visits: [(&str, usize); N]) -> BTreeMap<String, usize> {
    visits.into_iter().map(|(state, n)| (state.to_owned(), n)).collect()
}
