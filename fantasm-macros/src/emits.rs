//! The enum of the events that a shared action emits, as `emits("done", "failed")` lists them.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::{Attribute, Ident, LitStr, Visibility};

/// Writes the enum, which has the name of the action in upper camel case.
pub(crate) fn events(
    name: &Ident,
    action: &str,
    vis: &Visibility,
    cfgs: &[&Attribute],
    events: &[LitStr],
) -> TokenStream {
    // A variant stands where its event is written, which is where rustc says that nothing emits it.
    let variants = events.iter().map(|event| Ident::new(&variant(&event.value()), event.span())).collect::<Vec<_>>();
    let docs = format!("The events that the action `{action}` emits.");
    let variant_docs = events.iter().map(|event| format!("Event `{}`.", event.value()));
    quote! {
        #(#cfgs)*
        #[doc = #docs]
        #[derive(
            ::std::fmt::Debug,
            ::std::clone::Clone,
            ::std::marker::Copy,
            ::std::cmp::PartialEq,
            ::std::cmp::Eq,
            ::std::hash::Hash,
        )]
        #[allow(clippy::enum_variant_names, reason = "events are named as fsm.yaml has them")]
        #vis enum #name { #(#[doc = #variant_docs] #variants,)* }

        #(#cfgs)*
        impl ::fantasm::Event for #name {
            const STATE: &'static str = #action;
            const NAMES: &'static [&'static str] = &[#(#events),*];

            fn name(self) -> &'static str {
                match self { #(Self::#variants => #events,)* }
            }
        }
    }
}

/// The name of the enum for a function, which stands where its list is: `tidy_up` gives `TidyUp`.
pub(crate) fn name_for(function: &Ident, list: Option<&Ident>) -> Ident {
    let name = function.to_string();
    Ident::new(&variant(name.trim_start_matches("r#")), list.map_or_else(Span::call_site, Ident::span))
}

/// An event as a variant, as fantasm-build writes it: `not-found` becomes `NotFound`, `404` becomes `_404`.
pub(crate) fn variant(event: &str) -> String {
    let mut ident = String::new();
    for word in event.split(['-', '_']).filter(|word| !word.is_empty()) {
        let mut rest = word.chars();
        ident.extend(rest.next().map(|first| first.to_ascii_uppercase()));
        ident.push_str(rest.as_str());
    }
    if ident.starts_with(|first: char| first.is_ascii_digit()) { format!("_{ident}") } else { ident }
}
