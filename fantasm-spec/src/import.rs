//! Reads a file and all that it imports. AFTER THIS POINT: one flat list of machines, no `import:` left.

use std::collections::BTreeSet;

use crate::ast::{File, Item, Machine, Queue};
use crate::code::Code;
use crate::diagnostic::Findings;
use crate::parse;
use crate::salvage;
use crate::scalar::shorten;
use crate::source::{self, FileId, Files, MAX_FILE_BYTES, ReadError, Span, Spanned};
use crate::yaml::{self, Failure, Node, Problem};

/// How deep imports may nest; a person nests two or three.
const DEEPEST_IMPORT: usize = 32;

/// What the root file and its imports hold.
#[derive(Debug, Default)]
pub(crate) struct Collected {
    pub(crate) root_url: Option<String>,
    pub(crate) machines: Vec<Machine>,
    /// The queues that the root file lists; `None` when it lists none.
    pub(crate) queues: Option<Vec<Queue>>,
}

/// Reads the file at `root` and every file that it imports.
pub(crate) fn collect(root: &str, files: &dyn Files, findings: &mut Findings) -> Collected {
    let mut reader = Reader { files, findings, read: BTreeSet::new() };
    let Some(mut file) = reader.root(root) else { return Collected::default() };
    if let Some(key) = file.capabilities_key {
        reader.without_effect(
            key,
            "`enable_capabilities_check`",
            "remove it: there are no services of App Engine to check before a task",
        );
    }
    let root_url = file.root_url.given().map(|url| url.value.clone());
    let queues = file.queues.take();
    let mut machines = Vec::new();
    reader.machines(file, root, 0, &mut machines);
    Collected { root_url, machines, queues }
}

/// Reads a file of queues.
pub(crate) fn collect_queues(path: &str, files: &dyn Files, findings: &mut Findings) -> Vec<Queue> {
    let mut reader = Reader { files, findings, read: BTreeSet::new() };
    let Some((_, root)) = reader.root_document(path) else { return Vec::new() };
    parse::queue_file(&root, findings)
}

struct Reader<'a> {
    files: &'a dyn Files,
    findings: &'a mut Findings,
    /// Every path that was read, in its plain form.
    read: BTreeSet<String>,
}

