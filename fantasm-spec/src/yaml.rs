//! The one door to the YAML library: bytes in, a tree out in which every key and value knows where it was written.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::budget::BudgetBreach;
use serde_saphyr::options::{DuplicateKeyPolicy, NonFiniteFloatPolicy};
use serde_saphyr::{Error, Location, Options, Spanned};

use crate::source::{FileId, Span};

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

/// Why a text is no YAML that we take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) span: Span,
    pub(crate) message: String,
    pub(crate) problem: Problem,
}

/// What kind of mistake it is, and so what helps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Problem {
    /// The text is not well formed.
    Syntax,
    /// There is more than one document.
    Documents,
    /// An alias stands for nothing, or for itself.
    Alias,
    /// The text is too large for us: too deep, too many values, too many aliases.
    Limit,
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

fn failure(file: FileId, text: &str, error: &Error) -> Failure {
    let span = error.location().map_or(Span::start_of(file), |location| span(file, text, &location));
    let cause = cause(error);
    let (problem, message) = match (limit(cause), cause) {
        (Some(limit), _) => (Problem::Limit, limit.to_owned()),
        (None, Error::MultipleDocuments { .. }) => (Problem::Documents, "a second document starts here".to_owned()),
        (None, Error::UnknownAnchor { .. }) => (Problem::Alias, "nothing has the name of this alias".to_owned()),
        (None, Error::RecursiveReferencesRequireWeakTypes { .. }) => {
            (Problem::Alias, "the alias stands inside the value it names".to_owned())
        }
        (None, other) => {
            let message = first_sentence(&other.to_string());
            // The scanner knows no kinds, only words.
            let is_alias = message.contains("unknown anchor");
            if is_alias {
                (Problem::Alias, "nothing has the name of this alias".to_owned())
            } else {
                (Problem::Syntax, message)
            }
        }
    };
    Failure { span, message, problem }
}

/// Which of our limits the file goes beyond, if that is what is wrong with it.
fn limit(error: &Error) -> Option<&'static str> {
    match error {
        Error::Budget { breach: BudgetBreach::Depth { .. }, .. } => Some(TOO_DEEP),
        Error::Budget { .. } => Some("the file holds too many values"),
        Error::AliasReplayLimitExceeded { .. }
        | Error::AliasExpansionLimitExceeded { .. }
        | Error::AliasReplayStackDepthExceeded { .. } => Some("aliases of aliases stand for too many values"),
        // Of brackets the library's scanner takes fewer than we could count, and says so in words only.
        other => Some(TOO_DEEP).filter(|_| other.to_string().starts_with("recursion limit")),
    }
}

const TOO_DEEP: &str = "values nest more than 20 deep";

/// The error behind an alias, which the library wraps.
fn cause(error: &Error) -> &Error {
    match error.without_snippet() {
        Error::AliasError { error, .. } => cause(error),
        other => other,
    }
}

/// The library ends its messages with the place, which we tell in our own way.
fn first_sentence(message: &str) -> String {
    message.split(" at line ").next().unwrap_or(message).to_owned()
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

/// What the library tells us of a value.
enum Raw {
    /// Null, a boolean or a number, all without quotes: its text is in the file.
    Plain,
    Text(String),
    List(Vec<Spanned<Self>>),
    Map(Vec<(Spanned<Self>, Spanned<Self>)>),
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

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a YAML value")
    }

    fn visit_unit<E>(self) -> Result<Raw, E> {
        Ok(Raw::Plain)
    }

    fn visit_none<E>(self) -> Result<Raw, E> {
        Ok(Raw::Plain)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Raw, E> {
        Ok(Raw::Plain)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Raw, E> {
        Ok(Raw::Plain)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Raw, E> {
        Ok(Raw::Plain)
    }

    fn visit_i128<E>(self, _: i128) -> Result<Raw, E> {
        Ok(Raw::Plain)
    }

    fn visit_u128<E>(self, _: u128) -> Result<Raw, E> {
        Ok(Raw::Plain)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Raw, E> {
        Ok(Raw::Plain)
    }

    fn visit_str<E>(self, text: &str) -> Result<Raw, E> {
        Ok(Raw::Text(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Raw, E> {
        Ok(Raw::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Raw, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Raw::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Raw, A::Error> {
        let mut map = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            map.push(entry);
        }
        Ok(Raw::Map(map))
    }
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
