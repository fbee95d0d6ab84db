//! The typed data of a machine, and the aliases under which its actions take it.

use fantasm_spec::{ContextField, ContextType, Machine};
use proc_macro2::TokenStream;
use quote::quote;

use super::{docs, ident, path, place_doc};
use crate::comment;

/// The struct with the fields of `context_types`.
pub(super) fn data(machine: &Machine) -> TokenStream {
    let name = ident(&machine.name.type_ident());
    let fields = machine.context_types.iter().map(field);
    let docs = docs(
        &format!("The data of one instance of machine `{}`.", machine.name),
        [machine.description.as_deref(), machine.doc.as_deref()],
    );
    let place = place_doc(&machine.place);
    let has_path = machine.context_types.iter().any(|field| has_path(&field.ty));
    let paths = has_path.then(
        || quote!(#[allow(unused_qualifications, reason = "paths start at the crate root, as fsm.yaml has them")]),
    );
    quote! {
        #docs
        #place
        #[derive(
            ::std::fmt::Debug,
            ::std::clone::Clone,
            ::std::default::Default,
            ::std::cmp::PartialEq,
            ::fantasm::private::serde::Serialize,
            ::fantasm::private::serde::Deserialize,
        )]
        #[serde(crate = "::fantasm::private::serde", default)]
        #[allow(unreachable_pub, reason = "the module around this struct may be private")]
        #[allow(clippy::upper_case_acronyms, reason = "names are as fsm.yaml has them")]
        #paths
        pub struct #name { #(#fields,)* }
    }
}

fn field(field: &ContextField) -> TokenStream {
    let name = field.name.field_ident();
    let rename = (name != field.name.as_str()).then(|| {
        let key = field.name.as_str();
        quote!(#[serde(rename = #key)])
    });
    let docs = docs(&format!("The value `{}` of the context.", field.name), [None, None]);
    let place = place_doc(&field.place);
    let comment = comment::attribute(&format!("{}: type of `{}`", field.place, field.name));
    let name = ident(&name);
    let ty = ty(&field.ty);
    quote!(#docs #place #rename #comment pub #name: #ty)
}

fn has_path(ty: &ContextType) -> bool {
    match ty {
        ContextType::List(item) => has_path(item),
        ContextType::Path(_) => true,
        _ => false,
    }
}

fn ty(ty: &ContextType) -> TokenStream {
    match ty {
        ContextType::Str => quote!(::std::string::String),
        ContextType::Int => quote!(i64),
        ContextType::Float => quote!(f64),
        ContextType::Bool => quote!(bool),
        ContextType::DateTime => quote!(::fantasm::private::jiff::civil::DateTime),
        ContextType::Date => quote!(::fantasm::private::jiff::civil::Date),
        ContextType::List(item) => {
            let item = self::ty(item);
            quote!(::std::vec::Vec<#item>)
        }
        ContextType::Path(written) => path(written),
        // Only Python has the others; the checks refuse them, unless somebody has asked them not to.
        _ => quote!(::fantasm::private::serde_json::Value),
    }
}

/// What actions take.
pub(super) fn aliases(machine: &Machine) -> TokenStream {
    let name = ident(&machine.name.type_ident());
    let context = format!(" The context of machine `{}`, as its actions take it: `cx: &mut Context`.", machine.name);
    let contexts = format!(" What a fan-in of machine `{}` has gathered: `batch: Contexts`.", machine.name);
    quote! {
        #[doc = #context]
        #[allow(dead_code, reason = "actions may be generic")]
        pub type Context = ::fantasm::Context<super::#name>;
        #[doc = #contexts]
        #[allow(dead_code, reason = "only a fan-in takes them")]
        pub type Contexts = ::fantasm::Contexts<super::#name>;
    }
}
