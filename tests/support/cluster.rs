//! A PostgreSQL cluster of the test's own, which goes away with the test's process, however that ends.

use std::{
    fs::{self, OpenOptions},
    io::Write as _,
    net::{SocketAddr, TcpListener},
    os::unix::{
        fs::{OpenOptionsExt as _, chown},
        process::CommandExt as _,
    },
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::OnceLock,
};

use tempfile::TempDir;
use tokio::task::JoinSet;

/// What stops the cluster and deletes it once nobody holds the other end of its input any more.
///
/// A server that a test has let stand still has to go on before it can be stopped.
const WATCHDOG: &str = r#"
    cat >/dev/null
    kill -CONT "$(head -n 1 "$1/data/postmaster.pid")"
    "$0/pg_ctl" -D "$1/data" -m immediate stop
    rm -rf "$1"
"#;

/// A running server that listens on a socket in a folder of its own.
#[derive(Debug)]
pub struct Cluster {
    programs: PathBuf,
    folder: PathBuf,
    port: u16,
    user: Option<(u32, u32)>,
    _watchdog: Child,
}

impl Cluster {
    /// The one that all tests of this process share.
    ///
    /// # Panics
    /// When PostgreSQL is not installed, or does not start.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Cluster> = OnceLock::new();
        // Tests are about what is committed, not about the disk.
        SHARED.get_or_init(|| Self::start("-c fsync=off"))
    }

    /// Starts one, with these settings besides.
    ///
    /// # Panics
    /// When PostgreSQL is not installed, or does not start.
    #[must_use]
    pub fn start(settings: &str) -> Self {
        let cluster = Self::prepare(5432);
        cluster.begin(&format!("-c listen_addresses='' {settings}"));
        cluster
    }

    /// Starts one that can be reached at that address too, by connections that this certificate and its key (PEM) encrypt,
    /// and by no others.
    ///
    /// # Panics
    /// When PostgreSQL is not installed, or does not start.
    #[must_use]
    pub fn encrypted(address: SocketAddr, certificate: &str, key: &str) -> Self {
        let cluster = Self::prepare(address.port());
        let file = |name, text| cluster.write(name, text).display().to_string();
        cluster.begin(&format!(
            "-c listen_addresses={} -c ssl=on -c ssl_cert_file='{}' -c ssl_key_file='{}' -c hba_file='{}'",
            address.ip(),
            file("certificate", certificate),
            file("key", key),
            file("hba", "local all all trust\nhostssl all all samehost trust\n"),
        ));
        cluster
    }

    /// An address of this machine where nobody listens.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    pub fn free_address() -> SocketAddr {
        // Only Linux has more than one by itself; on one of its own nobody comes in between.
        let ip = if cfg!(target_os = "linux") { "127.83.84.76" } else { "127.0.0.1" };
        let listener = TcpListener::bind((ip, 0)).expect("there is a port");
        listener.local_addr().expect("a listener has an address")
    }

    /// A cluster that does not run yet.
    fn prepare(port: u16) -> Self {
        let programs = programs();
        let folder = TempDir::new_in("/dev/shm").or_else(|_| TempDir::new());
        // The watchdog deletes it: a test's process may end without a last word.
        let folder = folder.expect("tests need a folder for temporary files").keep();
        let user = unprivileged_user();
        give(&folder, user);
        let mut watchdog = Command::new("sh");
        watchdog.args(["-c", WATCHDOG]).arg(&programs).arg(&folder).stdin(Stdio::piped()).process_group(0);
        watchdog.stdout(Stdio::null()).stderr(Stdio::null());
        let watchdog = as_user(&mut watchdog, user).spawn().expect("there is a shell");
        let cluster = Self { programs, folder, port, user, _watchdog: watchdog };
        let locale = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"];
        cluster.run("initdb", |initdb| initdb.arg("-D").arg(cluster.data()).args(locale));
        cluster
    }

    fn begin(&self, settings: &str) {
        let (folder, port) = (self.folder.display(), self.port);
        let settings =
            format!("-c port={port} -c unix_socket_directories='{folder}' -c max_connections=200 {settings}");
        self.write("settings", &settings);
        self.control("start", &settings);
    }

    /// Writes a file that is the server's own, and nobody else's to read.
    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.join(name);
        let mut file = OpenOptions::new();
        let file = file.write(true).create(true).truncate(true).mode(0o600).open(&path);
        file.and_then(|mut file| file.write_all(text.as_bytes())).expect("the folder can be written");
        give(&path, self.user);
        path
    }

    /// Where it is.
    #[must_use]
    pub fn url(&self) -> String {
        let folder = self.folder.display().to_string().replace('/', "%2F");
        format!("postgres://postgres@{folder}:{}/postgres", self.port)
    }

    /// Makes a database of that name, and answers where it is.
    ///
    /// # Panics
    /// When there is one.
    #[must_use]
    pub fn database(&self, name: &str) -> String {
        self.query(&format!("CREATE DATABASE {name}"));
        let url = self.url();
        format!("{}/{name}", url.strip_suffix("/postgres").unwrap_or(&url))
    }

    /// Where it is for another user than the superuser.
    #[must_use]
    pub fn url_of(&self, user: &str) -> String {
        self.url().replacen("postgres@", &format!("{user}@"), 1)
    }

    /// Stops it as a crash would, and starts it again.
    ///
    /// # Panics
    /// When it does not come back.
    pub fn crash_and_restart(&self) {
        self.stop_and_start("immediate");
    }

    /// Shuts it down, which ends all connections, and starts it again.
    ///
    /// # Panics
    /// When it does not come back.
    pub fn restart(&self) {
        self.stop_and_start("fast");
    }

    /// Its processes at this moment, the one that starts the others first.
    ///
    /// # Panics
    /// When it does not run.
    #[must_use]
    pub fn processes(&self) -> Vec<u32> {
        let first = fs::read_to_string(self.data().join("postmaster.pid")).expect("a running server says who it is");
        let others = self.query("SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()");
        let number = |line: &str| line.trim().parse().expect("processes have numbers");
        first.lines().take(1).chain(others.lines()).map(number).collect()
    }

    /// What it has logged.
    ///
    /// # Panics
    /// When that cannot be read.
    #[must_use]
    pub fn log(&self) -> String {
        let log = fs::read(self.folder.join("log")).expect("a running server has a log");
        String::from_utf8_lossy(&log).into_owned()
    }

    /// What a statement answers, one row a line.
    ///
    /// # Panics
    /// When it fails.
    pub fn query(&self, sql: &str) -> String {
        psql(&self.url(), sql)
    }

    fn stop_and_start(&self, mode: &str) {
        let settings = fs::read_to_string(self.folder.join("settings")).expect("the folder can be read");
        self.run("pg_ctl", |control| control.arg("-D").arg(self.data()).args(["-m", mode, "-w", "stop"]));
        self.control("start", &settings);
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn control(&self, what: &str, settings: &str) {
        let log = self.folder.join("log");
        self.run("pg_ctl", |control| {
            control.arg("-D").arg(self.data()).arg("-l").arg(&log).args(["-w", "-t", "60", "-o", settings, what])
        });
    }

    fn run(&self, program: &str, args: impl FnOnce(&mut Command) -> &mut Command) {
        let mut command = Command::new(self.programs.join(program));
        // What `pg_ctl` starts inherits its output, and would keep a pipe of it open.
        args(&mut command).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).current_dir(&self.folder);
        let status = as_user(&mut command, self.user).status().expect("the program was found before");
        let log = fs::read_to_string(self.folder.join("log")).unwrap_or_default();
        assert!(status.success(), "{program}: {status}; the server's log: {log}");
    }
}

