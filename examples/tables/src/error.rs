//! What can go wrong.

/// Why something could not be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The database of that place does not open.
    #[error("cannot keep tables in {0}")]
    Open(String, #[source] Box<Self>),
    /// SQLite's word.
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
    /// PostgreSQL's word.
    #[error(transparent)]
    Postgres(#[from] tokio_postgres::Error),
    /// The thread that was to read or write did not.
    #[error(transparent)]
    Thread(#[from] tokio::task::JoinError),
    /// A value is not of the type that is asked for, or of one that is not known here.
    #[error("{0}")]
    Value(String),
}

/// What is read, or why it could not be.
pub type Result<T> = std::result::Result<T, Error>;
