//! A package that denies what clippy can say, with names and texts in its fsm.yaml that clippy would speak of.

use crate::package::Package;

const FSM_YAML: &str = "\
edition: 2
state_machines:
- name: HTTPImport
  description: |
    Loads from OldServer:
    * one row
     after another
  unknown_keys: keep
  context_types:
    row_old: bool
    row_new: bool
    row_read: bool
    row_gone: bool
    row_share: {type: float, default: 3.14}
    row_most: {type: int, default: 1000000}
    row_names: {type: json, default: {a: [1000000, 2.71828]}}
  states:
  - name: Load
    initial: True
    action: load
    entry: note
    transitions:
    - {event: load-done, to: Done, action: note}
    - {event: load-again, to: Load, countdown: 100000}
    - {event: load-failed, to: Done}
  - name: Pages
    retry_from: True
    continuation: True
    final: True
    action: show
  - name: Join
    retry_from: True
    fan_in: 2
    final: True
    action: Join
  - name: Done
    final: True
";

const LIB_RS: &str = "\
//! Imports.
#![deny(clippy::all, clippy::pedantic, clippy::nursery)]

use fantasm::{Machine, Page, Transaction, continuation, fsm_action};
use machines::http_import::{Context, Contexts, Load};

mod machines {
    fantasm::include_machines!();
}

/// All of them.
#[must_use]
pub fn all() -> &'static [fantasm::Registration] {
    machines::all()
}

#[fsm_action]
pub(crate) async fn load(cx: &mut Context, tx: &mut Transaction, key: fantasm::TaskKey) -> fantasm::Result<Load> {
    tx.execute(\"DELETE FROM draft WHERE key = ?\").bind(key.to_string());
    cx.row_gone = true;
    Ok(if cx.row_old { Load::LoadDone } else if cx.row_new { Load::LoadAgain } else { Load::LoadFailed })
}

#[fsm_action]
pub(crate) async fn note<M: Machine>(cx: &fantasm::Context<M>) {
    assert!(cx.attempt() > 0);
}

#[continuation(show)]
async fn pages(_cx: &Context, token: Option<u8>, start: &u8) -> Page<u8, u8> {
    Page::new(vec![token.unwrap_or(*start)], None)
}

#[fsm_action]
pub(crate) async fn show(_cx: &mut Context, page: Page<u8, u8>) {
    assert_eq!(page.len(), 1);
}

pub(crate) struct Join;

#[fsm_action]
impl Join {
    async fn execute(&self, cx: &mut Context, batch: Contexts) {
        cx.row_read = batch.len() > 1;
    }
}

#[fsm_action(external, emits(\"tidy-done\", \"tidy-failed\", \"tidy-again\"))]
pub(crate) async fn tidy<M: Machine>(cx: &fantasm::Context<M>) -> fantasm::Result<Tidy> {
    Ok([Tidy::TidyDone, Tidy::TidyFailed, Tidy::TidyAgain][usize::from(cx.attempt() > 1)])
}
";

#[test]
fn clippy_has_nothing_to_say_of_what_is_generated() {
    let package = Package::new("linted");
    package.write("build.rs", "fn main() { fantasm_build::compile(\"fsm.yaml\"); }");
    package.write("fsm.yaml", FSM_YAML);
    package.write("src/lib.rs", LIB_RS);
    let told = package.cargo(&["clippy"]);
    assert_eq!(told.errors(), 0, "{told}");
}
