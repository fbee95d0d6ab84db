//! When a machine starts by itself: the five fields of cron.

use crate::ast::Field;
use crate::code::Code;
use crate::diagnostic::Findings;
use crate::scalar::{Value, shorten};
use crate::source::Spanned;

use super::attributes::Attributes;

/// What a field counts, its smallest and its largest number, and the names that stand for its numbers.
const FIELDS: [(&str, u8, u8, &[&str]); 5] = [
    ("minute", 0, 59, &[]),
    ("hour", 0, 23, &[]),
    ("day of the month", 1, 31, &[]),
    ("month", 1, 12, &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]),
    ("day of the week", 0, 7, &["sun", "mon", "tue", "wed", "thu", "fri", "sat"]),
];

impl Attributes<'_> {
    pub(super) fn schedule(&self, findings: &mut Findings) -> Field<String> {
        let Some(node) = self.get("schedule") else { return Field::Absent };
        let problem = match node.value() {
            Some(Value::Text(text)) => match problem(text) {
                None => return Field::Given(Spanned::new(text.to_owned(), node.span)),
                Some(problem) => problem,
            },
            _ => format!("`schedule` is a text of five fields, this is {}", node.describe()),
        };
        findings
            .report(Code::InvalidSchedule, node.span, problem)
            .help("write minute, hour, day, month and weekday, as in `'30 4 * * mon-fri'`");
        Field::Invalid
    }
}

fn problem(text: &str) -> Option<String> {
    let fields: Vec<&str> = text.split_whitespace().collect();
    if fields.len() != FIELDS.len() {
        return Some(format!("a schedule has five fields, this one has {}", fields.len()));
    }
    let broken = fields
        .iter()
        .zip(FIELDS)
        .find(|(field, (_, low, high, names))| !field.split(',').all(|part| is_part(part, *low, *high, names)));
    broken
        .map(|(field, (what, low, high, _))| format!("`{}` is no {what}: it goes from {low} to {high}", shorten(field)))
}

/// `*`, `5`, `1-5`, `mon-fri`, each with a step behind a slash.
fn is_part(part: &str, low: u8, high: u8, names: &[&str]) -> bool {
    let (range, step) = part.split_once('/').map_or((part, None), |(range, step)| (range, Some(step)));
    if step.is_some_and(|step| !step.parse::<u8>().is_ok_and(|step| step > 0 && !part.ends_with('+'))) {
        return false;
    }
    if range == "*" {
        return true;
    }
    let number = |text: &str| {
        let named = names.iter().position(|name| name.eq_ignore_ascii_case(text)).and_then(|at| u8::try_from(at).ok());
        let digits = text.bytes().all(|digit| digit.is_ascii_digit()).then(|| text.parse::<u8>().ok()).flatten();
        named.map(|at| at + low).or(digits).filter(|number| (low..=high).contains(number))
    };
    match range.split_once('-') {
        Some((from, to)) => number(from).zip(number(to)).is_some_and(|(from, to)| from <= to),
        None => number(range).is_some(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_fields_in_their_ranges_are_a_schedule() {
        for text in ["* * * * *", "*/5 0-6 1,15 jan-MAR mon-fri", "30 4 * * 7", "0 0 31 12 0"] {
            assert_eq!(problem(text), None, "{text}");
        }
        for text in
            ["", "* * * *", "60 * * * *", "* * 0 * *", "*/0 * * * *", "5-1 * * * *", "every * * * *", "+1 * * * *"]
        {
            assert!(problem(text).is_some(), "{text}");
        }
    }
}
