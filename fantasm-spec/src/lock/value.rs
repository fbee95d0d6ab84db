//! What stored contexts have, beside what the machine would read.

use crate::model::{ContextField, Machine, UnknownKeys};

use super::Break;
use super::shape::{Shape, StateShape, word};

impl Shape {
    /// Values whose type is another, also those that were not there meanwhile.
    pub(super) fn other_values(&self, machine: &Machine, breaks: &mut Vec<Break>) {
        for field in &machine.context_types {
            let name = field.name.as_str();
            let Some(before) = self.context.get(name).or_else(|| self.gone.get(name)) else { continue };
            let ty = word(&field.ty);
            let why = if is_readable_as(before, &ty) {
                let state = self.states.iter().find(|(_, state)| state.is_parted_otherwise(field, before, &ty));
                let Some((state, _)) = state else { continue };
                format!(", so that the groups of state `{state}` would be others: `7` is not `7.0`")
            } else {
                String::new()
            };
            breaks.push(Break {
                message: format!(
                    "the value `{name}` of machine `{}` was `{}` and is `{}`{why}",
                    machine.name,
                    as_written(before),
                    as_written(&ty)
                ),
                help: other_type(name, before, &ty),
                place: Some(field.place.clone()),
            });
        }
    }

    /// What a stored context has and the machine would not read.
    pub(super) fn refused_keys(&self, machine: &Machine, breaks: &mut Vec<Break>) {
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
        for name in self.context.keys().chain(self.gone.keys()).filter(is_gone) {
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

    /// Takes over what stored contexts may still have of a machine that had this shape before, and is no longer in the file.
    pub(super) fn remember(&mut self, before: &Self) {
        for (name, ty) in before.context.iter().chain(&before.gone) {
            if !self.context.contains_key(name) {
                self.gone.entry(name.clone()).or_insert_with(|| ty.clone());
            }
        }
    }
}

impl StateShape {
    /// Whether contexts are kept apart by the text of a value that would be written otherwise.
    fn is_parted_otherwise(&self, field: &ContextField, before: &str, after: &str) -> bool {
        let plain = |ty: &str| ty.replace(['[', ']', '?'], "");
        self.group.as_deref() == Some(field.name.as_str()) && plain(before) == "int" && plain(after) == "float"
    }
}

/// The advice for another type; of the author's own types only the author knows what they read.
fn other_type(name: &str, before: &str, after: &str) -> String {
    let keep =
        format!("give the value of the new type another name, and keep `{name}: {}` meanwhile", as_written(before));
    if [before, after].iter().any(|ty| ty.contains("::")) {
        return format!(
            "{keep}; or, where the one type reads what the other has written, accept it by `fantasm lock --accept`"
        );
    }
    keep
}

/// A type as fsm.yaml has it, where no path begins with `crate`.
fn as_written(ty: &str) -> String {
    ty.replacen("crate::", "", 1)
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
    let is_text = matches!(before, "date" | "datetime") && after == "str";
    before == after || after == "json" || (before == "int" && after == "float") || is_text
}
