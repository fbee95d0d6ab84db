//! The actions of the machine in fsm.yaml.

use std::{ffi::OsString, path::Path};

use fantasm::{Page, continuation, fsm_action, pages};

use crate::{
    counts::Counts,
    licence,
    machines::census::{AddUp, Context, Contexts, CountFiles, EachCrate},
    totals::TotalsDb,
    tree::{Tree, blocking},
};

/// How many files one task counts.
const BATCH: usize = 200;

/// The crate after `token`, by name.
#[continuation(each_crate)]
async fn crates(cx: &Context, token: Option<OsString>, tree: &Tree) -> fantasm::Result<Page<OsString, OsString>> {
    let crates = tree.crates(Path::new(&cx.root)).await?;
    Ok(pages::sorted(&crates, token, 1))
}

/// Records the crate with its licence.
#[fsm_action]
pub(crate) async fn each_crate(
    cx: &mut Context,
    page: Page<OsString, OsString>,
    totals: &TotalsDb,
) -> fantasm::Result<Option<EachCrate>> {
    let Some(name) = page.into_iter().next() else { return Ok(None) };
    let dir = Path::new(&cx.root).join(&name);
    let licence = blocking(move || licence::of_crate(&dir)).await?;
    totals.add_crate(cx.run, &name, &licence).await?;
    cx.crate_dir = name;
    Ok(Some(EachCrate::Found))
}

/// The files of the crate after `token`, by path.
#[continuation(count_files)]
async fn files(cx: &Context, token: Option<OsString>, tree: &Tree) -> fantasm::Result<Page<OsString, OsString>> {
    let files = tree.files(&Path::new(&cx.root).join(&cx.crate_dir)).await?;
    Ok(pages::sorted(&files, token, BATCH))
}

/// Counts a batch of files.
#[fsm_action]
pub(crate) async fn count_files(
    cx: &mut Context,
    page: Page<OsString, OsString>,
) -> fantasm::Result<Option<CountFiles>> {
    if page.is_empty() {
        return Ok(None);
    }
    let dir = Path::new(&cx.root).join(&cx.crate_dir);
    cx.counts = blocking(move || Counts::of_files(&dir, &page)).await?;
    Ok(Some(CountFiles::Counted))
}

/// Adds the counts of a second's batches to the totals.
///
/// A crash between this write and the engine's commit lets the action run again with the same batches under the same
/// key, and so the row of that key is written again rather than added a second time.
#[fsm_action]
pub(crate) async fn add_up(cx: &mut Context, batches: Contexts, totals: &TotalsDb) -> fantasm::Result<Option<AddUp>> {
    let mut sum = Counts::default();
    for batch in &batches {
        sum.add(&batch.counts);
    }
    totals.put_counts(cx.run, cx.idempotency_key(), &sum).await?;
    Ok(None)
}
