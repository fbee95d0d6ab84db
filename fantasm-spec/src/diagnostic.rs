//! What is said about a file.

use std::fmt;

use crate::code::Code;
use crate::level::{Level, Levels};
use crate::render;
use crate::source::{Place, Sources, Span};

/// Whether a file can be used in spite of what is said about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Severity {
    /// The file is usable.
    Warning,
    /// The file is not usable.
    Error,
}

impl Severity {
    /// Returns `error` or `warning`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// One thing that is said about a file: what, where, and what to do.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Diagnostic {
    /// The rule that is broken.
    pub code: Code,
    /// Whether the file is usable in spite of it.
    pub severity: Severity,
    /// What is wrong, in one line.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// Where it is wrong.
    pub place: Place,
    pub(crate) span: Span,
    pub(crate) label: String,
    pub(crate) related: Vec<(Span, String)>,
    pub(crate) fix: Option<Fix>,
}

/// A piece of text that puts things right in the place of what is written.
#[derive(Clone, Debug)]
pub(crate) struct Fix {
    pub(crate) span: Span,
    pub(crate) text: String,
}

/// Everything that is said about one load, in file order.
///
/// It displays as plain text in the look of rustc's messages; [`Report::render_styled`] adds colours.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Report {
    diagnostics: Vec<Diagnostic>,
    n_untold: usize,
    has_errors: bool,
    sources: Sources,
}

/// More than anybody reads; a file that a program wrote wrongly would otherwise give megabytes.
const MOST_FINDINGS: usize = 1_000;

impl Report {
    /// Returns the diagnostics, ordered by file and place.
    #[must_use]
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }

    /// Whether nothing is said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.diagnostics.is_empty()
    }

    /// Whether an error is among the diagnostics.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.has_errors
    }

    /// Returns how many further findings are left out: only the first thousand are told.
    #[must_use]
    pub fn n_untold(&self) -> usize {
        self.n_untold
    }

    /// The texts of the files.
    pub(crate) fn sources(&self) -> &Sources {
        &self.sources
    }

    /// Returns the path of every file that was looked at, the root first.
    #[must_use]
    pub fn files(&self) -> Vec<String> {
        self.sources.paths().map(str::to_owned).collect()
    }

    /// Renders all diagnostics as plain text.
    #[must_use]
    pub fn render(&self) -> String {
        self.render_as(false)
    }

    /// Renders all diagnostics with ANSI colours.
    #[must_use]
    pub fn render_styled(&self) -> String {
        self.render_as(true)
    }

    fn render_as(&self, is_styled: bool) -> String {
        let mut text = render::report(&self.diagnostics, &self.sources, is_styled);
        if self.n_untold > 0 {
            text.push_str(&format!("… and {} more\n\n", self.n_untold));
        }
        text
    }

    /// Renders one of the diagnostics as plain text.
    #[must_use]
    pub fn render_one(&self, diagnostic: &Diagnostic) -> String {
        render::report(std::slice::from_ref(diagnostic), &self.sources, false)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render())
    }
}

impl std::error::Error for Report {}

/// Gathers what the passes find; must be finished, so that nothing found is lost.
#[derive(Debug)]
#[must_use]
pub(crate) struct Findings {
    pub(crate) sources: Sources,
    found: Vec<Diagnostic>,
    n_untold: usize,
    n_errors: usize,
    levels: Levels,
    /// What the file that is being read has of a later edition than its own.
    pub(crate) newer: Vec<(Code, Span, String)>,
    is_finished: bool,
}

impl Findings {
    pub(crate) fn new(levels: Levels) -> Self {
        Self {
            sources: Sources::default(),
            found: Vec::new(),
            n_untold: 0,
            n_errors: 0,
            levels,
            newer: Vec::new(),
            is_finished: false,
        }
    }