impl Reader<'_> {
    fn root(&mut self, path: &str) -> Option<File> {
        let (file, root) = self.root_document(path)?;
        parse::lints(&root, self.findings);
        parse::file(file, &root, self.findings)
    }

    fn root_document(&mut self, path: &str) -> Option<(FileId, Node)> {
        self.read.insert(plain(path));
        match self.files.read(path) {
            Ok(bytes) => self.document(path, bytes),
            Err(error) => {
                let file = self.findings.sources.add(path, "");
                self.unreadable(Span::start_of(file), path, &error);
                None
            }
        }
    }

    /// The machines of a file, and in the place of an import those of the imported file.
    fn machines(&mut self, file: File, path: &str, depth: usize, machines: &mut Vec<Machine>) {
        for item in file.items {
            match item {
                Item::Machine(machine) => machines.push(*machine),
                Item::Import(import) => {
                    if let Some((file, path)) = self.import(&import, path, depth) {
                        self.machines(file, &path, depth + 1, machines);
                    }
                }
            }
        }
    }

    /// Reads the file that an import names; it is looked for beside the importing file, then further up.
    fn import(&mut self, import: &Spanned<String>, importer: &str, depth: usize) -> Option<(File, String)> {
        if depth >= DEEPEST_IMPORT {
            let message = format!("imports nest more than {DEEPEST_IMPORT} deep");
            self.findings.report(Code::YamlTooComplex, import.span, message).help("import the file from further up");
            return None;
        }
        for path in candidates(&import.value, importer) {
            if self.read.contains(&path) {
                self.yaml_file_circular_import(import, &path);
                return None;
            }
            match self.files.read(&path) {
                Ok(bytes) => {
                    self.read.insert(path.clone());
                    let (file, root) = self.document(&path, bytes)?;
                    let file = parse::file(file, &root, self.findings)?;
                    self.configuration(&file);
                    return Some((file, path));
                }
                Err(ReadError::NotFound) => {}
                Err(error) => {
                    self.unreadable(import.span, &path, &error);
                    return None;
                }
            }
        }
        self.unreadable(import.span, &import.value, &ReadError::NotFound);
        None
    }

    fn document(&mut self, path: &str, bytes: Vec<u8>) -> Option<(FileId, Node)> {
        if bytes.len() > MAX_FILE_BYTES {
            let file = self.findings.sources.add(path, "");
            self.findings
                .report(Code::YamlFileTooLarge, Span::start_of(file), format!("`{path}` is larger than 1 MiB"))
                .help("split it: `import:` takes machines from another file");
            return None;
        }
        let text = match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                self.yaml_not_utf8(path, &error);
                return None;
            }
        };
        let file = self.findings.sources.add(path, &text);
        match yaml::parse(file, &text) {
            Ok(root) => Some((file, root)),
            Err(failure) => {
                self.yaml_syntax(&failure, &text);
                None
            }
        }
    }

    fn unreadable(&mut self, span: Span, path: &str, error: &ReadError) {
        let (message, help) = match error {
            ReadError::NotFound if span == Span::start_of(span.file) => {
                (format!("there is no file `{}`", shorten(path)), "check the path and the folder that you are in")
            }
            ReadError::NotFound => (
                format!("there is no file `{}`", shorten(path)),
                "an import is looked for beside its file, in `src` beside it, and in the same way further up",
            ),
            ReadError::Unreadable(reason) => (
                format!("`{}` cannot be read: {reason}", shorten(path)),
                "check that it is a file and that you may read it",
            ),
        };
        self.findings.report(Code::YamlFileNotFound, span, message).help(help);
    }

    /// Points at the first byte that is no text.
    fn yaml_not_utf8(&mut self, path: &str, error: &std::string::FromUtf8Error) {
        let at = error.utf8_error().valid_up_to();
        let text = String::from_utf8_lossy(error.as_bytes());
        let file = self.findings.sources.add(path, &text);
        // Up to here the text is the file itself, so the byte is where the first replacement stands.
        let span = Span { file, start: at, end: at + char::REPLACEMENT_CHARACTER.len_utf8() };
        self.findings
            .report(Code::YamlNotUtf8, span, format!("`{path}` is no text in UTF-8"))
            .label("this byte is none of it")
            .help("save the file as UTF-8");
    }

    fn yaml_syntax(&mut self, failure: &Failure, text: &str) {
        // The library stumbles over a tab where the value before it should go on, which may be another line.
        let tabs = failure.message.contains("tab").then(|| source::tabs(text)).flatten();
        let is_tab = tabs.is_some();
        let span = tabs.map_or(failure.span, |tabs| Span { start: tabs.start, end: tabs.end, ..failure.span });
        let (code, help) = match failure.problem {
            Problem::Limit => (
                Code::YamlTooComplex,
                "write it flat: machines, states and transitions nest eight deep, and aliases are for single values",
            ),
            Problem::Syntax if is_tab => (Code::YamlSyntax, "indent with blanks: YAML does not take tabs"),
            Problem::Syntax => (Code::YamlSyntax, "check the indentation, the quotes and the brackets up to here"),
            Problem::Documents => (Code::YamlSyntax, "keep one document: remove the `---` between them"),
            Problem::Alias => (Code::YamlSyntax, "name a value with `&name` before `*name` stands for it"),
        };
        let message = if is_tab { "a line is indented with a tab" } else { failure.message.as_str() };
        let hint = salvage::hint(text, failure.span.start).filter(|_| !is_tab && failure.problem == Problem::Syntax);
        self.findings.report(code, span, message).help(hint.unwrap_or_else(|| help.to_owned()));
    }

    fn without_effect(&mut self, key: Span, what: &str, help: &str) {
        self.findings.report(Code::AttributeWithoutEffect, key, format!("{what} is without effect")).help(help);
    }

    /// Two files cannot both say where all machines live.
    fn configuration(&mut self, file: &File) {
        for (key, name) in [(file.lints_key, "`lints`"), (file.queues_key, "`queues`")] {
            if let Some(key) = key {
                let what = format!("{name} in an imported file");
                self.without_effect(key, &what, "write it in the file that imports this one");
            }
        }
        for (key, name) in [(file.root_url_key, "root_url"), (file.capabilities_key, "enable_capabilities_check")] {
            if let Some(key) = key {
                self.findings
                    .report(Code::Configuration, key, format!("an imported file cannot set `{name}`"))
                    .help("set it in the file that imports this one");
            }
        }
    }

    /// A second import would define its machines twice, and a cycle would never end.
    fn yaml_file_circular_import(&mut self, import: &Spanned<String>, path: &str) {
        self.findings
            .report(Code::YamlFileCircularImport, import.span, format!("`{}` has been read already", shorten(path)))
            .help("import each file once, and no file that leads back here");
    }
}

/// Where an imported file may be: in the folder of the importing file or in its `src`, then the same in each folder above.
fn candidates(import: &str, importer: &str) -> Vec<String> {
    if import.starts_with('/') {
        return vec![plain(import)];
    }
    let mut folder = folder_of(importer);
    let mut paths = Vec::new();
    loop {
        paths.push(join(folder, import));
        paths.push(join(folder, &format!("src/{import}")));
        if folder.is_empty() || folder == "/" {
            return paths;
        }
        folder = folder_of(folder);
    }
}

fn folder_of(path: &str) -> &str {
    match path.rfind('/') {
        Some(0) => "/",
        Some(at) => &path[..at],
        None => "",
    }
}

fn join(folder: &str, path: &str) -> String {
    match folder {
        "" => plain(path),
        "/" => plain(&format!("/{path}")),
        folder => plain(&format!("{folder}/{path}")),
    }
}

/// The path without `.` and without a `..` that something stands before, so that one file has one name.
fn plain(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/').filter(|part| !matches!(*part, "" | ".")) {
        match (part, parts.last()) {
            ("..", Some(last)) if *last != ".." => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    let root = if path.starts_with('/') { "/" } else { "" };
    format!("{root}{}", parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_import_is_looked_for_from_its_file_upwards() {
        assert_eq!(
            candidates("one.yaml", "a/b/fsm.yaml"),
            ["a/b/one.yaml", "a/b/src/one.yaml", "a/one.yaml", "a/src/one.yaml", "one.yaml", "src/one.yaml",]
        );
        assert_eq!(candidates("../one.yaml", "/a/fsm.yaml")[0], "/one.yaml");
        assert_eq!(candidates("/x/./one.yaml", "fsm.yaml"), ["/x/one.yaml"]);
    }
}
