//! What a text without quotes means: YAML 1.1, as Fantasm's files have always been read.

use crate::yaml::{Kind, Node, Scalar};

/// The meaning of a scalar.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Value<'a> {
    Null,
    Bool(bool),
    /// A whole number, or `None` when it has more digits than we count with.
    Integer(Option<i128>),
    Float(f64),
    /// A date or a point in time; nothing in fsm.yaml is one.
    Date,
    Text(&'a str),
}

impl Scalar {
    pub(crate) fn value(&self) -> Value<'_> {
        let text = self.text.as_str();
        if !self.is_plain {
            return Value::Text(text);
        }
        match text {
            "" | "~" | "null" | "Null" | "NULL" => Value::Null,
            "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Value::Bool(true),
            "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => Value::Bool(false),
            _ if is_date(text) => Value::Date,
            _ => integer(text).or_else(|| float(text)).unwrap_or(Value::Text(text)),
        }
    }
}

impl Node {
    /// The meaning of the node, when it is no list and no mapping.
    pub(crate) fn value(&self) -> Option<Value<'_>> {
        match &self.kind {
            Kind::Scalar(scalar) => Some(scalar.value()),
            Kind::List(_) | Kind::Map(_) => None,
        }
    }

    /// Whether Python takes it for false; where Fantasm asks for a text, such a value counts as none.
    pub(crate) fn is_falsy(&self) -> bool {
        match &self.kind {
            Kind::List(items) => items.is_empty(),
            Kind::Map(entries) => entries.is_empty(),
            Kind::Scalar(scalar) => match scalar.value() {
                Value::Null => true,
                Value::Bool(value) => !value,
                Value::Integer(value) => value == Some(0),
                Value::Float(value) => value == 0.0,
                Value::Text(text) => text.is_empty(),
                Value::Date => false,
            },
        }
    }

    /// What it is, for a message: "a list", "the number 5".
    pub(crate) fn describe(&self) -> String {
        match &self.kind {
            Kind::List(_) => "a list".to_owned(),
            Kind::Map(_) => "a mapping".to_owned(),
            Kind::Scalar(scalar) => match scalar.value() {
                Value::Null => "empty".to_owned(),
                Value::Bool(_) => format!("the boolean `{}`", scalar.text),
                Value::Integer(_) | Value::Float(_) => format!("the number `{}`", scalar.text),
                Value::Date => format!("the date `{}`", scalar.text),
                Value::Text("") => "an empty text".to_owned(),
                Value::Text(text) => format!("the text `{}`", shorten(text)),
            },
        }
    }
}

/// Keeps a message on one line, whatever the file holds.
pub(crate) fn shorten(text: &str) -> String {
    const LONGEST: usize = 60;
    let line: String = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    if line.chars().count() <= LONGEST {
        return line;
    }
    line.chars().take(LONGEST).chain(['…']).collect()
}

fn integer(text: &str) -> Option<Value<'static>> {
    let (sign, digits) = match text.as_bytes().first()? {
        b'-' => (-1, &text[1..]),
        b'+' => (1, &text[1..]),
        _ => (1, text),
    };
    let is = |digits: &str, allowed: &dyn Fn(char) -> bool| {
        !digits.is_empty() && digits.chars().all(|digit| digit == '_' || allowed(digit))
    };
    if !digits.starts_with(|first: char| first.is_ascii_digit()) {
        return None;
    }
    let (radix, digits) = if let Some(digits) = digits.strip_prefix("0b").filter(|d| is(d, &|c| matches!(c, '0' | '1')))
    {
        (2, digits)
    } else if let Some(digits) = digits.strip_prefix("0x").filter(|d| is(d, &|c| c.is_ascii_hexdigit())) {
        (16, digits)
    } else if let Some(digits) = digits.strip_prefix('0').filter(|d| is(d, &|c| c.is_digit(8))) {
        (8, digits)
    } else if digits == "0" || (!digits.starts_with('0') && is(digits, &|c| c.is_ascii_digit())) {
        (10, digits)
    } else {
        return sexagesimal(digits).map(|number| Value::Integer(number.and_then(|number| number.checked_mul(sign))));
    };
    let number = i128::from_str_radix(&digits.replace('_', ""), radix).ok();
    Some(Value::Integer(number.and_then(|number| number.checked_mul(sign))))
}

