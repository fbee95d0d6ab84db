//! What fantasm costs at compile time: a crate of many machines, beside the same crate without fantasm.
//!
//! Both are written below cargo's target directory, with the same actions, contexts and events; the one has them of a fsm.yaml,
//! the other by hand, and nothing that runs them. This is no part of a check: times say something only where nothing else runs.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context as _, Result, bail};

use crate::step::{cargo, say, timed};

const N_MACHINES: usize = 50;
const N_STATES: usize = 20;

/// The shortest of so many times counts: the others were disturbed.
const ROUNDS: usize = 3;

/// Prints the times and their ratios.
pub(crate) fn cost() -> Result<bool> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize()?;
    let folder = root.join("target/cost");
    let with = Package::write(&folder, "with", &root, &with_fantasm(&root))?;
    let without = Package::write(&folder, "without", &root, &without_fantasm())?;
    say(&format!("{N_MACHINES} machines of {N_STATES} states; the shortest of {ROUNDS} times each"));
    say(&format!("{:<44}{:>10}{:>10}{:>8}", "cargo check", "with", "without", "ratio"));
    row("from nothing, with all dependencies", with.all_of_it()?, without.all_of_it()?);
    row("the crate alone", with.alone()?, without.alone()?);
    row("after a line of an action has changed", with.after_an_edit()?, without.after_an_edit()?);
    say(&format!(
        "{:<44}{:>9.2}s",
        "after a line of fsm.yaml has changed",
        with.after_an_edit_of_yaml()?.as_secs_f64()
    ));
    let n_lines = with.generated()?;
    say(&format!("{n_lines} generated lines, {} for each state", n_lines / (N_MACHINES * N_STATES)));
    Ok(true)
}

fn row(what: &str, with: Duration, without: Duration) {
    let (with, without) = (with.as_secs_f64(), without.as_secs_f64());
    say(&format!("{what:<44}{with:>9.2}s{without:>9.2}s{:>8.2}", with / without));
}

