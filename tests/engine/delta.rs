//! The actions of `Delta`: five branches, each with the way it takes.

use fantasm::fsm_action;

use crate::machines::{
    Delta,
    delta::{Bend, Complain, Context, Contexts, Part, Source},
};

/// The one that goes straight is the first, and so opens the window of the last join.
#[fsm_action]
pub(crate) async fn source(cx: &mut Context) -> Source {
    for way in ["bend", "fail", "bend", "fail"] {
        cx.fork(Delta { way: way.to_owned() });
    }
    cx.way = "straight".to_owned();
    Source::Go
}

#[fsm_action]
pub(crate) async fn part(cx: &mut Context) -> fantasm::Result<Part> {
    match cx.way.as_str() {
        "straight" => Ok(Part::Straight),
        "bend" => Ok(Part::Bend),
        _ => Err(fantasm::Error::permanent("there is no such way")),
    }
}

#[fsm_action]
pub(crate) async fn bend(cx: &mut Context, branches: Contexts) -> Bend {
    cx.way = format!("{} bent", branches.len());
    Bend::Noted
}

#[fsm_action]
pub(crate) async fn complain(cx: &mut Context, branches: Contexts) -> Complain {
    cx.way = format!("{} failed", branches.len());
    Complain::Noted
}

#[fsm_action]
pub(crate) async fn mouth(cx: &mut Context, branches: Contexts) {
    let mut ways: Vec<_> = branches.iter().map(|branch| branch.way.as_str()).collect();
    ways.sort_unstable();
    cx.way = ways.join(", ");
}
