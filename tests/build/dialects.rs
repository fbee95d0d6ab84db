//! A package that is unlike the others: of the edition before, with fantasm under another name, and with every kind of target.

use crate::package::Package;

const FSM_YAML: &str = "\
state_machines:
- name: Import
  namespace: rows
  context_types:
    rows: int
  states:
  - name: Load
    initial: True
    final: True
    continuation: True
    action: load
    entry: enter
    transitions:
    - event: loaded
      to: Count
  - name: Count
    final: True
    fan_in: 1
    action: Count
";

const LIB_RS: &str = r#"
//! Imports.
#![deny(warnings, missing_docs, rust_2018_idioms, unreachable_pub)]

// What fantasm writes names it as `::fantasm`.
extern crate machinery as fantasm;

mod rows;

pub use machines::{Import, all, import::State};

mod machines {
    fantasm::include_machines!();
}
"#;

const ROWS_RS: &str = r#"
//! The rows.

use machinery::{Page, continuation, fsm_action};

use crate::machines::import::{Context, Contexts, Load};

#[continuation(load)]
async fn pages<'a>(_: &'a Context, mut token: Option<u8>) -> machinery::Result<Page<u8, u8>> {
    Ok(Page::new(vec![token.take().unwrap_or_default()], None))
}

/// Loads a page.
///
/// Told at length.
#[inline]
#[fsm_action]
#[cfg(not(test))]
#[must_use = "an attribute after it"]
pub(crate) async fn load<'a>(cx: &'a mut Context, mut page: Page<u8, u8>) -> Option<Load> {
    page = Page::new(page.into_items(), None);
    cx.rows += i64::try_from(page.len()).ok()?;
    Some(Load::Loaded)
}

#[fsm_action]
#[cfg(test)]
pub(crate) async fn load(_cx: &mut Context, _page: Page<u8, u8>) -> Option<Load> {
    Some(Load::Loaded)
}

#[fsm_action]
pub(super) async fn enter(_: &mut Context) {}

pub(crate) struct Count;

#[fsm_action]
impl Count {
    async fn execute(&self, cx: &mut Context, batch: Contexts) {
        cx.rows = batch.iter().map(|data| data.rows).sum();
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_action_is_there() {
        assert_eq!(crate::all().len(), 1);
    }
}
"#;

#[test]
fn other_editions_other_names_and_all_kinds_of_targets() {
    let package = Package::new("dialects");
    package.write("build.rs", "fn main() { machines_build::compile(\"fsm.yaml\"); }");
    package.write("fsm.yaml", FSM_YAML);
    package.write("src/lib.rs", LIB_RS);
    package.write("src/rows.rs", ROWS_RS);
    let program = "fn main() { println!(\"{} {:?}\", dialects::all().len(), dialects::State::Load); }";
    package.write("src/main.rs", program);
    package.write("examples/all.rs", program);
    package.write("tests/all.rs", "#[test]\nfn all() { assert_eq!(dialects::Import::default().rows, 0); }");
    package.edit_manifest(&[
        ("edition = \"2024\"", "edition = \"2021\""),
        ("fantasm = {", "machinery = { package = \"fantasm\","),
        ("fantasm-build = {", "machines-build = { package = \"fantasm-build\","),
    ]);
    let told = package.cargo(&["test", "--all-targets"]);
    assert_eq!(told.errors(), 0, "{told}");
    let told = package.doc();
    assert_eq!(told.errors(), 0, "{told}");
}
