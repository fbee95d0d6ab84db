//! A package in a folder of its own, and what cargo says about it.

use std::{
    env, fmt, fs,
    path::{Path, PathBuf},
    process::Command,
    time::SystemTime,
};

const CARGO_TOML: &str = r#"
[package]
name = "NAME"
edition = "2024"

[dependencies]
fantasm = { path = "WORKSPACE/fantasm", default-features = false }

[build-dependencies]
fantasm-build = { path = "WORKSPACE/fantasm-build" }

[workspace]
"#;

pub(crate) struct Package {
    name: &'static str,
    folder: PathBuf,
}

impl Package {
    /// An empty package. What it depends on stays built between the runs of the tests.
    pub(crate) fn new(name: &'static str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        if folder.exists() {
            fs::remove_dir_all(&folder).unwrap();
        }
        fs::create_dir_all(folder.join("src")).unwrap();
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        fs::copy(workspace.join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
        let package = Self { name, folder };
        package.forget_builds();
        let workspace = workspace.to_string_lossy().replace('\\', "/");
        package.write("Cargo.toml", &CARGO_TOML.replace("WORKSPACE", &workspace).replace("NAME", name));
        package
    }

    /// Removes what an earlier run has built of the package itself: its good code would stay the last good code.
    fn forget_builds(&self) {
        for folder in ["debug/build", "debug/.fingerprint"] {
            let Ok(folders) = fs::read_dir(self.target().join(folder)) else { continue };
            for folder in folders.map(|folder| folder.unwrap().path()) {
                if folder.file_name().unwrap().to_string_lossy().starts_with(&format!("{}-", self.name)) {
                    fs::remove_dir_all(folder).unwrap();
                }
            }
        }
    }

    pub(crate) fn write(&self, file: &str, text: &str) {
        let file = self.folder.join(file);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }

    /// Makes a library beside the package that it depends on, which has no fsm.yaml.
    pub(crate) fn add_library(&self, code: &str) {
        let manifest = self.read("Cargo.toml");
        let library = manifest.replace(&format!("name = \"{}\"", self.name), "name = \"library\"");
        let library = library.split("[build-dependencies]").next().unwrap();
        self.write("library/Cargo.toml", library);
        self.write("library/src/lib.rs", code);
        self.write(
            "Cargo.toml",
            &manifest.replace("[dependencies]", "[dependencies]\nlibrary = { path = \"library\" }"),
        );
    }

    /// Writes other things in the places of some in Cargo.toml.
    pub(crate) fn edit_manifest(&self, edits: &[(&str, &str)]) {
        let manifest = edits.iter().fold(self.read("Cargo.toml"), |manifest, (old, new)| manifest.replace(old, new));
        self.write("Cargo.toml", &manifest);
    }

    pub(crate) fn read(&self, file: &str) -> String {
        fs::read_to_string(self.folder.join(file)).unwrap()
    }

    pub(crate) fn check(&self) -> Told {
        self.cargo(&["check"])
    }

    /// What cargo tells an editor of the build script of the package, as JSON.
    pub(crate) fn told_to_editors(&self) -> String {
        let output = self.command(&["check", "--message-format=json"]).output().unwrap();
        let messages = String::from_utf8(output.stdout).unwrap();
        let is_own = |line: &&str| {
            line.contains("\"reason\":\"build-script-executed\"") && line.contains(&format!("{}#", self.name))
        };
        messages.lines().find(is_own).unwrap().to_owned()
    }

    pub(crate) fn doc(&self) -> Told {
        self.cargo(&["doc", "--no-deps"])
    }

    pub(crate) fn cargo(&self, arguments: &[&str]) -> Told {
        let output = self.command(arguments).output().unwrap();
        Told { text: String::from_utf8(output.stderr).unwrap(), is_good: output.status.success() }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut cargo = Command::new(env::var_os("CARGO").unwrap());
        cargo
            .args(arguments)
            .arg("--offline")
            .current_dir(&self.folder)
            .env("CARGO_TARGET_DIR", self.target())
            .env("RUSTDOCFLAGS", "-D warnings")
            // This test's own, which cargo would hand on to rustc.
            .env_remove("OUT_DIR")
            .env_remove("RUST_BACKTRACE");
        cargo
    }

    /// A page of the documentation that was made last.
    pub(crate) fn documentation(&self, page: &str) -> String {
        fs::read_to_string(self.target().join("doc").join(self.name).join(page)).unwrap()
    }

    fn target(&self) -> PathBuf {
        self.folder.with_file_name("probe-target")
    }

    /// The code that was generated last.
    pub(crate) fn generated(&self) -> String {
        fs::read_to_string(self.generated_file()).unwrap()
    }

    pub(crate) fn generated_at(&self) -> SystemTime {
        self.generated_file().metadata().unwrap().modified().unwrap()
    }

    /// There is one folder for each way in which the build script was compiled; the youngest counts.
    fn generated_file(&self) -> PathBuf {
        let folders = fs::read_dir(self.target().join("debug/build")).unwrap().map(|folder| folder.unwrap());
        let own = folders.filter(|folder| folder.file_name().to_string_lossy().starts_with(&format!("{}-", self.name)));
        let files = own.map(|folder| folder.path().join("out/fantasm.rs")).filter(|file| file.is_file());
        files.max_by_key(|file| file.metadata().unwrap().modified().unwrap()).unwrap()
    }
}

/// What cargo has said.
pub(crate) struct Told {
    text: String,
    is_good: bool,
}

impl Told {
    /// How many errors rustc tells; cargo's own word on that is no error of anybody.
    pub(crate) fn errors(&self) -> usize {
        let of_cargo = |line: &str| line.contains("could not compile") || line.contains("build script logged errors");
        let errors = self.text.lines().filter(|line| line.starts_with("error") && !of_cargo(line)).count();
        assert_eq!(errors == 0, self.is_good, "{self}");
        errors
    }

    pub(crate) fn contains(&self, text: &str) -> bool {
        self.text.contains(text)
    }
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
