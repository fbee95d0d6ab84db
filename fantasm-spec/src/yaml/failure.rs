//! Why a text is no YAML that we take.

use serde_saphyr::Error;
use serde_saphyr::budget::BudgetBreach;

use super::span;
use crate::source::{FileId, Span};

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

pub(super) fn failure(file: FileId, text: &str, error: &Error) -> Failure {
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
