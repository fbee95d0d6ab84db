//! What the documents say is so.

use std::{collections::BTreeSet, fs, path::Path};

use crate::{
    assert_none, root,
    source::{self, files_below},
};

/// A fenced block of a Markdown file.
#[derive(Debug, PartialEq)]
pub(crate) struct Block {
    pub(crate) line: usize,
    /// What stands behind the fence.
    pub(crate) language: String,
    pub(crate) text: String,
    /// The last line before it that says something.
    before: String,
}

#[test]
fn the_code_of_the_readme_is_code_that_is_compiled() {
    let readme = read("README.md");
    let code: Vec<Block> = blocks(&readme).into_iter().filter(|block| block.language != "console").collect();
    assert!(code.len() >= 3, "the README shows fsm.yaml, its actions and how they are run");
    let findings = code.iter().map(|block| match file_of(block) {
        None => {
            Some(format!("README.md:{}: write `<!-- from PATH -->` before it, with the file it is from", block.line))
        }
        Some(_) => misquoted("README.md", block),
    });
    assert_none(&findings.flatten().collect::<Vec<_>>());
}

#[test]
fn every_link_leads_somewhere() {
    let mut findings = Vec::new();
    for path in files_below(&root(), "md") {
        let dir = Path::new(&path).parent().unwrap_or(Path::new(""));
        for target in links(&read(&path)) {
            if !root().join(dir).join(&target).exists() {
                findings.push(format!("{path}: there is no {target}"));
            }
        }
    }
    assert_none(&findings);
}

#[test]
fn every_test_that_a_document_names_exists() {
    let tests: BTreeSet<&str> = (source::all().iter().flat_map(|source| &source.items))
        .filter(|item| item.is_function)
        .map(|item| item.name.as_str())
        .collect();
    let documents = files_below(&root().join("fantasm/docs"), "md").into_iter().chain(["ARCHITECTURE.md".to_owned()]);
    let (mut findings, mut n_named) = (Vec::new(), 0);
    for path in documents {
        for name in named_tests(&read(&path)) {
            n_named += 1;
            if !tests.contains(name.as_str()) {
                findings.push(format!("{path}: there is no test `{name}`"));
            }
        }
    }
    assert_none(&findings);
    assert!(n_named > 10, "the documents name the tests of what they promise");
}

#[test]
fn the_code_map_has_every_module_of_the_runtime() {
    let map = read("ARCHITECTURE.md");
    let modules = fs::read_dir(root().join("fantasm/src")).unwrap().map(|entry| entry.unwrap().path());
    let names = modules.map(|path| path.file_stem().unwrap().to_string_lossy().into_owned());
    let missing = names.filter(|name| name != "lib" && !map.contains(&format!("`{name}`")));
    assert_none(&missing.map(|name| format!("ARCHITECTURE.md says nothing about `{name}`")).collect::<Vec<_>>());
}

#[test]
fn blocks_links_and_tests_are_found() {
    let text = "<!-- from a.rs -->\n\n```rust\nfn f() {}\n```\n[x](a.md#b) [y](https://z) *Test: `one`, `two`.*\n";
    let found = blocks(text);
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].language.as_str(), found[0].text.as_str(), found[0].line), ("rust", "fn f() {}\n", 3));
    assert_eq!(file_of(&found[0]), Some("a.rs"));
    assert!(shows(&found[0], "mod x;\n\nfn f() {}\n") && !shows(&found[0], "fn g() {}\n"));
    assert_eq!(links(text), ["a.md"]);
    assert_eq!(named_tests(text), ["one", "two"]);
}

pub(crate) fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

pub(crate) fn blocks(markdown: &str) -> Vec<Block> {
    let (mut blocks, mut open, mut before) = (Vec::new(), None::<Block>, String::new());
    for (line, text) in (1..).zip(markdown.lines()) {
        match (&mut open, text.strip_prefix("```")) {
            (None, Some(language)) => {
                let before = std::mem::take(&mut before);
                open = Some(Block { line, language: language.to_owned(), text: String::new(), before });
            }
            (None, None) if !text.trim().is_empty() => text.clone_into(&mut before),
            (None, None) => {}
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some(block), None) => block.text += &format!("{text}\n"),
        }
    }
    blocks
}

/// What is wrong with a block that says which file it is from.
pub(crate) fn misquoted(document: &str, block: &Block) -> Option<String> {
    let path = file_of(block)?;
    let place = format!("{document}:{}", block.line);
    if !root().join(path).is_file() {
        return Some(format!("{place}: there is no {path}"));
    }
    (!shows(block, &read(path))).then(|| format!("{place}: {path} has no such text; copy it from there"))
}

pub(crate) fn file_of(block: &Block) -> Option<&str> {
    block.before.strip_prefix("<!-- from ")?.strip_suffix(" -->")
}

fn shows(block: &Block, file: &str) -> bool {
    !block.text.trim().is_empty() && file.contains(&block.text)
}

/// The files that links lead to, relative to the document.
fn links(markdown: &str) -> Vec<String> {
    let targets = markdown.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target);
    let files = targets.filter(|target| !target.contains("://") && !target.starts_with('#') && !target.contains("::"));
    files.filter_map(|target| target.split('#').next()).map(str::to_owned).collect()
}

/// The functions named in `Test: …` or `Tests: …`, up to the end of that line.
fn named_tests(markdown: &str) -> Vec<String> {
    let lines = markdown.lines().filter_map(|line| line.split_once("Test: ").or_else(|| line.split_once("Tests: ")));
    let quoted =
        lines.flat_map(|(_, tests)| tests.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>());
    quoted.collect()
}
