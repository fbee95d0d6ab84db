//! What has become of a run.

use std::collections::BTreeMap;

use fantasm::{
    Run, RunError,
    store::{Instance, StepVerdict},
};

/// The end of a run that has ended: with nothing left to do, waiting for it would not help.
pub(crate) async fn ended(run: &Run) -> Result<Instance, RunError> {
    let instance = run.inspect().await?;
    assert!(instance.status.is_ended(), "it does not get on: {instance:?}");
    run.finished().await
}

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
