//! The actions of the machine in fsm.yaml: each writes into the ledger that it ran.

use fantasm::{Page, continuation, fsm_action};

use crate::{
    ledger::Ledger,
    machines::{
        Survey,
        survey::{Accounts, Badges, Begin, Context, Contexts, Count, Open, Pack, Total},
    },
    weather::Weather,
};

/// Hooks that do nothing but say so.
macro_rules! hooks {
    ($($hook:ident: $phase:literal,)+) => {$(
        #[fsm_action]
        pub(crate) async fn $hook(cx: &mut Context, ledger: &Ledger) {
            ledger.record(cx, $phase, &[place(cx)]);
        }
    )+};
}

hooks! {
    begin_entry: "Begin.entry",
    begin_exit: "Begin.exit",
    on_begun: "begun",
    open_entry: "Open.entry",
    accounts_entry: "Accounts.entry",
    badges_entry: "Badges.entry",
    count_entry: "Count.entry",
    count_exit: "Count.exit",
    on_counted: "counted",
    pack_entry: "Pack.entry",
    report_entry: "Report.entry",
    report_exit: "Report.exit",
}

#[fsm_action]
pub(crate) async fn begin(cx: &mut Context, ledger: &Ledger) -> Begin {
    ledger.record(cx, "Begin.action", &[place(cx)]);
    Begin::Begun
}

#[fsm_action]
pub(crate) async fn open(cx: &mut Context, ledger: &Ledger) -> Open {
    ledger.record(cx, "Open.action", &[place(cx)]);
    Open::Opened
}

/// Accounts 1 and 2, and a last page on which there is nothing to do.
#[continuation(accounts)]
async fn account_pages(cx: &Context, token: Option<i64>, ledger: &Ledger) -> Page<i64, i64> {
    let account = token.unwrap_or(1);
    ledger.record(cx, "Accounts.page", &[account.to_string()]);
    if account > 2 { Page::skip(None) } else { Page::new(vec![account], Some(account + 1)) }
}

#[fsm_action]
pub(crate) async fn accounts(
    cx: &mut Context,
    page: Page<i64, i64>,
    ledger: &Ledger,
    weather: &Weather,
) -> fantasm::Result<Accounts> {
    cx.account = *page.first().ok_or_else(|| fantasm::Error::permanent("the page is empty"))?;
    ledger.record(cx, "Accounts.action", &[place(cx)]);
    weather.strike()?;
    Ok(Accounts::Account)
}

/// Badges 1 and 2 of each account.
#[continuation(badges)]
async fn badge_pages(cx: &Context, token: Option<i64>, ledger: &Ledger) -> Page<i64, i64> {
    let badge = token.unwrap_or(1);
    ledger.record(cx, "Badges.page", &[badge.to_string()]);
    Page::new(vec![badge], (badge < 2).then_some(badge + 1))
}

/// Takes on part 1 itself and leaves part 2 to a fork.
#[fsm_action]
pub(crate) async fn badges(
    cx: &mut Context,
    page: Page<i64, i64>,
    ledger: &Ledger,
    weather: &Weather,
) -> fantasm::Result<Badges> {
    cx.badge = *page.first().ok_or_else(|| fantasm::Error::permanent("the page is empty"))?;
    cx.part = 1;
    let data = cx.data().clone();
    cx.fork(Survey { part: 2, ..data });
    ledger.record(cx, "Badges.action", &[place(cx)]);
    weather.strike()?;
    Ok(Badges::Badge)
}

#[fsm_action]
pub(crate) async fn count(cx: &mut Context, ledger: &Ledger, weather: &Weather) -> fantasm::Result<Count> {
    ledger.record(cx, "Count.action", &[place(cx)]);
    weather.strike()?;
    Ok(Count::Counted)
}

#[fsm_action]
pub(crate) async fn pack(cx: &mut Context, ledger: &Ledger) -> Pack {
    ledger.record(cx, "Pack.action", &[place(cx)]);
    Pack::Packed
}

#[fsm_action]
pub(crate) async fn total_entry(cx: &mut Context, batch: Contexts, ledger: &Ledger) {
    ledger.record(cx, "Total.entry", &places(&batch));
}

#[fsm_action]
pub(crate) async fn total(
    cx: &mut Context,
    batch: Contexts,
    ledger: &Ledger,
    weather: &Weather,
) -> fantasm::Result<Total> {
    cx.gathered = i64::try_from(batch.len())?;
    ledger.record(cx, "Total.action", &places(&batch));
    weather.strike()?;
    Ok(Total::Totalled)
}

#[fsm_action]
pub(crate) async fn report(cx: &mut Context, ledger: &Ledger) {
    ledger.record(cx, "Report.action", &[place(cx)]);
}

fn place(data: &Survey) -> String {
    format!("{}.{}.{}", data.account, data.badge, data.part)
}

fn places(batch: &Contexts) -> Vec<String> {
    batch.iter().map(place).collect()
}
