//! What the workers of the fleet do: book every step twice, once in its own transaction and once outside of it.

use std::{io, io::Write, path::PathBuf};

use fantasm::{Clock, Page, SystemClock, Transaction, continuation, fsm_action, pages};

use crate::machines::haul::{Context, Contexts, Gather, Pack, Parcel, Regions, Shops};

/// A file to which every worker of the fleet appends the key of each attempt.
#[derive(Debug)]
pub(crate) struct Outside(pub(crate) PathBuf);

impl Outside {
    /// Books an attempt at once, whether its step commits or not: its key, its number, who makes it, and when.
    fn book(&self, cx: &Context) -> io::Result<()> {
        let (key, attempt, process) = (cx.idempotency_key(), cx.attempt(), std::process::id());
        let at = SystemClock.now().as_microsecond();
        let mut file = std::fs::OpenOptions::new().create(true).append(true).open(&self.0)?;
        // One write of a short line is not torn apart by those of other processes.
        file.write_all(format!("{key} {attempt} {process} {at}\n").as_bytes())
    }
}

/// Books the step in its own transaction and outside.
fn book(cx: &Context, tx: &mut Transaction, outside: &Outside, state: &str, weight: i64) -> io::Result<()> {
    outside.book(cx)?;
    tx.execute("INSERT INTO ledger (instance, state, step_key, weight) VALUES ($1, $2, $3, $4)")
        .bind(cx.instance())
        .bind(state)
        .bind(cx.idempotency_key())
        .bind(weight);
    Ok(())
}

fn page(n_pages: i64, token: Option<u64>) -> Page<u64, u64> {
    pages::range(0..u64::try_from(n_pages).unwrap_or(0), token, 1)
}

#[continuation(regions)]
async fn every_region(cx: &Context, token: Option<u64>) -> fantasm::Result<Page<u64, u64>> {
    Ok(page(cx.regions, token))
}

#[fsm_action]
pub(crate) async fn regions(
    cx: &mut Context,
    _page: Page<u64, u64>,
    tx: &mut Transaction,
    outside: &Outside,
) -> io::Result<Option<Regions>> {
    book(cx, tx, outside, "Regions", 1)?;
    Ok(Some(Regions::Region))
}

#[continuation(shops)]
async fn every_shop(cx: &Context, token: Option<u64>) -> fantasm::Result<Page<u64, u64>> {
    Ok(page(cx.shops, token))
}

#[fsm_action]
pub(crate) async fn shops(
    cx: &mut Context,
    _page: Page<u64, u64>,
    tx: &mut Transaction,
    outside: &Outside,
) -> io::Result<Option<Shops>> {
    book(cx, tx, outside, "Shops", 1)?;
    Ok(Some(Shops::Shop))
}

/// The parcel of the branch itself, and forks for the others.
#[fsm_action]
pub(crate) async fn pack(cx: &mut Context, tx: &mut Transaction, outside: &Outside) -> io::Result<Pack> {
    book(cx, tx, outside, "Pack", 1)?;
    for _ in 1..cx.parcels {
        cx.fork(cx.data().clone());
    }
    Ok(Pack::Packed)
}

#[fsm_action]
pub(crate) async fn parcel(cx: &mut Context, tx: &mut Transaction, outside: &Outside) -> io::Result<Parcel> {
    book(cx, tx, outside, "Parcel", 1)?;
    cx.weight = 1;
    Ok(Parcel::Weighed)
}

#[fsm_action]
pub(crate) async fn gather(
    cx: &mut Context,
    parcels: Contexts,
    tx: &mut Transaction,
    outside: &Outside,
) -> io::Result<Gather> {
    cx.weight = parcels.iter().map(|parcel| parcel.weight).sum();
    book(cx, tx, outside, "Gather", cx.weight)?;
    Ok(Gather::Gathered)
}

#[fsm_action]
pub(crate) async fn total(
    cx: &mut Context,
    loads: Contexts,
    tx: &mut Transaction,
    outside: &Outside,
) -> io::Result<()> {
    cx.weight = loads.iter().map(|load| load.weight).sum();
    book(cx, tx, outside, "Total", cx.weight)
}
