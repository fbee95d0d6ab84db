//! The one door to the YAML library: bytes in, a tree out in which every key and value knows where it was written.

mod failure;
mod raw;

use serde_saphyr::options::{DuplicateKeyPolicy, NonFiniteFloatPolicy};
use serde_saphyr::{Location, Options, Spanned};

use crate::source::{FileId, Span};

use failure::failure;
use raw::Raw;

pub(crate) use failure::{Failure, Problem};

/// A value of the file and where it was written.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) span: Span,
    pub(crate) kind: Kind,
}

#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Scalar(Scalar),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

impl Kind {
    /// A text as if it stood in the file without quotes.
    pub(crate) fn plain(text: &str) -> Self {
        Self::Scalar(Scalar { text: text.to_owned(), is_plain: true })
    }
}

/// A text in the file; what it means is for [`Scalar::value`](crate::scalar) to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Scalar {
    pub(crate) text: String,
    /// Whether it stands without quotes, so that `5` is a number and `no` a boolean.
    pub(crate) is_plain: bool,
}

/// A key and its value; keys may repeat.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) key: Node,
    pub(crate) value: Node,
}

/// Parses one document.
pub(crate) fn parse(file: FileId, text: &str) -> Result<Node, Failure> {
    match serde_saphyr::from_str_with_options::<Spanned<Raw>>(text, options()) {
        Ok(raw) => Ok(Tree { file, text }.node(raw)),
        Err(error) => Err(failure(file, text, &error)),
    }
}

/// A countdown of a transition nests eight deep. Each level costs the library tens of kilobytes of stack in a debug build, so a
/// limit that it takes by itself would already overflow the stack of a thread.
const DEEPEST: usize = 20;

/// A fsm.yaml is small, so the limits are low: a hostile file ends in milliseconds.
fn options() -> Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: DEEPEST,
            max_nodes: 100_000,
            max_events: 200_000,
            max_aliases: 5_000,
            max_anchors: 5_000,
            max_merge_keys: 5_000,
            // One anchor may well be named by every state; the limits above are what bounds the work.
            enforce_alias_anchor_ratio: false,
        },
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: 50_000,
            max_replay_stack_depth: 16,
        },
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        strict_booleans: true,
        non_finite_float_policy: NonFiniteFloatPolicy::PassThrough,
        with_snippet: false,
    }
}

fn span(file: FileId, text: &str, location: &Location) -> Span {
    let span = location.span();
    let Some(start) = span.byte_offset().and_then(|at| usize::try_from(at).ok()) else {
        return span_of_line_and_column(file, text, location);
    };
    let len = span.byte_len().and_then(|len| usize::try_from(len).ok()).unwrap_or_default();
    let end = ceil_char_boundary(text, start.saturating_add(len));
    Span { file, start: ceil_char_boundary(text, start).min(end), end }
}

/// The library's scanner counts in lines and columns only.
fn span_of_line_and_column(file: FileId, text: &str, location: &Location) -> Span {
    let line = usize::try_from(location.line()).unwrap_or_default().saturating_sub(1);
    let column = usize::try_from(location.column()).unwrap_or_default().saturating_sub(1);
    let start = match line {
        0 => 0,
        _ => text.match_indices('\n').nth(line - 1).map_or(text.len(), |(at, _)| at + 1),
    };
    let rest = &text[start..];
    let at = rest.char_indices().nth(column).map_or(text.len(), |(at, _)| start + at);
    let len = text[at..].chars().next().filter(|letter| *letter != '\n').map_or(0, char::len_utf8);
    Span { file, start: at, end: at + len }
}

fn ceil_char_boundary(text: &str, at: usize) -> usize {
    (at..text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len())
}

struct Tree<'a> {
    file: FileId,
    text: &'a str,
}

impl Tree<'_> {
    fn node(&self, raw: Spanned<Raw>) -> Node {
        // The place of the definition, not of an alias to it, is where a mistake has to be mended.
        let mut span = span(self.file, self.text, &raw.defined);
        let kind = match raw.value {
            Raw::Plain => Kind::Scalar(Scalar { text: self.written(span).to_owned(), is_plain: true }),
            Raw::Text(text) => {
                let is_plain = self.is_plain(span);
                span.end = span.start + self.written(span).trim_end().len();
                Kind::Scalar(Scalar { text, is_plain })
            }
            Raw::List(items) => {
                let items: Vec<Node> = items.into_iter().map(|item| self.node(item)).collect();
                span = covering(span, items.iter().map(|item| item.span));
                Kind::List(items)
            }
            Raw::Map(entries) => {
                let entry = |(key, value)| Entry { key: self.node(key), value: self.node(value) };
                let entries: Vec<Entry> = entries.into_iter().map(entry).collect();
                span = covering(span, entries.iter().flat_map(|entry| [entry.key.span, entry.value.span]));
                Kind::Map(entries)
            }
        };
        Node { span, kind }
    }

    fn written(&self, span: Span) -> &str {
        self.text.get(span.start..span.end).unwrap_or_default()
    }

    /// Whether a text stands without quotes, without `|` or `>` before it, and without a tag that makes it a text.
    fn is_plain(&self, span: Span) -> bool {
        let before = self.text.get(..span.start).unwrap_or_default().trim_end();
        let block = before.trim_end_matches(|letter: char| letter.is_ascii_digit() || matches!(letter, '+' | '-'));
        let is_block = block.ends_with(['|', '>']) && self.text[before.len()..span.start].contains('\n');
        !(self.written(span).starts_with(['"', '\''])
            || is_block
            || before.ends_with("!!str")
            || before.ends_with(" !"))
    }
}

