//! How long a large fsm.yaml takes: `cargo run --release -p fantasm-build --example large [STATES]`.
//!
//! Writes a machine of 1,000 states (or as many as are asked for) with three transitions each to a folder for temporary files,
//! and measures what `fantasm check` does with it and what a build script does.

#![allow(clippy::print_stdout, reason = "the times are what one runs this for")]

use std::{
    env, fs,
    time::{Duration, Instant},
};

use fantasm_spec::{Files, ReadError};

/// The shortest of so many times counts: the others were disturbed.
const ROUNDS: usize = 5;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let n_states = env::args().nth(1).map_or(Ok(1_000), |number| number.parse())?;
    let folder = env::temp_dir().join(format!("fantasm-large-{n_states}"));
    fs::create_dir_all(&folder)?;
    let path = folder.join("fsm.yaml");
    let text = file(n_states);
    fs::write(&path, &text)?;

    let checked = shortest(|| {
        let loaded = fantasm_spec::load("fsm.yaml", &OneFile(&text));
        assert!(loaded.is_ok(), "the file is good");
    });
    let generated = shortest(|| fantasm_build::Config::new(&path).out_dir(&folder).compile());
    let lines = fs::read_to_string(folder.join("fantasm.rs"))?.lines().count();

    println!("{n_states} states, {} lines of YAML in {}", text.lines().count(), path.display());
    println!("check: {checked:.3?}");
    println!("check, generate and write {lines} lines of Rust: {generated:.3?}");
    Ok(())
}

/// States in a row; each also has a way to itself, and one a tenth of the row ahead.
fn file(n_states: usize) -> String {
    let mut text =
        String::from("state_machines:\n- name: Large\n  namespace: large\n  context_types:\n    n: int\n  states:\n");
    let last = n_states.saturating_sub(1);
    for state in 0..n_states {
        let (next, ahead) = ((state + 1).min(last), (state + n_states / 10).min(last));
        text.push_str(&format!(
            "  - name: State-{state}\n    action: act_{state}\n    initial: {}\n    final: {}\n",
            state == 0,
            state == last
        ));
        text.push_str(&format!("    transitions:\n    - event: next\n      to: State-{next}\n      countdown: 1\n"));
        text.push_str(&format!("    - event: again\n      to: State-{state}\n      countdown: 60\n"));
        text.push_str(&format!(
            "    - event: ahead\n      to: State-{ahead}\n      countdown: 1\n      task_retry_limit: 3\n"
        ));
    }
    text
}

fn shortest(run: impl Fn()) -> Duration {
    let times = (0..ROUNDS).map(|_| {
        let start = Instant::now();
        run();
        start.elapsed()
    });
    times.min().unwrap_or_default()
}

struct OneFile<'a>(&'a str);

impl Files for OneFile<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        if path == "fsm.yaml" { Ok(self.0.into()) } else { Err(ReadError::NotFound) }
    }
}
