//! Whole numbers, by the rules of Python's `int()`, which is what read them in Fantasm.

use crate::ast::{Field, Retry};
use crate::code::Code;
use crate::diagnostic::Findings;
use crate::integer::Integer;
use crate::scalar::Value;
use crate::source::Spanned;
use crate::yaml::Node;

use super::attributes::Attributes;

impl Attributes<'_> {
    pub(super) fn integer(&self, name: &str, code: Code, findings: &mut Findings) -> Field<Integer> {
        self.get(name).map_or(Field::Absent, |node| integer(node, &format!("`{name}`"), code, findings))
    }

    /// Which of the tasks that are due goes first; a larger number does.
    pub(super) fn priority(&self, findings: &mut Findings) -> Field<Integer> {
        match self.integer("priority", Code::InvalidPriority, findings) {
            Field::Given(number) if !(-100..=100).contains(&number.value.get()) => {
                findings
                    .report(Code::InvalidPriority, number.span, format!("the priority is {}", number.value))
                    .help("write a number from -100 to 100; 0 is what others have");
                Field::Invalid
            }
            other => other,
        }
    }

    pub(super) fn retry(&self, findings: &mut Findings) -> Retry {
        Retry {
            task_retry_limit: self.integer("task_retry_limit", Code::InvalidTaskRetryLimit, findings),
            max_retries: self.integer("max_retries", Code::InvalidMaxRetries, findings),
            task_retry_limit_key: self.key("task_retry_limit"),
            max_retries_key: self.key("max_retries"),
            min_backoff_seconds: self.integer("min_backoff_seconds", Code::InvalidMinBackoffSeconds, findings),
            max_backoff_seconds: self.integer("max_backoff_seconds", Code::InvalidMaxBackoffSeconds, findings),
            task_age_limit: self.integer("task_age_limit", Code::InvalidTaskAgeLimit, findings),
            max_doublings: self.integer("max_doublings", Code::InvalidMaxDoublings, findings),
        }
    }
}

/// Reads a whole number; one that is written as something else is taken with a warning.
pub(super) fn integer(node: &Node, what: &str, code: Code, findings: &mut Findings) -> Field<Integer> {
    match number(node) {
        Number::Is(number) => Field::Given(Spanned::new(number, node.span)),
        Number::Means(number) => {
            let message = format!("{} is read as the whole number {number}", node.describe());
            findings
                .report(Code::NumberInDisguise, node.span, message)
                .help("write the number itself, without quotes and without a fraction")
                .fix(node.span, number.to_string());
            Field::Given(Spanned::new(number, node.span))
        }
        Number::IsTooLarge => {
            findings
                .report(Code::NumberOutOfRange, node.span, format!("{what} has more than 38 digits"))
                .help("write a number that fits in 32 bits");
            Field::Invalid
        }
        Number::IsNone => {
            findings
                .report(code, node.span, format!("{what} is a whole number, this is {}", node.describe()))
                .help("write a number such as `30`, without a unit and without a fraction");
            Field::Invalid
        }
    }
}

enum Number {
    Is(Integer),
    /// Python makes a whole number of it, though it is written as something else.
    Means(Integer),
    IsTooLarge,
    IsNone,
}

fn number(node: &Node) -> Number {
    match node.value() {
        Some(Value::Integer(number)) => number.map_or(Number::IsTooLarge, |number| Number::Is(number.into())),
        Some(Value::Bool(truth)) => Number::Means(i128::from(truth).into()),
        Some(Value::Float(number)) => whole_part(number),
        Some(Value::Text(text)) => from_text(text),
        Some(Value::Null | Value::Date) | None => Number::IsNone,
    }
}

fn whole_part(number: f64) -> Number {
    // Beyond this a float is no longer exact, and no author means it.
    const LARGEST: f64 = 1e18;
    if number.is_nan() || number.is_infinite() {
        return Number::IsNone;
    }
    if number.abs() > LARGEST {
        return Number::IsTooLarge;
    }
    format!("{:.0}", number.trunc()).parse::<i128>().map_or(Number::IsTooLarge, |number| Number::Means(number.into()))
}

/// Blanks around, a sign, digits of any script, single underscores between digits.
fn from_text(text: &str) -> Number {
    let text = text.trim();
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let mut digits = String::with_capacity(text.len());
    for part in unsigned.split('_') {
        let part: Option<String> = part.chars().map(decimal_digit).collect();
        match part {
            Some(part) if !part.is_empty() => digits.push_str(&part),
            _ => return Number::IsNone,
        }
    }
    let sign = if text.starts_with('-') { -1 } else { 1 };
    digits.parse::<i128>().map_or(Number::IsTooLarge, |number| Number::Means((sign * number).into()))
}

/// The ASCII digit that a decimal digit of some script stands for.
fn decimal_digit(letter: char) -> Option<char> {
    /// The zeros of the scripts whose ten digits follow each other: those of Unicode's category Nd that people write with.
    const ZEROS: [u32; 24] = [
        0x30, 0x660, 0x6F0, 0x7C0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xCE6, 0xD66, 0xDE6, 0xE50, 0xED0,
        0xF20, 0x1040, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1B50, 0xFF10,
    ];
    let code = u32::from(letter);
    let zero = ZEROS.into_iter().find(|zero| (*zero..zero + 10).contains(&code))?;
    char::from_digit(code - zero, 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_read_as_python_reads_them() {
        for (text, expected) in [("3", 3), (" 7 ", 7), ("+4", 4), ("-4", -4), ("1_000", 1000), ("٣", 3), ("००७", 7)]
        {
            assert!(matches!(from_text(text), Number::Means(number) if number.get() == expected), "{text}");
        }
        for text in ["", "1.5", "1e3", "3s", "1 2", "1__0", "_1", "0x10", "--1"] {
            assert!(matches!(from_text(text), Number::IsNone), "{text}");
        }
    }
}
