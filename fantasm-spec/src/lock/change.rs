//! What stored instances could not live with: one shape beside the machine that it has become.

use crate::model::{Machine, State, UnknownKeys};
use crate::stranded::{renamed, renamed_event};

use super::Break;
use super::shape::{Shape, StateKind, StateShape, group, word};

impl Shape {
    pub(super) fn breaks(&self, machine: &Machine, breaks: &mut Vec<Break>) {
        for field in &machine.context_types {
            let ty = word(&field.ty);
            let Some(before) = self.context.get(field.name.as_str()).filter(|before| !is_readable_as(before, &ty))
            else {
                continue;
            };
            breaks.push(Break {
                message: format!(
                    "the value `{}` of machine `{}` was `{before}` and is `{ty}`",
                    field.name, machine.name
                ),
                help: format!(
                    "give the value of the new type another name, and keep `{}: {before}` meanwhile",
                    field.name
                ),
                place: Some(field.place.clone()),
            });
        }
        self.refused_keys(machine, breaks);
        for (name, shape) in &self.states {
            match machine.state(name) {
                Some(state) => {
                    let is_gone = |earlier: &&String| machine.state(earlier).is_none();
                    breaks.extend(shape.earlier_names.iter().filter(is_gone).map(|earlier| {
                        Break::of_earlier_name("state", &state.name.to_string(), earlier, &state.place)
                    }));
                    let what = shape.kind.break_with(StateKind::of(state)).map(str::to_owned);
                    breaks.extend(what.or_else(|| shape.other_group(state)).map(|what| other_kind(&what, state)));
                    breaks.extend(shape.events.iter().filter_map(|event| gone_event(event, state)));
                }
                None => breaks.push(Break {
                    message: format!("machine `{}` no longer has the state `{name}`", machine.name),
                    help: renamed("state", name),
                    place: Some(machine.place.clone()),
                }),
            }
        }
    }

    /// What a stored context has and the machine would not read.
    fn refused_keys(&self, machine: &Machine, breaks: &mut Vec<Break>) {
        if machine.unknown_keys != UnknownKeys::Refuse {
            return;
        }
        if self.unknown_keys == UnknownKeys::Keep {
            breaks.push(Break {
                message: format!("machine `{}` kept unknown keys, and refuses them", machine.name),
                help: "write `unknown_keys: ignore` until no instance is stored that has some".to_owned(),
                place: Some(machine.place.clone()),
            });
        }
        let is_gone = |name: &&String| !machine.context_types.iter().any(|field| field.name.as_str() == *name);
        for name in self.context.keys().filter(is_gone) {
            breaks.push(Break {
                message: format!(
                    "machine `{}` no longer has the value `{name}`, and refuses unknown keys",
                    machine.name
                ),
                help: format!(
                    "keep `{name}`, or write `unknown_keys: ignore`, until no instance is stored that has it"
                ),
                place: Some(machine.place.clone()),
            });
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

fn other_kind(what: &str, state: &State) -> Break {
    Break {
        message: format!("state `{}` {what}", state.name),
        help: format!("give the new state another name, and keep `{}` until no task of it is stored", state.name),
        place: Some(state.place.clone()),
    }
}

fn gone_event(event: &str, state: &State) -> Option<Break> {
    let is_there = state.transitions.iter().any(|transition| transition.is_called(event));
    (!is_there).then(|| Break {
        message: format!("state `{}` no longer has the event `{event}`", state.name),
        help: renamed_event(event),
        place: Some(state.place.clone()),
    })
}

/// Whether a value that was stored as one type can be read as another.
fn is_readable_as(before: &str, after: &str) -> bool {
    if let Some(after) = after.strip_suffix('?') {
        return is_readable_as(before.strip_suffix('?').unwrap_or(before), after);
    }
    let item = |ty: &str| Some(ty.strip_prefix('[')?.strip_suffix(']')?.to_owned());
    if let (Some(before), Some(after)) = (item(before), item(after)) {
        return is_readable_as(&before, &after);
    }
    before == after || after == "json" || (before == "int" && after == "float")
}
