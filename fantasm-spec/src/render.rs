//! Diagnostics as text, in the look of rustc's messages.

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Patch, Renderer, Snippet};

use crate::diagnostic::{Diagnostic, Severity};
use crate::source::{Source, Sources, Span};

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
        level.primary_title(&*diagnostic.message).id(diagnostic.code.as_str()).elements(snippets(diagnostic, sources));
    let help = diagnostic.help.as_deref();
    let Some(fix) = &diagnostic.fix else {
        main = main.elements(help.map(|help| Level::HELP.message(help)));
        return vec![main];
    };
    let extract = Extract::of(sources.get(fix.span.file), std::iter::once(fix.span));
    let patch = Patch::new(extract.range(fix.span), &*fix.text);
    let snippet = Snippet::source(extract.text).line_start(extract.line).patch(patch);
    vec![main, Level::HELP.secondary_title(help.unwrap_or("write this instead")).element(snippet)]
}

/// The place itself and its related places, one snippet for each file.
fn snippets<'a>(diagnostic: &'a Diagnostic, sources: &'a Sources) -> Vec<Snippet<'a, Annotation<'a>>> {
    let label = Some(diagnostic.label.as_str()).filter(|label| !label.is_empty());
    let mut marks: Vec<Mark<'_>> = vec![(AnnotationKind::Primary, diagnostic.span, label)];
    marks.extend(diagnostic.related.iter().map(|(span, text)| (AnnotationKind::Context, *span, Some(text.as_str()))));
    let mut snippets = Vec::new();
    while let Some((_, Span { file, .. }, _)) = marks.first().copied() {
        let (here, elsewhere): (Vec<Mark<'_>>, _) = marks.into_iter().partition(|(_, span, _)| span.file == file);
        snippets.push(snippet(&here, sources.get(file)));
        marks = elsewhere;
    }
    snippets
}

type Mark<'a> = (AnnotationKind, Span, Option<&'a str>);

fn snippet<'a>(marks: &[Mark<'a>], source: &'a Source) -> Snippet<'a, Annotation<'a>> {
    let extract = Extract::of(source, marks.iter().map(|(_, span, _)| *span));
    let annotations = marks.iter().map(|(kind, span, label)| kind.span(extract.range(*span)).label(*label));
    Snippet::source(extract.text).line_start(extract.line).path(&*source.path).annotations(annotations)
}

/// The lines of a file that are shown: the renderer looks at all that it is given, and a file may be long.
struct Extract<'a> {
    text: &'a str,
    start: usize,
    line: usize,
}

impl<'a> Extract<'a> {
    fn of(source: &'a Source, spans: impl Iterator<Item = Span> + Clone) -> Self {
        let first = source.line(spans.clone().map(|span| span.start).min().unwrap_or_default());
        let last = source.line(spans.map(|span| span.end).max().unwrap_or_default());
        let (start, end) = (source.line_start(first), source.line_start(last + 1));
        Self { text: source.text.get(start..end).unwrap_or_default(), start, line: first + 1 }
    }

    fn range(&self, span: Span) -> std::ops::Range<usize> {
        span.start - self.start..span.end - self.start
    }
}
