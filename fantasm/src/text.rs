//! Text that is put together by the compiler, for the messages of checks that run there.

/// A text of limited length; what does not fit is cut.
#[derive(Clone, Copy)]
pub(crate) struct Text {
    bytes: [u8; Self::MOST],
    len: usize,
}

impl Text {
    const MOST: usize = 600;

    pub(crate) const fn new() -> Self {
        Self { bytes: [0; Self::MOST], len: 0 }
    }

    pub(crate) const fn push(mut self, text: &str) -> Self {
        let text = text.as_bytes();
        if self.len + text.len() > Self::MOST {
            return self;
        }
        let mut at = 0;
        while at < text.len() {
            self.bytes[self.len] = text[at];
            self.len += 1;
            at += 1;
        }
        self
    }

    /// Adds a state, and where fsm.yaml names its action, if that is known.
    pub(crate) const fn push_state(self, state: &str, place: &str) -> Self {
        let text = self.push("state `").push(state).push("`");
        if place.is_empty() { text } else { text.push(" (").push(place).push(")") }
    }

    /// Adds words with commas between them.
    pub(crate) const fn push_list(mut self, words: &[&str]) -> Self {
        if words.is_empty() {
            return self.push("none");
        }
        let mut at = 0;
        while at < words.len() {
            self = if at == 0 { self } else { self.push(", ") };
            self = self.push(words[at]);
            at += 1;
        }
        self
    }

    pub(crate) const fn as_str(&self) -> &str {
        match std::str::from_utf8(self.bytes.split_at(self.len).0) {
            Ok(text) => text,
            Err(_) => "",
        }
    }
}

/// Whether a text is among others.
pub(crate) const fn contains(texts: &[&str], text: &str) -> bool {
    let mut at = 0;
    while at < texts.len() {
        if is_same(texts[at], text) {
            return true;
        }
        at += 1;
    }
    false
}

pub(crate) const fn is_same(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    if one.len() != other.len() {
        return false;
    }
    let mut at = 0;
    while at < one.len() {
        if one[at] != other[at] {
            return false;
        }
        at += 1;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_become_one_text() {
        const TEXT: Text = Text::new().push("it has: ").push_list(&["gelöscht", "ok"]);
        assert_eq!(TEXT.as_str(), "it has: gelöscht, ok");
        assert_eq!(Text::new().push_list(&[]).as_str(), "none");
    }

    #[test]
    fn what_does_not_fit_is_cut() {
        let long = "x".repeat(Text::MOST - 1);
        assert_eq!(Text::new().push(&long).push("yz").push("z").as_str(), format!("{long}z"));
    }

    #[test]
    fn texts_are_told_apart() {
        assert!(contains(&["one", "two"], "two"));
        assert!(!contains(&["one", "two"], "tw") && !is_same("two", "twa"));
    }
}
