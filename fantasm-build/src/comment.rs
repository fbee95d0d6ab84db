//! Comments at the end of generated lines.
//!
//! Rustc quotes the line that an error is on, with its comment: so a mistake in the wiring shows its place in fsm.yaml.
//! Tokens carry no comments. What is to become one travels as a doc attribute, the last of its item, that starts with a mark
//! instead of the blank that all other docs start with; once the code is formatted it moves to the end of the item's first line.
//! An import of several names has a comment for each, and each on a line of its own.

use proc_macro2::TokenStream;
use quote::quote;

const MARK: &str = "@ ";
const END_OF_IMPORT: &str = "};";

/// The attribute that becomes a comment on its item's first line.
pub(crate) fn attribute(comment: &str) -> TokenStream {
    // An attribute with a line break would be printed as a block comment.
    let text = format!("{MARK}{}", comment.replace(['\r', '\n'], " "));
    quote!(#[doc = #text])
}

/// Moves the marked attributes of formatted code to the ends of the lines after them, and parts the items by blank lines.
pub(crate) fn put_in(code: &str) -> String {
    let mut out = String::with_capacity(code.len());
    let mut before = "";
    let mut pending = Vec::new();
    let mut lines = code.lines();
    while let Some(line) = lines.next() {
        if let Some(comment) = line.trim_start().strip_prefix("///").and_then(|doc| doc.strip_prefix(MARK)) {
            pending.push(comment);
            continue;
        }
        if starts_item(line) && ends_item(before) && !belongs_to(line, before) {
            out.push('\n');
        }
        let is_broken = !pending.is_empty() && line.ends_with("::{");
        let rest = if is_broken { rest_of_import(&mut lines) } else { String::new() };
        match (&*pending, line) {
            ([comment], line) => out.extend([line, &rest, " // ", comment, "\n"]),
            ([], line) => out.extend([line, "\n"]),
            (comments, line) => put_in_import(&format!("{line}{rest}"), comments, &mut out),
        }
        before = if pending.len() > 1 { END_OF_IMPORT } else { line };
        pending.clear();
    }
    out
}

/// What follows on the first line of an import that is broken into several: rustc quotes one, so it is to be one.
fn rest_of_import<'a>(lines: &mut impl Iterator<Item = &'a str>) -> String {
    let names = lines.map(str::trim).take_while(|line| *line != END_OF_IMPORT).collect::<Vec<_>>();
    format!("{}}};", names.join(" ").trim_end_matches(','))
}

/// Writes each name of an import on a line, with its comment.
fn put_in_import(import: &str, comments: &[&str], out: &mut String) {
    let indent = &import[..import.len() - import.trim_start().len()];
    let (start, names) = import.trim_end_matches(END_OF_IMPORT).split_once('{').unwrap_or((import, ""));
    out.extend([start, "{\n"]);
    for (name, comment) in names.split(", ").zip(comments) {
        out.extend([indent, "    ", name, ", // ", comment, "\n"]);
    }
    out.extend([indent, END_OF_IMPORT, "\n"]);
}

/// Whether a line is the first of an item that has docs, or of one that never has.
fn starts_item(line: &str) -> bool {
    ["///", "#[allow(", "impl ", "pub(", "const "].iter().any(|start| line.trim_start().starts_with(start))
}

/// Whether a line is the last of an item.
fn ends_item(line: &str) -> bool {
    line.ends_with(['}', ';'])
}

/// Whether a line stands close to the one before it, that names what it is about.
fn belongs_to(line: &str, before: &str) -> bool {
    let is_use =
        |line: &str| line == END_OF_IMPORT || line.contains("use ") && (line.ends_with(';') || line.ends_with("::{"));
    is_use(before) && (is_use(line) || line.trim_start().starts_with("const "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marked_attribute_ends_up_behind_its_item() {
        let comment = attribute("fsm.yaml:1:2: here");
        let file = syn::parse2(quote! { #[doc = " Kept."] #comment type A = B; type C = D; }).unwrap();
        let code = put_in(&prettyplease::unparse(&file));
        assert_eq!(code, "/// Kept.\ntype A = B; // fsm.yaml:1:2: here\ntype C = D;\n");
    }

    #[test]
    fn each_name_of_an_import_has_its_comment() {
        let comments = [attribute("fsm.yaml:1:2: one"), attribute("fsm.yaml:3:4: two")];
        for module in ["short".to_owned(), "m".repeat(100)] {
            let ident = quote::format_ident!("{module}");
            let file = quote! { #(#comments)* use crate::#ident::{one, two as second}; type A = B; };
            let code = put_in(&prettyplease::unparse(&syn::parse2(file).unwrap()));
            let import = format!(
                "use crate::{module}::{{\n    one, // fsm.yaml:1:2: one\n    two as second, // fsm.yaml:3:4: two\n}};"
            );
            assert_eq!(code, format!("{import}\ntype A = B;\n"));
        }
    }

    #[test]
    fn a_long_import_is_one_line_with_its_comment() {
        let comment = attribute("fsm.yaml:1:2: here");
        let module = quote::format_ident!("{}", "m".repeat(100));
        let file = syn::parse2(quote! { #comment use crate::#module::{self as module}; type A = B; }).unwrap();
        let code = put_in(&prettyplease::unparse(&file));
        assert_eq!(code, format!("use crate::{module}::{{self as module}}; // fsm.yaml:1:2: here\ntype A = B;\n"));
    }
}