/// `1:30` is ninety. The outer `None` says that the text is no such number, the inner one that it is too large.
fn sexagesimal(digits: &str) -> Option<Option<i128>> {
    let mut parts = digits.split(':');
    let first = parts.next().filter(|first| {
        first.starts_with(|digit: char| matches!(digit, '1'..='9'))
            && first.chars().all(|c| c == '_' || c.is_ascii_digit())
    })?;
    let mut number = first.replace('_', "").parse::<i128>().ok();
    let mut has_more = false;
    for part in parts {
        let part = part.parse::<u8>().ok().filter(|value| *value < 60 && part.len() <= 2 && !part.starts_with('+'))?;
        number = number.and_then(|number| number.checked_mul(60)?.checked_add(i128::from(part)));
        has_more = true;
    }
    has_more.then_some(number)
}

fn float(text: &str) -> Option<Value<'static>> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    match unsigned {
        ".inf" | ".Inf" | ".INF" => {
            return Some(Value::Float(if text.starts_with('-') { f64::NEG_INFINITY } else { f64::INFINITY }));
        }
        ".nan" | ".NaN" | ".NAN" if text.starts_with('.') => return Some(Value::Float(f64::NAN)),
        _ => {}
    }
    let (mantissa, exponent) = match unsigned.find(['e', 'E']) {
        Some(at) => (&unsigned[..at], Some(&unsigned[at + 1..])),
        None => (unsigned, None),
    };
    let is_exponent = |exponent: &str| {
        exponent
            .strip_prefix(['+', '-'])
            .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|c| c.is_ascii_digit()))
    };
    let (whole, fraction) = mantissa.split_once('.')?;
    let are_digits = |digits: &str| digits.chars().all(|digit| digit == '_' || digit.is_ascii_digit());
    // Without a whole part a sign is not allowed and a digit must follow the point.
    let is_float = match whole.chars().next() {
        Some(first) => first.is_ascii_digit(),
        None => text.starts_with('.') && fraction.starts_with(|digit: char| digit.is_ascii_digit()),
    };
    if !(is_float && are_digits(whole) && are_digits(fraction) && exponent.is_none_or(is_exponent)) {
        return None;
    }
    text.replace('_', "").parse().ok().map(Value::Float)
}

/// `2001-12-14`, alone or with a time behind it.
fn is_date(text: &str) -> bool {
    let mut parts = text.splitn(3, '-');
    let is_number = |part: &str, lengths: std::ops::RangeInclusive<usize>| {
        lengths.contains(&part.len()) && part.bytes().all(|digit| digit.is_ascii_digit())
    };
    let (Some(year), Some(month), Some(day)) = (parts.next(), parts.next(), parts.next()) else { return false };
    let (day, time) = day.split_at(day.find(|digit: char| !digit.is_ascii_digit()).unwrap_or(day.len()));
    match time {
        "" => is_number(year, 4..=4) && is_number(month, 2..=2) && is_number(day, 2..=2),
        time => {
            let time = time.trim_start_matches(['T', 't', ' ', '\t']);
            let has_clock =
                time.split(':').take(3).filter(|part| part.starts_with(|c: char| c.is_ascii_digit())).count() == 3;
            is_number(year, 4..=4) && is_number(month, 1..=2) && is_number(day, 1..=2) && has_clock
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> Scalar {
        Scalar { text: text.to_owned(), is_plain: true }
    }

    #[test]
    fn plain_scalars_mean_what_yaml_1_1_says() {
        let cases: [(&str, Value<'_>); 25] = [
            ("", Value::Null),
            ("~", Value::Null),
            ("On", Value::Bool(true)),
            ("no", Value::Bool(false)),
            ("n", Value::Text("n")),
            ("0", Value::Integer(Some(0))),
            ("-7", Value::Integer(Some(-7))),
            ("1_000", Value::Integer(Some(1000))),
            ("010", Value::Integer(Some(8))),
            ("08", Value::Text("08")),
            ("0o7", Value::Text("0o7")),
            ("0x1F", Value::Integer(Some(31))),
            ("-0b11", Value::Integer(Some(-3))),
            ("1:30", Value::Integer(Some(90))),
            ("1:60", Value::Text("1:60")),
            ("1.5", Value::Float(1.5)),
            (".5", Value::Float(0.5)),
            ("-.5", Value::Text("-.5")),
            ("1e3", Value::Text("1e3")),
            ("1.0e+3", Value::Float(1000.0)),
            ("-.inf", Value::Float(f64::NEG_INFINITY)),
            ("2001-12-14", Value::Date),
            ("2001-12-14 21:59:43", Value::Date),
            ("per-account-2", Value::Text("per-account-2")),
            ("99999999999999999999999999999999999999999999", Value::Integer(None)),
        ];
        for (text, value) in cases {
            assert_eq!(plain(text).value(), value, "{text}");
        }
        assert_eq!(Scalar { text: "5".into(), is_plain: false }.value(), Value::Text("5"));
    }
}
