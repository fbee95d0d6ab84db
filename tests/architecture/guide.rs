//! The user guide: its Rust is compiled, its YAML is checked.

use crate::{
    assert_none,
    documents::{Block, blocks, file_of, misquoted, read},
    root,
    source::files_below,
};

/// What a block of the guide may be by itself; rustdoc compiles the Rust among it.
const LANGUAGES: [&str; 7] = ["rust", "rust,no_run", "yaml", "toml", "text", "console", "sql"];
/// Rust that rustdoc passes over; it may only be quoted from a file that is compiled.
const QUOTED: &str = "rs";

#[test]
fn every_block_of_the_guide_is_checked_by_somebody() {
    let (mut findings, mut n_machines, mut n_quoted) = (Vec::new(), 0, 0);
    for path in files_below(&root().join("fantasm/docs"), "md") {
        for block in blocks(&read(&path)) {
            n_machines += usize::from(is_machine(&block));
            n_quoted += usize::from(file_of(&block).is_some());
            findings.extend(misquoted(&path, &block));
            findings.extend(unchecked(&block).map(|what| format!("{path}:{}: {what}", block.line)));
        }
    }
    assert_none(&findings);
    assert!(n_machines > 0 && n_quoted > 0, "the guide shows machines and their code");
}

#[test]
fn a_block_that_nobody_checks_is_found() {
    let found = |text: &str| unchecked(&blocks(text)[0]).is_some();
    assert!(found("```\nlet x = 1;\n```\n") && found("```rs\nlet x = 1;\n```\n"));
    assert!(found("```yaml\nstate_machines:\n- nam: A\n```\n"));
    assert!(!found("```rust\nlet x = 1;\n```\n") && !found("<!-- from a.rs -->\n```rs\nlet x = 1;\n```\n"));
}

/// What is wrong with a block, if it is what it says it is from.
fn unchecked(block: &Block) -> Option<String> {
    let is_allowed =
        LANGUAGES.contains(&block.language.as_str()) || (block.language == QUOTED && file_of(block).is_some());
    if !is_allowed {
        return Some(format!("a block is one of {LANGUAGES:?}, or quoted from a file, not `{}`", block.language));
    }
    let report = fantasm_spec::load_str("fsm.yaml", &block.text).err()?;
    is_machine(block).then(|| report.to_string())
}

fn is_machine(block: &Block) -> bool {
    block.language == "yaml" && block.text.starts_with("state_machines:")
}
