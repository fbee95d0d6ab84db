//! Writes elements, so that nothing a file says can become anything but text.

use std::fmt::{Display, Write};

/// The text of an XML document, as it grows.
#[derive(Debug, Default)]
pub(super) struct Xml {
    text: String,
    open: Vec<&'static str>,
}

/// An attribute.
pub(super) type Attribute<'a> = (&'a str, &'a dyn Display);

impl Xml {
    /// Opens an element; what follows is inside it until it is closed.
    pub(super) fn open(&mut self, name: &'static str, attributes: &[Attribute<'_>]) {
        self.start(name, attributes);
        self.text.push_str(">\n");
        self.open.push(name);
    }

    /// Closes the element that was opened last.
    pub(super) fn close(&mut self) {
        if let Some(name) = self.open.pop() {
            self.indent();
            self.text.push_str("</");
            self.text.push_str(name);
            self.text.push_str(">\n");
        }
    }

    /// Writes an element without content.
    pub(super) fn empty(&mut self, name: &'static str, attributes: &[Attribute<'_>]) {
        self.start(name, attributes);
        self.text.push_str("/>\n");
    }

    /// Writes an element that holds text.
    pub(super) fn text(&mut self, name: &'static str, attributes: &[Attribute<'_>], text: &str) {
        self.start(name, attributes);
        self.text.push('>');
        self.text.push_str(&escape(text));
        self.text.push_str("</");
        self.text.push_str(name);
        self.text.push_str(">\n");
    }

    /// Returns the document, every element closed.
    pub(super) fn finish(mut self) -> String {
        while !self.open.is_empty() {
            self.close();
        }
        self.text
    }

    fn start(&mut self, name: &'static str, attributes: &[Attribute<'_>]) {
        self.indent();
        self.text.push('<');
        self.text.push_str(name);
        for (key, value) in attributes {
            // A text takes all that is written into it.
            let _ = write!(self.text, " {key}=\"{}\"", escape(&value.to_string()).replace('\n', "&#10;"));
        }
    }

    fn indent(&mut self) {
        for _ in &self.open {
            self.text.push_str("  ");
        }
    }
}

/// Writes what has a meaning for XML as an entity, and what XML cannot hold as the sign for that.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' => escaped.push('\n'),
            '\t' => escaped.push(' '),
            '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            letter if letter.is_control() => escaped.push('\u{fffd}'),
            letter => escaped.push(letter),
        }
    }
    escaped
}

/// A number with at most one decimal.
#[derive(Clone, Copy, Debug)]
pub(super) struct Number(pub(super) f64);

impl Display for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let tenths = (self.0 * 10.0).round();
        // Adding zero takes the sign off a negative zero.
        let number = tenths / 10.0 + 0.0;
        write!(f, "{number}")
    }
}

/// Returns a name as a part of an id: what is not a letter, a digit or a hyphen is written by its number, so that two names
/// never meet.
pub(super) fn id_part(name: &str) -> String {
    let mut id = String::with_capacity(name.len());
    for letter in name.chars() {
        if letter.is_ascii_alphanumeric() || letter == '-' {
            id.push(letter);
        } else {
            let _ = write!(id, "_{:x}_", u32::from(letter));
        }
    }
    id
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_gets_out_of_its_place() {
        let mut xml = Xml::default();
        xml.open("g", &[("title", &"\"/><script>alert('&')</script>")]);
        xml.text("text", &[], "</text>]]>\u{0}\u{ffff}\n");
        assert_eq!(
            xml.finish(),
            "<g title=\"&quot;/&gt;&lt;script&gt;alert('&amp;')&lt;/script&gt;\">\n  \
             <text>&lt;/text&gt;]]&gt;\u{fffd}\u{fffd}\n</text>\n</g>\n"
        );
    }

    #[test]
    fn numbers_are_short() {
        let texts = [1.0, 1.25, -0.01, 2.349, -3.5].map(|number| Number(number).to_string());
        assert_eq!(texts, ["1", "1.3", "0", "2.3", "-3.5"]);
    }

    #[test]
    fn ids_are_words_and_never_meet() {
        assert_eq!(id_part("Send-Email2"), "Send-Email2");
        assert_eq!(id_part("a b"), "a_20_b");
        assert_ne!(id_part("a_20_b"), id_part("a b"));
    }
}
