//! The first name that something ever had: windows of fan-ins are kept under it, so that programs of any age find them.

use crate::model::{Machine, State, Transition};
use crate::stranded::is_path;

use super::Break;
use super::shape::StateShape;

impl StateShape {
    /// What has another first name than it had, where open windows would no longer be found by it.
    ///
    /// That is a fan-in itself, and of those that gather by time what leads to them. Anything else is found by any of its names,
    /// in whatever order they are.
    pub(super) fn other_first_names(&self, name: &str, machine: &Machine, state: &State) -> Vec<Break> {
        let mut breaks = Vec::new();
        if state.fan_in.is_some() || leads_to_windows(machine, state) {
            let after = names(&state.name, &state.renamed_from);
            breaks.extend(other(&format!("state `{}`", state.name), &names(&name, &self.earlier_names), &after));
        }
        for (event, earlier) in &self.events {
            let Some(way) = way_to_windows(machine, state, event) else { continue };
            // What text a constant had first nobody knows who has not been told.
            if !(earlier.is_empty() && is_path(event)) {
                let what = format!("event `{}` of state `{}`", way.name(), state.name);
                let after = names(&way.name(), &way.renamed_from);
                breaks.extend(other(&what, &names(event, earlier), &after));
            }
        }
        let at = |told: Break| Break { place: Some(state.place.clone()), ..told };
        breaks.into_iter().map(at).collect()
    }
}

/// All names, today's first.
fn names<N: ToString>(name: &impl ToString, earlier: &[N]) -> Vec<String> {
    std::iter::once(name.to_string()).chain(earlier.iter().map(ToString::to_string)).collect()
}

fn leads_to_windows(machine: &Machine, state: &State) -> bool {
    let targets = state.transitions.iter().map(|transition| transition.to).chain(state.on_failure);
    targets.into_iter().any(|to| gathers_by_time(&machine[to]))
}

/// The transition of an event, if it leads where windows are kept under the event's name too.
fn way_to_windows<'a>(machine: &Machine, state: &'a State, event: &str) -> Option<&'a Transition> {
    let way = state.transitions.iter().find(|transition| transition.is_called(event))?;
    gathers_by_time(&machine[way.to]).then_some(way)
}

fn gathers_by_time(state: &State) -> bool {
    state.fan_in.as_ref().is_some_and(|fan_in| !fan_in.gathers_all)
}

/// The break, if the last of the names of today is not the last of those of before; one that is gone is told by itself.
fn other(what: &str, before: &[String], after: &[String]) -> Option<Break> {
    let (first, now) = (before.last()?, after.last()?);
    if first == now || !after.contains(first) {
        return None;
    }
    let (today, earlier) = after.split_first()?;
    let others = earlier.iter().filter(|name| *name != first).chain([first]);
    let list = format!("`renamed_from: [{}]`", others.map(String::as_str).collect::<Vec<_>>().join(", "));
    Some(Break {
        message: format!(
            "{what} was first called `{first}`, by which open windows of a fan-in are found, and now it says `{now}`"
        ),
        help: if today == first {
            format!("give it a name that it never had, with {list}: the latest first, the first name last")
        } else {
            format!("write {list}: the latest first, the first name last")
        },
        place: None,
    })
}
