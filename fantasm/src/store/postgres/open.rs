//! Opening a store: where, as whom, and with how many connections.

use std::{num::NonZeroUsize, sync::Arc, time::Duration};

use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod, Runtime, Timeouts};
use tokio::{sync::mpsc, task::JoinSet};
use tokio_postgres::{
    Config, NoTls, Socket,
    tls::{MakeTlsConnect, TlsConnect},
};

use super::{
    PostgresStore,
    dial::{self, Dial, Pooled, With},
    group,
    inner::Inner,
    limit, listen, migrate,
    tx::DEFAULT_SCHEMA,
};
use crate::{
    clock::Clock,
    store::{Notifier, StoreError, StoreErrorKind},
};

/// How long a call waits for a connection before it says that there is none.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long the other side may leave what was sent to it untaken, where the platform can tell (Linux).
const MAX_UNTAKEN: Duration = Duration::from_secs(30);

/// The longest time that the server takes for a statement's.
const MAX_STATEMENT_TIMEOUT: Duration = Duration::from_millis(2_147_483_647);

/// How long a server may let a transaction stand still, whose process was stopped in the middle of it and holds locks.
const MAX_STANDSTILL: Duration = Duration::from_secs(5);

/// Tells the planner what a small sample of ever changing tables cannot: every statement goes by its index. Without
/// sequential scans the estimates are so high that each statement would be compiled (`jit`), for half a second.
const PLANS: &str = "-c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off \
                     -c plan_cache_mode=force_generic_plan -c jit=off";

/// A [`PostgresStore`] to be.
///
/// ```no_run
/// # async fn example() -> fantasm::Result<()> {
/// use fantasm::store::PostgresStore;
///
/// let store = PostgresStore::builder("postgres://app@db.example/app").connections(16).schema("jobs").connect().await?;
/// # Ok(()) }
/// ```
#[must_use = "nothing is opened before `connect`"]
pub struct PostgresStoreBuilder {
    url: String,
    listen_url: Option<String>,
    schema: String,
    connections: NonZeroUsize,
    committers: usize,
    statement_timeout: Duration,
    clock: Option<Arc<dyn Clock>>,
    dial: Arc<dyn Dial>,
}

