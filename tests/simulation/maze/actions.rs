//! The actions that fsm.yaml names: each asks its walker.

use fantasm::{Event, Page, continuation, fsm_action};

use super::{
    intent::Ending,
    machines::{cell, maze},
    walker::{Walker, json},
};

/// An action that answers one of its events, by its number.
macro_rules! rooms {
    ($($action:ident($($batch:ident)?) -> $events:ident: $($event:literal $variant:ident,)+;)+) => {$(
        #[fsm_action(emits($($event),+))]
        pub(crate) async fn $action(
            cx: &mut maze::Context,
            $($batch: maze::Contexts,)?
            walker: &Walker,
        ) -> fantasm::Result<$events> {
            $(walker.gather(&$batch);)?
            let all = [$($events::$variant),+];
            let at = walker.walk(cx, $events::NAMES, false).await?;
            Ok(all[at.unwrap_or_default()])
        }
    )+};
}

rooms! {
    room() -> Room:
        "hall" Hall, "trap" Trap, "rescue" Rescue, "out" Out, "done" Done, "pages" Pages, "leaves" Leaves,
        "well" Well, "pool" Pool, "sump" Sump, "join" Join, "meet" Meet,;
    corridor() -> Corridor:
        "hall" Hall, "trap" Trap, "rescue" Rescue, "out" Out, "done" Done,;
    gather(batch) -> Gather:
        "hall" Hall, "trap" Trap, "rescue" Rescue, "out" Out, "done" Done, "pages" Pages, "leaves" Leaves,
        "well" Well, "pool" Pool, "sump" Sump, "join" Join, "meet" Meet,;
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
            walker: &Walker,
        ) -> fantasm::Result<Option<maze::$events>> {
            use maze::$events::{Done, Hall, Join, Meet, Out, Pool, $other, Rescue, Sump, Trap, Well};
            let all = [Hall, Trap, Rescue, Out, Done, $other, Well, Pool, Sump, Join, Meet];
            Ok(walker.walk(cx, maze::$events::NAMES, true).await?.map(|at| all[at]))
        }
    )+};
}

pages! {
    pages page_of_pages Pages Leaves;
    leaves page_of_leaves Leaves Pages;
}

#[fsm_action]
pub(crate) async fn hook(_: &mut maze::Context, walker: &Walker) -> fantasm::Result<()> {
    walker.hook()
}

#[fsm_action]
pub(crate) async fn last(cx: &mut maze::Context, walker: &Walker) -> fantasm::Result<()> {
    walker.walk(cx, &[], true).await.map(|_| ())
}

#[fsm_action]
pub(crate) async fn sink(
    cx: &mut cell::Context,
    batch: cell::Contexts,
    walker: &Walker,
) -> fantasm::Result<cell::Drop> {
    walker.slot.intent().batch = Some(batch.iter().map(json).collect());
    walker.hook()?;
    cx.ticket = walker.script.ticket();
    walker.slot.intent().ending = Ending::Emitted { event: "settle", contexts: vec![json(cx.data())] };
    Ok(cell::Drop::Settle)
}

#[fsm_action]
pub(crate) async fn settle(cx: &mut cell::Context, walker: &Walker) -> fantasm::Result<()> {
    walker.hook()?;
    walker.slot.intent().ending = Ending::Ended { context: json(cx.data()) };
    Ok(())
}
