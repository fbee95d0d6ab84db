//! Generates the code of the UI cases: `ui/…/<case>/fsm.yaml` becomes `OUT_DIR/<case>/fantasm.rs`.
//!
//! One case is in `OUT_DIR` itself: what `include_machines!()` finds in this package is `ui/wrong_fsm_yaml/fsm.yaml`.
//! The machines of the other areas are in `OUT_DIR/<area>`.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
};

fn main() -> io::Result<()> {
    let out_dir = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=ui");
    for folder in ["ui", "ui/pass"] {
        generate_below(Path::new(folder), &out_dir)?;
    }
    fantasm_build::compile("ui/wrong_fsm_yaml/fsm.yaml");
    fantasm_build::Config::new("engine/fsm.yaml").out_dir(out_dir.join("engine")).compile();
    fantasm_build::Config::new("engine/ledger.yaml").out_dir(out_dir.join("ledger")).compile();
    fantasm_build::Config::new("fleet/fsm.yaml").out_dir(out_dir.join("fleet")).compile();
    fantasm_build::Config::new("latency/fsm.yaml").out_dir(out_dir.join("latency")).compile();
    // Its pages are never empty, or are handed on all the same; and actions fork before its fan-ins.
    fantasm_build::Config::new("originals/fsm.yaml")
        .out_dir(out_dir.join("originals"))
        .allow("continuation-not-final")
        .allow("fan-in-without-fan-out")
        .compile();
    fantasm_build::Config::new("simulation/fsm.yaml").out_dir(out_dir.join("simulation")).compile();
    fantasm_build::Config::new("simulation/maze/fsm.yaml").out_dir(out_dir.join("maze")).compile();
    fantasm_build::Config::new("worker/fsm.yaml").out_dir(out_dir.join("worker")).compile();
    Ok(())
}

fn generate_below(folder: &Path, out_dir: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let case = entry?.path();
        let file = case.join("fsm.yaml");
        if let (true, Some(name)) = (file.is_file(), case.file_name()) {
            fantasm_build::Config::new(file).out_dir(out_dir.join(name)).compile();
        }
    }
    Ok(())
}
