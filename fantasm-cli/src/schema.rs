//! The language as a JSON Schema (draft 7, which the YAML language server follows best), from the same table as the checks.

use fantasm_spec::attribute::{Attribute, Kind, Owner, attributes};
use fantasm_spec::{Class, Code, LogLevel};
use serde_json::{Map, Value, json};

/// Returns the schema of a file of machines.
pub(crate) fn schema() -> Value {
    let mut definitions = Map::new();
    for edition in [1, 2] {
        for (owner, name) in [(Owner::Machine, "machine"), (Owner::State, "state"), (Owner::Transition, "transition")] {
            definitions.insert(format!("{name}{edition}"), object(owner, edition));
        }
        definitions.insert(format!("item{edition}"), item(edition));
    }
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "fsm.yaml",
        "description": "Durable state machines for fantasm.",
        "type": "object",
        "required": ["state_machines"],
        // A file says which edition it is written in; the attributes of the other one are errors in it.
        "if": {"properties": {"edition": {"const": 2}}, "required": ["edition"]},
        "then": {"properties": properties(Owner::File, 2)},
        "else": {"properties": properties(Owner::File, 1)},
        "definitions": definitions,
    })
}

/// A machine, or an import that brings machines along; whatever else an import says is ignored.
fn item(edition: u8) -> Value {
    json!({
        "if": {"type": "object", "required": ["import"]},
        "then": {
            "properties": {
                "import": {"type": "string", "minLength": 1, "description": "The path of a file with more machines."},
            },
        },
        "else": reference("machine", edition),
    })
}

fn object(owner: Owner, edition: u8) -> Value {
    let required = match owner {
        Owner::Machine | Owner::State => json!(["name"]),
        Owner::Transition => json!(["event", "to"]),
        _ => json!([]),
    };
    json!({
        "type": "object",
        "required": required,
        "additionalProperties": false,
        "properties": properties(owner, edition),
    })
}

fn properties(owner: Owner, edition: u8) -> Value {
    let known = attributes().iter().filter(|attribute| attribute.owner == owner && attribute.edition <= edition);
    known.map(|attribute| (attribute.name.to_owned(), property(attribute, edition))).collect::<Map<_, _>>().into()
}

fn property(attribute: &Attribute, edition: u8) -> Value {
    let mut property = value(attribute.kind, edition);
    if let Value::Object(keywords) = &mut property {
        keywords.insert("description".to_owned(), json!(attribute.description));
    }
    property
}

fn value(kind: Kind, edition: u8) -> Value {
    match kind {
        Kind::Name => json!({"type": "string", "pattern": "^[A-Za-z0-9-]{1,50}$"}),
        Kind::Event => json!({"anyOf": [
            value(Kind::Name, edition),
            // A path of several segments, the last in capitals.
            {"type": "string", "pattern": "^(::)?([A-Za-z_][A-Za-z0-9_]*(\\.|::))+[A-Z][A-Z0-9_]*$"},
        ]}),
        Kind::Text => json!({"type": ["string", "number", "boolean", "null"]}),
        Kind::Truth => truth(),
        Kind::Integer => integer(),
        Kind::Number(least, most) => json!({"type": "integer", "minimum": least, "maximum": most}),
        // What Python takes for false says that there is none.
        Kind::ActionPath | Kind::ModulePath => {
            json!({"anyOf": [{"type": "string"}, {"enum": [null, false, 0, [], {}]}]})
        }
        Kind::Countdown => json!({"anyOf": [integer(), pair("minimum", "maximum", &["minimum", "maximum"])]}),
        Kind::FanIn if edition >= 2 => {
            json!({"anyOf": [integer(), {"const": "all"}, pair("seconds", "max", &["seconds"])]})
        }
        Kind::FanIn => integer(),
        Kind::Logging => json!({"enum": ["default", "persistent"]}),
        Kind::LogLevel => json!({"enum": LogLevel::ALL.map(LogLevel::as_str)}),
        Kind::ContextTypes => context_types(edition),
        Kind::Names => {
            let name = value(Kind::Name, edition);
            json!({"anyOf": [name, {"type": "array", "items": name}]})
        }
        Kind::Values => json!({"type": "array", "items": value(Kind::Text, edition)}),
        Kind::Derives => json!({"type": "array", "items": {"anyOf": [
            {"enum": ["Copy", "Eq", "PartialOrd", "Ord", "Hash"]},
            {"type": "string"},
        ]}}),
        Kind::UnknownKeys => json!({"enum": ["ignore", "refuse", "keep"]}),
        Kind::List(owner) => list(owner, edition),
        Kind::Queues => json!({"type": "array", "items": {"type": "object", "required": ["name"]}}),
        Kind::Lints => lints(),
        _ => json!({}),
    }
}

fn context_types(edition: u8) -> Value {
    let short = json!({"enum": ["str", "int", "float", "bool", "json", "datetime", "date"]});
    let mut types = vec![short, json!({"type": ["string", "array"]})];
    if edition >= 2 {
        types.push(json!({
            "type": "object",
            "required": ["type"],
            "additionalProperties": false,
            "properties": {"type": {"type": ["string", "array"]}, "default": {}, "optional": truth()},
        }));
    }
    json!({"type": "object", "additionalProperties": {"anyOf": types}})
}

fn lints() -> Value {
    let rules = Code::ALL.iter().filter(|code| code.class() != Class::Error);
    let level = |code: &Code| json!({"enum": ["allow", "warn", "deny"], "description": code.summary()});
    let levels = rules.map(|code| (code.to_string(), level(code))).collect::<Map<_, _>>();
    json!({"type": "object", "additionalProperties": false, "properties": levels})
}

fn list(owner: Owner, edition: u8) -> Value {
    let items = match owner {
        Owner::Machine => reference("item", edition),
        Owner::State => reference("state", edition),
        Owner::Transition => reference("transition", edition),
        _ => json!({}),
    };
    json!({"type": "array", "items": items})
}

fn reference(name: &str, edition: u8) -> Value {
    json!({"$ref": format!("#/definitions/{name}{edition}")})
}

/// What Python's `int()` takes.
fn integer() -> Value {
    json!({"anyOf": [
        {"type": ["integer", "boolean"]},
        {"type": "string", "pattern": "^\\s*[-+]?[0-9]+(_[0-9]+)*\\s*$"},
    ]})
}

fn pair(first: &str, second: &str, required: &[&str]) -> Value {
    json!({
        "type": "object",
        "required": required,
        "additionalProperties": false,
        "properties": {first: integer(), second: integer()},
    })
}

/// A YAML 1.2 reader, as editors have, takes `yes` for a text.
fn truth() -> Value {
    let words = ["yes", "Yes", "YES", "no", "No", "NO", "on", "On", "ON", "off", "Off", "OFF", "true", ""];
    json!({"anyOf": [{"type": ["boolean", "null", "number"]}, {"enum": words}]})
}
