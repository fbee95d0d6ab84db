//! Whether a stored context could be read as the context of a machine.

use fantasm_spec::{ContextType, Machine, Stranded, UnknownKeys};
use serde_json::{Map, Value};

/// The first value of a context that the machine's types do not fit, or the first key that it refuses.
///
/// It reads as the generated struct does: what is missing has its default. What a type of the program's own accepts only the
/// program knows, so that every value passes there.
pub(super) fn misfit(machine: &Machine, context: &str) -> Option<Stranded> {
    let Ok(values) = serde_json::from_str::<Map<String, Value>>(context) else {
        return Some(Stranded {
            message: format!("a context of machine `{}` is no JSON object", machine.name),
            help: "cancel these instances, or give them to a program that has written them".to_owned(),
        });
    };
    wrong_type(machine, &values).or_else(|| refused_key(machine, &values))
}

fn wrong_type(machine: &Machine, values: &Map<String, Value>) -> Option<Stranded> {
    let is_misfit = |name: &str, ty| values.get(name).is_some_and(|value| !fits(ty, value));
    let field = machine.context_types.iter().find(|field| is_misfit(field.name.as_str(), &field.ty))?;
    Some(Stranded {
        message: format!("the value `{}` of machine `{}` is of another type", field.name, machine.name),
        help: format!(
            "give the value of the new type another name, and keep `{}` as it was until no instance needs it",
            field.name
        ),
    })
}

fn refused_key(machine: &Machine, values: &Map<String, Value>) -> Option<Stranded> {
    if machine.unknown_keys != UnknownKeys::Refuse {
        return None;
    }
    let is_unknown = |name: &&String| !machine.context_types.iter().any(|field| field.name.as_str() == *name);
    let name = values.keys().find(is_unknown)?;
    Some(Stranded {
        message: format!("machine `{}` refuses unknown keys, and has no value `{name}`", machine.name),
        help: format!("give `{name}` a type, or write `unknown_keys: ignore`, until no instance is stored that has it"),
    })
}

fn fits(ty: &ContextType, value: &Value) -> bool {
    match ty {
        ContextType::Str => value.is_string(),
        ContextType::Int => value.is_i64(),
        ContextType::Float => value.is_number(),
        ContextType::Bool => value.is_boolean(),
        ContextType::DateTime => value.as_str().is_some_and(|text| text.parse::<jiff::civil::DateTime>().is_ok()),
        ContextType::Date => value.as_str().is_some_and(|text| text.parse::<jiff::civil::Date>().is_ok()),
        ContextType::List(item) => value.as_array().is_some_and(|items| items.iter().all(|value| fits(item, value))),
        ContextType::Optional(item) => value.is_null() || fits(item, value),
        // Any JSON, and what only the program knows.
        _ => true,
    }
}
