//! As much of JSON Schema as our own schema uses; a keyword that is not known here fails the test.

use serde_json::Value;

/// Whether a value keeps a schema; `root` is where references start.
pub(crate) fn is_valid(root: &Value, schema: &Value, value: &Value) -> bool {
    let keywords = schema.as_object().expect("a schema is an object");
    keywords.iter().all(|(keyword, argument)| keeps(root, schema, keyword, argument, value))
}

fn keeps(root: &Value, schema: &Value, keyword: &str, argument: &Value, value: &Value) -> bool {
    match keyword {
        "$schema" | "title" | "description" | "definitions" | "then" | "else" => true,
        "$ref" => {
            let path = argument.as_str().expect("a reference").trim_start_matches('#');
            is_valid(root, root.pointer(path).expect("the reference leads somewhere"), value)
        }
        "type" => types(argument).any(|name| has_type(value, name)),
        "enum" => list(argument).contains(value),
        "const" => argument == value,
        "anyOf" => list(argument).iter().any(|schema| is_valid(root, schema, value)),
        "if" => {
            let branch = if is_valid(root, argument, value) { "then" } else { "else" };
            is_valid(root, &schema[branch], value)
        }
        "required" => value.as_object().is_none_or(|object| types(argument).all(|name| object.contains_key(name))),
        "properties" => {
            each(argument, |name, schema| value.get(name).is_none_or(|value| is_valid(root, schema, value)))
        }
        "additionalProperties" => {
            let known = |name: &str| schema["properties"].get(name).is_some();
            let keeps = |value: &Value| argument.as_bool().unwrap_or_else(|| is_valid(root, argument, value));
            !value.is_object() || each(value, |name, value| known(name) || keeps(value))
        }
        "items" => value.as_array().is_none_or(|items| items.iter().all(|item| is_valid(root, argument, item))),
        "minLength" => value.as_str().is_none_or(|text| !text.is_empty()),
        "minimum" => value.as_i64().is_none_or(|number| number >= argument.as_i64().expect("a number")),
        "maximum" => value.as_i64().is_none_or(|number| number <= argument.as_i64().expect("a number")),
        "pattern" => value.as_str().is_none_or(|text| matches(argument.as_str().expect("a pattern"), text)),
        other => panic!("the validator does not know `{other}`"),
    }
}

fn has_type(value: &Value, name: &str) -> bool {
    match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.as_f64().is_some_and(|number| number.fract() == 0.0),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("no type is called `{other}`"),
    }
}

/// The three patterns of the schema, by hand.
fn matches(pattern: &str, text: &str) -> bool {
    match pattern {
        "^[A-Za-z0-9-]{1,50}$" => {
            (1..=50).contains(&text.len())
                && text.bytes().all(|letter| letter.is_ascii_alphanumeric() || letter == b'-')
        }
        "^(::)?([A-Za-z_][A-Za-z0-9_]*(\\.|::))+[A-Z][A-Z0-9_]*$" => {
            let segments: Vec<&str> =
                text.strip_prefix("::").unwrap_or(text).split("::").flat_map(|part| part.split('.')).collect();
            let is_word = |word: &&str| {
                word.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
                    && word.bytes().all(|letter| letter.is_ascii_alphanumeric() || letter == b'_')
            };
            let is_constant =
                |word: &&str| !word.starts_with('_') && !word.contains(|letter: char| letter.is_ascii_lowercase());
            segments.len() > 1 && segments.iter().all(is_word) && segments.last().is_some_and(is_constant)
        }
        "^\\s*[-+]?[0-9]+(_[0-9]+)*\\s*$" => {
            let text = text.trim();
            let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
            digits.split('_').all(|part| !part.is_empty() && part.bytes().all(|digit| digit.is_ascii_digit()))
        }
        other => panic!("the validator does not know the pattern `{other}`"),
    }
}

fn types(argument: &Value) -> Box<dyn Iterator<Item = &str> + '_> {
    match argument {
        Value::String(name) => Box::new(std::iter::once(name.as_str())),
        list => Box::new(self::list(list).iter().map(|name| name.as_str().expect("a name"))),
    }
}

fn list(argument: &Value) -> &Vec<Value> {
    argument.as_array().expect("a list")
}

fn each(object: &Value, keeps: impl Fn(&str, &Value) -> bool) -> bool {
    object.as_object().expect("an object").iter().all(|(name, value)| keeps(name, value))
}
