//! The user's own SQL in a step's commit.

use super::{
    Outcome,
    world::{World, context, task},
};
use crate::{
    store::{Commit, Lease, Statement, StoreErrorKind, Verdict},
    transaction::Transaction,
};

/// Exactly once, with the step; later steps see it.
pub async fn statements_take_effect_with_the_step(world: World) -> Outcome {
    let Some(lease) = ledger(&world).await? else { return Ok(()) };
    let insert = statement(|tx| {
        tx.execute("INSERT INTO ledger (name, n) VALUES ($1, $2)").bind("it's").bind(7).affecting(1);
        tx.execute("INSERT INTO ledger (n, name) VALUES ($2, $1)").bind(None::<String>).bind(8);
    });
    let next = commit(&world, lease, insert).await?;
    let found = statement(|tx| {
        tx.execute("UPDATE ledger SET n = 9 WHERE name = $1 AND n = $2").bind("it's").bind(7).affecting(1);
        tx.execute("UPDATE ledger SET n = 9 WHERE name IS NULL AND n = 8").affecting(1);
        tx.execute("UPDATE ledger SET n = 10 WHERE n = 9").affecting(2);
    });
    commit(&world, next, found).await?;
    Ok(())
}

/// Neither the statements before it nor the step; the task is still the worker's. The error tells whether another attempt may
/// fare better.
pub async fn a_refused_statement_leaves_nothing(world: World) -> Outcome {
    let Some(mut lease) = ledger(&world).await? else { return Ok(()) };
    use StoreErrorKind::{Statement as MayPass, WrongStatement as Wrong};
    type Say = fn(&mut Transaction);
    let refused: [(StoreErrorKind, Say); 13] = [
        (Wrong, |tx| _ = tx.execute("INSERT INTO ledger (name, n) VALUES ('two', 1); DELETE FROM ledger")),
        (Wrong, |tx| _ = tx.execute("INSERT INTO ledger (name, n) VALUES ('open', 1")),
        (Wrong, |tx| _ = tx.execute("INSERT INTO missing (n) VALUES (1)")),
        (Wrong, |tx| _ = tx.execute("INSERT INTO ledger (missing) VALUES (1)")),
        (Wrong, |tx| _ = tx.execute("INSERT INTO ledger (name, n) VALUES ($1, 1)")),
        (Wrong, |tx| _ = tx.execute("INSERT INTO ledger (name, n) VALUES ('more', 1)").bind(2)),
        (Wrong, |tx| _ = tx.execute("INSERT INTO ledger (name, n) VALUES ('seen', 1) RETURNING n")),
        (Wrong, |tx| _ = tx.execute("WITH one AS (SELECT 1) SELECT * FROM one")),
        (Wrong, |tx| _ = tx.execute("INSERT INTO ledger (name, n) VALUES ('twice', 1), ('twice', 2)")),
        (Wrong, |tx| _ = tx.execute("INSERT INTO ledger (name, n) VALUES ('nothing', NULL)")),
        (Wrong, |tx| _ = tx.execute("INSERT INTO ledger (name, n) VALUES ('below', -1)")),
        // Others may do what is missing before the step is tried again.
        (MayPass, |tx| _ = tx.execute("UPDATE ledger SET n = 5 WHERE n = 3").affecting(1)),
        (MayPass, |tx| _ = tx.execute("INSERT INTO ledger (name, n, of) VALUES ('child', 1, 'nobody')")),
    ];
    for (kind, refuse) in refused {
        let statements = statement(|tx| {
            tx.execute("INSERT INTO ledger (name, n) VALUES ('once', 4)");
            refuse(tx);
        });
        let done = Verdict::Done { next: vec![task("next").into()], context: context("done") };
        let error = world.store.commit(lease, Commit { statements, ..done.into() }).await.expect_err("it is refused");
        assert_eq!(error.kind(), kind, "{error:?}");
        let nothing = statement(|tx| {
            tx.execute("UPDATE ledger SET n = n").affecting(0);
        });
        lease = commit(&world, lease, nothing).await?;
    }
    Ok(())
}

/// A lost lease runs no statement.
pub async fn a_refused_commit_runs_no_statement(world: World) -> Outcome {
    let Some(lease) = ledger(&world).await? else { return Ok(()) };
    let stale = Lease { fence: lease.fence - 1, ..lease };
    let statements = statement(|tx| {
        tx.execute("INSERT INTO ledger (name, n) VALUES ('stale', 1)");
    });
    let done = Verdict::Done { next: Vec::new(), context: context("done") };
    let error = world.store.commit(stale, Commit { statements, ..done.into() }).await.expect_err("it is refused");
    assert_eq!(error.kind(), StoreErrorKind::LeaseLost);
    commit(
        &world,
        lease,
        statement(|tx| {
            tx.execute("UPDATE ledger SET n = n").affecting(0);
        }),
    )
    .await?;
    Ok(())
}

/// Never silently dropped.
pub async fn a_store_without_sql_refuses_statements(world: World) -> Outcome {
    if world.store.has_sql() {
        return Ok(());
    }
    let claim = world.claimed().await?;
    let statements = statement(|tx| {
        tx.execute("DELETE FROM ledger");
    });
    let done = Verdict::Done { next: Vec::new(), context: context("done") };
    let error = world.store.commit(claim.lease, Commit { statements, ..done.into() }).await.expect_err("it is refused");
    assert_eq!(error.kind(), StoreErrorKind::WrongStatement);
    world.done(claim.lease, Vec::new()).await
}

/// A claimed task beside an empty table; `None` where the store has no SQL.
async fn ledger(world: &World) -> Result<Option<Lease>, crate::store::StoreError> {
    if !world.store.has_sql() {
        return Ok(None);
    }
    let claim = world.claimed().await?;
    let create = statement(|tx| {
        tx.execute("CREATE TABLE ledger (name TEXT UNIQUE, n INTEGER NOT NULL CHECK (n >= 0), of TEXT REFERENCES ledger (name))");
    });
    commit(world, claim.lease, create).await.map(Some)
}

/// Commits a step with these statements, and claims the next.
async fn commit(world: &World, lease: Lease, statements: Vec<Statement>) -> Result<Lease, crate::store::StoreError> {
    let done = Verdict::Done { next: vec![task("next").into()], context: context("done") };
    world.store.commit(lease, Commit { statements, ..done.into() }).await?;
    Ok(world.claim_one(lease.worker).await?.lease)
}

fn statement(say: impl FnOnce(&mut Transaction)) -> Vec<Statement> {
    let mut tx = Transaction::default();
    say(&mut tx);
    tx.statements().to_vec()
}
