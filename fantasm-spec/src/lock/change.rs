//! What stored instances could not live with: one shape beside the machine that it has become.

use std::iter;

use crate::model::{Machine, State, Transition};
use crate::stranded::{is_path, renamed, renamed_event};

use super::Break;
use super::shape::{Shape, StateKind, StateShape, group};

impl Shape {
    pub(super) fn breaks(&self, machine: &Machine, breaks: &mut Vec<Break>) {
        self.other_values(machine, breaks);
        self.refused_keys(machine, breaks);
        for (name, shape) in &self.states {
            match machine.state(name) {
                Some(state) => {
                    let owner = ("state", state.name.as_str(), &state.place);
                    let is_it = |name: &str| machine.state(name).map(|found| std::ptr::eq(found, state));
                    breaks.extend(Break::of_earlier_names(owner, &shape.earlier_names, is_it));
                    let what = shape.kind.break_with(StateKind::of(state)).map(str::to_owned);
                    breaks.extend(what.or_else(|| shape.other_group(state)).map(|what| other_kind(&what, state)));
                    breaks.extend(shape.gone_events(state));
                    breaks.extend(shape.other_first_names(name, machine, state));
                }
                None => breaks.push(Break {
                    message: format!("machine `{}` no longer has the state `{name}`", machine.name),
                    help: renamed("state", name),
                    place: Some(machine.place.clone()),
                }),
            }
        }
    }
}

impl StateShape {
    /// Why windows of a fan-in would take contexts that are not theirs, or miss some that are.
    fn other_group(&self, state: &State) -> Option<String> {
        let (before, after) = (&self.group, group(state));
        let by = |group: &Option<String>| group.as_ref().map_or("nothing".to_owned(), |group| format!("`{group}`"));
        (*before != after).then(|| {
            format!(
                "kept contexts apart by {}, as its open windows still do, and keeps them apart by {}",
                by(before),
                by(&after)
            )
        })
    }
}

impl StateShape {
    /// The names of events that no transition has any more.
    fn gone_events(&self, state: &State) -> Vec<Break> {
        let names = self.events.iter().flat_map(|(name, earlier)| iter::once(name).chain(earlier));
        let is_gone = |name: &&String| !state.transitions.iter().any(|transition| transition.is_called(name));
        let (constants, mut gone): (Vec<_>, Vec<_>) = names.filter(is_gone).partition(|name| is_path(name));
        let heirs = state.transitions.iter().filter(|transition| self.is_heir_of_a_constant(transition)).count();
        gone.extend(constants.into_iter().skip(heirs));
        let gone = gone.into_iter().map(|name| gone_event(name, state));
        gone.chain(self.events_of_others(state)).collect()
    }

    /// The earlier names of events that are names of others now.
    fn events_of_others(&self, state: &State) -> Vec<Break> {
        let way = |name: &str| state.transitions.iter().find(|transition| transition.is_called(name));
        let events = self.events.iter().filter_map(|(name, earlier)| Some((way(name)?, earlier)));
        let others = events.flat_map(|(own, earlier)| {
            let is_it = |name: &str| Some(way(name).is_none_or(|found| std::ptr::eq(found, own)));
            Break::of_earlier_names(("event", &own.name(), &own.place), earlier, is_it)
        });
        others.collect()
    }

    /// Whether a transition may be that of a constant with another path: it is new, and says a text that it was stored by, which
    /// is the word of the author for what nobody but rustc knew.
    fn is_heir_of_a_constant(&self, transition: &Transition) -> bool {
        let is_known = |name: &str| {
            self.events.iter().any(|(known, earlier)| known == name || earlier.iter().any(|known| known == name))
        };
        !is_known(&transition.name()) && transition.renamed_from.iter().any(|name| !is_known(name.as_str()))
    }
}

fn other_kind(what: &str, state: &State) -> Break {
    Break {
        message: format!("state `{}` {what}", state.name),
        help: format!("give the new state another name, and keep `{}` until no task of it is stored", state.name),
        place: Some(state.place.clone()),
    }
}

fn gone_event(event: &str, state: &State) -> Break {
    Break {
        message: format!("state `{}` no longer has the event `{event}`", state.name),
        help: renamed_event(event),
        place: Some(state.place.clone()),
    }
}
