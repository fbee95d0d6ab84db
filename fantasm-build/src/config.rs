//! What a build script may choose.

use std::{
    io,
    path::{Path, PathBuf},
};

use fantasm_spec::{Level, Levels, Loaded, Lock, Report, Spec};

use crate::{
    cargo,
    disk::Disk,
    emit,
    output::{OutDir, Reader},
    unsupported,
};

/// Chooses which file is read and where the code goes.
///
/// ```no_run
/// fantasm_build::Config::new("machines/fsm.yaml").compile();
/// ```
#[derive(Debug, Clone)]
#[must_use = "nothing is generated before `compile`"]
pub struct Config {
    file: String,
    out_dir: Option<PathBuf>,
    levels: Levels,
    /// What is wrong with the choices themselves.
    mistakes: Vec<String>,
}

impl Config {
    /// Reads this file, whose path is relative to the package.
    pub fn new(file: impl AsRef<Path>) -> Self {
        // The path stands in messages, in generated comments and in what cargo is told: one spelling on every system.
        let file = file.as_ref().to_string_lossy().replace('\\', "/");
        Self { file, out_dir: None, levels: Levels::default(), mistakes: Vec::new() }
    }

    /// Writes below this directory; the default is cargo's `OUT_DIR`, which `fantasm::include_machines!()` reads.
    ///
    /// Code that is elsewhere is taken in with `include!`, and tells by itself what is wrong with fsm.yaml. Two files need two
    /// directories.
    ///
    /// Below `OUT_DIR` the code compiles only as long as the build script makes it. In any other directory it can be kept, and
    /// so used where no build script runs; whether it is that of today, nobody watches there.
    pub fn out_dir(self, dir: impl Into<PathBuf>) -> Self {
        Self { out_dir: Some(dir.into()), ..self }
    }

    /// Makes an error of what breaks this rule, whatever fsm.yaml says; `warnings` stands for every rule that is a warning.
    ///
    /// The rules that have a level are those that `fantasm explain` lists with one. A code that none of them has is an error of
    /// the build.
    ///
    /// ```no_run
    /// fantasm_build::Config::new("fsm.yaml").deny("unreachable-state").allow("busy-loop").compile();
    /// ```
    pub fn deny(self, code: &str) -> Self {
        self.level(code, Level::Deny)
    }

    /// Makes a warning of what breaks this rule, see [`deny`](Self::deny()).
    pub fn warn(self, code: &str) -> Self {
        self.level(code, Level::Warn)
    }

    /// Passes over what breaks this rule, see [`deny`](Self::deny()).
    pub fn allow(self, code: &str) -> Self {
        self.level(code, Level::Allow)
    }

    fn level(mut self, code: &str, level: Level) -> Self {
        match self.levels.clone().with_named(code, level) {
            Ok(levels) => self.levels = levels,
            Err(mistake) => self.mistakes.push(format!("build script, for {}: {mistake}", self.file)),
        }
        self
    }

    /// Generates the code, see [`compile`](crate::compile()).
    pub fn compile(self) {
        if let Err(error) = self.try_compile() {
            // Nothing could be written, so this is the only way to tell.
            cargo::error(&format!("cannot write the code for {}: {error}", self.file));
        }
    }

    fn try_compile(&self) -> io::Result<()> {
        let own = cargo::out_dir();
        let reader = match (&self.out_dir, &own) {
            (Some(dir), Ok(own)) => Reader::of(dir, own),
            (Some(_), Err(_)) => Reader::Anybody,
            (None, _) => Reader::Macro,
        };
        let dir = self.out_dir.clone().map_or(own, Ok)?;
        let out_dir = OutDir::open(dir, reader, &self.file)?;
        let disk = Disk::default();
        let loaded = fantasm_spec::load_with(&self.file, &disk, &self.levels);
        self.rerun_if_changed(&loaded);
        let errors = self.tell(&loaded);
        match &loaded {
            Ok(Loaded { spec, .. }) if errors.is_empty() => self.write_code(&out_dir, spec, &disk)?,
            Ok(Loaded { spec, .. }) => self.write_names(&out_dir, spec.clone())?,
            Err(_) => self.write_names(&out_dir, fantasm_spec::salvage(&self.file, &disk))?,
        }
        out_dir.write_errors(&errors)?;
        out_dir.tell_reader();
        Ok(())
    }

    /// Lets cargo tell the warnings; answers the errors, which rustc tells.
    fn tell(&self, loaded: &Result<Loaded, Report>) -> Vec<String> {
        let mut errors = self.mistakes.clone();
        match loaded {
            Ok(Loaded { spec, warnings, .. }) => {
                cargo::warnings(warnings);
                errors.extend(unsupported::errors(spec));
                errors.extend(self.compare_with_lock(spec));
            }
            Err(report) => {
                cargo::warnings(report);
                errors.extend(cargo::error_messages(report));
            }
        }
        errors
    }

    fn compare_with_lock(&self, spec: &Spec) -> Vec<String> {
        // The build only reads the lock. A build script that writes among the sources would fail where they are read-only, and
        // would accept every change by itself.
        let Some(judgement) = Lock::judge(&self.file, spec, &Disk::default()) else { return Vec::new() };
        cargo::rerun_if_changed(&judgement.lock);
        judgement.warnings.iter().for_each(|warning| cargo::warning(warning));
        judgement.errors
    }

    fn write_code(&self, out_dir: &OutDir, spec: &Spec, disk: &Disk) -> io::Result<()> {
        for machine in &spec.machines {
            if let Some(picture) = emit::picture(machine) {
                out_dir.write_beside(&emit::picture_file(machine), &picture)?;
            }
        }
        out_dir.write_code(&self.file, disk.hash(), emit::file(spec))?;
        out_dir.write_good_files(&disk.texts())
    }

    /// Writes what can be named: what the file has now, and what it had when it was good.
    ///
    /// Code may already use what is new, and may still use what is misspelt now or cannot be read. The good code itself would
    /// know nothing of the one, and would ask for actions that may be gone.
    fn write_names(&self, out_dir: &OutDir, mut spec: Spec) -> io::Result<()> {
        if let Some(files) = out_dir.good_files() {
            spec.add_names(fantasm_spec::salvage(&self.file, &files));
        }
        out_dir.write_names(&self.file, emit::names(&spec))
    }

    /// A path that does not exist is watched too, which makes cargo run the build script every time until the file is there.
    /// That is meant: the error is not to outlive its cause.
    fn rerun_if_changed(&self, loaded: &Result<Loaded, Report>) {
        let mut files = match loaded {
            Ok(loaded) => loaded.spec.files.clone(),
            Err(report) => report.files(),
        };
        if !files.contains(&self.file) {
            files.insert(0, self.file.clone());
        }
        for file in &files {
            cargo::rerun_if_changed(file);
        }
    }
}
