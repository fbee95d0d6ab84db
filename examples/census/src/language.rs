//! Languages by file name.

use std::path::Path;

/// The language of a file, as the table names it.
pub(crate) fn of_path(path: &Path) -> &'static str {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    match extension.to_ascii_lowercase().as_str() {
        "rs" => "Rust",
        "c" => "C",
        "h" => "C header",
        "cc" | "cpp" | "cxx" | "hpp" | "hh" => "C++",
        "s" | "asm" => "Assembly",
        "py" => "Python",
        "js" | "mjs" | "cjs" => "JavaScript",
        "ts" => "TypeScript",
        "sh" | "bash" => "Shell",
        "sql" => "SQL",
        "md" => "Markdown",
        "toml" => "TOML",
        "yml" | "yaml" => "YAML",
        "json" => "JSON",
        "html" | "htm" => "HTML",
        "css" => "CSS",
        "xml" | "svg" => "XML",
        "txt" => "Text",
        "lock" => "Lock file",
        _ => "Other",
    }
}
