//! How much room texts take, and how they are made to fit.

/// A way to write.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Font {
    /// The name of a state.
    Name,
    /// An event.
    Event,
    /// What else is to be said.
    Note,
    /// Names out of the program.
    Code,
}

impl Font {
    /// Returns the size of its letters in pixels.
    pub(super) fn size(self) -> f64 {
        match self {
            Self::Name => 14.0,
            Self::Event => 12.0,
            Self::Note | Self::Code => 11.0,
        }
    }

    /// Returns the height of a line.
    pub(super) fn line_height(self) -> f64 {
        match self {
            Self::Name => 18.0,
            Self::Event => 16.0,
            Self::Note | Self::Code => 15.0,
        }
    }

    /// Returns the class that the style sheet and the host page know it by.
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Event => "event",
            Self::Note => "note",
            Self::Code => "code",
        }
    }
}

/// A line of text.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Line {
    pub(super) font: Font,
    pub(super) text: String,
}

impl Line {
    pub(super) fn new(font: Font, text: impl Into<String>) -> Self {
        Self { font, text: text.into() }
    }

    /// Returns about how wide the text comes out. The font is the reader's, so this is an estimate on the safe side.
    pub(super) fn width(&self) -> f64 {
        let per_thousand: u32 = match self.font {
            Font::Code => self.text.chars().map(|letter| 602.max(width_per_thousand(letter, 602))).sum(),
            Font::Name | Font::Event | Font::Note => {
                self.text.chars().map(|letter| width_per_thousand(letter, 0)).sum()
            }
        };
        let safety = match self.font {
            Font::Name => 1.12,
            Font::Event | Font::Note => 1.05,
            Font::Code => 1.0,
        };
        f64::from(per_thousand) / 1000.0 * self.font.size() * safety
    }
}

/// Returns the width of a letter at a size of 1000; `fixed` is that of the letters of a font in which all are alike.
fn width_per_thousand(letter: char, fixed: u32) -> u32 {
    if !letter.is_ascii() {
        // The scripts from Hangul and kana on, and the symbols, are square.
        return if letter >= '\u{1100}' && !('\u{1e00}'..='\u{2319}').contains(&letter) {
            1000
        } else {
            fixed.max(650)
        };
    }
    let printable = (letter as usize).checked_sub(0x20).and_then(|at| ASCII.get(at));
    if fixed > 0 { fixed } else { printable.copied().map_or(600, u32::from) }
}

/// The widths of the printable ASCII letters in Helvetica, which Arial, Liberation Sans and most interface fonts are near to.
#[rustfmt::skip]
const ASCII: [u16; 95] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, // blank to /
    556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, // 0 to ?
    1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778, // @ to O
    667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556, // P to _
    333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, // ` to o
    556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,      // p to ~
];

/// The most letters of a note; a picture with longer ones cannot be taken in.
const MAX_LETTERS: usize = 40;

/// Shortens a path from its start, by whole segments where it can: the end says most.
pub(super) fn keep_end(path: &str) -> String {
    let n_letters = path.chars().count();
    if n_letters <= MAX_LETTERS {
        return path.to_owned();
    }
    let mut ends = path.match_indices("::").map(|(at, _)| &path[at..]);
    if let Some(end) = ends.find(|end| end.chars().count() < MAX_LETTERS) {
        return format!("…{end}");
    }
    let end: String = path.chars().skip(n_letters + 1 - MAX_LETTERS).collect();
    format!("…{end}")
}

/// Shortens a text from its end.
pub(super) fn keep_start(text: &str) -> String {
    if text.chars().count() <= MAX_LETTERS {
        return text.to_owned();
    }
    let start: String = text.chars().take(MAX_LETTERS - 1).collect();
    format!("{}…", start.trim_end())
}

/// Writes a number of seconds in the largest unit that divides it.
pub(super) fn duration(seconds: i128) -> String {
    for (unit, name) in [(86_400, "d"), (3_600, "h"), (60, "min")] {
        if seconds != 0 && seconds % unit == 0 {
            return format!("{} {name}", seconds / unit);
        }
    }
    format!("{seconds} s")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_letters_take_more_room_than_narrow_ones() {
        let width = |text: &str| Line::new(Font::Event, text).width();
        assert!(width("WWWW") > 2.0 * width("iiii"));
        assert!(width("事件") > width("ab"));
        assert_eq!(width(""), 0.0);
        assert_eq!(Line::new(Font::Code, "iiii").width(), Line::new(Font::Code, "WWWW").width());
    }

    #[test]
    fn long_texts_are_shortened_where_they_say_least() {
        let long = format!("{}send_email", "mailer::".repeat(9));
        assert_eq!(keep_end(&long), "…::mailer::mailer::mailer::send_email");
        assert_eq!(keep_end(&"x".repeat(50)).chars().count(), MAX_LETTERS);
        assert!(keep_start(&long).starts_with("mailer::"));
        assert_eq!(keep_start(&long).chars().count(), MAX_LETTERS);
        assert_eq!([keep_end("short"), keep_start("short")], ["short", "short"]);
    }

    #[test]
    fn durations_use_the_largest_unit_that_fits() {
        let texts = [0, 1, 60, 90, 3_600, 5_400, 172_800, -60].map(duration);
        assert_eq!(texts, ["0 s", "1 s", "1 min", "90 s", "1 h", "90 min", "2 d", "-1 min"]);
    }
}
