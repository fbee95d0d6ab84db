//! The rule for names, for those that only the compiler knows.

use crate::text::contains;

/// Fails to compile for the text of a constant that is no name of an event of this state.
#[track_caller]
pub const fn check_event_name(text: &str, state: &str, others: &[&str]) {
    assert!(!text.is_empty(), "the name of an event is empty; use letters, digits and hyphens");
    assert!(text.len() <= 50, "the name of an event has more than 50 characters");
    assert!(is_plain(text), "the name of an event has a character that is no letter (a-z, A-Z), digit or hyphen");
    assert!(text.len() + state.len() <= 48, "the state and the event have more than 48 characters together");
    assert!(!contains(others, text), "another event of the state has the same name");
}

const fn is_plain(text: &str) -> bool {
    let mut rest = text.as_bytes();
    while let [letter, after @ ..] = rest {
        if !letter.is_ascii_alphanumeric() && *letter != b'-' {
            return false;
        }
        rest = after;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_passes() {
        const _: () = check_event_name("all-sent", "Send", &["sent", "all-sen", "all-sent2"]);
        check_event_name("-", "Send", &[]);
    }

    #[test]
    fn what_is_no_name_is_refused() {
        for (text, state, others) in [
            ("", "Send", &[][..]),
            ("all_sent", "Send", &[]),
            ("é", "Send", &[]),
            ("a234567890123456789012345678901234567890123456789", "S", &[]),
            ("sent", "Send", &["lost", "sent"]),
        ] {
            assert!(std::panic::catch_unwind(|| check_event_name(text, state, others)).is_err(), "{text}");
        }
    }
}
