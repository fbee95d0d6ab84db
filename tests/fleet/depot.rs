//! The store that a fleet shares, and the books that are compared at the end.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use fantasm::store::{self, SqliteStore, Store};
use fantasm_tests::{Cluster, psql};
use rusqlite::{Connection, types::Value};
use tempfile::TempDir;

use crate::{
    harm::{self, Deeds, Harm},
    machines::Haul,
    plan::{self, Plan},
};

const LEDGER: &str = "
    CREATE TABLE ledger (instance BIGINT NOT NULL, state TEXT NOT NULL, step_key TEXT NOT NULL, weight BIGINT NOT NULL)";

/// Instances that have not finished, and what is left of those that have.
const LEFT_OVER: &str = "
    SELECT (SELECT count(*) FROM fantasm_instance WHERE machine = 'Haul' AND (status <> 'finished' OR n_live <> 0))
         + (SELECT count(*) FROM fantasm_task WHERE machine = 'Haul')
         + (SELECT count(*) FROM fantasm_window) + (SELECT count(*) FROM fantasm_work_package)";

/// A server that has few connections, and flushes for nobody sooner than for others: [`harm::set_disk`] says how soon.
const SETTINGS: &str = "-c max_connections=44 -c commit_siblings=0";

/// The users that the workers and their crowd are.
const USERS: &str = "
    CREATE ROLE crowd LOGIN;
    CREATE ROLE app LOGIN;
    GRANT CREATE ON DATABASE postgres TO app;
    GRANT ALL ON SCHEMA public TO app";

/// A store with both ledgers.
#[derive(Debug)]
pub(crate) struct Depot {
    folder: TempDir,
    store: Arc<dyn Store>,
    /// What the workers open.
    url: String,
    place: Place,
}

#[derive(Debug)]
enum Place {
    File,
    /// A server of the test's own.
    Server(Cluster),
    /// A server that was there before.
    Elsewhere,
}

impl Depot {
    pub(crate) async fn sqlite() -> Self {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("store.db");
        let store = Arc::new(SqliteStore::open(&path).await.unwrap());
        let depot = Self { folder, store, url: path.to_str().unwrap().to_owned(), place: Place::File };
        depot.database().execute_batch(LEDGER).unwrap();
        depot
    }

    /// One on PostgreSQL: a server of its own, unless an URL names another.
    pub(crate) async fn postgres() -> Self {
        let (url, place) = if let Some(url) = plan::given::<String>("FANTASM_FLEET_URL") {
            (url, Place::Elsewhere)
        } else {
            let server = Cluster::start(SETTINGS);
            server.query(USERS);
            (server.url_of("app"), Place::Server(server))
        };
        let store = store::open(&url).await.unwrap();
        let depot = Self { folder: TempDir::new().unwrap(), store, url, place };
        psql(&depot.url, LEDGER);
        if depot.server().is_some() {
            harm::set_disk(&depot, harm::DISK);
        }
        depot
    }

    pub(crate) fn store(&self) -> Arc<dyn Store> {
        Arc::clone(&self.store)
    }

