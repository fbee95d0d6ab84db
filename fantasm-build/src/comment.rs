//! Comments at the end of generated lines.
//!
//! Rustc quotes the line that an error is on, with its comment: so a mistake in the wiring shows its place in fsm.yaml.
//! Tokens carry no comments. What is to become one travels as a doc attribute, the last of its item, that starts with a mark
//! instead of the blank that all other docs start with; once the code is formatted it moves to the end of the item's first line.

use proc_macro2::TokenStream;
use quote::quote;

const MARK: &str = "@ ";

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
    let mut pending = None;
    let mut lines = code.lines();
    while let Some(line) = lines.next() {
        if let Some(comment) = line.trim_start().strip_prefix("///").and_then(|doc| doc.strip_prefix(MARK)) {
            pending = Some(comment);
            continue;
        }
        if starts_item(line) && ends_item(before) && !belongs_to(line, before) {
            out.push('\n');
        }
        out.push_str(line);
        if pending.is_some() && line.ends_with("::{") {
            // Rustc quotes one line, so an import that is long is one.
            let rest = lines.by_ref().map(str::trim).take_while(|line| *line != "};").collect::<String>();
            out.push_str(rest.trim_end_matches(','));
            out.push_str("};");
        }
        if let Some(comment) = pending.take() {
            out.push_str(" // ");
            out.push_str(comment);
        }
        out.push('\n');
        before = line;
    }
    out
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
    let is_use = |line: &str| line.contains("use ") && (line.ends_with(';') || line.ends_with("::{"));
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
    fn a_long_import_is_one_line_with_its_comment() {
        let comment = attribute("fsm.yaml:1:2: here");
        let module = quote::format_ident!("{}", "m".repeat(100));
        let file = syn::parse2(quote! { #comment use crate::#module::{self as module}; type A = B; }).unwrap();
        let code = put_in(&prettyplease::unparse(&file));
        assert_eq!(code, format!("use crate::{module}::{{self as module}}; // fsm.yaml:1:2: here\ntype A = B;\n"));
    }
}
