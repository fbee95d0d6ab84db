//! Child processes of the example programs.

use std::{
    env,
    ffi::OsStr,
    io::Read,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{
        OnceLock,
        mpsc::{self, Receiver, RecvTimeoutError},
    },
    thread,
    time::Duration,
};

/// Longer than any of these programs takes, so that one that hangs fails its test instead of stopping everything.
const PATIENCE: Duration = Duration::from_secs(180);

/// What a program came to.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// A program that may still run.
#[derive(Debug)]
pub(crate) struct Running {
    child: Child,
    stdout: Receiver<Vec<u8>>,
    stderr: Receiver<Vec<u8>>,
}

/// Runs a program in a directory until it ends.
pub(crate) fn run<A: AsRef<OsStr>>(name: &str, dir: &Path, args: impl IntoIterator<Item = A>) -> Ended {
    start(name, dir, args).wait()
}

/// Starts a program in a directory.
pub(crate) fn start<A: AsRef<OsStr>>(name: &str, dir: &Path, args: impl IntoIterator<Item = A>) -> Running {
    let program = built_programs().join(name).with_extension(env::consts::EXE_EXTENSION);
    let mut command = Command::new(&program);
    command.args(args).current_dir(dir).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command
        .spawn()
        .unwrap_or_else(|error| panic!("cannot run {}: {error}; `cargo build -p {name}` builds it", program.display()));
    let (stdout, stderr) = (read(child.stdout.take().unwrap()), read(child.stderr.take().unwrap()));
    Running { child, stdout, stderr }
}

impl Running {
    pub(crate) fn wait(mut self) -> Ended {
        let stdout = match self.stdout.recv_timeout(PATIENCE) {
            Ok(stdout) => stdout,
            Err(error) => {
                self.child.kill().unwrap();
                panic!("the program did not end within {PATIENCE:?}: {error}");
            }
        };
        self.ended(&stdout)
    }

    /// Kills it, as `kill -9` does, when so much time has passed; answers what it came to if it ended before.
    pub(crate) fn kill_after(mut self, time: Duration) -> Option<Ended> {
        match self.stdout.recv_timeout(time) {
            Ok(stdout) => Some(self.ended(&stdout)),
            Err(RecvTimeoutError::Timeout) => {
                self.child.kill().unwrap();
                let status = self.child.wait().unwrap();
                // It may have ended at the very moment; what it then printed is complete.
                status.success().then(|| {
                    let stdout = self.stdout.recv().unwrap();
                    self.ended(&stdout)
                })
            }
            Err(RecvTimeoutError::Disconnected) => panic!("the output of the program cannot be read"),
        }
    }

    fn ended(mut self, stdout: &[u8]) -> Ended {
        let status = self.child.wait().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ended { status, stdout: text(stdout), stderr: text(&self.stderr.recv().unwrap()) }
    }
}

impl Ended {
    #[track_caller]
    pub(crate) fn successful(self) -> Self {
        assert!(self.status.success(), "{}: {}{}", self.status, self.stdout, self.stderr);
        self
    }

    /// Asserts that it failed, and that what it said has all of these in it.
    #[track_caller]
    pub(crate) fn refused(self, said: &[&str]) {
        assert!(!self.status.success(), "it succeeded: {}", self.stdout);
        assert_eq!(self.stdout, "", "what went wrong belongs on stderr");
        for part in said {
            assert!(self.stderr.contains(part), "`{part}` is not in: {}", self.stderr);
        }
        assert!(!self.stderr.contains("panicked"), "{}", self.stderr);
    }
}

/// Collects a stream in a thread of its own, so that a program never waits for its reader.
fn read(mut stream: impl Read + Send + 'static) -> Receiver<Vec<u8>> {
    let (all, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if stream.read_to_end(&mut bytes).is_ok() {
            let _ = all.send(bytes);
        }
    });
    receiver
}

/// Where the programs are: beside the tests, in cargo's directory of this profile.
///
/// Cargo builds the programs of other packages only when asked. `cargo xtask check` has asked when it gets here and says
/// so; otherwise they are built now, once.
fn built_programs() -> &'static Path {
    static DIR: OnceLock<PathBuf> = OnceLock::new();
    DIR.get_or_init(|| {
        let test = env::current_exe().unwrap();
        let dir = test.ancestors().nth(2).unwrap().to_owned();
        if env::var_os("FANTASM_EXAMPLES_ARE_BUILT").is_none() {
            build(&dir);
        }
        dir
    })
}

fn build(dir: &Path) {
    let (target, profile) = (dir.parent().unwrap(), dir.file_name().unwrap().to_str().unwrap());
    let profile = if profile == "debug" { "dev" } else { profile };
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["build", "--quiet", "--profile", profile, "--target-dir"]).arg(target);
    cargo.args(["-p", "analytics", "-p", "census", "-p", "quickstart", "--features", "quickstart/postgres"]);
    assert!(cargo.status().unwrap().success(), "the example programs do not build; see above");
}