impl PostgresStoreBuilder {
    pub(super) fn new(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            listen_url: None,
            schema: DEFAULT_SCHEMA.to_owned(),
            connections: NonZeroUsize::MIN.saturating_add(7),
            committers: 3,
            statement_timeout: Duration::from_secs(30),
            clock: None,
            dial: Arc::new(With(NoTls)),
        }
    }

    /// Keeps its tables in this schema (`fantasm` unless said otherwise), which is made when it is not there.
    pub fn schema(self, schema: impl Into<String>) -> Self {
        Self { schema: schema.into(), ..self }
    }

    /// Opens at most this many connections for steps and reads (8 unless said otherwise); half of them may be at steps with
    /// SQL of their own at the same time. Two more are for the heartbeats and for listening, and up to four for writes that
    /// wait for a transaction of somebody else, while there are any.
    pub fn connections(self, connections: usize) -> Self {
        Self { connections: NonZeroUsize::new(connections).unwrap_or(NonZeroUsize::MIN), ..self }
    }

    /// Listens for the writes of other processes by this URL, which leads to the server itself: where the other leads to a
    /// pooler that hands each transaction another connection, as PgBouncer does in transaction mode, nothing is heard there.
    /// See [the guide](crate::guide::production#behind-pgbouncer).
    pub fn listen_url(self, url: impl Into<String>) -> Self {
        Self { listen_url: Some(url.into()), ..self }
    }

    /// Commits groups of steps with this many transactions at once (3 unless said otherwise, and never more than there are
    /// connections).
    pub fn committers(self, committers: usize) -> Self {
        Self { committers, ..self }
    }

    /// Lets the server give up a statement that takes longer (30 seconds unless said otherwise). When it has not said so 10
    /// seconds later (or as long again, where that is less), its connection is given up.
    ///
    /// To raise the limit take this rather than the options of the URL, which only the server knows of.
    ///
    /// The server counts in milliseconds: it is one at least, and 24 days at most; zero is no limit.
    pub fn statement_timeout(self, timeout: Duration) -> Self {
        let told = timeout.clamp(Duration::from_millis(1), MAX_STATEMENT_TIMEOUT);
        Self { statement_timeout: if timeout.is_zero() { timeout } else { told }, ..self }
    }

    /// Takes the time from this clock instead of the database's. It is meant for tests: where several processes share a
    /// store their clocks never agree.
    pub fn clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock: Some(clock), ..self }
    }

    /// Encrypts connections by a connector of tokio-postgres: that of `tokio-postgres-rustls`, for one. Whether they have
    /// to be encrypted the URL says (`sslmode=require`).
    pub fn tls<T>(self, connector: T) -> Self
    where
        T: MakeTlsConnect<Socket> + Clone + Send + Sync + 'static,
        T::Stream: Send + Sync + 'static,
        T::TlsConnect: Send + Sync,
        <T::TlsConnect as TlsConnect<Socket>>::Future: Send,
    {
        Self { dial: Arc::new(With(connector)), ..self }
    }

    /// Connects, and makes the schema or brings it up to date as needed.
    ///
    /// # Errors
    /// [`StoreErrorKind::Unavailable`] when the server cannot be reached at present; [`StoreErrorKind::Unusable`] when it
    /// refuses user, password or database, when the URL is none, or when the schema was migrated by a newer fantasm.
    pub async fn connect(self) -> Result<PostgresStore, StoreError> {
        let config = self.config(&self.url)?;
        let listening = self.listen_url.as_deref().map(|url| self.config(url)).transpose()?;
        let at = place(&config);
        self.connect_to(config, listening).await.map_err(|error| error.about(&at))
    }

    async fn connect_to(self, config: Config, listening: Option<Config>) -> Result<PostgresStore, StoreError> {
        self.migrate(&config).await?;
        let (announce, news) = mpsc::unbounded_channel();
        let inner = Arc::new(Inner {
            pool: self.pool(&config, self.connections.get())?,
            heartbeats: self.pool(&config, 1)?,
            patient: self.pool(&config, group::N_PATIENT)?,
            limit: limit::beyond(self.statement_timeout),
            schema: self.schema,
            clock: self.clock,
            notifier: Notifier::new(),
            announce,
        });
        let mut tasks = JoinSet::new();
        tasks.spawn(listen::serve(Arc::clone(&inner), self.dial, listening.unwrap_or(config), news));
        let ((queue, queued), (alone, lonely), (patient, waiting)) = (group::line(), group::line(), group::line());
        for _ in 0..self.committers.clamp(1, self.connections.get()) {
            tasks.spawn(group::serve(Arc::clone(&inner), Arc::clone(&queued), patient.clone()));
        }
        for _ in 0..self.connections.get().div_ceil(2) {
            tasks.spawn(group::serve_alone(Arc::clone(&inner), Arc::clone(&lonely), patient.clone()));
        }
        for _ in 0..group::N_PATIENT {
            tasks.spawn(group::wait(Arc::clone(&inner), Arc::clone(&waiting)));
        }
        Ok(PostgresStore { inner, queue, alone, _tasks: Arc::new(tasks) })
    }

    async fn migrate(&self, config: &Config) -> Result<(), StoreError> {
        let (client, mut link) = dial::within_limit(&*self.dial, config).await?;
        let drive = async { while let Some(Ok(_)) = std::future::poll_fn(|cx| link(cx)).await {} };
        tokio::select! {
            migrated = migrate::migrate(&client, &self.schema, limit::beyond(self.statement_timeout)) => migrated,
            () = drive => Err(StoreError::new(StoreErrorKind::Unavailable, "the PostgreSQL server hung up")),
        }
    }

    fn config(&self, url: &str) -> Result<Config, StoreError> {
        let mut config: Config = url.parse()?;
        let timeouts = format!(
            "-c statement_timeout={} -c idle_in_transaction_session_timeout={}",
            self.statement_timeout.as_millis(),
            MAX_STANDSTILL.as_millis()
        );
        // What the URL says comes last, and so has the last word.
        let options = format!("{PLANS} {timeouts} {}", config.get_options().unwrap_or_default());
        config.options(options.trim_end());
        if config.get_application_name().is_none() {
            config.application_name("fantasm");
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(PATIENCE);
        }
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(MAX_UNTAKEN);
        }
        config.keepalives_idle(Duration::from_secs(30));
        Ok(config)
    }

    fn pool(&self, config: &Config, size: usize) -> Result<Pool, StoreError> {
        let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let manager = Manager::from_connect(config.clone(), Pooled(Arc::clone(&self.dial)), recycling);
        let timeouts = Timeouts { wait: Some(PATIENCE), create: Some(dial::limit_of(config)), recycle: Some(PATIENCE) };
        Pool::builder(manager).max_size(size).runtime(Runtime::Tokio1).timeouts(timeouts).build().map_err(|error| {
            StoreError::new(StoreErrorKind::Internal, "there is no pool of connections").with_source(error)
        })
    }
}

impl std::fmt::Debug for PostgresStoreBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PostgresStoreBuilder").field("schema", &self.schema).finish_non_exhaustive()
    }
}

/// Where a database is, without the password.
fn place(config: &Config) -> String {
    use tokio_postgres::config::Host;

    let hosts = config.get_hosts().iter().map(|host| match host {
        Host::Tcp(name) => name.clone(),
        #[cfg(unix)]
        Host::Unix(path) => path.display().to_string(),
    });
    let host = hosts.collect::<Vec<_>>().join(",");
    format!("PostgreSQL at {host}, database `{}`", config.get_dbname().or(config.get_user()).unwrap_or_default())
}