/// The library says where a list or a mapping starts; it ends where its last part ends, unless that stands elsewhere.
fn covering(start: Span, parts: impl Iterator<Item = Span>) -> Span {
    let end = parts.filter(|part| part.start >= start.start).map(|part| part.end).max();
    Span { end: end.unwrap_or(start.end).max(start.end), ..start }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Sources;

    fn parsed(text: &str) -> Result<Node, Failure> {
        parse(Sources::default().add("fsm.yaml", text), text)
    }

    /// Each scalar with its text in the file, and whether it is plain.
    fn scalars(text: &str) -> Vec<(String, String, bool)> {
        fn walk(node: &Node, text: &str, found: &mut Vec<(String, String, bool)>) {
            match &node.kind {
                Kind::Scalar(scalar) => {
                    let written = &text[node.span.start..node.span.end];
                    found.push((scalar.text.clone(), written.to_owned(), scalar.is_plain));
                }
                Kind::List(items) => items.iter().for_each(|item| walk(item, text, found)),
                Kind::Map(entries) => entries.iter().for_each(|entry| walk(&entry.value, text, found)),
            }
        }
        let mut found = Vec::new();
        walk(&parsed(text).expect("well formed"), text, &mut found);
        found
    }

    #[track_caller]
    fn check(text: &str, expected: &[(&str, &str, bool)]) {
        let expected: Vec<_> =
            expected.iter().map(|(text, written, plain)| ((*text).to_owned(), (*written).to_owned(), *plain)).collect();
        assert_eq!(scalars(text), expected);
    }

    #[test]
    fn scalars_keep_their_spelling() {
        check(
            "[010, 1_0, no, ~, 1.50, 0x1F]",
            &[
                ("010", "010", true),
                ("1_0", "1_0", true),
                ("no", "no", true),
                ("~", "~", true),
                ("1.50", "1.50", true),
                ("0x1F", "0x1F", true),
            ],
        );
        check("a:\n", &[("", "", true)]);
    }

    #[test]
    fn quoted_block_and_tagged_texts_are_not_plain() {
        check("['5', \"5\", !!str 5]", &[("5", "'5'", false), ("5", "\"5\"", false), ("5", "5", false)]);
        check("a: |-\n  5\nb:\n  5\n", &[("5", "5", false), ("5", "5", true)]);
    }

    #[test]
    fn an_alias_stands_where_its_anchor_is() {
        check("a: &x five\nb: *x\n", &[("five", "five", true), ("five", "five", true)]);
        check("a: &x {k: five}\nb:\n  <<: *x\n", &[("five", "five", true), ("five", "five", true)]);
    }

    #[test]
    fn repeated_keys_are_kept() {
        check("a: 1\na: 2\n", &[("1", "1", true), ("2", "2", true)]);
    }

    #[test]
    fn failures_say_where() {
        for (text, start, message) in [
            ("a: [\n", 3, "unclosed bracket '['"),
            ("é: *nope\n", 4, "nothing has the name of this alias"),
            ("--- a\n--- b\n", 10, "a second document starts here"),
        ] {
            let failure = parsed(text).expect_err(text);
            assert_eq!((failure.span.start, failure.message.as_str()), (start, message));
        }
    }

    #[test]
    fn hostile_files_end_at_a_limit() {
        let bomb = "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\n\
                    d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: [*e,*e,*e,*e,*e,*e,*e,*e]\n";
        let deep = |open: &str, close: &str| open.repeat(400) + &close.repeat(400);
        let many = "- x\n".repeat(110_000);
        for text in [bomb, &deep("[", "]"), &deep("- ", ""), &many] {
            let failure = parsed(text).expect_err("too much");
            assert_eq!(failure.problem, Problem::Limit, "{failure:?}");
        }
    }
}
