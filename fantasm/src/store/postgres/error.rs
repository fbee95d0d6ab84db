//! PostgreSQL's errors in the store's words.

use std::{borrow::Cow, error, io, iter::successors};

use deadpool_postgres::PoolError;
use tokio_postgres::{
    error::{DbError, Severity, SqlState},
    tls::NoTlsError,
};

use crate::store::{StoreError, StoreErrorKind};

impl From<tokio_postgres::Error> for StoreError {
    fn from(error: tokio_postgres::Error) -> Self {
        let (kind, message) = match error.as_db_error() {
            Some(refusal) if refusal.message().starts_with("unsupported startup parameter") => {
                (StoreErrorKind::Unusable, NO_SETTINGS.into())
            }
            Some(refusal) if refusal.message().ends_with(", no encryption") => {
                (StoreErrorKind::Unusable, NOT_IN_CLEAR.into())
            }
            Some(refusal) => {
                let (kind, message) = told(refusal.code());
                (kind, message.into())
            }
            None => untold(&error),
        };
        Self::new(kind, message).with_source(error)
    }
}

impl From<PoolError> for StoreError {
    fn from(error: PoolError) -> Self {
        match error {
            PoolError::Backend(error) => error.into(),
            PoolError::Timeout(_) => Self::new(
                StoreErrorKind::Unavailable,
                "all connections of the pool were busy for too long: give the store more of them, or the server less to do",
            ),
            error => Self::new(StoreErrorKind::Unavailable, "the pool of connections has none").with_source(error),
        }
    }
}

const NO_SETTINGS: &str = "the pooler before PostgreSQL does not take the settings of connections: let it pass over them \
                           (of PgBouncer: ignore_startup_parameters = options), and give them to the user";

const NOT_IN_CLEAR: &str = "the PostgreSQL server lets this user in by no connection that is not encrypted, unless its \
                            pg_hba.conf lacks the user altogether: say sslmode=require, and open the store by \
                            `PostgresStore::builder(url).tls(connector)`";

/// What the server says ([its codes](https://www.postgresql.org/docs/current/errcodes-appendix.html)).
fn told(code: &SqlState) -> (StoreErrorKind, &'static str) {
    use StoreErrorKind::{Full, Internal, Unavailable, Unusable};

    match code.code() {
        "53100" => (Full, "the disk of the PostgreSQL server is full: free some space and go on; nothing is lost"),
        "53300" => (
            Unavailable,
            "the PostgreSQL server has no connection left: raise its max_connections, or give each store fewer",
        ),
        "57014" => (Unavailable, "PostgreSQL cancelled a statement that took too long"),
        "40001" | "40P01" | "55P03" => (Unavailable, "PostgreSQL asks to try again, as others were at the same rows"),
        "25006" => (Unavailable, "the PostgreSQL server takes no writes: it is a standby, or was set to read only"),
        "28P01" | "28000" => (
            Unusable,
            "the PostgreSQL server does not let this user in: check user and password of the URL, and pg_hba.conf",
        ),
        "3D000" => (Unusable, "there is no such database: make it with `createdb`, or name another in the URL"),
        "42501" => (
            Unusable,
            "this user may not do that in the database: let it create the schema once, or grant it what it lacks",
        ),
        "26000" | "42P05" => (
            Unusable,
            "the pooler before PostgreSQL hands each transaction another connection, and does not keep prepared statements: \
             let it (PgBouncer 1.21 or newer: max_prepared_statements = 200), or keep connections for sessions",
        ),
        "3F000" | "42P01" | "42883" => {
            (Unusable, "the tables of fantasm are not there: the schema was dropped, or is not the one that was named")
        }
        code if ["08", "53", "57", "58"].iter().any(|class| code.starts_with(class)) => {
            (Unavailable, "the PostgreSQL server cannot answer at present")
        }
        "25P02" | "25P03" => (Unavailable, "PostgreSQL ended a transaction that stood still"),
        _ => (Internal, "PostgreSQL refused a statement of fantasm; please report this as a bug"),
    }
}

/// Whether the server has answered, and goes on to do so on this connection. A code says less: a trigger may raise any. What
/// names no severity is no server's.
pub(super) fn is_answer(error: &tokio_postgres::Error) -> bool {
    let severity = error.as_db_error().and_then(DbError::parsed_severity);
    severity.is_some_and(|severity| !matches!(severity, Severity::Fatal | Severity::Panic))
}

