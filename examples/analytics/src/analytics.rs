//! The actions of the machine in fsm.yaml.

use fantasm::{Page, Transaction, continuation, fsm_action, pages};

use crate::{
    machines::analytics::{AllAccounts, Context, Contexts, Count, PerAccount, PerBadge},
    site::{CountRun, Site, put_count},
};

/// How many accounts one task takes on.
const PAGE: usize = 25;

/// The accounts after the one that `token` names.
#[continuation(all_accounts)]
async fn accounts(_cx: &Context, token: Option<i64>, site: &Site) -> fantasm::Result<Page<i64, i64>> {
    let accounts = site.accounts_after(token.unwrap_or(0), PAGE + 1).await?;
    Ok(pages::rows(accounts, PAGE, |account| *account))
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

/// The badge of the account that comes after `token`, one a page.
#[continuation(per_account)]
async fn badges(cx: &Context, token: Option<String>, site: &Site) -> fantasm::Result<Page<String, String>> {
    let badges = site.badges_after(cx.account, token.as_deref().unwrap_or_default(), 2).await?;
    Ok(pages::rows(badges, 1, String::clone))
}

/// Takes on one badge of the account; one without badges ends here.
#[fsm_action]
pub(crate) async fn per_account(cx: &mut Context, page: Page<String, String>) -> fantasm::Result<Option<PerAccount>> {
    let Some(badge) = page.into_iter().next() else { return Ok(None) };
    cx.badge = badge;
    Ok(Some(PerAccount::Badge))
}

/// Counts the awards of one badge to one account.
#[fsm_action]
pub(crate) async fn per_badge(cx: &mut Context, site: &Site) -> fantasm::Result<PerBadge> {
    cx.awards = site.awards(cx.account, &cx.badge).await?;
    Ok(PerBadge::Counted)
}

/// Adds up what came in for one badge within a second; the row is written together with the step, and so once.
#[fsm_action]
pub(crate) async fn count(
    cx: &mut Context,
    counts: Contexts,
    tx: &mut Transaction,
    run: &CountRun,
) -> fantasm::Result<Option<Count>> {
    let awards = counts.iter().map(|count| count.awards).sum();
    put_count(tx, run, &cx.badge, counts.len(), awards);
    Ok(None)
}
