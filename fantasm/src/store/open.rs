//! A store by its place alone.

use std::sync::Arc;

use super::{Store, StoreError};

/// Opens the store of that place: a PostgreSQL database for a URL (`postgres://user@host/database`), and else the SQLite
/// file of that path. So a program that takes the place from its user runs on either.
///
/// ```no_run
/// # async fn example(place: &str) -> fantasm::Result<()> {
/// let store = fantasm::store::open(place).await?;
/// let worker = fantasm::Worker::builder(store);
/// # Ok(()) }
/// ```
///
/// # Errors
/// Those of the store; and of kind [`StoreErrorKind::Unusable`](super::StoreErrorKind::Unusable) when the program was built
/// without the feature of that kind of store.
pub async fn open(place: impl AsRef<str>) -> Result<Arc<dyn Store>, StoreError> {
    let place = place.as_ref();
    if is_url(place) { postgres(place).await } else { sqlite(place).await }
}

fn is_url(place: &str) -> bool {
    ["postgres://", "postgresql://"].iter().any(|scheme| place.starts_with(scheme))
}

#[cfg(feature = "postgres")]
async fn postgres(url: &str) -> Result<Arc<dyn Store>, StoreError> {
    Ok(Arc::new(super::PostgresStore::connect(url).await?))
}

#[cfg(not(feature = "postgres"))]
async fn postgres(_: &str) -> Result<Arc<dyn Store>, StoreError> {
    Err(lacks("postgres"))
}

#[cfg(feature = "sqlite")]
async fn sqlite(path: &str) -> Result<Arc<dyn Store>, StoreError> {
    Ok(Arc::new(super::SqliteStore::open(path).await?))
}

#[cfg(not(feature = "sqlite"))]
async fn sqlite(_: &str) -> Result<Arc<dyn Store>, StoreError> {
    Err(lacks("sqlite"))
}

#[cfg(not(all(feature = "sqlite", feature = "postgres")))]
fn lacks(feature: &str) -> StoreError {
    let message = format!(
        "this program was built without the stores of that kind: add the feature `{feature}` to its dependency on fantasm"
    );
    StoreError::new(super::StoreErrorKind::Unusable, message)
}
