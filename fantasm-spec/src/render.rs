//! Diagnostics as text, in the look of rustc's messages.

use annotate_snippets::{AnnotationKind, Element, Group, Level, Origin, Patch, Renderer, Snippet};

use crate::diagnostic::{Diagnostic, Severity};
use crate::source::{FileId, Source, Sources, Span};

pub(crate) fn report(diagnostics: &[Diagnostic], sources: &Sources, is_styled: bool) -> String {
    let renderer = if is_styled { Renderer::styled() } else { Renderer::plain() };
    let mut text = String::new();
    for diagnostic in diagnostics {
        text.push_str(&renderer.render(&groups(diagnostic, sources)));
        text.push_str("\n\n");
    }
    text
}

fn groups<'a>(diagnostic: &'a Diagnostic, sources: &'a Sources) -> Vec<Group<'a>> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut main =
        level.primary_title(&*diagnostic.message).id(diagnostic.code.as_str()).elements(places(diagnostic, sources));
    let help = diagnostic.help.as_deref();
    let Some(fix) = &diagnostic.fix else {
        main = main.elements(help.map(|help| Level::HELP.message(help)));
        return vec![main];
    };
    let title = Level::HELP.secondary_title(help.unwrap_or("write this instead"));
    let fixed = Extract::of(sources.get(fix.span.file), std::iter::once(fix.span)).map_or_else(
        || title.clone().element(Level::HELP.message(format!("write `{}`", fix.text))),
        |extract| {
            let patch = Patch::new(extract.range(fix.span), &*fix.text);
            title.clone().element(Snippet::source(extract.text).line_start(extract.line).patch(patch))
        },
    );
    vec![main, fixed]
}

/// The place itself and its related places, one element for each file.
fn places<'a>(diagnostic: &'a Diagnostic, sources: &'a Sources) -> Vec<Element<'a>> {
    let label = Some(diagnostic.label.as_str()).filter(|label| !label.is_empty());
    let mut marks: Vec<Mark<'_>> = vec![(AnnotationKind::Primary, diagnostic.span, label)];
    marks.extend(diagnostic.related.iter().map(|(span, text)| (AnnotationKind::Context, *span, Some(text.as_str()))));
    let mut places = Vec::new();
    while let Some((_, Span { file, .. }, _)) = marks.first().copied() {
        let (here, elsewhere): (Vec<Mark<'_>>, _) = marks.into_iter().partition(|(_, span, _)| span.file == file);
        places.push(place(&here, sources, file));
        marks = elsewhere;
    }
    places
}

type Mark<'a> = (AnnotationKind, Span, Option<&'a str>);

/// The lines with their marks, or line and column alone where a line is too long to be shown.
fn place<'a>(marks: &[Mark<'a>], sources: &'a Sources, file: FileId) -> Element<'a> {
    let source = sources.get(file);
    let Some(extract) = Extract::of(source, marks.iter().map(|(_, span, _)| *span)) else {
        let place = marks.first().map(|(_, span, _)| sources.place(*span));
        let number = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
        let origin = Origin::path(&*source.path);
        return place.map_or(origin.clone(), |at| origin.line(number(at.line)).char_column(number(at.column))).into();
    };
    let annotations = marks.iter().map(|(kind, span, label)| kind.span(extract.range(*span)).label(*label));
    Snippet::source(extract.text).line_start(extract.line).path(&*source.path).annotations(annotations).into()
}

/// A line of this length is no line that a person reads, and the renderer would look at all of it.
const LONGEST_LINE: usize = 4_096;

/// The lines of a file that are shown: the renderer looks at all that it is given, and a file may be long.
struct Extract<'a> {
    text: &'a str,
    start: usize,
    line: usize,
}

impl<'a> Extract<'a> {
    fn of(source: &'a Source, spans: impl Iterator<Item = Span> + Clone) -> Option<Self> {
        let first = source.line(spans.clone().map(|span| span.start).min().unwrap_or_default());
        let last = source.line(spans.map(|span| span.end).max().unwrap_or_default());
        let (start, end) = (source.line_start(first), source.line_start(last + 1));
        let text = source.text.get(start..end).unwrap_or_default();
        let is_readable = text.lines().all(|line| line.len() <= LONGEST_LINE);
        is_readable.then_some(Self { text, start, line: first + 1 })
    }

    fn range(&self, span: Span) -> std::ops::Range<usize> {
        span.start - self.start..span.end - self.start
    }
}
