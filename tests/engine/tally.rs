//! The actions of `Tally`: three accounts with three badges each, which is worth as much as its number.

use fantasm::{Page, continuation, fsm_action, pages};

use crate::machines::{
    Tally,
    tally::{Accounted, Accounts, Again, Badges, Context, Contexts, Score, Spread, Total},
};

#[continuation(accounts)]
async fn three(_: &Context, token: Option<u64>) -> fantasm::Result<Page<u64, u64>> {
    Ok(pages::range(1..4, token, 1))
}

#[fsm_action]
pub(crate) async fn accounts(cx: &mut Context, page: Page<u64, u64>) -> fantasm::Result<Accounts> {
    cx.account = i64::try_from(page[0])?;
    Ok(Accounts::Account)
}

#[fsm_action]
pub(crate) async fn badges(cx: &mut Context) -> Badges {
    for badge in 2..=3 {
        cx.fork(Tally { badge, ..cx.data().clone() });
    }
    cx.badge = 1;
    Badges::Badge
}

#[fsm_action]
pub(crate) async fn score(cx: &mut Context) -> Score {
    cx.sum = 100 * cx.account + cx.badge;
    Score::Scored
}

/// Full with the three badges of the account.
#[fsm_action]
pub(crate) async fn accounted(cx: &mut Context, scores: Contexts) -> Accounted {
    assert_eq!(scores.len(), 3);
    assert!(scores.iter().all(|score| score.account == cx.account));
    cx.sum = scores.iter().map(|score| score.sum).sum();
    Accounted::Accounted
}

/// Once, with all accounts.
#[fsm_action]
pub(crate) async fn total(cx: &mut Context, accounts: Contexts) -> Total {
    assert_eq!(accounts.len(), 3);
    cx.sum = accounts.iter().map(|account| account.sum).sum();
    Total::Totalled
}

/// A fan-out after a fan-in.
#[fsm_action]
pub(crate) async fn spread(cx: &mut Context) -> Spread {
    for badge in 1..=9 {
        cx.fork(Tally { badge, ..cx.data().clone() });
    }
    cx.badge = 0;
    Spread::Spread
}

#[fsm_action]
pub(crate) async fn again(cx: &mut Context, all: Contexts) -> Option<Again> {
    assert_eq!(all.len(), 10);
    cx.sum = all.iter().map(|one| one.sum).sum();
    None
}