/// Files of a package by their paths.
type Files = Vec<(&'static str, String)>;

/// A package that is checked by itself.
struct Package {
    name: &'static str,
    folder: PathBuf,
}

impl Package {
    /// Writes a package, with the versions of dependencies that the workspace has.
    fn write(folder: &Path, name: &'static str, root: &Path, files: &Files) -> Result<Self> {
        let folder = folder.join(name);
        for (path, text) in files {
            let path = folder.join(path);
            fs::create_dir_all(path.parent().context("a file is in a folder")?)?;
            fs::write(path, text)?;
        }
        fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock"))?;
        Ok(Self { name, folder })
    }

    fn cargo(&self, args: &[&str]) -> Command {
        let mut command = cargo(args);
        command.args(["--offline", "--quiet", "--target-dir"]).arg(self.target()).current_dir(&self.folder);
        command
    }

    fn target(&self) -> PathBuf {
        self.folder.join("target")
    }

    /// The shortest time of a check, each after a preparation.
    fn check(&self, prepare: impl Fn(usize) -> Result<()>) -> Result<Duration> {
        let mut shortest = Duration::MAX;
        for round in 0..ROUNDS {
            prepare(round)?;
            let time = timed(|| {
                if self.cargo(&["check"]).status()?.success() {
                    Ok(())
                } else {
                    bail!("`{}` does not compile", self.name)
                }
            });
            shortest = shortest.min(time?);
        }
        Ok(shortest)
    }

    fn all_of_it(&self) -> Result<Duration> {
        self.check(|_| if self.target().exists() { Ok(fs::remove_dir_all(self.target())?) } else { Ok(()) })
    }

    fn alone(&self) -> Result<Duration> {
        self.check(|_| {
            self.cargo(&["clean", "--package", self.name]).status()?;
            Ok(())
        })
    }

    fn after_an_edit(&self) -> Result<Duration> {
        self.edited("src/actions.rs", "let step = ")
    }

    fn after_an_edit_of_yaml(&self) -> Result<Duration> {
        self.edited("fsm.yaml", "    description: ")
    }

    /// Times checks after the first line that has this text has become another one.
    fn edited(&self, file: &str, text: &str) -> Result<Duration> {
        let path = self.folder.join(file);
        let before = fs::read_to_string(&path)?;
        let (start, rest) = before.split_once(text).context("there is a line to change")?;
        let end = rest.split_once('\n').map_or("", |(_, end)| end);
        let is_rust = file.ends_with(".rs");
        let time = self.check(|round| {
            let line = if is_rust { format!("{};", round + 7) } else { format!("Round {round}.") };
            Ok(fs::write(&path, format!("{start}{text}{line}\n{end}"))?)
        });
        fs::write(&path, &before)?;
        time
    }

    /// The lines that the build script has written.
    fn generated(&self) -> Result<usize> {
        for entry in fs::read_dir(self.target().join("debug/build"))? {
            if let Ok(code) = fs::read_to_string(entry?.path().join("out/fantasm.rs")) {
                return Ok(code.lines().count());
            }
        }
        bail!("the build script has left no code")
    }
}

fn with_fantasm(root: &Path) -> Files {
    let path = |name: &str| root.join(name).display().to_string().replace('\\', "/");
    let manifest = format!(
        "{}fantasm = {{ path = \"{}\" }}\n\n[build-dependencies]\nfantasm-build = {{ path = \"{}\" }}\n",
        manifest("with"),
        path("fantasm"),
        path("fantasm-build"),
    );
    let mut yaml = "edition: 2\nstate_machines:\n".to_owned();
    for machine in 0..N_MACHINES {
        let _ = write!(
            yaml,
            "- name: M{machine}\n  namespace: actions\n  context_types: {{rows: int, name: str}}\n  states:\n"
        );
        for state in 0..N_STATES {
            let _ =
                write!(yaml, "  - name: S{state}\n    description: One of many.\n    action: m{machine}_s{state}\n");
            yaml.push_str(if state == 0 { "    initial: True\n" } else { "" });
            match state + 1 {
                N_STATES => yaml.push_str("    final: True\n"),
                next => {
                    let _ = write!(
                        yaml,
                        "    transitions:\n    - {{event: next, to: S{next}}}\n    - {{event: last, to: S{}}}\n",
                        N_STATES - 1
                    );
                }
            }
        }
    }
    let lib = "mod actions;\n\nmod machines {\n    fantasm::include_machines!();\n}\n\n\
               pub fn all() -> &'static [fantasm::Registration] {\n    machines::all()\n}\n";
    vec![
        ("Cargo.toml", manifest),
        ("build.rs", "fn main() {\n    fantasm_build::compile(\"fsm.yaml\");\n}\n".to_owned()),
        ("fsm.yaml", yaml),
        ("src/lib.rs", lib.to_owned()),
        ("src/actions.rs", actions("#[fantasm::fsm_action]\n", "fantasm::Result")),
    ]
}

fn without_fantasm() -> Files {
    let manifest = format!("{}serde = {{ version = \"1\", features = [\"derive\"] }}\n", manifest("without"));
    let mut machines = String::new();
    for machine in 0..N_MACHINES {
        let _ = write!(
            machines,
            "#[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]\n#[serde(default)]\n\
             pub struct M{machine} {{\n    pub rows: i64,\n    pub name: String,\n}}\n\n\
             pub mod m{machine} {{\n    pub type Context = super::M{machine};\n"
        );
        for state in 0..N_STATES - 1 {
            let _ = write!(
                machines,
                "\n    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]\n    pub enum S{state} {{\n        Next,\n        Last,\n    }}\n"
            );
        }
        machines.push_str("}\n\n");
    }
    vec![
        ("Cargo.toml", manifest),
        ("src/lib.rs", "pub mod actions;\npub mod machines;\n".to_owned()),
        ("src/machines.rs", machines),
        ("src/actions.rs", actions("", "std::io::Result")),
    ]
}

fn manifest(name: &str) -> String {
    format!(
        "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\npublish = false\n\n[workspace]\n\n[dependencies]\n"
    )
}

/// The actions of all states, the same in both packages.
fn actions(attribute: &str, result: &str) -> String {
    let mut code = "use crate::machines::*;\n".to_owned();
    for machine in 0..N_MACHINES {
        for state in 0..N_STATES {
            let is_last = state + 1 == N_STATES;
            let events = if is_last { "()".to_owned() } else { format!("m{machine}::S{state}") };
            let answer = if is_last {
                "()".to_owned()
            } else {
                format!("if cx.rows > 9 {{ {events}::Last }} else {{ {events}::Next }}")
            };
            let _ = write!(
                code,
                "\n{attribute}pub async fn m{machine}_s{state}(cx: &mut m{machine}::Context) -> {result}<{events}> {{\n    \
                 let step = {state};\n    cx.rows += step;\n    cx.name.push('x');\n    Ok({answer})\n}}\n"
            );
        }
    }
    code
}
