//! A store by its place alone.

use std::sync::Arc;

use super::{Store, StoreError, StoreErrorKind};

/// Opens the store of that place: a PostgreSQL database for a URL (`postgres://user@host/database`), and else the SQLite
/// file of that path. So a program that takes the place from its user runs on either. A URL that asks for TLS
/// (`sslmode=require`) is refused: the connector that it needs is given by `PostgresStore::builder(url).tls(…)`.
///
/// ```no_run
/// # async fn example(place: &str) -> fantasm::Result<()> {
/// let store = fantasm::store::open(place).await?;
/// let worker = fantasm::Worker::builder(store);
/// # Ok(()) }
/// ```
///
/// # Errors
/// Those of the store; and of kind [`StoreErrorKind::Unusable`] when the program was built without the feature of that kind
/// of store, or there is none.
pub async fn open(place: impl AsRef<str>) -> Result<Arc<dyn Store>, StoreError> {
    let place = place.as_ref();
    match place.split_once("://") {
        None if place.is_empty() => Err(unusable("the place of a store is empty: name a file or a URL")),
        None => sqlite(place).await,
        Some(("postgres" | "postgresql", _)) => postgres(place).await,
        Some((scheme, _)) => Err(unusable(format!(
            "there is no store for `{scheme}://`: name the path of a SQLite file, or a URL of PostgreSQL, \
             `postgres://user@host/database`"
        ))),
    }
}

fn unusable(message: impl Into<String>) -> StoreError {
    StoreError::new(StoreErrorKind::Unusable, message)
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
    StoreError::new(StoreErrorKind::Unusable, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_place_that_is_neither_file_nor_url_is_refused() {
        for (place, told) in [
            ("", "the place of a store is empty"),
            ("mysql://host/database", "there is no store for `mysql://`"),
            ("sqlite://fantasm.db", "name the path of a SQLite file"),
            ("Postgres://host/database", "`postgres://user@host/database`"),
        ] {
            let error = open(place).await.expect_err(place);
            assert_eq!(error.kind(), StoreErrorKind::Unusable);
            assert!(error.to_string().contains(told), "{place}: {error}");
        }
    }
}
