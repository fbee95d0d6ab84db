//! What the SQL of steps does: rows of a table beside the store's own, of which there must be one for each step that was
//! committed. A store in memory has no SQL; a layer runs there what the steps of these worlds ask for.

use std::sync::{Arc, Mutex, PoisonError};

use fantasm::{
    Transaction,
    store::{Commit, Lease, SqlValue, Store, StoreError, StoreErrorKind, StoreFuture},
};
use fantasm_tests::{Backend, Layer, Layered};

const TABLE: &str = "CREATE TABLE IF NOT EXISTS effect (world TEXT NOT NULL, number BIGINT NOT NULL)";

/// Asks for a row.
pub(crate) fn write(tx: &mut Transaction, world: &str, number: i64) {
    tx.execute("INSERT INTO effect (world, number) VALUES ($1, $2)").bind(world).bind(number).affecting(1);
}

/// Asks for what cannot be.
pub(crate) fn doom(tx: &mut Transaction) {
    tx.execute("UPDATE effect SET number = 0 WHERE world = 'nowhere'").affecting(1);
}

/// The table of one world.
#[derive(Debug)]
pub(crate) enum Effects {
    Memory(Arc<Mutex<Vec<i64>>>),
    Sql,
}

impl Effects {
    /// Makes the table, and answers the store whose steps can write into it.
    pub(crate) fn of(backend: &Backend) -> (Self, Arc<dyn Store>) {
        if let Backend::Memory(_) = backend {
            let rows = Arc::<Mutex<Vec<i64>>>::default();
            let store = Layered(InMemory { below: backend.store(), rows: Arc::clone(&rows) });
            return (Self::Memory(rows), Arc::new(store));
        }
        // PostgreSQL's worlds share it, and of two that make it at once one would fail.
        static MAKING: Mutex<()> = Mutex::new(());
        let _one_by_one = MAKING.lock().unwrap_or_else(PoisonError::into_inner);
        backend.execute(TABLE);
        (Self::Sql, backend.store())
    }

    /// The numbers that steps have written, in their order.
    pub(crate) fn numbers(&self, backend: &Backend, world: &str) -> Vec<i64> {
        let mut numbers = match self {
            Self::Memory(rows) => rows.lock().unwrap_or_else(PoisonError::into_inner).clone(),
            Self::Sql => backend.numbers(&format!("SELECT number FROM effect WHERE world = '{world}'")),
        };
        numbers.sort_unstable();
        numbers
    }
}

/// Runs statements beside a store that cannot, if the rest of their commit takes effect.
#[derive(Debug)]
struct InMemory {
    below: Arc<dyn Store>,
    rows: Arc<Mutex<Vec<i64>>>,
}

impl Layer for InMemory {
    fn below(&self) -> &dyn Store {
        &*self.below
    }

    fn has_sql(&self) -> bool {
        true
    }

    fn commit(&self, lease: Lease, mut commit: Commit) -> StoreFuture<'_, ()> {
        Box::pin(async move {
            let statements = std::mem::take(&mut commit.statements);
            if statements.iter().any(|statement| statement.sql.starts_with("UPDATE")) {
                // A lease that is lost is told first. Whoever has run an action has sealed its window.
                self.below.seal(lease).await?;
                return Err(StoreError::new(StoreErrorKind::Statement, "it changed 0 rows where it had to change 1"));
            }
            self.below.commit(lease, commit).await?;
            let number = |value: &SqlValue| match value {
                SqlValue::Int(number) => Some(*number),
                _ => None,
            };
            let numbers = statements.iter().flat_map(|statement| &statement.parameters).filter_map(number);
            self.rows.lock().unwrap_or_else(PoisonError::into_inner).extend(numbers);
            Ok(())
        })
    }
}
