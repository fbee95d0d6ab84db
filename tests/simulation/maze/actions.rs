//! The actions that fsm.yaml names: each asks its walker.

use fantasm::{Event, Page, Transaction, continuation, fsm_action};

use super::{
    intent::Ending,
    machines::{cell, epilogue, maze},
    walker::{Walker, json},
};

/// An action that answers one of its events, by its number.
macro_rules! rooms {
    ($($action:ident($($batch:ident)?) -> $events:ident: $($event:literal $variant:ident,)+;)+) => {$(
        #[fsm_action(emits($($event),+))]
        pub(crate) async fn $action(
            cx: &mut maze::Context,
            $($batch: maze::Contexts,)?
            tx: &mut Transaction,
            walker: &Walker,
        ) -> fantasm::Result<$events> {
            $(walker.gather(cx, &$batch);)?
            let all = [$($events::$variant),+];
            let at = walker.walk(cx, tx, $events::NAMES, false).await?;
            Ok(all[at.unwrap_or_default()])
        }
    )+};
}

rooms! {
    room() -> Room:
        "hall" Hall, "trap" Trap, "rescue" Rescue, "out" Out, "done" Done, "pages" Pages, "leaves" Leaves,
        "well" Well, "pool" Pool, "sump" Sump, "join" Join, "meet" Meet, "haven" Haven,;
    corridor() -> Corridor:
        "hall" Hall, "trap" Trap, "rescue" Rescue, "out" Out, "done" Done,;
    gather(batch) -> Gather:
        "hall" Hall, "trap" Trap, "rescue" Rescue, "out" Out, "done" Done, "pages" Pages, "leaves" Leaves,
        "well" Well, "pool" Pool, "sump" Sump, "join" Join, "meet" Meet, "haven" Haven,;
}

/// An action that is handed the pages of its context, and ends where it likes.
macro_rules! pages {
    ($($action:ident $source:ident $events:ident $other:ident;)+) => {$(
        #[continuation($action)]
        async fn $source(cx: &maze::Context, token: Option<usize>, walker: &Walker) -> fantasm::Result<Page<i64, usize>> {
            walker.page(cx, token)
        }

        #[fsm_action]
        pub(crate) async fn $action(
            cx: &mut maze::Context,
            _page: Page<i64, usize>,
            tx: &mut Transaction,
            walker: &Walker,
        ) -> fantasm::Result<Option<maze::$events>> {
            use maze::$events::{Done, Hall, Haven, Join, Meet, Out, Pool, $other, Rescue, Sump, Trap, Well};
            let all = [Hall, Trap, Rescue, Out, Done, $other, Well, Pool, Sump, Join, Meet, Haven];
            Ok(walker.walk(cx, tx, maze::$events::NAMES, true).await?.map(|at| all[at]))
        }
    )+};
}

pages! {
    pages page_of_pages Pages Leaves;
    leaves page_of_leaves Leaves Pages;
}

#[fsm_action]
pub(crate) async fn hook(cx: &mut maze::Context, walker: &Walker) -> fantasm::Result<()> {
    walker.hook(cx)
}

#[fsm_action]
pub(crate) async fn last(cx: &mut maze::Context, tx: &mut Transaction, walker: &Walker) -> fantasm::Result<()> {
    walker.walk(cx, tx, &[], true).await.map(|_| ())
}

#[fsm_action]
pub(crate) async fn rest(
    cx: &mut maze::Context,
    batch: maze::Contexts,
    tx: &mut Transaction,
    walker: &Walker,
) -> fantasm::Result<()> {
    walker.gather(cx, &batch);
    walker.walk(cx, tx, &[], true).await.map(|_| ())
}

#[fsm_action]
pub(crate) async fn sink(
    cx: &mut cell::Context,
    batch: cell::Contexts,
    walker: &Walker,
) -> fantasm::Result<cell::Drop> {
    walker.gather(cx, &batch);
    walker.hook(cx)?;
    cx.ticket = walker.script.ticket();
    let ending = Ending::Emitted { event: "settle", contexts: vec![json(cx.data())] };
    walker.slots.with(cx.idempotency_key(), |intent| intent.ending = ending);
    Ok(cell::Drop::Settle)
}

#[fsm_action]
pub(crate) async fn settle(cx: &mut cell::Context, walker: &Walker) -> fantasm::Result<()> {
    walker.finish(cx)
}

#[fsm_action]
pub(crate) async fn farewell(cx: &mut epilogue::Context, walker: &Walker) -> fantasm::Result<()> {
    walker.finish(cx)
}
