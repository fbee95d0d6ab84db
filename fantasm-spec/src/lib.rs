//! Reads fsm.yaml: text in, a checked model of the state machines or diagnostics out.
//!
//! This crate knows YAML and machines. It knows nothing of files, of Rust code or of running anything, so a build script, a
//! command, a test and a browser can all use it.
//!
//! # Examples
//!
//! ```
//! let loaded = fantasm_spec::load_str(
//!     "fsm.yaml",
//!     "
//! state_machines:
//! - name: Greeting
//!   states:
//!   - {name: Hello, initial: true, final: true, action: greeting.hello}
//! ",
//! )?;
//! let machine = &loaded.spec.machines[0];
//! assert_eq!(machine.name.as_str(), "Greeting");
//! let action = machine[machine.initial].action.as_ref().map(ToString::to_string);
//! assert_eq!(action.as_deref(), Some("crate::greeting::hello"));
//! # Ok::<(), fantasm_spec::Report>(())
//! ```

// What there is to say, and where.
mod code;
mod diagnostic;
mod level;
mod render;
mod similar;
mod source;

// The passes, in the order in which they run.

// AFTER THIS POINT: a tree in which everything has its place.
mod yaml;

// AFTER THIS POINT: attributes by name, values of the right kind.
mod parse;

// AFTER THIS POINT: one flat list of machines, no `import:` left.
mod import;

// AFTER THIS POINT: every name points at something, every machine can start and end.
mod check;

// AFTER THIS POINT: ids, not names; every default is filled.
mod resolve;

// AFTER THIS POINT: what a state reads has been set on every way to it, as far as the file says who sets what.
mod assigned;

// AFTER THIS POINT: what can be lived with is told.
mod lint;

// The passes over files that have errors.
mod salvage;

// What the passes work on.
mod ast;
mod integer;
mod literal;
mod logging;
mod model;
mod name;
mod path;
mod record;
mod scalar;

// The language as a table.
pub mod attribute;

// The model in other shapes.
pub mod graph;
mod lock;
mod outline;
mod stranded;
pub mod svg;

pub use code::{Class, Code, UnknownCode};
pub use diagnostic::{Diagnostic, Report, Severity};
pub use integer::Integer;
pub use level::{Level, Levels, UnknownLevel};
pub use literal::Literal;
pub use lock::{Break, Judgement, Lock, LockError};
pub use logging::{LogLevel, Logging};
pub use model::{
    ContextField, ContextType, Countdown, FanIn, Machine, MachineId, Queue, Rate, RetryPolicy, Spec, State, StateId,
    Transition, UnknownKeys,
};
pub use name::{ContextFieldName, EventName, MachineName, RESERVED_STATE_IDENTS, StateName, UNKNOWN_KEYS_IDENT};
pub use outline::{MachineOutline, outline};
pub use path::{ActionPath, ModulePath, RustPath};
pub use salvage::salvage;
pub use source::{Files, MAX_FILE_BYTES, Place, ReadError};
pub use stranded::{StoredTask, Stranded};

use diagnostic::Findings;

/// What a file that can be used holds.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Loaded {
    /// The machines.
    pub spec: Spec,
    /// What is said about the file in spite of its being usable; holds no error.
    pub warnings: Report,
}

/// Loads the file at `root` and its imports, for Rust that is generated from them.
///
/// # Errors
///
/// Everything that is wrong with the files, in file order; warnings are among it.
pub fn load(root: &str, files: &dyn Files) -> Result<Loaded, Report> {
    load_with(root, files, &Levels::default())
}

/// Loads the file at `root` and its imports, each rule taken as seriously as `levels` says.
///
/// # Errors
///
/// Everything that is wrong with the files, in file order; warnings are among it.
pub fn load_with(root: &str, files: &dyn Files, levels: &Levels) -> Result<Loaded, Report> {
    let mut findings = Findings::new(levels.clone());
    let mut collected = import::collect(root, files, &mut findings);
    check::all(&mut collected.machines, collected.queues.as_deref(), &mut findings);
    let has_errors = findings.has_errors();
    for machine in resolve::sound_machines(&collected, &findings.sources) {
        assigned::machine(&machine, &mut findings);
    }
    if has_errors {
        return Err(findings.finish());
    }
    let spec = resolve::resolve(&collected, &findings.sources);
    lint::all(&spec, &mut findings);
    if findings.has_errors() {
        return Err(findings.finish());
    }
    Ok(Loaded { spec, warnings: findings.finish() })
}

/// Queues that were read from a file of their own.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct LoadedQueues {
    /// The queues, in file order.
    pub queues: Vec<Queue>,
    /// What is said about the file in spite of its being usable; holds no error.
    pub warnings: Report,
}

/// Loads a file of queues in the format of App Engine's queue.yaml.
///
/// # Errors
///
/// Everything that is wrong with the file, in file order; warnings are among it.
pub fn load_queues(path: &str, files: &dyn Files) -> Result<LoadedQueues, Report> {
    let mut findings = Findings::new(Levels::default());
    let queues = import::collect_queues(path, files, &mut findings);
    check::repeated_queues(&queues, &mut findings);
    if findings.has_errors() {
        return Err(findings.finish());
    }
    let queues = resolve::queues(&queues, &findings.sources);
    Ok(LoadedQueues { queues, warnings: findings.finish() })
}

/// Loads a file whose text is at hand; it can import nothing.
///
/// # Errors
///
/// Everything that is wrong with the file, in file order; warnings are among it.
pub fn load_str(name: &str, text: &str) -> Result<Loaded, Report> {
    load(name, &OneFile { name, text })
}

/// A file whose text is at hand.
struct OneFile<'a> {
    name: &'a str,
    text: &'a str,
}

impl Files for OneFile<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        if path == self.name { Ok(self.text.into()) } else { Err(ReadError::NotFound) }
    }
}