/// Connects to a server as somebody else would, not through a store; `connections` drives the connection.
///
/// # Panics
/// When that fails; and there, when the connection breaks.
pub async fn connect(connections: &mut JoinSet<()>, url: &str) -> tokio_postgres::Client {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.expect("the server is there");
    connections.spawn(async move { connection.await.expect("the connection lasts") });
    client
}

/// How often a server is asked that is full. Each time takes a process, and so some hundredths of a second.
const MAX_ASKED: u32 = 1000;

/// What the server of that URL answers to a statement, one row a line. One that is full is asked until it has room.
///
/// # Panics
/// When it fails.
pub fn psql(url: &str, sql: &str) -> String {
    let program = programs().join("psql");
    let mut n_asked = 0;
    loop {
        let mut psql = Command::new(&program);
        let output = psql.args(["-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-c", sql]).arg(url).output();
        let output = output.expect("psql is beside the server");
        let error = String::from_utf8_lossy(&output.stderr);
        n_asked += 1;
        if error.contains("too many clients") && n_asked < MAX_ASKED {
            continue;
        }
        assert!(output.status.success(), "{sql}: {error}");
        return String::from_utf8_lossy(&output.stdout).trim_end().to_owned();
    }
}

/// Where the server's programs are: those of the newest version that is installed.
fn programs() -> PathBuf {
    let version = |path: &PathBuf| {
        let name = path.parent().and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
        name.and_then(|name| name.parse::<u32>().ok())
    };
    let debian = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = debian.map(|entry| entry.path().join("bin")).collect();
    found.sort_by_key(version);
    let path = std::env::var_os("PATH").unwrap_or_default();
    found.extend(std::env::split_paths(&path));
    let has_all = |path: &&PathBuf| ["initdb", "pg_ctl", "psql"].iter().all(|program| path.join(program).exists());
    found.iter().rev().find(has_all).cloned().expect(
        "these tests start a PostgreSQL server of their own, whose programs (initdb, pg_ctl, psql) are neither in \
         /usr/lib/postgresql/*/bin nor in the PATH; install them (Debian: `apt-get install postgresql`, \
         Fedora: `dnf install postgresql-server`, macOS: `brew install postgresql`)",
    )
}

/// The server refuses to run as root, so root runs it as the user that its package has made.
fn unprivileged_user() -> Option<(u32, u32)> {
    let id = |args: &[&str]| {
        let output = Command::new("id").args(args).output().expect("there is a program `id`");
        String::from_utf8_lossy(&output.stdout).trim().parse::<u32>().ok()
    };
    if id(&["-u"]) != Some(0) {
        return None;
    }
    let user = id(&["-u", "postgres"]).zip(id(&["-g", "postgres"]));
    Some(user.expect("PostgreSQL does not run as root, and there is no user `postgres` to run it; make one"))
}

fn give(path: &Path, user: Option<(u32, u32)>) {
    if let Some((uid, gid)) = user {
        chown(path, Some(uid), Some(gid)).expect("root may give away what is his");
    }
}

fn as_user(command: &mut Command, user: Option<(u32, u32)>) -> &mut Command {
    match user {
        Some((uid, gid)) => command.uid(uid).gid(gid),
        None => command,
    }
}