fn untold(error: &tokio_postgres::Error) -> (StoreErrorKind, Cow<'static, str>) {
    let text = error.to_string();
    if text.starts_with("invalid configuration") || text.starts_with("invalid connection string") {
        let message = "the URL is none of a database: it looks like postgres://user:password@host:5432/database";
        return (StoreErrorKind::Unusable, message.into());
    }
    if text.starts_with("error serializing parameter") || text.starts_with("error deserializing column") {
        let message = "a value does not fit its column; please report this as a bug";
        return (StoreErrorKind::Internal, message.into());
    }
    if text.starts_with("error performing TLS handshake") && !is_cut(error) {
        return (StoreErrorKind::Unusable, without_tls(error));
    }
    (StoreErrorKind::Unavailable, "the connection to the PostgreSQL server was lost or cannot be made".into())
}

/// Whether the connection broke. What connectors themselves find wrong is invalid data or input to them.
fn is_cut(error: &tokio_postgres::Error) -> bool {
    use io::ErrorKind::{InvalidData, InvalidInput, Other};

    let cause = successors(error::Error::source(error), |error| error.source())
        .find_map(|error| error.downcast_ref::<io::Error>());
    cause.is_some_and(|cause| !matches!(cause.kind(), InvalidData | InvalidInput | Other))
}

fn without_tls(error: &tokio_postgres::Error) -> Cow<'static, str> {
    let Some(cause) = error::Error::source(error) else { return "no TLS with the PostgreSQL server".into() };
    if cause.is::<NoTlsError>() {
        return "the URL asks for TLS (sslmode=require), for which the store has no connector: open it by \
                `PostgresStore::builder(url).tls(connector)`"
            .into();
    }
    let cause = cause.to_string();
    if cause == "server does not support TLS" {
        return "the PostgreSQL server does not speak TLS, or not by this way, which the URL asks for (sslmode=require): \
                switch its `ssl` on, and connect by TCP"
            .into();
    }
    format!(
        "no TLS with the PostgreSQL server ({cause}): the connector has to trust the authority that made the server's \
         certificate, and that has to name the host as the URL does"
    )
    .into()
}

impl StoreError {
    /// Whether the server itself said no, so that nothing was committed.
    pub(super) fn is_refusal(&self) -> bool {
        self.cause().is_some_and(is_answer)
    }

    /// A commit that was refused for what the step's own SQL has written, which only then was looked at: by a constraint, or
    /// by a trigger that is one, which may say whatever it likes.
    pub(super) fn at_commit_of_statements(self) -> Self {
        if !self.is_refusal() {
            return self;
        }
        let message = "the step's SQL was refused at the commit, by a constraint that is deferred";
        Self::new(StoreErrorKind::Statement, message).with_source(self)
    }

    /// A write that stood in line for too long behind others that waited.
    pub(super) fn locked() -> Self {
        Self::new(StoreErrorKind::Unavailable, told(&SqlState::LOCK_NOT_AVAILABLE).1)
    }

    /// Whether a constraint of the user's own tables was violated, or a trigger of theirs has said no.
    pub(super) fn is_objection(&self) -> bool {
        self.is_refusal()
            && self.code().is_some_and(|code| ["23", "P0"].iter().any(|class| code.code().starts_with(class)))
    }

    /// Whether somebody else had locked what was to be written.
    pub(super) fn is_locked(&self) -> bool {
        self.code() == Some(&SqlState::LOCK_NOT_AVAILABLE)
    }

    fn code(&self) -> Option<&SqlState> {
        self.cause()?.code()
    }

    /// What PostgreSQL said, also where it is told in other words.
    fn cause(&self) -> Option<&tokio_postgres::Error> {
        successors(error::Error::source(self), |error| error.source()).find_map(|error| error.downcast_ref())
    }

    /// A claim whose answer was lost: should it have taken tasks, nobody knows of which, and they would wait for as long as
    /// their worker lives. So that life ends, and others take over what it had.
    pub(super) fn at_claim(self) -> Self {
        if self.is_refusal() { self } else { Self::lease_lost().with_source(self) }
    }

    /// Whether the database gave a transaction up that is good to be repeated at once.
    pub(super) fn is_conflict(&self) -> bool {
        self.code().is_some_and(|code| {
            *code == SqlState::T_R_DEADLOCK_DETECTED || *code == SqlState::T_R_SERIALIZATION_FAILURE
        })
    }
}
