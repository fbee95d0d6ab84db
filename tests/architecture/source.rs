//! Rust sources as the rules see them: names, attributes and items, without comments and strings.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use crate::root;

/// One file.
#[derive(Debug, Default)]
pub(crate) struct Source {
    /// Relative to the root, with `/`.
    pub(crate) path: String,
    pub(crate) n_lines: usize,
    pub(crate) names: Vec<Name>,
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) items: Vec<Item>,
}

/// A path, or a single identifier.
#[derive(Debug, Clone)]
pub(crate) struct Name {
    /// With imports, `crate`, `self` and `super` resolved: the first segment is a crate where that is known.
    pub(crate) segments: Vec<String>,
    pub(crate) line: usize,
    /// Followed by `!`.
    pub(crate) is_macro: bool,
    pub(crate) is_import: bool,
    /// Below `#[cfg(test)]`, or in a file of tests.
    pub(crate) is_test: bool,
}

/// What stands between `#[` and `]`.
#[derive(Debug)]
pub(crate) struct Attribute {
    pub(crate) text: String,
    pub(crate) line: usize,
}

/// Something declared.
#[derive(Debug)]
pub(crate) struct Item {
    pub(crate) name: String,
    pub(crate) line: usize,
    /// `pub`, without a restriction.
    pub(crate) is_public: bool,
    pub(crate) is_function: bool,
}

impl Source {
    /// Reads code as if it stood in the file `path`.
    pub(crate) fn parse(path: &str, text: &str) -> Self {
        let tokens: TokenStream = text.parse().unwrap_or_else(|error| panic!("{path} is no Rust: {error}"));
        let source = Self { path: path.to_owned(), n_lines: text.lines().count(), ..Self::default() };
        let mut reader = Reader { source, is_test: is_test_file(path), is_import: false };
        reader.read(tokens, &[]);
        reader.source.resolve();
        reader.source
    }

    /// Whether it is below one of these folders, or one of these files.
    pub(crate) fn is_below(&self, paths: &[&str]) -> bool {
        paths.iter().any(|path| self.path == *path || self.path.starts_with(&format!("{path}/")))
    }

    fn resolve(&mut self) {
        let module = module(&self.path);
        for name in &mut self.names {
            absolute(&mut name.segments, &module);
        }
        let imports: BTreeMap<String, Vec<String>> = (self.names.iter())
            .filter(|name| name.is_import)
            .filter_map(|name| Some((name.segments.last()?.clone(), name.segments.clone())))
            .collect();
        for name in self.names.iter_mut().filter(|name| !name.is_import) {
            if let Some(import) = imports.get(&name.segments[0]) {
                name.segments.splice(..1, import.iter().cloned());
            }
        }
    }
}

/// Every file of the workspace that is written by hand and compiles.
pub(crate) fn all() -> &'static [Source] {
    static ALL: OnceLock<Vec<Source>> = OnceLock::new();
    ALL.get_or_init(|| {
        let mut paths = files_below(&root(), "rs");
        paths.retain(|path| !is_generated(path) && !is_compile_fail_case(path));
        paths.iter().map(|path| Source::parse(path, &fs::read_to_string(root().join(path)).unwrap())).collect()
    })
}

/// The files below a folder that end in `.extension`, relative to the root and sorted; hidden folders and cargo's are left
/// out.
pub(crate) fn files_below(dir: &Path, extension: &str) -> Vec<String> {
    let (mut found, mut pending) = (Vec::new(), vec![PathBuf::from(dir)]);
    while let Some(dir) = pending.pop() {
        for entry in fs::read_dir(&dir).unwrap().map(Result::unwrap) {
            let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
            if path.is_dir() && name != "target" && !name.starts_with('.') {
                pending.push(path);
            } else if path.is_file() && path.extension().is_some_and(|found| found == extension) {
                let relative = path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/");
                found.push(relative);
            }
        }
    }
    found.sort();
    found
}

fn is_generated(path: &str) -> bool {
    path.ends_with("/expected.rs")
}

fn is_compile_fail_case(path: &str) -> bool {
    path.strip_prefix("tests/ui/").is_some_and(|case| case.contains('/') && !case.starts_with("pass"))
}

fn is_test_file(path: &str) -> bool {
    path.starts_with("tests/") || path.contains("/tests/") || path.ends_with("/tests.rs")
}

/// The module that a file is, from its crate on.
fn module(path: &str) -> Vec<String> {
    let (package, file) = path.split_once("/src/").unwrap_or((path, ""));
    let package = package.rsplit('/').next().unwrap_or(package).replace('-', "_");
    let below = file.trim_end_matches(".rs").split('/').filter(|part| !["mod", "lib", "main", ""].contains(part));
    std::iter::once(package).chain(below.map(str::to_owned)).collect()
}

