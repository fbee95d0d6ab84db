//! What has ended long ago is removed.

use std::num::NonZeroU32;

use jiff::Timestamp;

use super::{row::At, tx::Tx};
use crate::store::StoreError;

/// Removes what ended before that time, the oldest first, and goes on past what others refer to: else as many of these as are
/// removed at once would keep all others for ever.
pub(super) async fn purge(tx: &Tx<'_>, ended_before: Timestamp, limit: NonZeroU32) -> Result<u64, StoreError> {
    // What is looked at as late as the commit would keep all of them.
    tx.batch("SET CONSTRAINTS ALL IMMEDIATE").await?;
    let (mut n_removed, mut n_kept, mut last) = (0, 0_u64, (None::<At>, 0_i64));
    while n_removed < u64::from(limit.get()) {
        let n_left = i64::from(limit.get()).saturating_sub_unsigned(n_removed);
        let rows = tx.rows(ENDED, &[&At(ended_before), &n_left, &last.0, &last.1]).await?;
        let Some(row) = rows.last() else { break };
        last = (Some(row.try_get(1)?), row.try_get(0)?);
        let ended = rows.iter().map(|row| Ok(row.try_get(0)?)).collect::<Result<Vec<i64>, StoreError>>()?;
        let removed = remove_most(tx, ended).await?;
        n_removed += removed;
        n_kept += u64::try_from(rows.len()).unwrap_or(u64::MAX).saturating_sub(removed);
    }
    if n_kept > 0 {
        tracing::warn!(n_kept, "instances cannot be removed: other tables refer to them");
    }
    Ok(n_removed)
}

const ENDED: &str = "
    SELECT id, ended_at FROM fantasm.instance WHERE ended_at < $1
      AND (ended_at, id) > (coalesce($3::timestamptz, '-infinity'), $4)
    ORDER BY ended_at, id LIMIT $2 FOR UPDATE SKIP LOCKED";

/// Removes all of them to which no table of the user's own refers, and answers how many. A part that cannot go is halved, so
/// that a few of these cost little.
async fn remove_most(tx: &Tx<'_>, ended: Vec<i64>) -> Result<u64, StoreError> {
    let (mut parts, mut n_removed) = (vec![ended], 0);
    while let Some(mut part) = parts.pop() {
        tx.batch("SAVEPOINT purge").await?;
        match remove(tx, &part).await {
            Ok(()) => n_removed += u64::try_from(part.len()).unwrap_or(u64::MAX),
            Err(error) if error.is_objection() => {
                tx.batch("ROLLBACK TO purge").await?;
                if part.len() > 1 {
                    parts.push(part.split_off(part.len() / 2));
                    parts.push(part);
                } else {
                    tracing::debug!(instance = ?part, %error, "an instance is kept");
                }
            }
            Err(error) => return Err(error),
        }
        tx.batch("RELEASE purge").await?;
    }
    Ok(n_removed)
}

/// Removes all of these instances: what may be refused comes first.
async fn remove(tx: &Tx<'_>, instances: &[i64]) -> Result<(), StoreError> {
    for sql in [
        "DELETE FROM fantasm.instance WHERE id = ANY ($1)",
        "DELETE FROM fantasm.work_package
         WHERE \"window\" = ANY (ARRAY(SELECT id FROM fantasm.window WHERE instance = ANY ($1)))",
        "DELETE FROM fantasm.window WHERE instance = ANY ($1)",
        "DELETE FROM fantasm.task WHERE instance = ANY ($1)",
        "DELETE FROM fantasm.step WHERE instance = ANY ($1)",
        "DELETE FROM fantasm.log WHERE instance = ANY ($1)",
    ] {
        tx.execute(sql, &[&instances]).await?;
    }
    Ok(())
}
