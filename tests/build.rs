//! Generates the code of the UI cases: `ui/<case>/fsm.yaml` becomes `OUT_DIR/<case>/fantasm.rs`.
//!
//! One case has no folder below `OUT_DIR`: `ui/wrong_fsm_yaml` is what `include_machines!()` finds in this package.

use std::{env, fs, path::PathBuf};

fn main() -> std::io::Result<()> {
    let out_dir = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=ui");
    for entry in fs::read_dir("ui")? {
        let case = entry?.path();
        let file = case.join("fsm.yaml");
        if let (true, Some(name)) = (file.is_file(), case.file_name()) {
            fantasm_build::Config::new(file).out_dir(out_dir.join(name)).compile();
        }
    }
    fantasm_build::compile("ui/wrong_fsm_yaml/fsm.yaml");
    fantasm_build::Config::new("simulation/fsm.yaml").out_dir(out_dir.join("simulation")).compile();
    Ok(())
}
