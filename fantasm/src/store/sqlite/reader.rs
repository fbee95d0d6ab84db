//! A few connections that read beside the writer.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use rusqlite::Connection;

use super::open;
use crate::store::{StoreError, StoreErrorKind, StoreFuture};

/// How many idle connections are kept.
const MAX_IDLE: usize = 4;

/// Connections for reading, opened as needed. In WAL mode they never wait for the writer, nor it for them.
#[derive(Debug)]
pub(super) struct Readers {
    path: PathBuf,
    idle: Arc<Mutex<Vec<Connection>>>,
}

impl Readers {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, idle: Arc::default() }
    }

    /// Reads in one transaction, on a thread that may block.
    pub(super) fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> StoreFuture<'_, T> {
        let (path, idle) = (self.path.clone(), Arc::clone(&self.idle));
        Box::pin(async move {
            let read = move || {
                let waiting = idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
                let mut db = waiting.map_or_else(|| open::open_reader(&path), Ok)?;
                let tx = db.transaction()?;
                let answer = work(&tx)?;
                tx.finish()?;
                let mut idle = idle.lock().unwrap_or_else(PoisonError::into_inner);
                if idle.len() < MAX_IDLE {
                    idle.push(db);
                }
                Ok(answer)
            };
            tokio::task::spawn_blocking(read).await.map_err(|error| {
                StoreError::new(StoreErrorKind::Internal, "reading the database did not finish").with_source(error)
            })?
        })
    }
}
