//! The traits that the struct of a context derives.

use crate::ast::Path;
use crate::code::Code;
use crate::diagnostic::Findings;
use crate::scalar::{Value, shorten};
use crate::similar::similar;
use crate::source::Spanned;

use super::attributes::Attributes;
use super::path::split;

/// The traits of Rust's own that can be asked for, and their modules.
const TRAITS: [(&str, &str); 5] =
    [("Copy", "marker"), ("Eq", "cmp"), ("PartialOrd", "cmp"), ("Ord", "cmp"), ("Hash", "hash")];

/// Those that every context derives.
const ALWAYS: [&str; 6] = ["Debug", "Clone", "Default", "PartialEq", "Serialize", "Deserialize"];

/// Those that JSON has not, which `unknown_keys: keep` puts into the struct.
const NOT_OF_JSON: [&str; 3] = ["Copy", "PartialOrd", "Ord"];

impl Attributes<'_> {
    pub(super) fn derive(&self, findings: &mut Findings) -> Vec<Path> {
        let names = self.values("derive", findings);
        let mut paths: Vec<Path> = Vec::new();
        for name in &names {
            let Some(path) = split(&name.value, name.span, findings) else { continue };
            if paths.iter().any(|other| other.written == path.written) {
                let message = format!("`{}` stands twice", shorten(&name.value));
                findings.report(Code::InvalidDerive, name.span, message).help("keep one of the two");
                continue;
            }
            paths.extend(known(path, name, findings));
        }
        if !self.not_of_json(&names, findings) {
            ord_alone(&names, findings);
        }
        paths
    }

    /// Kept keys are JSON, so that what JSON is not, the context is not; all of it is one mistake.
    fn not_of_json(&self, names: &[Spanned<String>], findings: &mut Findings) -> bool {
        let keep = self.get("unknown_keys").filter(|choice| choice.value() == Some(Value::Text("keep")));
        let mut refused = names.iter().filter(|name| NOT_OF_JSON.contains(&name.value.as_str()));
        let (Some(keep), Some(first)) = (keep, refused.next()) else { return false };
        let all = std::iter::once(first).chain(refused).map(|name| format!("`{}`", name.value)).collect::<Vec<_>>();
        findings
            .report(
                Code::InvalidDerive,
                first.span,
                format!("keys that are kept are JSON, which is not {}", all.join(", ")),
            )
            .related(keep.span, "keeps them")
            .help(format!("remove {} here, or write `unknown_keys: refuse`", all.join(", ")));
        true
    }
}

/// A trait that can be derived besides those that every context derives.
fn known(path: Path, name: &Spanned<String>, findings: &mut Findings) -> Option<Path> {
    let text = shorten(&name.value);
    let is_single = path.segments.len() == 1 && !path.is_absolute;
    let is_library = matches!(path.segments.first().map(String::as_str), Some("std" | "core" | "serde"));
    let word = path.segments.last().filter(|_| is_single || is_library).cloned();
    let Some(word) = word else { return Some(path) };
    if ALWAYS.contains(&word.as_str()) {
        findings.report(Code::InvalidDerive, name.span, format!("every context derives `{word}`")).help("remove it");
        return None;
    }
    if let Some((trait_name, module)) = TRAITS.into_iter().find(|(known, _)| *known == word) {
        let segments = ["std", module, trait_name].map(str::to_owned).into();
        return Some(Path { segments, is_absolute: true, ..path });
    }
    if !is_single {
        return Some(path);
    }
    let message = format!("`{text}` is no trait of Rust's own that a context can derive");
    let finding = findings.report(Code::InvalidDerive, name.span, message);
    match similar(&name.value, TRAITS.map(|(known, _)| known)) {
        Some(meant) => finding.help(format!("did you mean `{meant}`?")).fix(name.span, meant),
        None => finding
            .help("write Copy, Eq, PartialOrd, Ord or Hash, or the path of a trait, such as `::schemars::JsonSchema`"),
    };
    None
}

fn ord_alone(names: &[Spanned<String>], findings: &mut Findings) {
    let has = |word: &str| names.iter().any(|name| name.value == word);
    if let Some(ord) = names.iter().find(|name| name.value == "Ord")
        && let Some(missing) = ["Eq", "PartialOrd"].into_iter().find(|other| !has(other))
    {
        findings
            .report(Code::InvalidDerive, ord.span, format!("`Ord` needs `{missing}` beside it"))
            .help("write `derive: [Eq, PartialOrd, Ord]`");
    }
}