    /// Adds a diagnostic at the level of its code; the returned value takes what else there is to say.
    pub(crate) fn report(&mut self, code: Code, span: Span, message: impl Into<String>) -> Finding<'_> {
        let level = self.levels.of(code);
        let diagnostic = Diagnostic {
            code,
            severity: if level == Level::Deny { Severity::Error } else { Severity::Warning },
            message: one_line(message.into()),
            help: None,
            place: self.sources.place(span),
            span,
            label: String::new(),
            related: Vec::new(),
            fix: None,
        };
        Finding { findings: self, diagnostic: Some(diagnostic).filter(|_| level != Level::Allow) }
    }

    /// Takes the level that the file gives to a rule, for all that is found from now on.
    pub(crate) fn set_level(&mut self, code: Code, level: Level) {
        self.levels.write(code, level);
    }

    pub(crate) fn has_errors(&self) -> bool {
        self.n_errors > 0
    }

    /// How many errors there are, so that a caller can tell whether there are more now.
    pub(crate) fn n_errors(&self) -> usize {
        self.n_errors
    }

    fn add(&mut self, diagnostic: Diagnostic) {
        self.n_errors += usize::from(diagnostic.severity == Severity::Error);
        if self.found.len() < MOST_FINDINGS {
            self.found.push(diagnostic);
        } else {
            self.n_untold += 1;
        }
    }

    /// Reads something without saying what is wrong with it.
    pub(crate) fn silently<T>(&mut self, read: impl FnOnce(&mut Self) -> T) -> T {
        let kept = (self.found.len(), self.n_untold, self.n_errors);
        let value = read(self);
        self.found.truncate(kept.0);
        (_, self.n_untold, self.n_errors) = kept;
        value
    }

    /// Ends the collection: everything found, in file order.
    pub(crate) fn finish(mut self) -> Report {
        self.is_finished = true;
        let mut diagnostics = std::mem::take(&mut self.found);
        diagnostics.sort_by_key(|diagnostic| (diagnostic.span.file, diagnostic.span.start, diagnostic.span.end));
        Report {
            diagnostics,
            n_untold: self.n_untold,
            has_errors: self.n_errors > 0,
            sources: std::mem::take(&mut self.sources),
        }
    }
}

impl Drop for Findings {
    fn drop(&mut self) {
        debug_assert!(self.is_finished || std::thread::panicking(), "findings were dropped without being finished");
    }
}

/// Messages quote what the file holds, and a file may hold anything.
fn one_line(text: String) -> String {
    const LONGEST: usize = 600;
    if text.len() <= LONGEST && !text.contains(|letter: char| letter.is_control()) {
        return text;
    }
    let mut line: String =
        text.chars().take(LONGEST).map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    if text.chars().nth(LONGEST).is_some() {
        line.push('…');
    }
    line
}

/// A diagnostic on its way into [`Findings`]; it arrives there when this value is dropped.
#[derive(Debug)]
pub(crate) struct Finding<'a> {
    findings: &'a mut Findings,
    diagnostic: Option<Diagnostic>,
}

impl Finding<'_> {
    /// What the carets under the place say.
    pub(crate) fn label(mut self, text: impl Into<String>) -> Self {
        if let Some(diagnostic) = &mut self.diagnostic {
            diagnostic.label = one_line(text.into());
        }
        self
    }

    /// Another place that has to do with it, and how.
    pub(crate) fn related(mut self, span: Span, text: impl Into<String>) -> Self {
        if let Some(diagnostic) = &mut self.diagnostic {
            diagnostic.related.push((span, one_line(text.into())));
        }
        self
    }

    /// What to do.
    pub(crate) fn help(mut self, text: impl Into<String>) -> Self {
        if let Some(diagnostic) = &mut self.diagnostic {
            diagnostic.help = Some(one_line(text.into()));
        }
        self
    }

    /// What to write instead.
    pub(crate) fn fix(mut self, span: Span, text: impl Into<String>) -> Self {
        if let Some(diagnostic) = &mut self.diagnostic {
            diagnostic.fix = Some(Fix { span, text: text.into() });
        }
        self
    }
}

impl Drop for Finding<'_> {
    fn drop(&mut self) {
        if let Some(diagnostic) = self.diagnostic.take() {
            self.findings.add(diagnostic);
        }
    }
}
