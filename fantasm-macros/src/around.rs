//! What is around a function: an expansion is not told.

use std::{fs, path::PathBuf};

use proc_macro::Span;
use syn::{Attribute, ImplItem, Item};

use crate::signature;

/// Whether a function with an attribute is in an `impl`, as far as its file shows it.
///
/// The file is read only where the attribute does not start its line, and only an error rests on what it says.
pub(crate) fn is_in_impl(function: &str, attribute: &str) -> bool {
    let Some(file) = indented_in() else { return false };
    let Some(file) = fs::read_to_string(file).ok().and_then(|text| syn::parse_file(&text).ok()) else { return false };
    let mut found = Found { function, attribute, in_impl: false, elsewhere: false };
    found.look_at(&file.items);
    found.in_impl && !found.elsewhere
}

/// The file of the attribute, unless that starts its line.
fn indented_in() -> Option<PathBuf> {
    let attribute = proc_macro::is_available().then(Span::call_site)?;
    (attribute.column() > 1).then(|| attribute.local_file()).flatten()
}

/// Where in a file there is a function of this name with the attribute.
struct Found<'a> {
    function: &'a str,
    attribute: &'a str,
    in_impl: bool,
    elsewhere: bool,
}

impl Found<'_> {
    fn look_at(&mut self, items: &[Item]) {
        for item in items {
            match item {
                Item::Fn(function) => self.elsewhere |= self.is_it(&function.sig.ident, &function.attrs),
                Item::Mod(module) => self.look_at(module.content.as_ref().map_or(&[], |(_, items)| items)),
                Item::Impl(block) => {
                    self.in_impl |= block.items.iter().any(|item| match item {
                        ImplItem::Fn(function) => self.is_it(&function.sig.ident, &function.attrs),
                        _ => false,
                    });
                }
                _ => {}
            }
        }
    }

    fn is_it(&self, name: &syn::Ident, attrs: &[Attribute]) -> bool {
        name == self.function && signature::attribute(attrs, self.attribute).is_some()
    }
}