    /// What can be done to those who work on it.
    pub(crate) fn harms(&self) -> &'static [Harm] {
        match self.place {
            Place::File => Harm::ON_SQLITE,
            Place::Server(_) => Harm::ON_POSTGRES,
            Place::Elsewhere => Harm::ELSEWHERE,
        }
    }

    /// The server, if there is one of the test's own.
    pub(crate) fn server(&self) -> Option<&Cluster> {
        match &self.place {
            Place::Server(server) => Some(server),
            Place::File | Place::Elsewhere => None,
        }
    }

    /// Whether time is the store's own, so that the workers' clocks may be wrong.
    pub(crate) fn has_clock(&self) -> bool {
        !matches!(self.place, Place::File)
    }

    pub(crate) fn url(&self) -> String {
        self.url.clone()
    }

    /// Has a server do something, as its superuser where it is the test's own.
    pub(crate) fn run(&self, sql: &str) {
        match self.server() {
            Some(server) => server.query(sql),
            None => psql(&self.url, sql),
        };
    }

    /// Keeps everybody else from writing to the file until it is dropped.
    pub(crate) fn lock(&self) -> Connection {
        let db = self.database();
        db.execute_batch("BEGIN IMMEDIATE").unwrap();
        db
    }

    /// The ledger that knows nothing of transactions.
    pub(crate) fn outside(&self) -> PathBuf {
        self.folder.path().join("outside")
    }

    pub(crate) fn n_active(&self) -> usize {
        let n = self.number("SELECT count(*) FROM fantasm_instance WHERE machine = 'Haul' AND status = 'active'");
        usize::try_from(n).unwrap()
    }

    /// Fails unless every step of every instance was booked exactly once in its transaction, and at least once outside.
    pub(crate) fn audit(&self, n_instances: usize, haul: &Haul) {
        assert_eq!(self.number(LEFT_OVER), 0, "something is left over or did not finish");
        let (shops, parcels) = (haul.regions * haul.shops, haul.regions * haul.shops * haul.parcels);
        let expected = [
            ("Gather", parcels),
            ("Pack", shops),
            ("Parcel", parcels),
            ("Regions", haul.regions),
            ("Shops", shops),
            ("Total", parcels),
        ];
        let mut booked = BTreeMap::<i64, Vec<(String, i64)>>::new();
        for (instance, state, weight) in self.weights() {
            booked.entry(instance).or_default().push((state, weight));
        }
        assert_eq!(booked.len(), n_instances);
        for (instance, weights) in booked {
            let weights: Vec<_> = weights.iter().map(|(state, weight)| (state.as_str(), *weight)).collect();
            assert_eq!(weights, expected, "the books of instance {instance}");
        }
        assert_eq!(self.number("SELECT count(*) - count(DISTINCT step_key) FROM ledger"), 0, "a step was booked twice");
        assert_eq!(
            self.number("SELECT count(*) FROM ledger WHERE state = 'Total'"),
            i64::try_from(n_instances).unwrap()
        );
        self.compare_keys();
    }

    /// Every key that an attempt has told is that of a step, and every step has told its key.
    fn compare_keys(&self) {
        let inside: Vec<String> = self.texts("SELECT step_key FROM ledger ORDER BY step_key");
        let mut outside: Vec<String> = attempts(&self.outside()).into_iter().map(|attempt| attempt.key).collect();
        outside.sort_unstable();
        outside.dedup();
        assert_eq!(outside.len(), inside.len(), "keys outside and inside");
        assert!(outside.iter().zip(&inside).all(|(outside, inside)| outside == inside), "the same keys");
    }

    /// Says what was done, how many attempts it cost, and how soon others took over from those that were killed.
    #[expect(clippy::print_stderr, reason = "whoever runs the test is to know what it was worth")]
    pub(crate) fn tell(&self, plan: &Plan, deeds: &Deeds) {
        let attempts = attempts(&self.outside());
        let mut waits = takeovers(&attempts, &deeds.killed);
        waits.sort_unstable();
        let millis =
            |part: usize| waits.get(waits.len().saturating_sub(1) * part / 100).map_or(0, |micros| micros / 1000);
        eprintln!(
            "{plan}: {deeds}\n\
             0 lost, 0 doubled, 0 stuck: {} instances, {} steps in {} attempts\n\
             from kill -9 until another began anew what the killed one was at ({} attempts): \
             p50 {} ms, p99 {} ms, max {} ms",
            plan.n_started(),
            self.number("SELECT count(*) FROM ledger"),
            attempts.len(),
            waits.len(),
            millis(50),
            millis(99),
            millis(100),
        );
    }

    fn weights(&self) -> Vec<(i64, String, i64)> {
        let sql = "SELECT instance, state, sum(weight) FROM ledger GROUP BY instance, state ORDER BY instance, state";
        let weight = |row: Vec<String>| (row[0].parse().unwrap(), row[1].clone(), row[2].parse().unwrap());
        self.rows(sql).into_iter().map(weight).collect()
    }

    fn texts(&self, sql: &str) -> Vec<String> {
        self.rows(sql).into_iter().map(|mut row| row.remove(0)).collect()
    }

    fn number(&self, sql: &str) -> i64 {
        self.texts(sql)[0].parse().unwrap()
    }

    fn rows(&self, sql: &str) -> Vec<Vec<String>> {
        let sql_of_server = sql.replace("fantasm_", "fantasm.");
        let answer = match &self.place {
            Place::File => return self.rows_of_file(sql),
            Place::Server(server) => server.query(&sql_of_server),
            Place::Elsewhere => psql(&self.url, &sql_of_server),
        };
        answer.lines().map(|line| line.split('|').map(str::to_owned).collect()).collect()
    }

    fn rows_of_file(&self, sql: &str) -> Vec<Vec<String>> {
        let text = |value: Value| match value {
            Value::Integer(number) => number.to_string(),
            Value::Text(text) => text,
            other => panic!("{other:?} is in no ledger"),
        };
        let db = self.database();
        let mut statement = db.prepare(sql).unwrap();
        let n_columns = statement.column_count();
        let rows = statement.query_map([], |row| (0..n_columns).map(|at| row.get(at).map(text)).collect());
        rows.unwrap().collect::<Result<_, _>>().unwrap()
    }

    fn database(&self) -> Connection {
        let db = Connection::open(self.url()).unwrap();
        db.busy_timeout(std::time::Duration::from_secs(30)).unwrap();
        db
    }
}

/// A line of the outside ledger.
struct Attempt {
    key: String,
    number: u32,
    process: u32,
    at: i64,
}

fn attempts(path: &Path) -> Vec<Attempt> {
    let attempt = |line: &str| {
        let parts: Vec<&str> = line.split(' ').collect();
        let [key, number, process, at] = parts.as_slice() else { panic!("a torn line: {line}") };
        let key = (*key).to_owned();
        Attempt { key, number: number.parse().unwrap(), process: process.parse().unwrap(), at: at.parse().unwrap() }
    };
    fs::read_to_string(path).unwrap().lines().map(attempt).collect()
}

/// How long it took after each kill until what the process was at was begun anew, in microseconds.
fn takeovers(attempts: &[Attempt], killed: &[(u32, i64)]) -> Vec<i64> {
    let killed: BTreeMap<u32, i64> = killed.iter().copied().collect();
    let begun: BTreeMap<(&str, u32), &Attempt> =
        attempts.iter().map(|attempt| ((attempt.key.as_str(), attempt.number), attempt)).collect();
    let takeover = |attempt: &Attempt| {
        let next = begun.get(&(attempt.key.as_str(), attempt.number + 1))?;
        // What was taken over before, from a process that stood still, was not at stake any more.
        Some(next.at - killed.get(&attempt.process)?).filter(|wait| *wait >= 0)
    };
    attempts.iter().filter_map(takeover).collect()
}
