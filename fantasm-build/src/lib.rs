//! Generates typed states, events, contexts and transition tables from fsm.yaml, for `build.rs`.
//!
//! # Usage
//!
//! Name the crate under `[build-dependencies]`, from where `fantasm` comes. Then `build.rs`, beside `Cargo.toml` and
//! `fsm.yaml`, is
//!
//! ```no_run
//! fn main() {
//!     fantasm_build::compile("fsm.yaml");
//! }
//! ```
//!
//! and one line in `src/lib.rs` or `src/main.rs` takes the generated code in:
//!
//! ```text
//! mod machines {
//!     fantasm::include_machines!();
//! }
//! ```
//!
//! Write `pub mod machines` in a library that offers its machines to other crates; rustc then no longer says which events and
//! actions nobody uses.
//!
//! For a machine `EmailBatch` there is then
//!
//! - `machines::EmailBatch`, its data: a struct with the fields of `context_types`, that implements `fantasm::Machine`;
//! - `machines::email_batch::{Context, Contexts}`, what its actions take;
//! - `machines::email_batch::State`, its states, and for each state an enum of the state's events, under the state's name:
//!   `machines::email_batch::SendEmail::Sent`;
//! - `machines::all()`, all machines of the file as a `&'static [fantasm::Registration]`, for the worker.
//!
//! Rustdoc shows all of it with the descriptions of fsm.yaml and their places, and on the page of the module the graph of the
//! machine.
//!
//! # When fantasm has another name
//!
//! Generated code and attributes name the runtime as `::fantasm`. A package that has it under another name,
//! `works = { package = "fantasm", … }`, says so once, at the top of `src/lib.rs` and of every other crate root that has actions
//! or machines:
//!
//! ```text
//! extern crate works as fantasm;
//! ```
//!
//! # When fsm.yaml is wrong
//!
//! The build script does not fail. It writes down what is wrong, and `include_machines!()` tells each of that as an error of
//! rustc, at its own line, together with the Rust errors of the same run. So editors show it too.
//!
//! One mistake is one error: until fsm.yaml is mended, its names are generated, so that code which uses them compiles; and
//! beside them the names that it had when it was last without errors. What the machines do is not there meanwhile, so that
//! rustc judges actions against their states again when fsm.yaml is right.
//!
//! # When instances are stored
//!
//! `fantasm lock fsm.yaml` writes a `fantasm.lock` beside the file, and `fantasm lock orders.yaml` an `orders.yaml.lock`: the
//! states, the events and the types of the context that stored instances rely on. Where it is, the build compares, and a change
//! that they could not live with is an error: a machine, a state or an event that is gone and has no `renamed_from`, a value of
//! another type, a fan-in that gathers otherwise. Of what is new it warns until `fantasm lock` has written it down.

#![allow(clippy::needless_doctest_main, reason = "a build script is nothing but its main")]

mod cargo;
mod comment;
mod config;
mod disk;
mod emit;
mod output;
mod unsupported;

pub use config::Config;
pub use disk::Disk;

/// Generates the code for a fsm.yaml, whose path is relative to the package; [`Config`] has more to choose.
///
/// For use in `build.rs`: it reads `OUT_DIR`, and tells cargo to run the build script again when one of the YAML files has
/// changed, and at no other time. It never fails the build script because of what is in the file.
pub fn compile(file: impl AsRef<std::path::Path>) {
    Config::new(file).compile();
}
