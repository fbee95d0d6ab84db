//! One slip of the hand in a file without mistakes is one error, at the slip.

use fantasm_spec::attribute::attributes;
use fantasm_spec::{Diagnostic, Severity, load_str};

/// Files with every attribute that a slip could hit.
const FILES: [&str; 4] = [
    include_str!("cases/valid/second_edition/fsm.yaml"),
    include_str!("cases/valid/email_batch/fsm.yaml"),
    include_str!("cases/valid/inheritance/fsm.yaml"),
    include_str!("cases/valid/optional_defaults/fsm.yaml"),
];

#[test]
fn a_misspelt_key_is_one_error() {
    let mut n_slips = 0;
    for text in FILES {
        for (at, key) in keys(text) {
            let misspelt = misspelt(key);
            let slip = format!("{}{misspelt}{}", &text[..at], &text[at + key.len()..]);
            let errors = errors(&slip);
            assert_eq!(errors.len(), 1, "`{misspelt}` for `{key}` at byte {at} is told as {errors:#?}");
            n_slips += 1;
        }
    }
    assert!(n_slips > 100, "{n_slips} slips");
}

#[test]
fn a_forgotten_edition_is_one_error() {
    for text in FILES.into_iter().filter(|text| text.starts_with("edition: 2\n")) {
        let errors = errors(&text["edition: 2\n".len()..]);
        assert_eq!(errors.len(), 1, "{errors:#?}");
        let help = errors[0].help.as_deref().unwrap_or_default();
        assert!(help.starts_with("write `edition: 2` at the top of the file, which "), "{help}");
    }
}

/// The errors of a text; the warnings are no errors.
fn errors(text: &str) -> Vec<Diagnostic> {
    let report = load_str("fsm.yaml", text).map(|_| text).expect_err("a slip was made");
    report.diagnostics().iter().filter(|found| found.severity == Severity::Error).cloned().collect()
}

/// Where keys of the language stand in a text, and which; not those at its top, of which Fantasm and we only warn.
fn keys(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let is_letter = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let colons = text.match_indices(':').map(|(at, _)| at);
    colons.filter_map(move |end| {
        let start = text[..end].rfind(|letter| !is_letter(letter))? + 1;
        let key = &text[start..end];
        let is_known = attributes().iter().any(|attribute| attribute.name == key);
        let is_at_top = start == 0 || text[..start].ends_with('\n');
        (is_known && key.len() > 2 && !is_at_top).then_some((start, key))
    })
}

/// Two letters in the wrong order, so that it is clear what was meant.
fn misspelt(key: &str) -> String {
    let letters = key.as_bytes();
    let at = (1..letters.len() - 1).find(|at| letters[*at] != letters[*at + 1]).unwrap_or_default();
    format!("{}{}{}{}", &key[..at], &key[at + 1..at + 2], &key[at..=at], &key[at + 2..])
}
