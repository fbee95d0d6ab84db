//! Reads fsm.yaml: text in, a checked model of the state machines or diagnostics out.

mod code;
mod diagnostic;
mod integer;
mod level;
mod literal;
mod model;
mod name;
mod path;
mod render;
mod source;

pub use code::{Class, Code, UnknownCode};
pub use diagnostic::{Diagnostic, Report, Severity};
pub use integer::Integer;
pub use level::{Level, Levels};
pub use literal::Literal;
pub use model::{
    ContextField, ContextType, Countdown, FanIn, Logging, Machine, RetryPolicy, Spec, State, StateId, Transition,
};
pub use name::{ContextFieldName, EventName, MachineName, RESERVED_STATE_IDENTS, StateName};
pub use path::{ActionPath, ModulePath, RustPath};
pub use source::{Files, MAX_FILE_BYTES, Place, ReadError};

/// What a file that can be used holds.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Loaded {
    /// The machines.
    pub spec: Spec,
    /// What is said about the file in spite of its being usable; holds no error.
    pub warnings: Report,
}
