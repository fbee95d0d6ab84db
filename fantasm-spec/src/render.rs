//! Diagnostics as text, in the look of rustc's messages.

use annotate_snippets::{AnnotationKind, Group, Level, Patch, Renderer, Snippet};

use crate::diagnostic::{Diagnostic, Severity};
use crate::source::{Sources, Span};

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
    let snippet = Snippet::source(&*sources.get(fix.span.file).text).patch(Patch::new(range(fix.span), &*fix.text));
    vec![main, Level::HELP.secondary_title(help.unwrap_or("write this instead")).element(snippet)]
}

/// The place itself and its related places, one snippet for each file.
fn snippets<'a>(
    diagnostic: &'a Diagnostic,
    sources: &'a Sources,
) -> Vec<Snippet<'a, annotate_snippets::Annotation<'a>>> {
    let label = Some(diagnostic.label.as_str()).filter(|label| !label.is_empty());
    let source = sources.get(diagnostic.span.file);
    let primary = AnnotationKind::Primary.span(range(diagnostic.span)).label(label);
    let mut here = Snippet::source(&*source.text).path(&*source.path).annotation(primary);
    let mut elsewhere = Vec::new();
    for (span, text) in &diagnostic.related {
        let annotation = AnnotationKind::Context.span(range(*span)).label(text.as_str());
        if span.file == diagnostic.span.file {
            here = here.annotation(annotation);
        } else {
            let source = sources.get(span.file);
            elsewhere.push(Snippet::source(&*source.text).path(&*source.path).annotation(annotation));
        }
    }
    elsewhere.insert(0, here);
    elsewhere
}

fn range(span: Span) -> std::ops::Range<usize> {
    span.start..span.end
}
