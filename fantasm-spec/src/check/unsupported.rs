//! What finds no room at a continuation or a fan-in.
//!
//! A continuation enters its state once per page, and a fan-in enters its state for many contexts at once: there is no one
//! task in which an exit or a transition action could run exactly once.

use crate::ast::{Countdown, State, Transition};
use crate::code::Code;
use crate::diagnostic::Findings;
use crate::source::{Span, Spanned};

use super::Scope;

/// What makes a state special, and where that is written.
enum Special {
    Continuation(Span),
    FanIn(Span),
}

impl Special {
    fn of(state: &State) -> Option<Self> {
        if let Some(fan_in) = state.fan_in.given() {
            return Some(Self::FanIn(fan_in.span));
        }
        state.continuation.given().filter(|flag| flag.value).map(|flag| Self::Continuation(flag.span))
    }

    fn noun(&self) -> &'static str {
        match self {
            Self::Continuation(_) => "a continuation state",
            Self::FanIn(_) => "a fan-in state",
        }
    }

    fn span(&self) -> Span {
        match self {
            Self::Continuation(span) | Self::FanIn(span) => *span,
        }
    }
}

/// An exit would have to run once for many pages or contexts.
pub(super) fn exit(state: &State, findings: &mut Findings) {
    if let (Some(exit), Some(special)) = (state.exit.given(), Special::of(state)) {
        report(exit.span, "an exit stands on", &special, "do the work in the state's action", findings);
    }
}

pub(super) fn transition(scope: &Scope<'_>, state: &State, transition: &Transition, findings: &mut Findings) {
    let target = scope.target(transition);
    let source = Special::of(state);
    let special_target = target.and_then(Special::of);
    if let Some(action) = transition.action.given() {
        // One transition action is one mistake, even where both of its ends are special.
        if let Some(source) = &source {
            report(
                action.span,
                "a transition action leaves",
                source,
                "do the work in the action of that state",
                findings,
            );
        } else if let Some(target) = &special_target {
            report(
                action.span,
                "a transition action leads to",
                target,
                "do the work in the action of the state it leaves",
                findings,
            );
        }
    }
    if let (Some(exit), Some(target), Some(to), None) =
        (state.exit.given(), &special_target, transition.to.given(), &source)
    {
        exit_before(exit.span, to, target, findings);
    }
    if let Some(special @ Special::FanIn(_)) = &special_target {
        countdown_into_fan_in(scope, transition, special, findings);
    }
}

/// The exit of a state runs in the task that enters the next one.
fn exit_before(exit: Span, to: &Spanned<String>, target: &Special, findings: &mut Findings) {
    findings
        .report(Code::UnsupportedConfiguration, to.span, format!("a state with an exit leads to {}", target.noun()))
        .related(exit, "the exit")
        .related(target.span(), format!("what makes `{}` one", to.value))
        .help("do the work of the exit at the end of the state's action");
}

/// The window of a fan-in is itself the wait.
fn countdown_into_fan_in(scope: &Scope<'_>, transition: &Transition, target: &Special, findings: &mut Findings) {
    let is_wait = |countdown: &&Spanned<Countdown>| !countdown.value.is_zero();
    if let Some(countdown) = transition.countdown.given() {
        if is_wait(&countdown) {
            let help = "remove the countdown: the state waits for `fan_in` seconds";
            report(countdown.span, "a transition with a countdown leads to", target, help, findings);
        }
    } else if transition.countdown.is_absent()
        && let Some(countdown) = scope.machine.countdown.given().filter(is_wait)
        && let Some(to) = transition.to.given()
    {
        findings
            .report(Code::UnsupportedConfiguration, to.span, "a transition with a countdown leads to a fan-in state")
            .related(countdown.span, "the countdown that it inherits from its machine")
            .related(target.span(), "the fan-in")
            .help("add `countdown: 0` to the transition: the state waits for `fan_in` seconds");
    }
}

fn report(span: Span, what: &str, special: &Special, help: &str, findings: &mut Findings) {
    findings
        .report(Code::UnsupportedConfiguration, span, format!("{what} {}", special.noun()))
        .related(special.span(), "what makes it one")
        .help(help);
}