/// Makes a path begin with its crate, where its first segment says which.
fn absolute(segments: &mut Vec<String>, module: &[String]) {
    let n_super = segments.iter().take_while(|segment| *segment == "super").count();
    let (replaced, base) = match segments[0].as_str() {
        "crate" => (1, &module[..1]),
        "self" if segments.len() > 1 => (1, module),
        "super" => (n_super, &module[..module.len().saturating_sub(n_super)]),
        _ => return,
    };
    segments.splice(..replaced, base.iter().cloned());
    if segments.is_empty() {
        segments.push("crate".to_owned());
    }
}

struct Reader {
    source: Source,
    is_test: bool,
    is_import: bool,
}

impl Reader {
    fn read(&mut self, tokens: TokenStream, prefix: &[String]) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut at = 0;
        // Where the item ends that `#[cfg(test)]` stands before.
        let mut test_until = None;
        let was_test = self.is_test;
        while at < tokens.len() {
            if test_until.is_some_and(|end| at > end) {
                (self.is_test, test_until) = (was_test, None);
            }
            match &tokens[at] {
                TokenTree::Punct(punct) if punct.as_char() == '#' => {
                    if let Some(is_cfg_test) = self.attribute(&tokens, at)
                        && is_cfg_test
                        && test_until.is_none()
                    {
                        (self.is_test, test_until) = (true, Some(end_of_item(&tokens, at + 2)));
                    }
                    at += 1;
                }
                TokenTree::Punct(punct) => {
                    self.is_import &= punct.as_char() != ';';
                    at += 1;
                }
                TokenTree::Ident(_) => at = self.identifier(&tokens, at, prefix),
                TokenTree::Group(group) => {
                    self.read(group.stream(), prefix);
                    at += 1;
                }
                TokenTree::Literal(_) => at += 1,
            }
        }
        self.is_test = was_test;
    }

    /// Notes an attribute; answers whether it is `cfg(test)`.
    fn attribute(&mut self, tokens: &[TokenTree], at: usize) -> Option<bool> {
        let is_inner = is_punct(tokens.get(at + 1), '!');
        let TokenTree::Group(group) = tokens.get(at + 1 + usize::from(is_inner))? else { return None };
        let (text, line) = (group.stream().to_string(), group.span_open().start().line);
        let is_cfg_test = text.replace(' ', "") == "cfg(test)";
        self.source.attributes.push(Attribute { text, line });
        Some(is_cfg_test)
    }

    /// Reads a path from its first segment on; answers where it ends.
    fn identifier(&mut self, tokens: &[TokenTree], start: usize, prefix: &[String]) -> usize {
        let (first, line) = (text(&tokens[start]), tokens[start].span().start().line);
        if first == "use" {
            self.is_import = true;
            return start + 1;
        }
        if first == "as" && self.is_import {
            return start + 2;
        }
        self.item(tokens, start);
        let mut segments = prefix.to_vec();
        if first != "self" || prefix.is_empty() {
            segments.push(first);
        }
        let mut at = start + 1;
        while is_punct(tokens.get(at), ':') && is_punct(tokens.get(at + 1), ':') {
            match tokens.get(at + 2) {
                Some(segment @ TokenTree::Ident(_)) => segments.push(text(segment)),
                Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                    self.read(group.stream(), &segments);
                    return at + 3;
                }
                _ => break,
            }
            at += 3;
        }
        let is_macro = is_punct(tokens.get(at), '!') && !is_punct(tokens.get(at + 1), '=');
        let (is_import, is_test) = (self.is_import, self.is_test);
        self.source.names.push(Name { segments, line, is_macro, is_import, is_test });
        at
    }

    /// Notes what is declared by the keyword at `at`.
    fn item(&mut self, tokens: &[TokenTree], at: usize) {
        const KEYWORDS: [&str; 8] = ["struct", "enum", "trait", "type", "fn", "mod", "const", "static"];
        let keyword = text(&tokens[at]);
        let Some(name @ TokenTree::Ident(_)) = tokens.get(at + 1) else { return };
        if KEYWORDS.contains(&keyword.as_str()) && !KEYWORDS.contains(&text(name).as_str()) {
            let qualifiers = ["const", "async", "unsafe"];
            let before = (tokens[..at].iter().rev()).find(|token| !qualifiers.contains(&text(token).as_str()));
            self.source.items.push(Item {
                name: text(name),
                line: name.span().start().line,
                is_public: before.is_some_and(|token| text(token) == "pub"),
                is_function: keyword == "fn",
            });
        }
    }
}

/// The end of the item that begins at `at`: its braces, or its semicolon.
fn end_of_item(tokens: &[TokenTree], at: usize) -> usize {
    let is_end = |token: &TokenTree| match token {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        token => is_punct(Some(token), ';'),
    };
    tokens[at..].iter().position(is_end).map_or(tokens.len(), |offset| at + offset)
}

fn is_punct(token: Option<&TokenTree>, punct: char) -> bool {
    matches!(token, Some(TokenTree::Punct(found)) if found.as_char() == punct)
}

/// An identifier without `r#`; nothing for anything else.
fn text(token: &TokenTree) -> String {
    match token {
        TokenTree::Ident(ident) => ident.to_string().trim_start_matches("r#").to_owned(),
        _ => String::new(),
    }
}
