//! The actions of the machine in fsm.yaml.

use fantasm::{Page, continuation, fsm_action};

use crate::{
    machines::analytics::{AllAccounts, Context, Contexts, Count, PerAccount, PerBadge},
    site::Site,
};

/// How many accounts one task takes on.
const PAGE: u32 = 25;

/// The accounts after the one that `token` names.
#[continuation(all_accounts)]
async fn accounts(_cx: &Context, token: Option<i64>, site: &Site) -> fantasm::Result<Page<i64, i64>> {
    let accounts = site.accounts_after(token.unwrap_or(0), PAGE)?;
    let next = accounts.last().copied().filter(|_| accounts.len() == PAGE as usize);
    Ok(Page::new(accounts, next))
}

/// Makes one branch of each account of the page.
#[fsm_action]
pub(crate) async fn all_accounts(cx: &mut Context, page: Page<i64, i64>) -> fantasm::Result<Option<AllAccounts>> {
    let mut accounts = page.into_iter();
    let Some(first) = accounts.next() else { return Ok(None) };
    cx.account = first;
    for account in accounts {
        let branch = cx.data().clone();
        cx.fork(crate::machines::Analytics { account, ..branch });
    }
    Ok(Some(AllAccounts::Account))
}

/// The badge of the account that comes after `token`.
#[continuation(per_account)]
async fn badges(cx: &Context, token: Option<String>, site: &Site) -> fantasm::Result<Page<String, String>> {
    let badge = site.badge_after(cx.account, token.as_deref().unwrap_or_default())?;
    Ok(Page::new(badge.iter().cloned().collect(), badge))
}

/// Takes on one badge of the account; the page after the last is empty, and ends here.
#[fsm_action]
pub(crate) async fn per_account(cx: &mut Context, page: Page<String, String>) -> fantasm::Result<Option<PerAccount>> {
    let Some(badge) = page.into_iter().next() else { return Ok(None) };
    cx.badge = badge;
    Ok(Some(PerAccount::Badge))
}

/// Counts the awards of one badge to one account.
#[fsm_action]
pub(crate) async fn per_badge(cx: &mut Context, site: &Site) -> fantasm::Result<PerBadge> {
    cx.awards = site.awards(cx.account, &cx.badge)?;
    Ok(PerBadge::Counted)
}

/// Adds up what came in for one badge within a second, under the step's key: run again it writes the same row again.
#[fsm_action]
pub(crate) async fn count(
    cx: &mut Context,
    counts: Contexts,
    site: &Site,
    run: &String,
) -> fantasm::Result<Option<Count>> {
    let awards = counts.iter().map(|count| count.awards).sum();
    site.put_count(run, &cx.idempotency_key().to_string(), &cx.badge, counts.len(), awards)?;
    Ok(None)
}
